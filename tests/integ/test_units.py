"""The units of systemd: understood as they stand, and as closed as they claim."""
import shutil
import subprocess
from pathlib import Path

import pytest
from sandbox.place import SOURCE, build_folder

UNITS = sorted((SOURCE / "packaging/systemd").glob("*.service"))
SYSTEM = Path("/usr/lib/systemd/system")
# systemd's own scale: 0 is closed, 10 open; a supervisor that is root to bind ports and to change accounts stays above 2
MOST = {"caducee-keyd": 17}
USUALLY = 27

pytestmark = [pytest.mark.needs("systemd-analyze"),
              pytest.mark.skipif(not (SYSTEM / "sysinit.target").exists(), reason="this machine lacks systemd's own units")]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A machine on which the package is installed, as far as systemd looks."""
    folder = tmp_path_factory.mktemp("root")
    shutil.copytree(SYSTEM, folder / "usr/lib/systemd/system", symlinks=True)
    for where in ("usr/sbin", "bin", "usr/bin"):
        (folder / where).mkdir(parents=True, exist_ok=True)
    shutil.copy("/bin/kill", folder / "bin/kill")
    for unit in UNITS:
        shutil.copy(unit, folder / "usr/lib/systemd/system")
        shutil.copy(build_folder() / "bin" / unit.stem, folder / "usr/sbin")
    return folder


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_understands_it(root, unit):
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", f"--root={root}", unit.name], capture_output=True,
                          text=True, cwd=root)
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "caducee" in line]
    assert done.returncode == 0 and not ours, done.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_it_is_closed(unit):
    most = MOST.get(unit.stem, USUALLY)
    done = subprocess.run(["systemd-analyze", "security", "--no-pager", "--offline=true", f"--threshold={most}", unit],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout.splitlines()[-1]
