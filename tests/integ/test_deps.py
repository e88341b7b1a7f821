"""`make deps` cannot hurt a machine: nothing starts while it installs, what forbade that before is back however it ends, and
another mail server is not taken away. Played with an apt and a dpkg of ours, in a mount namespace whose /usr/sbin is a folder.
"""
import os
import signal
import subprocess

import pytest
from sandbox.patience import until
from sandbox.place import SOURCE

IN_OWN_NAMESPACE = 'mount --bind "$1" /usr/sbin && shift && exec "$@"'
# dpkg-query as deps asks it: what is installed, or that with what it provides
DPKG_QUERY = """#!/bin/bash
awk -v lacks="$LACKS" '/^[a-z]/ && $2 != lacks { print "installed", $2 }' "$PACKAGES"
echo "installed postgresql-common"
[ -z "$OTHER" ] || echo "installed $OTHER"
"""
APT = """#!/bin/bash
[[ " $* " == *" install "* ]] && what=install || what=update
cp /usr/sbin/policy-rc.d "$SEEN/policy"
echo "$DEBIAN_FRONTEND $*" >"$SEEN/$what"
[ "$what" != "$WAITS" ] || exec sleep infinity
[ "$what" != "$FAILS" ] || { echo "E: no such package"; exit 100; }
"""


def namespaces() -> bool:
    return os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0


pytestmark = pytest.mark.skipif(not namespaces(), reason="this machine lacks mount namespaces, or root")


class Machine:
    """A folder for /usr/sbin, programs that stand for Debian's, and what they have seen."""

    def __init__(self, folder):
        self.sbin, self.fakes, self.seen = (folder / name for name in ("sbin", "fakes", "seen"))
        for path in (self.sbin, self.fakes, self.seen):
            path.mkdir()
        for name, text in {"dpkg-query": DPKG_QUERY, "apt-get": APT, "dpkg": "#!/bin/false\n",
                           "debconf-set-selections": "#!/bin/true\n", "systemctl": "#!/bin/true\n"}.items():
            (self.fakes / name).write_text(text)
            (self.fakes / name).chmod(0o755)

    def start(self, lacks="swaks", other="", fails="", waits=""):
        there = {"PATH": f"{self.fakes}:/usr/bin:/bin", "SEEN": str(self.seen), "LACKS": lacks, "OTHER": other, "FAILS": fails,
                 "PACKAGES": str(SOURCE / "packaging/packages"), "WAITS": waits, "LANG": "C.UTF-8"}
        return subprocess.Popen(["unshare", "-m", "sh", "-c", IN_OWN_NAMESPACE, "sh", self.sbin, SOURCE / "packaging/deps"],
                                env=there, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, **what):
        process = self.start(**what)
        said = process.communicate(timeout=120)[0]
        return process.returncode, said

    def policy(self) -> str:
        """What policy-rc.d is now: nothing else may be left in the folder."""
        names = sorted(path.name for path in self.sbin.iterdir())
        assert names in ([], ["policy-rc.d"]), names
        return (self.sbin / "policy-rc.d").read_text() if names else ""


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_nothing_starts_while_it_installs(machine):
    code, said = machine.run()
    assert code == 0, said
    assert "exit 101" in (machine.seen / "policy").read_text()
    asked = (machine.seen / "install").read_text()
    assert asked.startswith("noninteractive ") and "--no-install-recommends swaks" in asked
    assert machine.policy() == ""


@pytest.mark.parametrize("fails", ["update", "install"])
@pytest.mark.parametrize("before", ["", "#!/bin/sh\nexit 104\n"], ids=["none", "its-own"])
def test_what_was_there_is_back_after_a_failure(machine, before, fails):
    if before:
        (machine.sbin / "policy-rc.d").write_text(before)
    code, said = machine.run(fails=fails)
    assert code != 0 and "no such package" in said
    assert "exit 101" in (machine.seen / "policy").read_text()
    assert machine.policy() == before


def test_a_link_is_back_as_a_link(machine):
    (machine.sbin / "policy-rc.d").symlink_to("/etc/nowhere")
    assert machine.run()[0] == 0
    assert os.readlink(machine.sbin / "policy-rc.d") == "/etc/nowhere"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["asked", "killed"])
def test_what_was_there_is_back_after_an_end_in_the_middle(machine, number):
    """Asked to end, it tidies up itself; killed, its next run does."""
    own = machine.sbin / "policy-rc.d"
    own.write_text("#!/bin/sh\nexit 104\n")
    process = machine.start(waits="install")
    until((machine.seen / "install").exists)
    apt = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout.split()
    process.send_signal(number)
    for pid in apt:
        os.kill(int(pid), signal.SIGKILL)
    process.communicate(timeout=120)
    if number == signal.SIGKILL:
        assert "101" in own.read_text(), "nobody could put it back"
        assert machine.run()[0] == 0
    assert machine.policy() == "#!/bin/sh\nexit 104\n"


def test_another_mail_server_stays(machine):
    code, said = machine.run(lacks="postfix", other="exim4-daemon-light mail-transport-agent")
    assert code != 0
    assert "exim4-daemon-light est installé" in said and "nothing is done" in said
    assert list(machine.seen.iterdir()) == [] and machine.policy() == ""


def test_nothing_missing_asks_for_nothing(machine):
    code, said = machine.run(lacks="")
    assert code == 0 and "nothing is missing" in said
    assert list(machine.seen.iterdir()) == []
