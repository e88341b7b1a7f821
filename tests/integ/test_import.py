"""What another server holds becomes messages of a BAL: bytes, dates, flags and folders kept; run again, it goes on and brings
nothing twice. From files, and from a real Dovecot over TLS."""
import json
import os
import pwd
import subprocess
import tempfile
from pathlib import Path

import pytest

from dovecot import Dovecot

FROM = "expediteur@lab.autre-operateur.mssante.fr"


def letter(number):
    return (f"From: {FROM}\r\nTo: x@y.mssante.fr\r\nSubject: ancien {number}\r\nMessage-ID: <ancien-{number}@x>\r\n"
            f"Date: Thu, 20 Nov 2025 10:00:0{number % 10} +0000\r\n\r\nFrom ici, ligne {number}\r\n").encode()


@pytest.fixture
def folder(sandbox):
    with tempfile.TemporaryDirectory(dir=sandbox.place.path("spool")) as place:
        sandbox.place.own(place, mode=0o755)
        yield Path(place)


@pytest.fixture
def bring(sandbox, bal):
    def bring(*words):
        done = sandbox.caducee.command("--json", "bal", "import", bal.address, *words, check=False)
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        return answer["imported"], answer["already"]
    return bring


def mbox(count) -> bytes:
    return b"".join(b"From x Thu Nov 20 10:00:00 2025\n" + letter(n).replace(b"\r\n", b"\n").replace(b"\nFrom ici", b"\n>From ici")
                    + b"\n" for n in range(count))


def folders(bal) -> dict:
    """Every folder that holds something: its name → [(flags, date, bytes)]."""
    client = bal.imap()
    try:
        out = {}
        for line in client.list()[1]:
            name = line.decode().rsplit(' "/" ', 1)[1].strip('"')
            if client.select(f'"{name}"', readonly=True)[1] != [b"0"]:
                rows = client.fetch("1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")[1]
                out[name] = sorted(row[1] for row in rows if isinstance(row, tuple))
                out[name, "facts"] = [row[0].decode() + (rows[n + 1].decode() if isinstance(rows[n + 1], bytes) else "")
                                      for n, row in enumerate(rows) if isinstance(row, tuple)]
        return out
    finally:
        client.logout()


def test_an_mbox_comes_in_whole_and_only_once(sandbox, bal, folder, bring):
    path = folder / "boite.mbox"
    sandbox.place.write(path, mbox(3), 0o644)
    assert bring("--mbox", path) == (3, 0)
    got = sorted(bal.messages())
    assert len(got) == 3
    assert all(letter(n).rstrip() in got[n] for n in range(3)), got
    assert bring("--mbox", path) == (0, 3)
    sandbox.place.write(path, mbox(5), 0o644)
    assert bring("--mbox", path) == (2, 3), "what was added since comes"
    assert len(bal.messages()) == 5


def test_equal_messages_of_one_file_are_each_kept(sandbox, bal, folder, bring):
    path = folder / "deux.mbox"
    sandbox.place.write(path, mbox(1) * 2, 0o644)
    assert bring("--mbox", path) == (2, 0)
    assert bring("--mbox", path) == (0, 2)


def test_a_maildir_keeps_its_flags_and_folders(sandbox, bal, folder, bring):
    for sub in ("", ".Archives.2024", ".R&AOk-sultats"):
        for part in ("cur", "new", "tmp"):
            sandbox.place.make_folder(folder / sub / part)
        sandbox.place.own(folder / sub, mode=0o755)
    for n, info in enumerate((":2,S", ":2,FRS", ":2,ST")):
        sandbox.place.write(folder / "cur" / f"{n}.host{info}", letter(n), 0o644)
    sandbox.place.write(folder / ".Archives.2024" / "cur" / "7.host:2,S", letter(7), 0o644)
    sandbox.place.write(folder / ".R&AOk-sultats" / "new" / "8.host", letter(8), 0o644)
    assert bring("--maildir", folder) == (4, 0), "one is marked as deleted"
    got = folders(bal)
    assert {name for name in got if isinstance(name, str)} == {"INBOX", "Archives/2024", "R&AOk-sultats"}
    assert any("\\Flagged" in row and "\\Answered" in row for row in got["INBOX", "facts"])
    assert bring("--maildir", folder) == (0, 4)


