"""`make bench`: the same work, in one run, for Caducée and for Debian's Postfix + Dovecot (+ Roundcube). Medians of the rounds,
ratios, and docs/performance.md. Both keep what they accept: fsync on, synchronous commit on.

    make bench                                    three rounds in 28 minutes (--minutes): late, a side has fewer rounds
    BENCH="--quick" make bench                    one round, smaller loads, 12 minutes at most; writes no report
    BENCH="--only SELECT --rounds 1" make bench   the rows whose name holds the word, and only what they need
    BENCH="--sides caducee,scale" make bench      of caducee, maildir, mdbox, scale

    BENCH="--merge A.json B.json" make bench      measures nothing: docs/performance.md from what runs have kept

A row that fails is told and left out; the run goes on. Each figure is kept as it comes (build/bench/*.json, --save): a run cut
short, or several of some rows each, make one table with --merge; what two of them measured counts as two rounds.
"""
import argparse
import os
import platform
import shutil
import signal
import statistics
import sys
import tempfile
import time
import traceback
from pathlib import Path

from sandbox.caducee import DAEMONS
from sandbox.cli import Sandbox
from sandbox.place import SOURCE, build_folder, free_ports
from sandbox.whitelist import OUR_DOMAINS, PEER_DOMAIN

from . import mail, reading, scale, web
from .report import merged, save, write_report
from .rival import Rival, descendants
from .rows import BY_NAME
from .side import BALS, BIG, FIFTY, LARGE, MAILDIR, MDBOX, OURS, TEN, BenchError, Side

SIDES = (OURS, MDBOX, MAILDIR, "scale")
FILL_SECONDS = 900  # 45 on two idle cores
# By when, in shares of the time that there is, a side begins no other round
SHARES = {OURS: 0.3, MDBOX: 0.55, MAILDIR: 0.75}
PEAK = "smtpd worker, peak resident (MiB)"
# What is filled before, and the rows that want it; folder → messages, bytes, words of those rows
FILLS = {BIG: (None, 2048, ("100k", "STORE", "Seen", "web ")), FIFTY: (1000, 51200, ("BODY",)),
         TEN: (10000, 2048, ("10,000 x 2 KiB",)), LARGE: (10000, 51200, ("10,000 x 50 KiB",))}


