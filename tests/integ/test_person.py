"""What a person may ask: all that is held about them, and to be forgotten as far as the law lets."""
import json

import pytest

from sandbox.people import CHDEMO, luhn
from sandbox.whitelist import OUR_DOMAINS

T, C = OUR_DOMAINS
NUMBERS = iter(range(9970000300, 9970000400))


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


def test_a_dry_run_erases_nothing(run, person):
    run("person", "erase", person, "--reason", "essai", "--dry-run")
    assert report(run, person)["person"][0]["erased"] is None
