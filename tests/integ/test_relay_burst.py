"""A burst with everything dying under it: three relays killed at random, keyd killed, PostgreSQL killed in the middle.

`make test` sends a few hundred messages; tests/long/test_burst sends 10,000.
"""
import os
import random
import re
import signal
import tempfile
import threading
import time
from collections import Counter

import pytest
from sandbox.cli import Sandbox
from sandbox.refusals import context_for
from sandbox.smtp_client import Closed, Smtp

from conftest import keep_logs, letter, new_bal
from test_relay_peers import DOMAIN, NUMBERS, Peer, reload

COUNT = int(os.environ.get("CADUCEE_BURST", "240"))
WRITERS, RELAYS, PER_DOMAIN, PATIENCE = 4, 3, 4, 300 + COUNT // 10
SETTINGS = "messages_per_hour = 1000000\nrecipients_per_hour = 1000000\nnew_recipients_per_day = 1000000\n"


@pytest.fixture(scope="module")
def sandbox():
    """One of its own: what is killed here is nobody else's."""
    with tempfile.TemporaryDirectory(prefix="caducee-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        box = Sandbox(folder + "/s")
        try:
            box.up()
            yield box
        finally:
            keep_logs(box)
            box.down()


@pytest.fixture
def burst(sandbox):
    """Three relays, one sink for a domain, no rates."""
    conf, peer, domain = sandbox.place.conf, Peer(sandbox), DOMAIN % next(NUMBERS)
    before = conf.read_text()
    peer.start()
    text = before.replace("[relay]\n", f"[relay]\nworkers = {RELAYS}\nconnections_per_domain = {PER_DOMAIN}\n")
    text = text.replace("[submission]\n", "[submission]\n" + SETTINGS)
    sandbox.place.write(conf, text + f"\n[relay.routes]\n{domain} = 127.0.0.1:{peer.port}\n", 0o644)
    reload(sandbox)
    yield peer, domain
    peer.stop()
    sandbox.postgres.query("DELETE FROM send_rate")  # what was sent without rates must hold nobody's mail once they are back
    sandbox.place.write(conf, before, 0o644)
    reload(sandbox)


class Writer(threading.Thread):
    """Hands its messages over one by one; each until it is answered 250, as a mail client's outbox does."""

    def __init__(self, sandbox, bal, domain, numbers):
        super().__init__(daemon=True)
        self.sandbox, self.bal, self.domain, self.numbers = sandbox, bal, domain, numbers
        self.smtp, self.accepted, self.unanswered = None, [], 0

    def connect(self):
        place = self.sandbox.place
        self.smtp = Smtp(place.host, place.port("submission"), timeout=120)
        self.smtp.ehlo("poste.example")
        self.smtp.starttls(context_for(self.sandbox, "dui2"), "smtp.caducee.mssante.fr")
        self.smtp.ehlo("poste.example")
        if self.smtp.external(self.bal.address).code != 235:
            self.smtp.close()
            self.smtp = None

    def attempt(self, recipient, message) -> bool:
        whole = False
        try:
            if not self.smtp:
                self.connect()
            if not self.smtp or self.smtp.command(f"MAIL FROM:<{self.bal.address}>").code != 250:
                return False
            if self.smtp.command(f"RCPT TO:<{recipient}>").code == 250:
                whole = True
                if self.smtp.data(message).code == 250:
                    return True
            self.smtp.command("RSET")
        except (OSError, Closed, ValueError):
            self.unanswered += whole
            self.smtp = None
        return False

    def run(self):
        for number in self.numbers:
            recipient = f"n{number}@{self.domain}"
            message = letter(f"n{number}", sender=self.bal.address, **{"Message-ID": f"<burst-{number}@{self.domain}>"})
            deadline = time.monotonic() + PATIENCE
            while not self.attempt(recipient, message):
                assert time.monotonic() < deadline, f"message {number} is never taken"
            self.accepted.append(number)


def ids(peer) -> Counter:
    return Counter(int(re.search(rb"<burst-(\d+)@", message)[1]) for message in list(peer.messages))


@pytest.mark.long
def test_burst_with_everything_dying(sandbox, burst):
    peer, domain = burst
    bal, killed = new_bal(sandbox), 0
    writers = [Writer(sandbox, bal, domain, range(n, COUNT, WRITERS)) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    done = lambda part: sum(len(w.accepted) for w in writers) >= COUNT * part  # noqa: E731
    for part in (0.1, 0.3, 0.6, 0.9):
        sandbox.wait_until(lambda: done(part), PATIENCE)
        for pid in sandbox.processes.workers("smtpd", "relay"):
            if random.random() < 0.6:
                killed += kill(pid)
        if part == 0.3:
            sandbox.processes.stop("keyd", signal.SIGKILL)
            sandbox.caducee.start("keyd")
        if part == 0.6:
            sandbox.processes.stop("postgresql", signal.SIGKILL)
            sandbox.postgres.start()
    for writer in writers:
        writer.join(PATIENCE)
        assert not writer.is_alive()
    assert sorted(n for w in writers for n in w.accepted) == list(range(COUNT))
    unanswered = sum(w.unanswered for w in writers)
    sandbox.wait_until(lambda: len(ids(peer)) == COUNT, PATIENCE)
    left = f"SELECT count(*) FROM queue_recipient WHERE domain = '{domain}'"
    sandbox.wait_until(lambda: sandbox.postgres.query(left) == "0", PATIENCE)
    # a message may be there twice where a relay, or the database under all of them, died with the peer's 250 in hand
    twice = sum(ids(peer).values()) - COUNT
    assert twice <= unanswered + (killed + RELAYS) * PER_DOMAIN, (twice, unanswered, killed)
    sent = int(sandbox.postgres.query("SELECT f.messages FROM folder f JOIN bal b USING (bal_id) WHERE special_use = '\\Sent' "
                                      f"AND b.address = '{bal.address}'"))
    assert COUNT <= sent <= COUNT + unanswered, (sent, unanswered)
    ended = f"SELECT count(*), count(*) FILTER (WHERE outcome = 'delivered') FROM queue_history WHERE domain = '{domain}'"
    assert sandbox.postgres.query(ended) == f"{sent}|{sent}", "each accepted message has one end"


def kill(pid) -> int:
    try:
        os.kill(pid, signal.SIGKILL)
        return 1
    except ProcessLookupError:
        return 0


def test_keyd_away(sandbox):
    """Without keyd: nobody new (454), the sessions that are open send on; nothing that they send is lost."""
    bal, receiver = new_bal(sandbox), new_bal(sandbox)
    writer = Writer(sandbox, bal, receiver.address.partition("@")[2], [])
    writer.connect()
    sandbox.processes.stop("keyd", signal.SIGKILL)
    try:
        assert writer.attempt(receiver.address, letter(sender=bal.address))
        other = Writer(sandbox, bal, "", [])
        other.connect()
        assert other.smtp is None, "AUTH without keyd is a temporary failure"
    finally:
        sandbox.caducee.start("keyd")
    assert writer.attempt(receiver.address, letter(sender=bal.address))
    assert len(receiver.wait(2)) == 2
