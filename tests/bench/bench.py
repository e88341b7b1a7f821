"""`make bench`: the same work, in one run, for Caducée and for Debian's Postfix + Dovecot. Three times each; medians, ratios,
and docs/performance.md. Both keep what they accept: fsync on, synchronous commit on.

    /usr/bin/python3 -m tests.bench.bench [--rounds 3] [--only WORD] [--messages N] [--folder-size 100000]
"""
import argparse
import base64
import os
import platform
import select
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sandbox.cli import Sandbox
from sandbox.place import SOURCE, build_folder, free_ports
from sandbox.whitelist import OUR_DOMAINS, PEER_DOMAIN

from .report import write_report
from .rival import Rival, descendants, pss_kib

LOAD = build_folder() / "bin" / "bench-load"
BALS = 100
RETRY_SECONDS = 60  # a rival's delivery that failed is tried again then, not at the queue's pace
OURS, MAILDIR, MDBOX = "caducee", "maildir", "mdbox"


class Side:
    """One of the servers under load: where it listens, who its mailboxes are, how one logs in."""

    def __init__(self, name, sandbox, rival=None):
        self.name, self.sandbox, self.rival = name, sandbox, rival
        place, pki = sandbox.place, sandbox.pki
        self.smtp_port = rival.port if rival else place.port("mx")
        self.imap_port = rival.imap_port if rival else place.port("imap")
        self.domain = "rival.mssante.fr" if rival else OUR_DOMAINS[0]
        self.smtp_identity = (pki.cert("peer"), pki.key("peer"))
        self.imap_identity = self.smtp_identity if rival else (pki.cert("dui"), pki.key("dui"))

    def address(self, number) -> str:
        return f"bench-{number}@{self.domain}"

    def login(self, number) -> str:
        if self.rival:
            return f"LOGIN bench-{number} x"
        return "AUTHENTICATE EXTERNAL " + base64.b64encode(self.address(number).encode()).decode()

    def load(self, port, identity, protocol, mode, *words) -> subprocess.CompletedProcess:
        line = [LOAD, "127.0.0.1", port, *identity, protocol, mode, *words]
        done = subprocess.run([str(w) for w in line], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{self.name}: {done.stderr.strip()}")
        return done

    def deliver(self, connections, messages, size, how="open", recipients=BALS) -> float:
        """Messages a second, until the last one is visible in its mailbox."""
        begin = time.monotonic()
        self.load(self.smtp_port, self.smtp_identity, "smtp", "smtp", connections, messages, size, how,
                  f"resultats@{PEER_DOMAIN}", f"bench-%u@{self.domain}", recipients)
        while self.rival and self.rival.queued():
            select.select([], [], [], 0.005)
            if time.monotonic() - begin > RETRY_SECONDS:
                self.rival.flush()
        return messages / (time.monotonic() - begin)

    def imap(self, number, *commands) -> list:
        """Milliseconds of each command."""
        done = self.load(self.imap_port, self.imap_identity, "imap", "imap", self.login(number), *commands)
        return [int(line.split()[0]) / 1000 for line in done.stdout.splitlines()]

    def idle_memory(self, count, pids) -> float:
        """MiB of all processes of the server while `count` sessions idle in INBOX."""
        line = [LOAD, "127.0.0.1", self.imap_port, *self.imap_identity, "imap", "idle", self.login(1), count,
                "SELECT INBOX", "IDLE"]
        process = subprocess.Popen([str(w) for w in line], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            if process.stdout.readline() != "ready\n":
                raise SystemExit(f"{self.name}: the idle sessions did not come up")
            settled(pids)
            return pss_kib(pids()) / 1024
        finally:
            process.communicate("\n")


def settled(pids, seconds=30):
    """Waits until memory no longer moves: a server hibernates or frees after a while."""
    last, still, deadline = 0, -6, time.monotonic() + seconds  # six seconds at least: hibernation waits three
    while still < 3 and time.monotonic() < deadline:
        select.select([], [], [], 1)
        size = pss_kib(pids())
        still = still + 1 if abs(size - last) * 100 < size else 0
        last = size


class Bench:
    def __init__(self, options):
        self.options = options
        self.results = {}  # row → side → list of figures

    def add(self, row, side, figure):
        self.results.setdefault(row, {}).setdefault(side, []).append(figure)
        print(f"  {row:<42} {side:<8} {figure:>12.2f}", flush=True)

    def wanted(self, row) -> bool:
        return not self.options.only or self.options.only in row

    def set_up(self):
        self.folder = tempfile.mkdtemp(prefix="caducee-bench-", dir="/var/tmp")
        os.chmod(self.folder, 0o755)
        self.sandbox = Sandbox(self.folder)
        print(f"sandbox in {self.folder}", flush=True)
        self.sandbox.up(say=lambda what: print(f"  {what}", flush=True))
        self.sandbox.place.state["rival_ports"] = free_ports("127.0.0.1", 2)
        self.without_antivirus()
        command = self.sandbox.caducee.command
        structure = "EHPAD Les Tilleuls"
        for number in range(BALS + 2):
            address = f"bench-{number}@{OUR_DOMAINS[0]}"
            command("bal", "add", address, "--kind", "APP", "--structure", structure)
            if number in (0, 1, BALS, BALS + 1):
                command("bal", "bind-cert", address, self.sandbox.pki.cert("dui"))

    def without_antivirus(self):
        """Neither side scans: the rivals have no scanner here, and clamd's time is clamd's."""
        box = self.sandbox
        conf = box.place.conf.read_text()
        box.place.write(box.place.conf, conf.replace("[antivirus]\n", "[antivirus]\non = no\n", 1), 0o644)
        box.caducee.processes.stop("smtpd")
        box.caducee.start("smtpd")

    # -- rows -------------------------------------------------------------------------------------------------------
    def deliveries(self, side: Side):
        n = self.options.messages
        rows = [("deliver 2 KiB, 8 connections, 100 BALs", (8, n, 2048), {}),
                ("deliver 2 KiB, 8 connections, one BAL", (8, n, 2048), {"recipients": 1}),
                ("deliver 2 KiB, new connection each", (8, n // 2, 2048, "new"), {}),
                ("deliver 50 KiB, 8 connections", (8, n // 2, 51200), {})]
        for row, words, more in rows:
            if self.wanted(row):
                self.add(row, side.name, side.deliver(*words, **more))
        row = "deliver 20 MiB, 2 connections (MB/s)"
        if self.wanted(row):
            count = 20
            self.add(row, side.name, side.deliver(2, count, 20 << 20) * (20 << 20) / 1e6)

    def reading(self, side: Side, big: int, fifty: int):
        rows = [("SELECT 100k (ms)", big, ["SELECT INBOX"]),
                ("FETCH 1:* (FLAGS UID) 100k (ms)", big, ["SELECT INBOX", "UID FETCH 1:* (FLAGS)"]),
                ("FETCH 1:* ENVELOPE 100k, first (ms)", big, ["SELECT INBOX", "FETCH 1:* (ENVELOPE)"]),
                ("BODY.PEEK[] 1,000 x 50 KiB (ms)", fifty, ["SELECT INBOX", "FETCH 1:1000 (BODY.PEEK[])"])]
        for row, mailbox, commands in rows:
            if self.wanted(row):
                if side.rival and "first" in row:
                    side.rival.forget_cache(f"bench-{mailbox}")
                side.imap(mailbox, "SELECT INBOX")  # warm
                self.add(row, side.name, side.imap(mailbox, *commands)[-1])
        row = "STORE 1:10000 +FLAGS (ms)"
        if self.wanted(row):
            flip = ["SELECT INBOX", "STORE 1:10000 +FLAGS.SILENT (\\Flagged)", "STORE 1:10000 -FLAGS.SILENT (\\Flagged)"]
            self.add(row, side.name, statistics.median(side.imap(big, *flip)[1:]))

    def fill(self, side: Side, number: int, count: int, size: int):
        print(f"  filling {side.name}: {count} x {size} bytes", flush=True)
        if side.rival:
            side.rival.fill(f"bench-{number}", messages_of(count, size))
        else:
            side.load(side.smtp_port, side.smtp_identity, "smtp", "smtp", 8, count, size, "open",
                      f"resultats@{PEER_DOMAIN}", f"bench-{number}@{side.domain}", 1)

    def single_seen(self, side: Side, number: int, count: int):
        """WAL and table growth of single \\Seen changes, one command each."""
        row = "single \\Seen: WAL bytes each"
        if not self.wanted(row):
            return
        query = self.sandbox.postgres.query
        before = query("SELECT pg_current_wal_lsn()")
        size = int(query("SELECT pg_total_relation_size('state_page')"))
        commands = [f"UID STORE {uid} +FLAGS.SILENT (\\Seen)" for uid in range(1, count + 1)]
        for start in range(0, count, 5000):
            side.imap(number, "SELECT INBOX", *commands[start:start + 5000])
        wal = int(query(f"SELECT pg_current_wal_lsn() - '{before}'::pg_lsn"))
        self.add(row, OURS, wal / count)
        grown = int(query("SELECT pg_total_relation_size('state_page')")) - size
        self.add("single \\Seen: table growth (MiB)", OURS, grown / (1 << 20))

    def memory(self, side: Side):
        row = "1,000 idle TLS sessions, PSS (MiB)"
        if not self.wanted(row):
            return
        if side.rival:
            pids = side.rival.processes
        else:
            pids = lambda: descendants(self.sandbox.processes.pid("imapd"))
        self.add(row, side.name, side.idle_memory(1000, pids))

    def peak(self):
        """The largest a mx worker has been, after everything."""
        worst = 0
        for pid in descendants(self.sandbox.processes.pid("smtpd")):
            status = Path(f"/proc/{pid}/status").read_text()
            worst = max(worst, next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")))
        self.add("smtpd worker, peak resident (MiB)", OURS, worst / 1024)

    # -- the run ----------------------------------------------------------------------------------------------------
    def run(self):
        self.set_up()
        big, fifty = BALS, BALS + 1
        try:
            ours = Side(OURS, self.sandbox)
            ours.deliver(1, BALS, 2048)
            self.fill(ours, big, self.options.folder_size, 2048)
            self.fill(ours, fifty, 1000, 51200)
            for _ in range(self.options.rounds):
                self.deliveries(ours)
                self.reading(ours, big, fifty)
                self.memory(ours)
            self.single_seen(ours, big, min(self.options.folder_size, 100000))
            self.peak()
            for mailbox_format in (MAILDIR, MDBOX):
                self.run_rival(mailbox_format, big, fifty)
        finally:
            self.sandbox.down()
        write_report(self.results, self.options, machine())

    def run_rival(self, mailbox_format, big, fifty):
        rival = Rival(self.sandbox, mailbox_format)
        rival.start()
        try:
            side = Side(mailbox_format, self.sandbox, rival)
            side.deliver(1, BALS, 2048)  # mailboxes exist: two first deliveries at once crash Dovecot's mdbox
            self.fill(side, big, self.options.folder_size, 2048)
            self.fill(side, fifty, 1000, 51200)
            for _ in range(self.options.rounds):
                self.deliveries(side)
                self.reading(side, big, fifty)
        finally:
            rival.stop()
        rival.start(hibernate="3 s")
        try:
            self.memory(side)
        finally:
            rival.stop()


def messages_of(count: int, size: int):
    body = ("Résultat d’analyse : glycémie normale, contrôle dans six mois.\r\n" * (size // 64 + 1)).encode()
    for number in range(count):
        head = (f"From: Laboratoire <resultats@{PEER_DOMAIN}>\r\nTo: <bench@rival.mssante.fr>\r\nSubject: Essai {number}\r\n"
                f"Date: Fri, 20 Nov 2026 12:00:00 +0100\r\nMessage-ID: <fill-{number}@bench.mssante.fr>\r\n"
                "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n").encode()
        yield head + body[:max(0, size - len(head))]


def machine() -> str:
    cpu = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} cores ({cpu}), Linux {platform.release()}"


def main():
    parser = argparse.ArgumentParser(description="Caducée beside Postfix + Dovecot")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--messages", type=int, default=6000)
    parser.add_argument("--folder-size", type=int, default=100000)
    parser.add_argument("--only", default="", help="rows whose name holds this")
    parser.add_argument("--report", type=Path, default=SOURCE / "docs" / "performance.md")
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("bench: Postfix's master starts as root")
    Bench(options).run()


if __name__ == "__main__":
    main()
