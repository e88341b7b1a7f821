"""Headless Chromium (Debian's) on a sandbox. CADUCEE_TEST_SANDBOX=DIR uses (and keeps) a sandbox of that folder;
CADUCEE_SHOTS=DIR says where pictures go (else build/shots)."""
import os
import sys
import tempfile
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(SOURCE))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from sandbox.cli import Sandbox  # noqa: E402
from sandbox.place import missing  # noqa: E402

from webmail import LUCIE, PAUL, SAMIA, Browser, Mail, sql  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "long: left to `make test-long`")


def pytest_collection_modifyitems(items):
    lacking = [what for what in ("chromium", "chromedriver") if missing(what)]
    if lacking:
        for item in items:
            item.add_marker(pytest.mark.skip(reason=f"this machine lacks {', '.join(lacking)}"))


@pytest.fixture(scope="session")
def sandbox():
    kept = os.environ.get("CADUCEE_TEST_SANDBOX")
    with tempfile.TemporaryDirectory(prefix="caducee-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        box = Sandbox(Path(kept) if kept else Path(folder) / "s")
        try:
            box.up()
            yield box
        finally:
            if not kept and box.exists:
                box.down()


@pytest.fixture(scope="session")
def mail(sandbox):
    return Mail(sandbox)


@pytest.fixture(scope="session")
def shots():
    folder = Path(os.environ.get("CADUCEE_SHOTS", SOURCE / "build" / "shots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def roles(sandbox):
    """Paul operates, Samia administers her structure, Lucie audits."""
    given = []

    def give(person, role, structure="NULL"):
        given.append(person.family.lower())
        sql(sandbox, "INSERT INTO operator_role (login, person_id, name, role, structure_id) "
                     f"SELECT '{given[-1]}', person_id, '{person.family}', '{role}', {structure} FROM person_identifier "
                     f"WHERE national_id = '{person.national_id}' ON CONFLICT DO NOTHING")

    give(PAUL, "exploitant")
    give(SAMIA, "administrateur", "(SELECT structure_id FROM structure WHERE name = 'EHPAD Les Tilleuls')")
    give(LUCIE, "auditeur")
    yield
    logins = "', '".join(given)
    sql(sandbox, f"DELETE FROM operator_role WHERE login IN ('{logins}')")  # whoever comes next may use the command again


@pytest.fixture
def browser(sandbox):
    """browser(width=…, dark=…, scripts=…): each is closed at the test's end."""
    opened = []

    def open_one(**how):
        opened.append(Browser(sandbox, **how))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()
