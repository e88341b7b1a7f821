"""Who may open a BAL: shares with an end, people who have left, holders nobody has seen yet, certificates that are renewed."""
import json

import pytest

from conftest import letter
from sandbox.imap_client import Dui
from sandbox.people import CHDEMO, PROFESSIONALS, luhn
from sandbox.pki import SIRET
from sandbox.refusals import LAB, connect, context_for, deliver
from sandbox.whitelist import OUR_DOMAINS

T, C = OUR_DOMAINS
CLAIRE, PAUL, SAMIA, LUCIE, JEAN = (person.national_id for person in PROFESSIONALS)


@pytest.fixture
def run(sandbox):
    def run(*words, check=True):
        return sandbox.caducee.command(*words, check=check)
    return run


def as_json(run, *words):
    return json.loads(run("--json", *words, check=False).stdout)


def member(run, address, national_id) -> dict:
    return next(row for row in as_json(run, "bal", "show", address)["members"] if national_id in row["ids"].split())


@pytest.fixture
def service(run):
    address = f"equipe.membres@{C}"
    run("bal", "add", address, "--kind", "ORG", "--structure", CHDEMO)
    return address


def test_a_share_ends_in_a_year_unless_said_otherwise(sandbox, run, service):
    run("bal", "share", service, "--person", PAUL, "--role", "membre")
    days = sandbox.postgres.query("SELECT round(extract(epoch FROM ends - now()) / 86400) FROM membership JOIN bal USING (bal_id) "
                                  f"WHERE address = '{service}' AND role = 'membre'")
    assert days == "365"
    run("bal", "share", service, "--person", PAUL, "--role", "membre", "--until", "+30d")
    run("bal", "share", service, "--person", PAUL, "--role", "membre", "--until", "+30d")
    assert sandbox.postgres.query("SELECT ends < now() + interval '31 days' FROM membership JOIN bal USING (bal_id) "
                                  f"WHERE address = '{service}'") == "t"


def opens(sandbox, address, national_id) -> bool:
    """Does keyd give this person that BAL? Asked through imapd, as a mail client would."""
    client = Dui(sandbox.place.host, sandbox.place.port("imap"), context_for(sandbox, "dui2"))
    try:
        client.oauthbearer(address, sandbox.psc.token(national_id))
        return True
    except Dui.error:
        return False
    finally:
        client.shutdown()


def test_a_share_that_has_ended_opens_nothing(sandbox, run, service):
    run("bal", "share", service, "--person", JEAN, "--role", "lecteur", "--until", "+1d")
    assert opens(sandbox, service, JEAN)
    sandbox.postgres.query("UPDATE membership m SET starts = now() - interval '1 day', ends = now() FROM bal b "
                           f"WHERE b.bal_id = m.bal_id AND b.address = '{service}'")
    assert not opens(sandbox, service, JEAN), "from that instant on"
    assert any(row["address"] == service and row["flag"] == "échu" for row in as_json(run, "bal", "flagged"))


def test_who_no_longer_works_there_is_flagged(sandbox, run, service):
    run("bal", "share", service, "--person", SAMIA, "--role", "membre")
    about = f"(SELECT person_id FROM person_identifier WHERE national_id = '{SAMIA}')"
    put = "INSERT INTO person_exercise VALUES ({}, '{}') ON CONFLICT DO NOTHING"
    sandbox.postgres.query(put.format(about, SIRET["chdemo"]))
    assert member(run, service, SAMIA)["flag"] is None
    sandbox.postgres.query(f"UPDATE person_exercise SET structure_number = '{SIRET['ailleurs']}' WHERE person_id = {about}")
    sandbox.postgres.query(f"DELETE FROM directory_entry WHERE national_id = '{SAMIA}'")
    assert member(run, service, SAMIA)["flag"].startswith("exercice")
    assert any(row["address"] == service for row in as_json(run, "bal", "flagged"))
    row = next(row for row in as_json(run, "doctor") if row["code"] == "members")
    assert row["state"] == "note" and row["remedy"]
    sandbox.postgres.query(f"DELETE FROM person_exercise WHERE person_id = {about}")


def test_a_holder_the_annuaire_does_not_know_yet_has_a_bal_that_waits(sandbox, run):
    number, address = "8" + luhn("9970000077"), f"futur.interne@{C}"
    done = run("bal", "add", address, "--kind", "PER", "--structure", CHDEMO, "--person", number)
    assert "attente" in done.stdout or "waiting" in done.stdout
    assert as_json(run, "bal", "show", address)["bal"][0]["state"] == "waiting"
    with connect(sandbox) as smtp:
        assert deliver(smtp, LAB, [address], letter("pour plus tard")).code == 250
    assert run("bal", "add", address, "--kind", "PER", "--structure", CHDEMO, "--person", number).returncode == 0, "again: nothing"


def test_two_records_of_one_person_become_one_with_all_they_had(run, service):
    old, new = "0999922222", "8" + luhn("9970000078")
    for number in (old, new):
        run("person", "add", "--family", "FUSION", "--given", "Fanny", "--national-id", number)
    run("bal", "share", service, "--person", old, "--role", "gestionnaire")
    run("person", "merge", old, new, "--reason", "ADELI vers RPPS")
    assert member(run, service, new)["role"] == "gestionnaire"
    assert member(run, service, old)["person"] == member(run, service, new)["person"], "both ids name her"
    assert run("bal", "share", service, "--person", old, "--role", "lecteur").returncode == 0
    assert member(run, service, new)["role"] == "lecteur"


def test_a_new_key_under_a_bound_name_is_taken_near_its_end_only(sandbox, run, bal):
    """keyd remembers the public key it saw under the DN; here another one is put in its place."""
    shown = f"certificate_binding SET key_sha256 = sha256('autre'), not_after = now() + interval '{{}} days' WHERE bal_id = (SELECT bal_id FROM bal WHERE address = '{bal.address}')"
    bal.messages()
    sandbox.postgres.query("UPDATE " + shown.format(31))
    with pytest.raises(Exception):
        bal.messages()
    alarms = [row for row in as_json(run, "status")["alarms"] if row["code"] == "certificate.key-changed"]
    assert alarms and alarms[0]["remedy"]
    sandbox.postgres.query("UPDATE " + shown.format(29))
    bal.messages()
    kept = sandbox.postgres.query("SELECT key_sha256 = sha256('autre') FROM certificate_binding JOIN bal USING (bal_id) "
                                  f"WHERE address = '{bal.address}'")
    assert kept == "f", "the new one is remembered"
    assert not [row for row in as_json(run, "status")["alarms"] if row["code"] == "certificate.key-changed"], "it cleared itself"
