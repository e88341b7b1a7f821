"""One of the servers under load: where it listens, who its mailboxes are, how one logs in, what its processes hold."""
import base64
import select
import subprocess
import time

from sandbox.people import PROFESSIONALS
from sandbox.place import build_folder
from sandbox.whitelist import OUR_DOMAINS, PEER_DOMAIN

from .rival import descendants, pss_kib

LOAD = build_folder() / "bin" / "bench-load"
BALS = 100  # bench-0 … bench-99 share the deliveries
BIG, FIFTY, TEN, LARGE = BALS, BALS + 1, BALS + 2, BALS + 3  # 100,000; 1,000 x 50 KiB; 10,000 x 2 KiB; 10,000 x 50 KiB
RETRY_SECONDS = 60  # a rival's delivery that failed is tried again then, not at the queue's pace
LOAD_SECONDS = 240  # no single load lasts longer: the run must end
HOLDERS = [p for p in PROFESSIONALS if p.address]
OURS, MAILDIR, MDBOX, ROUNDCUBE = "caducee", "maildir", "mdbox", "roundcube"


class BenchError(Exception):
    pass


class Side:
    def __init__(self, name, sandbox, rival=None):
        self.name, self.sandbox, self.rival = name, sandbox, rival
        place, pki = sandbox.place, sandbox.pki
        self.smtp_port = rival.port if rival else place.port("mx")
        self.submission_port = rival.submission_port if rival else place.port("submission")
        self.imap_port = rival.imap_port if rival else place.port("imap")
        self.domain = "rival.mssante.fr" if rival else OUR_DOMAINS[0]
        self.smtp_identity = (pki.cert("peer"), pki.key("peer"))
        self.imap_identity = self.smtp_identity if rival else (pki.cert("dui"), pki.key("dui"))

    # -- who --------------------------------------------------------------------------------------------------------
    def address(self, number) -> str:
        """The folder of 100,000 is a person's, so that the webmail sees it too."""
        if number == BIG and not self.rival:
            return HOLDERS[0].address
        return f"bench-{number}@{self.domain}"

    def token(self, number) -> str:
        """The same kind of token on both sides; Dovecot takes the user's name from a claim of its own."""
        return self.sandbox.psc.token(HOLDERS[number % len(HOLDERS)].national_id, bench_user=f"bench-{number}")

    def xoauth2(self, number) -> str:
        user = f"bench-{number}" if self.rival else HOLDERS[number % len(HOLDERS)].address
        return base64.b64encode(f"user={user}\x01auth=Bearer {self.token(number)}\x01\x01".encode()).decode()

    def login(self, number) -> str:
        if self.rival:
            return f"LOGIN bench-{number} x"
        if number == BIG:
            return "AUTHENTICATE XOAUTH2 " + self.xoauth2(0)
        return "AUTHENTICATE EXTERNAL " + base64.b64encode(self.address(number).encode()).decode()

    def lines(self, name, lines) -> str:
        """A file of lines for the load generator; its argument."""
        file = self.sandbox.place.path(f"load-{self.name}-{name}")
        file.write_text("".join(line + "\n" for line in lines))
        return f"@{file}"

    # -- load -------------------------------------------------------------------------------------------------------
    def load(self, port, identity, protocol, mode, *words, seconds=LOAD_SECONDS) -> list:
        """Runs the generator to its end; the words of its answer, a list a line."""
        line = [LOAD, "127.0.0.1", port, *identity, protocol, mode, *words]
        done = subprocess.run([str(w) for w in line], capture_output=True, text=True, timeout=seconds)
        if done.returncode:
            raise BenchError(f"{self.name}: {done.stderr.strip()}")
        return [answer.split() for answer in done.stdout.splitlines()]

    def deliver(self, connections, messages, size, how="open", recipients=BALS, to="bench-%u",
                seconds=LOAD_SECONDS) -> float:
        """Messages a second, until the last one is visible in its mailbox."""
        begin = time.monotonic()
        to = to if "@" in to else f"{to}@{self.domain}"
        self.load(self.smtp_port, self.smtp_identity, "smtp", "smtp", connections, messages, size, how,
                  f"resultats@{PEER_DOMAIN}", to, recipients, seconds=seconds)
        flushed = begin
        while self.rival and self.rival.queued():
            select.select([], [], [], 0.005)
            if time.monotonic() - begin > LOAD_SECONDS:
                raise BenchError(f"{self.name}: the queue does not empty")
            if time.monotonic() - flushed > RETRY_SECONDS:
                flushed = time.monotonic()
                self.rival.flush()
        return messages / (time.monotonic() - begin)

    def submit(self, messages, size, sent=False) -> float:
        """Messages a second that four people send with their tokens over 8 connections; `sent`: each with its copy in Sent, which a
        rival's client puts there by itself (our server does in the transaction that accepts)."""
        people = [self.address(n) if self.rival else HOLDERS[n].address for n in range(len(HOLDERS))]
        senders = self.lines("senders", [f"{people[n]} AUTH XOAUTH2 {self.xoauth2(n)}" for n in range(len(HOLDERS))])
        copies = ()
        if sent and self.rival:
            for n in range(len(HOLDERS)):
                self.make_sent(n)
            logins = self.lines("sent", ["AUTHENTICATE XOAUTH2 " + self.xoauth2(n) for n in range(len(HOLDERS))])
            copies = (self.imap_port, *self.imap_identity, logins)
        done = self.load(self.submission_port, ("-", "-"), "smtp", "smtp", 8, messages, size, "open", senders,
                         f"dest-%u@{PEER_DOMAIN}", BALS, *copies)
        return messages / float(done[0][0])

    def make_sent(self, number):
        """There already after the first row that wants it."""
        try:
            self.imap(number, "CREATE Sent")
        except BenchError:
            pass

    def imap(self, number, *commands) -> list:
        """Milliseconds of each command."""
        done = self.load(self.imap_port, self.imap_identity, "imap", "imap", self.login(number), *commands)
        return [int(words[0]) / 1000 for words in done]

    def logins(self, lines, count) -> float:
        done = self.load(self.imap_port, self.imap_identity, "imap", "login", 8, count, self.lines("logins", lines))
        return count / float(done[0][0])

    def append(self, connections, count) -> float:
        lines = self.lines("append", [self.login(n) for n in range(connections)])
        done = self.load(self.imap_port, self.imap_identity, "imap", "append", connections, count, 2048, lines)
        return count / float(done[0][0])

    def wake(self, count) -> list:
        """p50 and p99 in milliseconds, from the 250 of a message to the EXISTS of a session that idles."""
        done = self.load(self.imap_port, self.imap_identity, "imap", "wake", self.login(1), self.smtp_port,
                         *self.smtp_identity, f"resultats@{PEER_DOMAIN}", self.address(1), count)
        return [int(done[0][2]) / 1000, int(done[0][4]) / 1000]

    def poll(self, sessions, rate, seconds) -> list:
        lines = self.lines("poll", [self.login(n) for n in range(BALS)])
        done = self.load(self.imap_port, self.imap_identity, "imap", "poll", sessions, rate, seconds, lines, "SELECT INBOX")
        return [int(done[0][2]) / 1000, int(done[0][4]) / 1000]

    # -- memory -----------------------------------------------------------------------------------------------------
    def pids(self) -> list:
        if self.rival:
            return self.rival.processes()
        return descendants(self.sandbox.processes.pid("imapd"))

    def idle_memory(self, count, seconds) -> tuple:
        """How many sessions came up in that time, and the KiB that they added to all processes of the server."""
        before = pss_kib(self.pids())
        line = [LOAD, "127.0.0.1", self.imap_port, *self.imap_identity, "imap", "idle", self.login(1), count, seconds,
                "SELECT INBOX", "IDLE"]
        process = subprocess.Popen([str(w) for w in line], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        try:
            words = process.stdout.readline().split()
            if not words:
                raise BenchError(f"{self.name}: the idle sessions did not come up: {process.stderr.read()}")
            settled(self.pids)
            return int(words[1]), pss_kib(self.pids()), before
        finally:
            process.communicate("\n")


def settled(pids, seconds=40):
    """Waits until memory no longer moves: a server hibernates or frees after a while."""
    last, still, deadline = 0, -6, time.monotonic() + seconds  # six seconds at least: hibernation waits three
    while still < 3 and time.monotonic() < deadline:
        select.select([], [], [], 1)
        size = pss_kib(pids())
        still = still + 1 if abs(size - last) * 100 < size else 0
        last = size
