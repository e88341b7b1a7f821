"""kill -9 between any two steps of a delivery: what was answered 250 is there exactly once; what was not, at most once, whole.

The points are the FAULT("name") of the sources; a build of MODE=fault holds them (make crash).
"""
import contextlib
import imaplib
import os
import re
import signal
import subprocess
import tempfile
import threading

import psycopg2
import pytest
from sandbox.cli import Sandbox
from sandbox.patience import again
from sandbox.place import SOURCE, SandboxError
from sandbox.refusals import LAB, connect, context_for, deliver
from sandbox.smtp_client import Closed

from conftest import Bal, letter, new_bal
from imap_transcript import Connection
from test_mx_hostile import OPAQUE, marks
from test_trace import sealed

BUILD = "build-fault"


def points(*folders) -> list:
    found = set()
    for folder in folders:
        for source in (SOURCE / folder).rglob("*.c"):
            found |= set(re.findall(r'\bFAULT\("([\w.]+)"\)', source.read_text()))
    return sorted(found)


POINTS = points("smtpd", "lib/store", "lib/auth", "helpers")
# The road of a message inwards; the second commit of a delivery to a fresh BAL is the message's own, the first its delivery key's.
DELIVERY = [point for point in POINTS if point.startswith(("mx.", "deliver.", "parse.", "store.committed"))]
NAMES = {"supervisor": "smtpd"}
PASSAGES = [*[f"{point} 1" for point in DELIVERY], "store.committed 2"]


