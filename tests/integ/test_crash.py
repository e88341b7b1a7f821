"""kill -9 between any two steps of a delivery: what was answered 250 is there exactly once; what was not, at most once, whole.

The points are the FAULT("name") of the sources; a build of MODE=fault holds them (make crash).
"""
import os
import re
import subprocess

import pytest
from sandbox.cli import Sandbox
from sandbox.place import SOURCE
from sandbox.refusals import LAB, connect, deliver
from sandbox.smtp_client import Closed

from conftest import Bal, letter, new_bal

BUILD = "build-fault"


def points(*folders) -> list:
    found = set()
    for folder in folders:
        for source in (SOURCE / folder).rglob("*.c"):
            found |= set(re.findall(r'\bFAULT\("([\w.]+)"\)', source.read_text()))
    return sorted(found)


POINTS = points("smtpd", "lib/store", "lib/auth", "helpers")


@pytest.fixture(scope="module")
def fragile(tmp_path_factory):
    """A sandbox of its own, of the build with fault points."""
    if not (SOURCE / BUILD / "bin" / "caducee-smtpd").exists():
        pytest.skip("no build with fault points: make crash")
    import tempfile

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


@pytest.mark.parametrize("point", POINTS)
def test_killed_at(fragile, point):
    bal, message = new_bal(fragile), letter(f"mort en {point}")
    arm(fragile, f"{point} 1")
    answers = deliver_until_taken(fragile, bal, message)
    bal_ready = fragile.caducee.command("db", "status", check=False).returncode
    struck = disarm(fragile)
    assert bal_ready == 0
    if point.startswith("deliver."):
        assert struck, "a delivery does not come by this point"
    check_sentence_three(bal, message, answers)


@pytest.mark.parametrize("who", ["supervisor", "keyd", "postgresql"])
@pytest.mark.parametrize("point", POINTS)
def test_other_process_killed_at(fragile, who, point):
    """mx stops at the point; another process dies there; mx goes on, or is started again."""
    bal, message = new_bal(fragile), letter(f"{who} mort en {point}")
    arm(fragile, f"{point} 1 pause")
    import threading

    answers = []
    first = threading.Thread(target=lambda: answers.append(attempt(fragile, bal, message)))
    first.start()
    hit = fragile.caducee.fault_file.with_name("point.hit")
    fragile.wait_until(lambda: hit.exists() or not first.is_alive())
    stopped = [pid for daemon in ("smtpd", "keyd") if fragile.processes.running(daemon)
               for pid in [*fragile.processes.workers(daemon), fragile.processes.pid(daemon)] if is_stopped(pid)]
    name = {"supervisor": "smtpd", "keyd": "keyd", "postgresql": "postgresql"}[who]
    fragile.kill(fragile.processes.pid(name))
    fragile.wait_until(lambda: not fragile.processes.running(name))
    for pid in stopped:
        subprocess.run(["kill", "-CONT", str(pid)], check=False)
    restart(fragile, name)
    first.join()
    disarm(fragile)
    answers += [] if answers == [250] else deliver_until_taken(fragile, bal, message)
    check_sentence_three(bal, message, answers)


def is_stopped(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] in "Tt"
    except OSError:
        return False


def restart(box, name):
    if name == "postgresql":
        box.postgres.start()
    else:
        box.caducee.start(name)
