"""BALs told to the Annuaire: put, changed, taken away; refusals are kept, troubles are tried again."""
import json
import ssl
import urllib.request

import pytest

from sandbox.publication import API_KEY
from sandbox.whitelist import OUR_DOMAINS

from conftest import published_structure

T = OUR_DOMAINS[0]


class Service:
    """What the publication service shows, asked over its own interface."""

    def __init__(self, box):
        self.base = box.publication.url
        self.context = ssl.create_default_context(cafile=str(box.pki.ca("public")))

    def call(self, path, method="GET"):
        request = urllib.request.Request(path if path.startswith("https") else self.base + path, method=method,
                                         headers={"ESANTE-API-KEY": API_KEY})
        with urllib.request.urlopen(request, context=self.context, timeout=120) as answer:
            return json.load(answer)

    def shown(self, address):
        for kind in ("Practitioner", "Organization"):
            bundle = self.call(f"/{kind}?mailbox-mss:exact={address}")
            for entry in bundle.get("entry", []):
                return next(c for c in entry["resource"]["telecom"] if c["value"] == address)
        return None

    def fail(self, status, count, method=None):
        only = f"&method={method}" if method else ""
        self.call(self.base.replace("/fhir/v2", f"/panne?status={status}&count={count}{only}"), "POST")


@pytest.fixture(scope="module")
def service(sandbox):
    return Service(sandbox)


def command(sandbox, *words, check=True):
    return sandbox.caducee.command(*words, check=check)


@pytest.fixture(scope="module")
def structure(sandbox):
    return published_structure(sandbox)


def test_a_bal_is_put_changed_and_taken_away(sandbox, service, structure):
    address = f"accueil.publie@{T}"
    command(sandbox, "bal", "add", address, "--kind", "ORG", "--structure", structure)
    sandbox.wait_until(lambda: service.shown(address))
    command(sandbox, "bal", "redlist", address, "on")
    sandbox.wait_until(lambda: not service.shown(address))
    command(sandbox, "bal", "redlist", address, "off")
    sandbox.wait_until(lambda: service.shown(address))
    command(sandbox, "bal", "close", address, "--reason", "fin de l'essai")
    sandbox.wait_until(lambda: not service.shown(address))


def test_a_structure_is_found_by_its_siret_too(sandbox, service):
    """The sandbox's own have no FINESS number here; nothing of theirs was refused."""
    sandbox.wait_until(lambda: service.shown(f"soins@{T}"))


def test_app_and_red_listed_bals_are_not_told(sandbox, service, structure):
    command(sandbox, "bal", "add", f"automate@{T}", "--kind", "APP", "--structure", structure)
    command(sandbox, "bal", "add", f"discrete@{T}", "--kind", "ORG", "--structure", structure, "--red-list")
    waiting = json.loads(command(sandbox, "--json", "publication", "list", "--all").stdout)
    assert not {row["address"] for row in waiting} & {f"automate@{T}", f"discrete@{T}"}


def row(sandbox, address):
    rows = json.loads(command(sandbox, "--json", "publication", "list", "--all").stdout)
    return next((r for r in rows if r["address"] == address), {"attempts": 0})


def test_a_key_that_everybody_reads_is_not_sent(sandbox, service, structure):
    address, key = f"cle.ouverte@{T}", sandbox.caducee.api_key_file
    key.chmod(0o644)
    try:
        command(sandbox, "bal", "add", address, "--kind", "ORG", "--structure", structure)
        sandbox.wait_until(lambda: row(sandbox, address)["attempts"] == 1)
        assert row(sandbox, address)["answer"].startswith(f"{key}: open to every user")
        assert command(sandbox, "publication", "reconcile", T, check=False).returncode == 78
    finally:
        key.chmod(0o640)
    command(sandbox, "publication", "retry")
    sandbox.wait_until(lambda: service.shown(address))


@pytest.mark.parametrize("name,failure", [("patiente", (503, 1)), ("devancee", (412, 1, "PATCH"))])
def test_troubles_are_tried_again(sandbox, service, structure, name, failure):
    """Also a resource that somebody changed between our reading and our writing (If-Match)."""
    address = f"{name}@{T}"
    service.fail(*failure)
    command(sandbox, "bal", "add", address, "--kind", "ORG", "--structure", structure)

    sandbox.wait_until(lambda: row(sandbox, address)["attempts"] == 1)
    assert row(sandbox, address)["answer"].startswith(str(failure[0]))
    command(sandbox, "publication", "retry")
    sandbox.wait_until(lambda: service.shown(address))


def test_a_refusal_is_an_alarm(sandbox, service):
    """Two records of one number: 412, and nobody knows which is meant."""
    command(sandbox, "structure", "add", "Deux fois", "--finess", "999000099")
    command(sandbox, "bal", "add", f"double@{T}", "--kind", "ORG", "--structure", "Deux fois")

    def alarms():
        return {a["code"] for a in json.loads(command(sandbox, "--json", "status", check=False).stdout)["alarms"]}
    sandbox.wait_until(lambda: "publication.failed" in alarms())


def test_reconciliation_finds_and_repairs(sandbox, service, structure):
    address = f"retrouvee@{T}"
    command(sandbox, "bal", "add", address, "--kind", "ORG", "--structure", structure)
    sandbox.wait_until(lambda: service.shown(address))
    sandbox.processes.stop("fhir")
    sandbox.publication.start()  # it has forgotten everything
    found = command(sandbox, "publication", "reconcile", T, check=False)
    assert found.returncode == 1 and address in found.stdout
    command(sandbox, "publication", "reconcile", T, "--repair")
    sandbox.wait_until(lambda: service.shown(address))


def test_the_csv_feed_has_its_layout_and_disarms_formulas(sandbox, structure):
    command(sandbox, "bal", "add", f"csv@{T}", "--kind", "ORG", "--structure", structure, "--description", "=1+1;\"x\"")
    lines = command(sandbox, "publication", "csv").stdout.splitlines()
    assert lines[0].split(";")[:3] == ["adresse", "type", "liste_rouge"]
    row = next(line for line in lines if line.startswith(f"csv@{T};"))
    assert "\"'=1+1;\"\"x\"\"\"" in row
    assert not any(line.startswith(f"automate@{T}") for line in lines)
