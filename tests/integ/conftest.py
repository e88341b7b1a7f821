"""One sandbox for the whole run, one fresh BAL a test. No test sleeps; each ends what it has started.

CADUCEE_TEST_SANDBOX=DIR uses (and keeps) a sandbox of that folder: quicker while one writes a test.
"""
import itertools
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from sandbox.cli import Sandbox  # noqa: E402
from sandbox.imap_client import Dui  # noqa: E402
from sandbox.patience import SECONDS, again  # noqa: E402
from sandbox.people import CHDEMO  # noqa: E402
from sandbox.place import build_folder, missing  # noqa: E402
from sandbox.refusals import LAB, connect, context_for, deliver  # noqa: E402
from sandbox.smtp_client import Closed  # noqa: E402
from sandbox.whitelist import OUR_DOMAINS  # noqa: E402

NUMBERS = itertools.count(1)


def pytest_configure(config):
    config.addinivalue_line("markers", "needs(*programs): what the machine must have; else the test is skipped by name")
    config.addinivalue_line("markers", "long: left to make test-long (tests/long/test_integ)")


def pytest_collection_modifyitems(items):
    """What a machine lacks is a test reported as skipped, with the name of what it lacks."""
    for item in items:
        for mark in item.iter_markers("needs"):
            lacking = [what for what in mark.args if not has(what)]
            if lacking:
                item.add_marker(pytest.mark.skip(reason=f"this machine lacks {', '.join(lacking)}"))


def has(what: str) -> bool:
    if what == "root":
        return os.geteuid() == 0
    if what == "ipv6":
        return Path("/proc/net/if_inet6").exists() and "lo" in Path("/proc/net/if_inet6").read_text()
    return not missing(what)


@pytest.fixture(scope="session")
def sandbox():
    """A sandbox with everything that is built, up."""
    if not (build_folder() / "bin").exists():
        pytest.fail("nothing is built: run `make` first", pytrace=False)
    kept = os.environ.get("CADUCEE_TEST_SANDBOX")
    with tempfile.TemporaryDirectory(prefix="caducee-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        box = Sandbox(kept or Path(folder) / "s")
        try:
            box.up()
            yield box
        finally:
            if not kept and box.exists:
                keep_logs(box)
                box.down()


def keep_logs(box):
    """Logs outlive the sandbox where the caller asks for them (CI)."""
    target = os.environ.get("CADUCEE_TEST_LOGS")
    if target:
        Path(target).mkdir(parents=True, exist_ok=True)
        for log in box.place.logs.iterdir():
            (Path(target) / log.name).write_bytes(log.read_bytes())


@dataclass
class Bal:
    """An applicative BAL of this test alone, opened by the second DUI's certificate."""

    sandbox: Sandbox
    address: str

    def imap(self, certificate="dui2", patience=SECONDS) -> Dui:
        place = self.sandbox.place
        return Dui(place.host, place.port("imap"), context_for(self.sandbox, certificate), self.address, patience=patience)

    def messages(self, folder="INBOX") -> list:
        client = self.imap()
        try:
            return client.messages(folder)
        finally:
            client.logout()

    def bodies(self) -> list:
        """What follows the header fields that mx has added: the bytes that were sent."""
        return [strip_added(message) for message in self.messages()]

    def wait(self, count: int, seconds=SECONDS) -> list:
        """The messages, as soon as there are `count`: an IDLE client is told, nobody sleeps."""
        client = self.imap()
        try:
            client.sock.settimeout(seconds)
            client.wait_for_more(count - 1)
            return client.messages()
        finally:
            client.logout()

    def deliver(self, message: bytes, sender=LAB, certificate="peer"):
        with connect(self.sandbox, certificate) as smtp:
            return deliver(smtp, sender, [self.address], message)

    def deliver_in_time(self, message: bytes) -> list:
        """Until it is accepted, as an operator does after 4xx or a lost connection; the codes in order, None where the
        connection was lost before an answer."""
        codes = []

        def once():
            try:
                codes.append(self.deliver(message).code)
            except (Closed, OSError):
                codes.append(None)
            return codes[-1]

        again(once, lambda code: code is None or 400 <= code < 500)
        assert codes[-1] == 250, codes
        return codes


ADDED = (b"return-path:", b"received:", b"authentication-results:", b"x-caducee-")


def strip_added(message: bytes) -> bytes:
    """Takes off the fields that stand before the message: ours come first, each with its folded lines."""
    ours, rest = True, message
    while ours and rest:
        line, _, after = rest.partition(b"\r\n")
        ours = line.lower().startswith(ADDED) or line[:1] in (b" ", b"\t")
        rest = after if ours else rest
    return rest


def published_structure(sandbox) -> str:
    """A structure that the publication service knows by its FINESS; one a sandbox, whichever test comes first."""
    finess = "999000017"
    sandbox.caducee.command("structure", "add", "EHPAD publié", "--finess", finess, check=False)
    return sandbox.postgres.query(f"SELECT name FROM structure WHERE finess_et = '{finess}'")


@pytest.fixture
def bal(sandbox):
    return new_bal(sandbox)


@pytest.fixture
def new_bals(sandbox):
    """A maker of fresh BALs: new_bals(3)."""
    return lambda count: [new_bal(sandbox) for _ in range(count)]


def new_bal(sandbox) -> Bal:
    # after the sandbox's own in any list of BALs: a refusal that lists them is cut at 512 bytes
    address = f"test-{os.getpid()}-{next(NUMBERS)}@{OUR_DOMAINS[1]}"
    sandbox.caducee.command("bal", "add", address, "--kind", "APP", "--structure", CHDEMO)
    sandbox.caducee.command("bal", "bind-cert", address, sandbox.pki.cert("dui2"))
    return Bal(sandbox, address)


@pytest.fixture
def mx(sandbox):
    """An open session of the peer with our mx, past STARTTLS and EHLO."""
    with connect(sandbox) as smtp:
        yield smtp


def letter(subject="essai", body=b"bonjour\r\n", sender=LAB, **fields) -> bytes:
    """A plain message."""
    head = {"From": sender, "To": "dui@example.org", "Subject": subject, "Date": "Fri, 20 Nov 2026 09:30:00 +0100",
            "Message-ID": f"<{next(NUMBERS)}.{os.getpid()}@lab.autre-operateur.mssante.fr>", **fields}
    return "".join(f"{k}: {v}\r\n" for k, v in head.items() if v is not None).encode() + b"\r\n" + body
