"""What a person may ask: all that is held about them, and to be forgotten as far as the law lets."""
import itertools
import json
import os
import re

import pytest

from sandbox.people import CHDEMO, luhn
from sandbox.place import SOURCE
from sandbox.whitelist import OUR_DOMAINS

T, C = OUR_DOMAINS
NUMBERS = itertools.count(9970100000 + os.getpid() % 10000 * 40)  # others each run: a sandbox may be kept


@pytest.fixture
def run(sandbox):
    def run(*words, check=True):
        return sandbox.caducee.command(*words, check=check)
    return run


@pytest.fixture
def person(run):
    number = "8" + luhn(str(next(NUMBERS)))
    run("person", "add", "--title", "Dr", "--given", "Odile", "--family", "OUBLIÉE", "--national-id", number)
    return number


def report(run, number) -> dict:
    return json.loads(run("--json", "person", "report", number).stdout)


def test_the_report_holds_all_and_is_traced(sandbox, run, person):
    run("bal", "add", f"rapport.{person}@{C}", "--kind", "PER", "--structure", CHDEMO, "--person", person)
    run("bal", "add", f"service.{person}@{C}", "--kind", "ORG", "--structure", CHDEMO)
    run("bal", "share", f"service.{person}@{C}", "--person", person, "--role", "membre")
    about = report(run, person)
    assert about["person"][0]["family"] == "OUBLIÉE" and about["national_ids"][0]["national_id"] == person
    assert {row["address"]: row["role"] for row in about["bals"]} == {
        f"rapport.{person}@{C}": "titulaire", f"service.{person}@{C}": "membre"}
    assert {"bal.share", "person.report"} <= {row["action"] for row in about["traces"]}
    french = run("person", "report", person).stdout
    assert "OUBLIÉE" in french and person in french


def test_a_holder_is_erased_after_the_bal(sandbox, run, person):
    address = f"efface.{person}@{C}"
    run("bal", "add", address, "--kind", "PER", "--structure", CHDEMO, "--person", person)
    refused = run("person", "erase", person, "--reason", "demande", check=False)
    assert refused.returncode == 73 and address in refused.stderr
    run("bal", "close", address, "--reason", "départ")
    run("bal", "delete", address, "--reason", "départ")
    kept = json.loads(run("--json", "person", "erase", person, "--reason", "demande").stdout)
    assert kept["shares"] == 1 and kept["traces"] > 0
    assert abs(kept["identity_kept_until"] - int(sandbox.postgres.query("SELECT extract(epoch FROM now())::bigint")) - 3 * 365 * 86400) < 86400
    assert report(run, person)["bals"] == []


def test_the_identity_goes_by_itself_when_no_trace_names_it_any_more(sandbox, run, person):
    run("person", "erase", person, "--reason", "demande")
    where = f"person_id = (SELECT person_id FROM person_identifier WHERE national_id = '{person}')"
    number = sandbox.postgres.query(f"SELECT person_id FROM person WHERE {where}")
    sandbox.postgres.query(f"UPDATE person SET keep_until = now() - interval '1 day' WHERE person_id = {number}")
    sandbox.processes.stop("directoryd")  # retention's round begins when it starts
    sandbox.caducee.start("directoryd")
    sandbox.wait_until(lambda: sandbox.postgres.query(f"SELECT family_name FROM person WHERE person_id = {number}") == "")
    assert sandbox.postgres.query(f"SELECT count(*) FROM person_identifier WHERE person_id = {number}") == "0"


