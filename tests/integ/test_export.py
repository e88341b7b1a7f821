"""A BAL leaves only encrypted, and only with the word of who may give it: a token of its holder, or of a person with an
exceptional access. No operator opens one with the tools given, root neither."""
import json
import mailbox
import subprocess
import tempfile
from pathlib import Path

import pytest

from conftest import letter, new_bal, strip_added
from sandbox.people import PROFESSIONALS
from sandbox.place import require
from sandbox.refusals import LAB, connect, deliver
from sandbox.whitelist import OUR_DOMAINS

T, C = OUR_DOMAINS
CLAIRE, PAUL, SAMIA, LUCIE, JEAN = (person.national_id for person in PROFESSIONALS)


@pytest.fixture
def folder(sandbox):
    with tempfile.TemporaryDirectory(dir=sandbox.place.path("spool")) as place:
        sandbox.place.own(place, mode=0o755)
        yield Path(place)


@pytest.fixture
def person_pair(sandbox, folder):
    """The certificate and key of whoever is to read the export."""
    key, certificate = folder / "moi.key", folder / "moi.pem"
    subprocess.run([require("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                    "-days", "2", "-subj", "/CN=destinataire"], check=True, capture_output=True)
    sandbox.place.own(key, certificate, mode=0o644)
    return certificate, key


@pytest.fixture
def export(sandbox, folder, person_pair):
    def export(address, national_id, token=None):
        path, file = folder / f"{address}.p7m", folder / "jeton"
        path.unlink(missing_ok=True)
        sandbox.place.write(file, token or sandbox.psc.token(national_id), 0o600)
        done = sandbox.caducee.command("--json", "bal", "export", address, path, "--to", person_pair[0], "--token-file", file,
                                       check=False)
        return done, path
    return export


def decrypt(path, key, folder) -> list:
    out = folder / "boite.mbox"
    subprocess.run([require("openssl"), "cms", "-decrypt", "-inform", "DER", "-in", path, "-inkey", key, "-out", out], check=True)
    return list(mailbox.mbox(out, create=False))


def send(sandbox, address, *messages):
    with connect(sandbox) as smtp:
        for message in messages:
            assert deliver(smtp, LAB, [address], message).code == 250


def answers(sandbox, action) -> list:
    return [row["answer"] for row in json.loads(sandbox.caducee.command("--json", "trace", "list", "--action", action).stdout)]


def test_a_holder_takes_her_mail_away(sandbox, folder, export, person_pair):
    address = f"claire.martin@{T}"
    before = letter("avant l'export", body=b"From moi\r\n>From elle\r\nfin\r\n")
    send(sandbox, address, before)
    done, path = export(address, CLAIRE)
    assert done.returncode == 0, done.stderr
    assert b"avant l'export" not in path.read_bytes() and path.stat().st_mode & 0o77 == 0
    messages = decrypt(path, person_pair[1], folder)
    assert len(messages) == json.loads(done.stdout)["messages"] >= 1
    last = messages[-1] if messages[-1]["Subject"] == "avant l'export" else next(m for m in messages if m["Subject"] == "avant l'export")
    assert last["X-Caducee-Folder"] == "INBOX"
    assert last.get_payload() == ">From moi\n>>From elle\nfin\n", "mboxrd quotes"
    assert answers(sandbox, "bal.export")[:2] == ["OK", "OK"], "begun, and ended"


def test_an_export_comes_back_as_it_was(sandbox, folder, export, person_pair):
    address = f"claire.martin@{T}"
    letters = [letter(f"retour {n}", body=b"From x\r\n\r\n\r\n>>From y\r\n") for n in range(3)]
    send(sandbox, address, *letters)
    done, path = export(address, CLAIRE)
    assert done.returncode == 0, done.stderr
    decrypt(path, person_pair[1], folder)
    sandbox.place.own(folder / "boite.mbox", mode=0o644)
    other = new_bal(sandbox)
    brought = json.loads(sandbox.caducee.command("--json", "bal", "import", other.address, "--mbox", folder / "boite.mbox").stdout)
    assert brought["imported"] == json.loads(done.stdout)["messages"]
    got = [strip_added(message) for message in other.messages()]
    assert all(one in got for one in letters)


def test_a_file_that_is_there_is_not_written_over(sandbox, folder, export, person_pair):
    sandbox.place.write(folder / "jeton", sandbox.psc.token(CLAIRE), 0o600)
    there = folder / "ancien.p7m"
    sandbox.place.write(there, "garde-moi", 0o600)
    done = sandbox.caducee.command("bal", "export", f"claire.martin@{T}", there, "--to", person_pair[0], "--token-file",
                                   folder / "jeton", check=False)
    assert done.returncode == 65 and there.read_text() == "garde-moi"


@pytest.mark.parametrize("address, who, why", [
    (f"claire.martin@{T}", JEAN, "another doctor"),
    (f"soins@{T}", SAMIA, "a member, not a manager"),
    (f"claire.martin@{T}", None, "root and a text that is no token"),
])
def test_who_may_not_gets_nothing_and_leaves_a_trace(sandbox, export, address, who, why):
    before = len(answers(sandbox, "bal.export")) + len(answers(sandbox, "keyd.token"))
    done, path = export(address, who, token=None if who else "eyJhbGciOiJub25lIn0.e30.")
    assert done.returncode == 77, (why, done.stderr)
    assert not path.exists()
    refused = answers(sandbox, "bal.export") + answers(sandbox, "keyd.token")
    assert len(refused) > before and "NO" in refused, why


def test_a_manager_takes_the_services_mail(sandbox, folder, export, person_pair):
    send(sandbox, f"soins@{T}", letter("pour le service"))
    done, path = export(f"soins@{T}", CLAIRE)
    assert done.returncode == 0, done.stderr
    assert any(m["Subject"] == "pour le service" for m in decrypt(path, person_pair[1], folder))


def test_an_exceptional_access_opens_and_the_holder_will_be_told(sandbox, export):
    address = f"samia.benali@{T}"
    assert export(address, JEAN)[0].returncode == 77
    sandbox.caducee.command("bal", "exceptional-access", address, "--person", JEAN, "--second", CLAIRE, "--reason",
                            "réquisition 12/2026", "--until", "+2d")
    assert export(address, JEAN)[0].returncode == 0
    untold = f"SELECT count(*) FROM membership m JOIN bal b USING (bal_id) WHERE address = '{address}' AND second_by IS NOT NULL AND told IS NULL"
    assert sandbox.postgres.query(untold) == "1"
    sandbox.postgres.query("UPDATE membership m SET starts = now() - interval '2 days', ends = now() FROM bal b "
                           f"WHERE b.bal_id = m.bal_id AND b.address = '{address}' AND m.second_by IS NOT NULL")
    assert export(address, JEAN)[0].returncode == 77, "it has ended: at once"