@pytest.fixture(scope="module")
def fragile(tmp_path_factory):
    """A sandbox of its own, of the build with fault points."""
    if not (SOURCE / BUILD / "bin" / "caducee-smtpd").exists():
        pytest.skip("no build with fault points: make crash")
    with tempfile.TemporaryDirectory(prefix="caducee-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        before, os.environ["BUILD"] = os.environ.get("BUILD"), BUILD
        box = Sandbox(folder + "/s")
        try:
            box.up()
            yield box
        finally:
            os.environ.pop("BUILD") if before is None else os.environ.update(BUILD=before)
            box.down()


def arm(box, text: str):
    box.place.write(box.caducee.fault_file, text + "\n", 0o644)


def disarm(box) -> bool:
    """Takes the fault away; true when it had struck."""
    hit = box.caducee.fault_file.with_name("point.hit")
    struck = hit.exists()
    for file in (hit, box.caducee.fault_file):
        file.unlink(missing_ok=True)
    return struck


def attempt(box, bal, message):
    """One delivery: its code, or None when the connection was lost before an answer."""
    try:
        with connect(box) as smtp:
            return deliver(smtp, LAB, [bal.address], message).code
    except (Closed, ConnectionError, OSError):
        return None


def deliver_until_taken(box, bal, message) -> list:
    """As an operator does: again until it is accepted. The answers, in order."""
    answers = []
    box.wait_until(lambda: answers.append(attempt(box, bal, message)) or answers[-1] == 250)
    return answers


def check_sentence_three(bal: Bal, message: bytes, answers: list):
    """At most one copy for each attempt without an answer, exactly one for the 250, each whole."""
    got = bal.bodies()
    assert set(got) == {message}, "a message that is not whole"
    unknown = sum(answer is None for answer in answers)
    assert 1 <= len(got) <= 1 + unknown, answers


@pytest.mark.parametrize("passage", PASSAGES)
def test_killed_at(fragile, passage):
    bal, message = new_bal(fragile), letter(f"mort en {passage}")
    arm(fragile, passage)
    answers = deliver_until_taken(fragile, bal, message)
    assert disarm(fragile), "a delivery does not come by this point"
    check_sentence_three(bal, message, answers)
    if passage.startswith("parse."):
        assert marks(fragile, bal) == [OPAQUE], "parse died: a summary that says so"


@pytest.mark.parametrize("who", ["supervisor", "keyd", "parse", "postgresql"])
@pytest.mark.parametrize("passage", PASSAGES)
def test_other_process_killed_at(fragile, who, passage):
    """The delivery stops at the point; another process dies there; the delivery goes on, or is begun again by the peer."""
    bal, message = new_bal(fragile), letter(f"{who} mort en {passage}")
    arm(fragile, f"{passage} pause")
    answers = []
    first = threading.Thread(target=lambda: answers.append(attempt(fragile, bal, message)))
    first.start()
    hit = fragile.caducee.fault_file.with_name("point.hit")
    fragile.wait_until(lambda: hit.exists() or not first.is_alive())
    stopped = [pid for daemon in ("smtpd", "keyd", "imapd", "directoryd")
               for pid in [*fragile.processes.workers(daemon), fragile.processes.pid(daemon)] if is_stopped(pid)]
    kill(fragile, who)
    for pid in stopped:
        subprocess.run(["kill", "-CONT", str(pid)], check=False, stderr=subprocess.DEVNULL)
    restart(fragile, who)
    first.join()
    assert disarm(fragile), "a delivery does not come by this point"
    answers += [] if answers == [250] else deliver_until_taken(fragile, bal, message)
    check_sentence_three(bal, message, answers)


def kill(box, who):
    if who == "parse":
        for pid in box.processes.workers("smtpd", "parse"):
            box.kill(pid)
        return
    name = NAMES.get(who, who)
    box.kill(box.processes.pid(name))
    box.wait_until(lambda: not box.processes.running(name))


def is_stopped(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] in "Tt"
    except OSError:
        return False


def restart(box, who):
    """Supervisors and PostgreSQL are started again, as systemd would; what a supervisor has started comes back by it."""
    if who == "postgresql":
        again(box.postgres.start, lambda _: False, errors=(SandboxError,))  # while the old one's children are still going
    elif who != "parse":
        box.caducee.start(NAMES.get(who, who))


# --- the other roads: each is armed when all is ready, walked until it is done, and looked at afterwards ---
def done_in_time(bal, act) -> int:
    """Until a session has done it, as clients do when theirs was cut; how many tries ended without an answer."""
    cut = []

    def once():
        try:
            client = bal.imap()
            assert client.select("INBOX")[0] == "OK"
            return act(client)[0]
        except (OSError, imaplib.IMAP4.abort, Closed):
            cut.append(1)

    assert again(once, lambda answer: answer != "OK") == "OK"
    return len(cut)


def appended(box, bal, strike):
    message = letter("ajouté")
    strike()
    cut = done_in_time(bal, lambda client: client.append("INBOX", None, None, message))
    got = bal.messages()
    assert set(got) == {message} and len(got) <= 1 + cut


def copied(box, bal, strike):
    assert bal.deliver(letter("copié")).code == 250
    assert done_in_time(bal, lambda client: client.create("Copies")) == 0
    strike()
    cut = done_in_time(bal, lambda client: client.copy("1", "Copies"))
    assert set(bal.messages("Copies")) == set(bal.messages()) and len(bal.messages("Copies")) <= 1 + cut


def flagged(box, bal, strike):
    assert bal.deliver(letter("marqué")).code == 250
    strike()
    done_in_time(bal, lambda client: client.store("1", "+FLAGS", "(\\Flagged)"))
    client = bal.imap()
    client.select("INBOX", readonly=True)
    assert b"\\Flagged" in client.fetch("1", "(FLAGS)")[1][0]
    client.logout()


def opened(box, bal, strike):
    assert bal.deliver(letter("ouvert")).code == 250
    strike()
    done_in_time(bal, lambda client: client.noop())
    assert len(bal.messages()) == 1


def sealed_again(box, bal, strike):
    strike()
    assert bal.deliver(letter("scellé")).code == 250
    box.wait_until(box.caducee.fault_file.with_name("point.hit").exists)
    box.wait_until(lambda: sealed(box))


def swept(box, bal, strike):
    assert bal.deliver(letter("effacé")).code == bal.deliver(letter("gardé")).code == 250
    strike()
    done_in_time(bal, lambda client: client.store("1", "+FLAGS", "(\\Deleted)"))
    done_in_time(bal, lambda client: client.expunge())
    box.wait_until(box.caducee.fault_file.with_name("point.hit").exists)
    box.wait_until(lambda: blobs(box, bal) == 1)
    assert len(bal.messages()) == 1 and b"gard" in bal.messages()[0]


def blobs(box, bal) -> int:
    with psycopg2.connect(box.postgres.conninfo) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM blob JOIN bal USING (bal_id) WHERE address = %s", (bal.address,))
        return cursor.fetchone()[0]


def vanished(box, bal, strike, who="worker"):
    """A session expunges and dies, or its database does; a client with QRESYNC (RFC 7162) then knows what there is, exactly."""
    def session():
        made = Connection(box.place.host, box.place.port("imaps"), context_for(box, "dui2"))
        made.login(bal.address)
        return made

    cache, first = Cache(), session()
    many = b"".join(b" {%d+}\r\n%s" % (len(m), m) for m in (letter(f"v{n}") for n in range(12)))
    assert first.ask(b"APPEND INBOX" + many)[-1].startswith("OK")
    cache.resync(first)
    assert sorted(cache.flags) == list(range(1, 13))
    first.ask(b"STORE 2,4:6,11 +FLAGS.SILENT (\\Deleted)")
    first.ask(b"STORE 7 +FLAGS.SILENT (\\Flagged)")
    strike()
    first.say(b"EXPUNGE")
    if who != "worker":
        box.wait_until(box.caducee.fault_file.with_name("point.hit").exists)
        kill(box, who)
        for pid in box.processes.workers("imapd"):
            if is_stopped(pid):
                os.kill(pid, signal.SIGCONT)
        restart(box, who)
    with contextlib.suppress(OSError, EOFError):
        first.line()
    first.close()
    second = again(session, lambda _: False, errors=(OSError, EOFError, AssertionError))
    cache.resync(second)
    assert cache.flags == Cache().resync(second).flags
    assert set(cache.flags) in ({1, 3, 7, 8, 9, 10, 12}, set(range(1, 13))) and "\\Flagged" in cache.flags[7]
    second.until_it_works(b"EXPUNGE")
    cache.resync(second)
    assert set(cache.flags) == {1, 3, 7, 8, 9, 10, 12}
    second.close()


class Cache:
    """What a client with QRESYNC keeps of a folder: flags by UID, as of a modseq."""

    def __init__(self):
        self.validity, self.modseq, self.flags = None, 0, {}

    def resync(self, connection):
        connection.ask(b"ENABLE QRESYNC")
        known = f" (QRESYNC ({self.validity} {self.modseq}))" if self.validity else ""
        lines = connection.ask(b"SELECT INBOX" + known.encode())
        if not known:
            lines += connection.ask(b"UID FETCH 1:* (FLAGS)")
        for line in lines:
            self.take(line)
        assert lines[-1].startswith("OK"), lines
        return self

    def take(self, line):
        if code := re.match(r"\* OK \[(UIDVALIDITY|HIGHESTMODSEQ) (\d+)\]", line):
            setattr(self, {"U": "validity", "H": "modseq"}[code[1][0]], int(code[2]))
        elif gone := re.match(r"\* VANISHED \(EARLIER\) (\S+)", line):
            for first, last in re.findall(r"(\d+)(?::(\d+))?", gone[1]):
                for uid in range(int(first), int(last or first) + 1):
                    self.flags.pop(uid, None)
        elif changed := re.match(r"\* \d+ FETCH \(UID (\d+).*FLAGS \(([^)]*)\)", line):
            self.flags[int(changed[1])] = set(changed[2].split()) - {"\\Recent"}


EXPUNGE = [point for point in POINTS if point.startswith("expunge.")]


@pytest.mark.parametrize("point", EXPUNGE)
def test_database_killed_at(fragile, point):
    vanished(fragile, new_bal(fragile), lambda: arm(fragile, f"{point} 1 pause"), "postgresql")
    assert disarm(fragile), "an expunge does not come by this point"


ROADS = {"append.after_blob": appended, "copy.inserted": copied, "store.locked": flagged, "keyd.traced": opened,
         "sealer.sealed": sealed_again, "sweeper.deleted": swept, **dict.fromkeys(EXPUNGE, vanished)}


@pytest.mark.parametrize("point", ROADS)
def test_other_roads_killed_at(fragile, point):
    ROADS[point](fragile, new_bal(fragile), lambda: arm(fragile, f"{point} 1"))
    assert disarm(fragile), "its road does not come by this point"


def test_each_point_is_on_a_road():
    """A point that is put in without a test that passes by it proves nothing. relay's are test_relay_crash's."""
    assert {point for point in POINTS if not point.startswith("relay.")} == {*DELIVERY, *ROADS}