# Every column that may name a person: the part of the report that shows it, or why none does.
SHOWN = {
    "bal.responsible_id": "person_answers_for", "membership.person_id": "person_bals", "membership.granted_by": "person_gave",
    "membership.second_by": "person_gave", "person.person_id": "person_about", "person.merged_into": "person_about",
    "person.family_name": "person_about", "person.given_name": "person_about", "person_identifier.person_id": "person_ids",
    "person_identifier.national_id": "person_ids", "person_exercise.person_id": "person_exercises",
    "directory_entry.national_id": "person_directory", "directory_entry.family_name": "person_directory",
    "directory_entry.given_name": "person_directory", "web_session.person_id": "person_sessions",
    "operator_role.person_id": "person_roles", "operator_role.login": "person_roles", "trace.person_id": "person_acts",
    "trace.actor": "person_operated", "operator_certificate.person_id": "person_certificates",
    "operator_certificate.bound_by": "person_certificates",
    **{column: "person_held" for column in (
        "draft.person_id", "message_work.person_id", "seen_page.viewer", "folder_viewer.viewer", "subscription.viewer", "annotation.viewer",
        "bal_document.viewer", "bal_absence.changed_by", "web_setting.person_id", "queue_message.person_id",
        "patient_register.recorded_by", "patient_register.qualified_by", "patient_sharing.stated_by", "certificate_binding.bound_by",
        "erasure.person_id")},
}
NOT_SHOWN = {
    "ca.issues_persons": "what a CA issues for",
    "exceptional_request.person_id": "waits a week at most; the request is in the traces", "exceptional_request.second_id": "the same",
    "exceptional_request.asked_by": "the same",
    "directory_stage.national_id": "a pass's copy of the Annuaire on its way to directory_entry", "directory_stage.family_name": "the same",
    "directory_stage.given_name": "the same", "ca.installed_by": "an operator's account: in the traces of what was done",
    "directory_pass.forced_by": "the same", "directory_proposal.decided_by": "the same", "fetch_request.asked_by": "the same",
    "whitelist_generation.forced_by": "the same", "whitelist_generation.signed_by": "a certificate's name",
    "whitelist_entry.responsible": "of other operators, as the ANS publishes it", "directory_entry.structure_national_id": "a structure's",
    "directory_stage.structure_national_id": "a structure's", "operator_role.operator_id": "the row's own number",
    "trace.actor_kind": "a kind", "indicator_bal.logins_certificate": "a count", "indicator_bal.logins_psc": "a count",
    "queue_recipient.holder": "why a relay's row is held, a process's name",
}
NAMES = "person|_by$|author|login|holder|responsible|operator|actor|national_id|viewer|family|given|^who$|user"


def test_no_table_that_names_a_person_is_forgotten(sandbox):
    """A new column that names a person must be shown by the report, or said here why not."""
    found = set(sandbox.postgres.query(f"""SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0
        AND NOT a.attisdropped AND (a.attname ~ '{NAMES}' OR EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid
        AND k.contype = 'f' AND k.confrelid = 'person'::regclass AND a.attnum = ANY (k.conkey)))""").split())
    assert found == set(SHOWN) | set(NOT_SHOWN)
    listings = re.findall(r"^LISTING\((person_\w+),(.*?)(?=^LISTING|^/\*|^#)", (SOURCE / "lib/store/listing.def").read_text(), re.M | re.S)
    texts = dict(listings) | {"person_held": sandbox.postgres.query("SELECT prosrc FROM pg_proc WHERE proname = 'person_held'")}
    for column, part in SHOWN.items():
        table, name = column.split(".")
        assert re.search(rf"\b{table}\b", texts[part]) and re.search(rf"\b{name}\b", texts[part]), (column, part)


def test_work_in_shared_bals_is_reported_and_what_is_personal_goes(sandbox, run, person):
    address = f"equipe.{person}@{C}"
    run("bal", "add", address, "--kind", "ORG", "--structure", CHDEMO)
    who = sandbox.postgres.query(f"SELECT person_id FROM person_identifier WHERE national_id = '{person}'")
    bal, structure = sandbox.postgres.query(f"SELECT bal_id || ' ' || structure_id FROM bal WHERE address = '{address}'").split()
    folder = sandbox.postgres.query(f"SELECT min(folder_id) FROM folder WHERE bal_id = {bal}")
    for statement in (
            f"INSERT INTO annotation (bal_id, folder_id, viewer, entry, value) VALUES ({bal}, 0, {who}, '/private/comment', '\\x00')",
            f"INSERT INTO subscription (bal_id, viewer, name, subscribed) VALUES ({bal}, {who}, 'Partis', true)",
            f"INSERT INTO folder_viewer (bal_id, folder_id, viewer) VALUES ({bal}, {folder}, {who})",
            f"INSERT INTO message_work (bal_id, folder_id, uid, person_id, state) VALUES ({bal}, {folder}, 1, {who}, 'en-cours')",
            f"INSERT INTO patient_register (structure_id, patient_hash, recorded_by) VALUES ({structure}, '\\x{person[-8:]}', {who})"):
        sandbox.postgres.query("SET session_replication_role = replica; " + statement)  # no message behind it

    def held():
        return {row["what"]: int(row["count"]) for row in report(run, person)["held"]}

    assert held() == {"notes de dossiers": 1, "dossiers : lus, abonnements": 1, "abonnements à des dossiers supprimés": 1, "messages pris en charge": 1,
                      "registre des patients : inscriptions": 1}
    assert json.loads(run("--json", "person", "erase", person, "--reason", "demande").stdout)["own"] == 3
    assert set(held()) == {"messages pris en charge", "registre des patients : inscriptions", "effacements"}


def test_a_dry_run_erases_nothing(run, person):
    run("person", "erase", person, "--reason", "essai", "--dry-run")
    assert report(run, person)["person"][0]["erased"] is None