def test_what_is_no_mailbox_is_refused(sandbox, bal, folder):
    sandbox.place.write(folder / "x", b"rien\n", 0o644)
    assert sandbox.caducee.command("bal", "import", bal.address, "--mbox", folder / "x", check=False).returncode == 65
    assert sandbox.caducee.command("bal", "import", bal.address, "--maildir", folder, check=False).returncode == 65


# -- from another server -----------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def dovecot(sandbox):
    with tempfile.TemporaryDirectory(prefix="caducee-dovecot-", dir="/tmp") as place:
        server = Dovecot(Path(place), sandbox)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.mark.needs("root", "dovecot")
def test_an_imap_server_comes_in_with_its_folders(sandbox, bal, dovecot, bring):
    for name, count in (("INBOX", 60), ("Sent", 5), ("Bilans/2024", 7), ("Réunions", 3)):
        dovecot.fill("paul", name, [letter(n) for n in range(count)])
    dovecot.flag("paul", "INBOX", "1:3", "(\\Flagged $Forwarded)")
    assert bring(*dovecot.words("paul")) == (75, 0)
    got = folders(bal)
    assert {name: len(got[name]) for name in got if isinstance(name, str)} == {
        "INBOX": 60, "Sent": 5, "Bilans/2024": 7, "R&AOk-unions": 3}
    assert got["INBOX"] == sorted(letter(n) for n in range(60))
    flagged = [row for row in got["INBOX", "facts"] if "\\Flagged" in row and "$Forwarded" in row]
    assert len(flagged) == 3
    assert all("20-Nov-2025 09:00:00 +0000" in row or "20-Nov-2025 10:00:00 +0100" in row for row in got["INBOX", "facts"]), got["INBOX", "facts"][0]
    assert bring(*dovecot.words("paul")) == (0, 75)
    dovecot.fill("paul", "INBOX", [letter(61)])
    assert bring(*dovecot.words("paul")) == (1, 75)


@pytest.mark.needs("root", "dovecot")
def test_an_import_that_was_killed_goes_on(sandbox, bal, dovecot, bring):
    dovecot.fill("lise", "INBOX", [letter(n) for n in range(1500)])
    line = [str(sandbox.place.programs / "caducee"), "-c", str(sandbox.place.conf), "bal", "import", bal.address,
            *map(str, dovecot.words("lise"))]
    who = {"user": sandbox.place.account.pw_uid, "group": sandbox.place.account.pw_gid, "extra_groups": []}
    running = subprocess.Popen(line, env=sandbox.caducee.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               cwd=sandbox.place.folder, **who)
    items = f"SELECT count(*) FROM import_item JOIN bal USING (bal_id) WHERE address = '{bal.address}'"
    sandbox.wait_until(lambda: int(sandbox.postgres.query(items)) > 50)
    running.kill()
    running.wait()
    before = int(sandbox.postgres.query(items))
    assert 50 < before < 1500, "killed half-way"
    new, old = bring(*dovecot.words("lise"))
    assert (new + old, old) == (1500, old) and old >= before
    assert len(folders(bal)["INBOX"]) == 1500


@pytest.mark.needs("root", "dovecot")
@pytest.mark.parametrize("change, words", [
    ({"--ca": "other"}, "certificat"), ({"--imap": "127.1"}, "certificat"), ({"--password-file": "wrong"}, "accès refusé"),
])
def test_a_server_that_is_not_proven_gets_no_password(sandbox, bal, dovecot, change, words):
    logged = len(dovecot.log())
    done = sandbox.caducee.command("bal", "import", bal.address, *dovecot.words("paul", **change), check=False)
    assert done.returncode != 0
    assert words in done.stderr or {"certificat": "certificate", "accès refusé": "log-in"}[words] in done.stderr
    if words == "certificat":
        assert "paul" not in dovecot.log()[logged:], "it was not even told a name"
