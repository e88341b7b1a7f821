"""In the operator's hands: doctor, rules, indicators, keys, incidents, and a restore that forgets again what was erased."""
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest

from conftest import Bal, letter, new_bal
from sandbox.cli import Sandbox
from sandbox.patience import again
from sandbox.place import SOURCE, require

REASON = ("--reason", "essai")


def caducee(sandbox, *words, check=True):
    return sandbox.caducee.command(*words, check=check)


def as_json(sandbox, *words):
    return json.loads(caducee(sandbox, "--json", *words, check=False).stdout)


# -- rules -----------------------------------------------------------------------------------------------------
def test_rules_name_files_that_exist():
    text = (SOURCE / "ctl/rules.def").read_text()
    rows = re.findall(r'^RULE\((.*)\)$', text, re.M)
    assert len(rows) >= 30
    for row in rows:
        strings = re.findall(r'"([^"]*)"', row)
        assert (SOURCE / strings[4]).is_file(), strings[0]
        assert (SOURCE / strings[5]).is_file(), strings[0]


def test_docs_rules_is_what_the_command_prints(sandbox):
    assert (SOURCE / "docs/rules.md").read_text() == caducee(sandbox, "audit", "rules", "--markdown").stdout


# -- indicators, incidents ---------------------------------------------------------------------------------------------
def this_month(sandbox) -> str:
    return sandbox.postgres.query("SELECT to_char(now(), 'YYYY-MM')")


def test_indicators_count_what_was_received(sandbox, bal):
    month = this_month(sandbox)

    def received():
        return sum(int(row["received"]) for row in as_json(sandbox, "indicators", "show", "--month", month))

    before = received()
    for number in range(6):
        bal.deliver(letter(f"indicateur {number}"))
    assert received() == before + 6


def test_small_counts_are_masked_in_exports(sandbox, bal):
    with tempfile.TemporaryDirectory(dir=sandbox.place.path("spool")) as folder:
        sandbox.place.own(folder, mode=0o755)
        path = Path(folder) / "mois.csv"
        caducee(sandbox, "indicators", "export", path, "--month", "2001-01")
        header, *rows = path.read_bytes().decode().strip().split("\r\n")
        assert '"received"' in header and rows
        column = header.split(";").index('"open"')
        cells = {row.split(";")[column].strip('"') for row in rows}
        assert cells.isdisjoint({"1", "2", "3", "4"})


def test_reading_an_incident_is_traced(sandbox, bal):
    bal.deliver(letter())
    report = as_json(sandbox, "incident", "--bal", bal.address, "--since", "2026-01-01")
    assert report["summary"][0]["messages"] == 1
    assert any(row["action"] == "mx.accept" for row in report["acts"])
    traces = as_json(sandbox, "trace", "list", "--action", "trace.incident", "--limit", "1")
    assert bal.address in traces[0]["detail"]


# -- keys ----------------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def box():
    """A sandbox of this module's own: its keys and its database are destroyed here."""
    with tempfile.TemporaryDirectory(prefix="caducee-ops-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        own = Sandbox(Path(folder) / "s")
        try:
            own.up()
            yield own
        finally:
            own.down()


def officer(box, name) -> tuple:
    """A key officer's certificate and key, made with openssl as they would."""
    folder = box.place.path("spool")
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    subprocess.run([require("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                    "-days", "2", "-subj", f"/CN={name}"], check=True, capture_output=True)
    box.place.own(key, certificate, mode=0o644)
    return certificate, key


def test_export_opens_to_two_of_three(box):
    officers = [officer(box, f"officier{n}") for n in range(3)]
    export = box.place.path("spool", "cles.export")
    to = [word for certificate, _ in officers for word in ("--to", certificate)]
    caducee(box, "key", "export", export, *to, "-k", "2")
    alone = caducee(box, "key", "verify", export, "--key", officers[0][1], check=False)
    assert alone.returncode == 1
    caducee(box, "key", "verify", export, "--key", officers[2][1], "--key", officers[0][1])
    row = next(row for row in as_json(box, "doctor") if row["code"] == "keys.export")
    assert row["state"] == "good"


def test_rotation_leaves_mail_readable(box):
    bal = new_bal(box)
    bal.deliver(letter("avant"))
    caducee(box, "key", "rotate")
    bal.deliver(letter("après"))
    assert len(reopened(bal)) == 2


def reopened(bal: Bal) -> list:
    """keyd reads its folder again when it meets a younger epoch: the first session after a rotation may be told to come
    back, as any client is when keyd restarts."""
    return again(bal.messages, lambda _: False, errors=Exception)  # imaplib has one class for all answers


def test_a_retired_epoch_is_kept_while_backups_live(box):
    caducee(box, "key", "rotate")
    oldest = as_json(box, "key", "status")[0]
    refused = caducee(box, "key", "destroy", oldest["epoch"], check=False)
    assert refused.returncode == 73 and "--early" in refused.stderr
    caducee(box, "key", "destroy", oldest["epoch"], "--early")
    assert as_json(box, "key", "status")[0]["destroyed"]
    current = as_json(box, "key", "status")[-1]
    assert caducee(box, "key", "destroy", current["epoch"], "--early", check=False).returncode == 73


def test_a_legal_hold_forbids_erasure(box):
    bal = new_bal(box)
    caducee(box, "bal", "legal-hold", bal.address, "on", *REASON)
    caducee(box, "bal", "close", bal.address, *REASON)
    assert caducee(box, "bal", "delete", bal.address, *REASON, check=False).returncode == 73
    caducee(box, "bal", "legal-hold", bal.address, "off")
    assert caducee(box, "bal", "delete", bal.address, *REASON).returncode == 0


def test_an_open_bal_is_not_erased(box):
    bal = new_bal(box)
    assert caducee(box, "bal", "delete", bal.address, *REASON, check=False).returncode == 73


def opens(bal: Bal) -> bool:
    try:
        bal.messages()
        return True
    except Exception:  # noqa: B902
        return False


def test_a_restore_forgets_again_what_was_erased(box):
    bal, kept = new_bal(box), new_bal(box)
    bal.deliver(letter("à effacer"))
    kept.deliver(letter("à garder"))
    assert len(reopened(bal)) == 1
    dump = box.place.path("spool", "sauvegarde.dump")
    box.postgres.as_account(["pg_dump", "-Fc", "-h", box.place.run, "-U", "postgres", "-f", dump, "caducee"])
    caducee(box, "bal", "close", bal.address, *REASON)
    caducee(box, "bal", "delete", bal.address, *REASON)
    assert not opens(bal)
    box.down()
    box.postgres.start()
    box.postgres.query("DROP DATABASE caducee", "postgres")
    box.postgres.as_account(["pg_restore", "-h", box.place.run, "-U", "postgres", "-C", "-d", "postgres", dump])
    assert box.postgres.query(f"SELECT state FROM bal WHERE address = '{bal.address}'") == "open"
    box.up()
    assert not opens(bal)
    assert box.postgres.query(f"SELECT count(*) FROM bal_key k JOIN bal b USING (bal_id) WHERE address = '{bal.address}'") == "0"
    assert len(reopened(kept)) == 1