class Bench:
    def __init__(self, options):
        self.options, self.began = options, time.monotonic()
        self.results = {}  # row → side → list of figures

    # -- rows -------------------------------------------------------------------------------------------------------
    def say(self, what):
        minutes, seconds = divmod(int(time.monotonic() - self.began), 60)
        print(f"  {minutes:3}:{seconds:02}  {what}", flush=True)

    def add(self, name, side, figure):
        assert name in BY_NAME, name
        self.results.setdefault(name, {}).setdefault(side.name, []).append(figure)
        save(self.options.save, self.results, machine())
        self.say(f"{name:<46} {side.name:<9} {figure:>12,.2f}")

    def wanted(self, *names) -> bool:
        return not self.options.only or any(self.options.only in name for name in names)

    def rows(self, names, side, measure, also="") -> bool:
        """Several figures of one measurement. Whatever goes wrong is told, and costs these rows alone."""
        asked = (*names, also) if also else names
        if not self.wanted(*asked) or not any(self.wins(side, name) for name in asked):
            return False
        try:
            for name, figure in zip(names, measure()):
                self.add(name, side, figure)
            return True
        except Exception as error:
            self.say(f"{names[0]} {side.name}: FAILED: {error}")
            if self.options.trace:
                traceback.print_exc()
            return False

    def row(self, name, side, measure, also="") -> bool:
        return self.rows((name,), side, lambda: [measure()], also)

    def count(self, side, ours, slower=3) -> int:
        """How many messages: a rival is slower and its rate steady, so that fewer tell the same in the same time."""
        return max(40, ours // (slower if side.rival else 1) // (2 if self.options.quick else 1))

    # -- setting up -------------------------------------------------------------------------------------------------
    def set_up(self):
        self.folder = tempfile.mkdtemp(prefix="caducee-bench-", dir="/var/tmp")
        os.chmod(self.folder, 0o755)
        self.sandbox = Sandbox(self.folder)
        self.say(f"sandbox in {self.folder}")
        self.sandbox.up()
        self.sandbox.place.state["rival_ports"] = free_ports("127.0.0.1", 4)
        self.configure()
        self.say("BALs")
        command = self.sandbox.caducee.command
        for number in [*range(BALS), FIFTY, TEN, LARGE]:
            address = f"bench-{number}@{OUR_DOMAINS[0]}"
            command("bal", "add", address, "--kind", "APP", "--structure", "EHPAD Les Tilleuls")
            command("bal", "bind-cert", address, self.sandbox.pki.cert("dui"))

    def configure(self):
        """Neither side scans (the rivals have no scanner here, and clamd's time is clamd's), none limits for policy's sake."""
        box, sink = self.sandbox, self.sandbox.place.state["rival_ports"][3]
        conf = box.place.conf.read_text()
        for section, lines in (("antivirus", ["on = no"]), ("imapd", ["connections = 20000"]),
                               ("keyd", ["grants_per_bal = 1000000", "grants = 10000000"]),
                               ("submission", ["messages_per_hour = 1000000", "recipients_per_hour = 1000000",
                                               "new_recipients_per_day = 1000000"])):
            conf = conf.replace(f"[{section}]\n", f"[{section}]\n" + "".join(line + "\n" for line in lines), 1)
            assert f"[{section}]" in conf, section
        conf += f"\n[relay.routes]\n{PEER_DOMAIN} = 127.0.0.1:{sink}\n"
        box.place.write(box.place.conf, conf, 0o644)
        self.size_postgres()
        for daemon in reversed(DAEMONS):
            box.processes.stop(daemon)
        for daemon in DAEMONS:
            box.caducee.start(daemon)

    def size_postgres(self):
        """As the guide asks: a share of the memory for PostgreSQL (the rivals' files have the kernel's cache, all of it), and
        checkpoints by the clock, not by the burst."""
        postgres = self.sandbox.postgres
        file = postgres.data / "postgresql.conf"
        for was, now in (("shared_buffers = 128MB", "shared_buffers = 1GB"), ("max_wal_size = 1GB", "max_wal_size = 4GB")):
            text = file.read_text()
            assert was in text, was
            self.sandbox.place.write(file, text.replace(was, now), 0o600)
        self.sandbox.processes.stop("postgresql", signal.SIGINT)
        postgres.start()

    def fill(self, side: Side):
        for number, (count, size, words) in FILLS.items():
            rows = [name for name in BY_NAME if any(word in name for word in words)]
            if not self.wanted(*rows):
                continue
            count = count or self.options.folder_size
            self.say(f"filling {side.name}: {count} x {size} bytes")
            if side.rival:
                self.whole("fill", lambda: side.rival.fill(f"bench-{number}", messages_of(count, size)))
            else:
                self.whole("fill", lambda: side.deliver(8, count, size, recipients=1, to=side.address(number),
                                                        seconds=FILL_SECONDS))
        if self.wanted("STATUS of 100 folders (ms)"):
            self.whole("folders", lambda: reading.make_folders(side))

    # -- the run ----------------------------------------------------------------------------------------------------
    def run(self):
        try:
            self.set_up()
            for name, part in ((OURS, self.our_side), (MDBOX, lambda: self.rival_side(MDBOX)),
                               (MAILDIR, lambda: self.rival_side(MAILDIR)),
                               ("scale", lambda: scale.once(self, Side(OURS, self.sandbox)))):
                if name in self.options.sides:
                    self.whole(name, part)
        finally:
            self.sandbox.down()
            if not self.options.keep:
                shutil.rmtree(self.folder)
        write_report(self.results, self.options.report, machine())
        self.say("done")

    def whole(self, name, part):
        """A side that does not come up leaves its cells empty; the table of the others is written all the same."""
        try:
            part()
        except Exception as error:
            self.say(f"{name}: FAILED: {error}")
            traceback.print_exc()

    def wins(self, side: Side, name) -> bool:
        """Of two rivals, the one that was clearly the slower in a row is not asked again: the ratio is to the better."""
        mine, other = (self.results.get(name, {}).get(rival, []) for rival in (side.name, MDBOX))
        if side.name != MAILDIR or not mine or not other:
            return True
        best = statistics.median(other) / mine[0]
        return best > 0.7 if BY_NAME[name].less else best < 1.4

    def rounds(self, side: Side):
        for number in range(self.options.rounds):
            if number and time.monotonic() - self.began > SHARES[side.name] * self.options.minutes * 60:
                self.say(f"{side.name}: no time for round {number + 1}")
                break
            self.say(f"{side.name}: round {number + 1} of {self.options.rounds}")
            mail.deliveries(self, side)
            mail.outward(self, side)
            reading.logins(self, side)
            reading.reading(self, side)
            reading.writing(self, side)
            reading.waiting(self, side)

    def our_side(self):
        side = Side(OURS, self.sandbox)
        side.deliver(1, BALS, 2048)
        self.fill(side)
        self.rounds(side)
        reading.flushed(self, side)
        self.fresh_imapd(side)
        reading.idle(self, side)
        reading.many_idle(self, side)
        reading.single_seen(self, side)
        self.row(PEAK, side, self.peak)
        self.whole("webmail", lambda: web.ours(self, side))

    def fresh_imapd(self, side):
        """As the rivals, which are started anew to hibernate: what the rows before have left in the heap is not the sessions'."""
        if not self.wanted("1,000 idle TLS sessions, PSS (MiB)", "10,000 idle TLS sessions, KiB each"):
            return
        self.sandbox.processes.stop("imapd")
        self.sandbox.caducee.start("imapd")

        def serves():
            try:
                return side.imap(1, "NOOP")
            except BenchError:
                return False

        self.sandbox.wait_until(serves)

    def peak(self) -> float:
        """The largest a worker has been, after everything."""
        return max(web.peak_kib(pid) for pid in descendants(self.sandbox.processes.pid("smtpd"))) / 1024

    def rival_side(self, mailbox_format):
        rival = Rival(self.sandbox, mailbox_format)
        rival.start()
        side = Side(mailbox_format, self.sandbox, rival)
        try:
            side.deliver(1, BALS, 2048)  # mailboxes exist: two first deliveries at once crash Dovecot's mdbox
            self.fill(side)
            self.rounds(side)
            if mailbox_format == MDBOX:
                self.whole("Roundcube", lambda: web.roundcube(self, side))
        finally:
            rival.stop()
        rival.start(hibernate="2s", fsync="always")
        try:
            reading.flushed(self, side)
            reading.idle(self, side)
            reading.many_idle(self, side)
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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--messages", type=int, default=6000)
    parser.add_argument("--folder-size", type=int, default=100000)
    parser.add_argument("--only", default="", help="rows whose name holds this")
    parser.add_argument("--quick", action="store_true", help="one round, smaller loads")
    parser.add_argument("--sides", type=lambda text: text.split(","), default=list(SIDES), help=",".join(SIDES))
    parser.add_argument("--keep", action="store_true", help="the sandbox's folder: gigabytes")
    parser.add_argument("--trace", action="store_true", help="where a row failed")
    parser.add_argument("--report", type=Path, help="default: docs/performance.md, of a whole run or --merge")
    parser.add_argument("--minutes", type=float, default=28, help="no round begins that would end later")
    parser.add_argument("--save", type=Path, help="where figures are kept as they come; default: build/bench/TIME.json")
    parser.add_argument("--merge", type=Path, nargs="+", metavar="FILE", help="write the report of these, measure nothing")
    options = parser.parse_args()
    if options.quick:
        options.rounds = 1
    if not options.report and not (options.quick or options.only or set(options.sides) != set(SIDES)):
        options.report = SOURCE / "docs" / "performance.md"
    if options.merge:
        results, where = merged(options.merge)
        write_report(results, options.report, where)
        return
    options.save = options.save or build_folder() / "bench" / time.strftime("%Y%m%d-%H%M%S.json")
    if os.geteuid() != 0:
        sys.exit("bench: Postfix's master starts as root")
    Bench(options).run()


if __name__ == "__main__":
    main()
