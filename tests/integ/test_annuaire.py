"""The Annuaire followed from a real slapd: what it brings, what it may not take away, and what its troubles change."""
import json

import pytest

from sandbox.annuaire import BALS
from sandbox.people import CHDEMO, TILLEULS
from sandbox.pki import SIRET
from sandbox.whitelist import OUR_DOMAINS

T, C = OUR_DOMAINS


class Operator:
    """`caducee --json`, as the operator runs it."""

    def __init__(self, box):
        self.box = box

    def run(self, *words, check=True):
        return self.box.caducee.command("--json", *words, check=check)

    def ask(self, *words):
        return json.loads(self.run(*words).stdout)

    def alarms(self):
        return {alarm["code"] for alarm in json.loads(self.run("status", check=False).stdout)["alarms"]}

    def found(self, *words):
        return {row["address"] for row in self.ask("directory", "search", *words)}

    def bal(self, address):
        done = self.run("bal", "show", address, check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None


@pytest.fixture(scope="module")
def operator(sandbox):
    person = Operator(sandbox)
    sandbox.wait_until(lambda: person.found("martin"))
    return person


def entry(name, domain=T, kind="ORG", **more):
    structure = TILLEULS if domain == T else CHDEMO
    siret = SIRET["tilleuls" if domain == T else "chdemo"]
    return {"mail": f"{name}@{domain}", "TypeBAL": kind, "o": structure, "TypeIdentifiantPM": "SIRET",
            "IdentifiantPM": siret, "l": "PORT-IMAGINAIRE", **more}


def replace(address, attribute, value):
    return f"dn: mail={address},{BALS}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n"


def test_what_is_changed_there_is_found_here_at_once(sandbox, operator):
    """RFC 4533: pushed. The next look by itself would come after five minutes, long after this test has given up."""
    sandbox.annuaire.add(entry("urgences", description="Service des urgences"))
    sandbox.wait_until(lambda: f"urgences@{T}" in operator.found("urgences", "tilleuls"))
    sandbox.annuaire.modify(replace(f"urgences@{T}", "l", "Bourg-Nouveau"))
    sandbox.wait_until(lambda: f"urgences@{T}" in operator.found("bourg-nouveau"))
    assert f"urgences@{T}" in operator.found("BOURG-NOUVEAU", "URGÉNCES"), "case and accents must not count"
    sandbox.annuaire.remove(f"urgences@{T}")
    sandbox.wait_until(lambda: not operator.found("bourg-nouveau"))


def test_hostile_values_are_cleaned_or_skipped(sandbox, operator):
    sandbox.annuaire.add(entry("piege", description="ligne\r\nune autre \u202egauche"))
    sandbox.annuaire.add({**entry("x"), "mail": "pas-une-adresse"})
    sandbox.wait_until(lambda: f"piege@{T}" in operator.found("piege"))
    rows = operator.ask("directory", "search", "piege")
    assert not any(mark in json.dumps(rows, ensure_ascii=False) for mark in ("\r", "\u202e"))
    assert not operator.found("pas-une-adresse")
    sandbox.annuaire.remove(f"piege@{T}")
    sandbox.annuaire.modify(f"dn: mail=pas-une-adresse,{BALS}\nchangetype: delete\n")
    sandbox.wait_until(lambda: not operator.found("piege"))


def test_a_proposal_becomes_a_bal_by_an_operators_word(sandbox, operator):
    addresses = {row["address"] for row in operator.ask("directory", "proposals")}
    assert f"nadia.cordier@{T}" in addresses and f"dpi@{C}" in addresses
    operator.run("directory", "accept", f"nadia.cordier@{T}")
    shown = operator.bal(f"nadia.cordier@{T}")
    assert shown["bal"][0]["kind"] == "PER" and "CORDIER" in shown["bal"][0]["name"]
    assert [member["role"] for member in shown["members"]] == ["titulaire"]
    operator.run("directory", "refuse", f"accueil@{T}")
    assert f"accueil@{T}" not in {row["address"] for row in operator.ask("directory", "proposals")}
    assert operator.run("directory", "accept", f"accueil@{T}", check=False).returncode == 66


def test_adeli_gives_way_to_rpps(sandbox, operator):
    """The same holder under a new number: the person keeps the old one, and gains the new."""
    address = f"adeli.ancien@{C}"
    sandbox.annuaire.add(entry("adeli.ancien", C, "PER", givenName="Adèle", sn="ANCIEN", TypeIdentifiantPP="0",
                               IdentifiantPP="999988877"))
    sandbox.wait_until(lambda: address in {row["address"] for row in operator.ask("directory", "proposals")})
    operator.run("directory", "accept", address)
    sandbox.annuaire.modify(f"dn: mail={address},{BALS}\nchangetype: modify\nreplace: TypeIdentifiantPP\n"
                            "TypeIdentifiantPP: 8\n-\nreplace: IdentifiantPP\nIdentifiantPP: 99700009998\n")

    def ids():
        return operator.ask("person", "list", "0999988877")[0]["ids"].split()
    sandbox.wait_until(lambda: "899700009998" in ids())
    assert "0999988877" in ids()
    actions = [trace["action"] for trace in operator.ask("trace", "list", "--action", "annuaire.identify")]
    assert actions, "the change must be traced with its source"


def test_only_what_the_annuaire_brought_and_shows_can_be_orphaned(sandbox, operator):
    """Red list, APP, a hand-made BAL: their absence says nothing."""
    for address in (f"hugo.secret@{C}", f"dpi@{C}", f"cabinet.des.lilas@{C}"):
        operator.run("directory", "accept", address)
    operator.run("directory", "publication", "settle", check=False)
    for address in (f"hugo.secret@{C}", f"dpi@{C}", f"cabinet.des.lilas@{C}", f"paul.durand@{C}"):
        sandbox.annuaire.remove(address)
    sandbox.wait_until(lambda: not operator.found("lilas"))

    def orphans():
        return {row["address"] for row in operator.ask("directory", "orphans")}
    sandbox.wait_until(lambda: f"cabinet.des.lilas@{C}" in orphans())
    assert orphans() == {f"cabinet.des.lilas@{C}"}
    for address in (f"hugo.secret@{C}", f"dpi@{C}", f"cabinet.des.lilas@{C}", f"paul.durand@{C}"):
        assert operator.bal(address)["bal"][0]["state"] == "open"
    assert "annuaire.orphan" in operator.alarms()


def test_a_year_of_absence_suspends_nobody_that_the_annuaire_need_not_show(sandbox, operator):
    """directory.orphan = suspend at its strictest: our own red-listing, our own unpublication, an answer not yet given, an APP
    BAL, one made by hand. Only the last, which the Annuaire brought and is to show, is."""
    kinds = {"rouge": "ORG", "depubliee": "ORG", "attend-reponse": "CAB", "logiciel": "APP", "fautive": "ORG"}
    address = {name: f"an-{name}@{C}" for name in (*kinds, "main")}
    for name, kind in kinds.items():
        sandbox.annuaire.add(entry(f"an-{name}", C, kind))
    sandbox.wait_until(lambda: sandbox.postgres.query(
        "SELECT count(*) FROM directory_entry WHERE address LIKE 'an-%'") == str(len(kinds)))
    for name in kinds:
        sandbox.wait_until(lambda: operator.run("directory", "accept", address[name], check=False).returncode == 0)
    operator.run("bal", "add", address["main"], "--kind", "ORG", "--structure", CHDEMO)
    operator.run("bal", "redlist", address["rouge"], "on")
    ids = {name: f"(SELECT bal_id FROM bal WHERE address = '{address[name]}')" for name in address}
    sandbox.postgres.query(f"UPDATE bal SET published = false WHERE bal_id = {ids['depubliee']}")
    sandbox.postgres.query(f"UPDATE publication SET done = now() WHERE bal_id IN ({', '.join(ids.values())})")
    sandbox.postgres.query(f"INSERT INTO publication (bal_id, operation, failed) VALUES ({ids['attend-reponse']}, 'replace', now())")
    sandbox.postgres.query(f"UPDATE bal SET published = true, origin = 'annuaire' WHERE bal_id = {ids['logiciel']}")  # were it so
    conf = sandbox.place.conf
    before = conf.read_text()
    try:
        restart(sandbox, before.replace("[directory]\n", "[directory]\norphan = suspend\n"))
        for name in kinds:
            sandbox.annuaire.remove(address[name])
        operator.run("directory", "sync", "--force", "--reason", "un an plus tard")
        later = "now() - interval '366 days'"
        sandbox.postgres.query(f"UPDATE bal SET created = {later}, state_since = {later} WHERE address LIKE 'an-%' AND state = 'open'")
        operator.run("directory", "sync")
        sandbox.wait_until(lambda: operator.bal(address["fautive"])["bal"][0]["state"] == "suspended")
        assert {name: operator.bal(address[name])["bal"][0]["state"] for name in address} == {
            **dict.fromkeys(address, "open"), "fautive": "suspended"}
        actions = {trace["action"] for trace in operator.ask("trace", "list", "--bal", address["fautive"])}
        assert "annuaire.orphan" in actions
    finally:
        sandbox.postgres.query(f"DELETE FROM publication WHERE bal_id = {ids['attend-reponse']}")
        restart(sandbox, before)


def restart(sandbox, text):
    sandbox.processes.stop("directoryd")
    sandbox.place.write(sandbox.place.conf, text, 0o644)
    sandbox.caducee.start("directoryd")


def test_too_many_at_once_are_refused_until_a_human_says_so(sandbox, operator):
    names = [f"service-{number}" for number in range(9)]
    for name in names:
        sandbox.annuaire.add(entry(name))
    sandbox.wait_until(lambda: len(operator.found("service-", "tilleuls")) == 9)
    sandbox.annuaire.modify("\n".join(f"dn: mail={name}@{T},{BALS}\nchangetype: delete\n" for name in names))
    sandbox.wait_until(lambda: "annuaire.vanishing" in operator.alarms())
    kept = len(operator.found("service-", "tilleuls"))
    assert kept >= 4, "at most five may go without a human"
    dry = operator.ask("directory", "sync", "--dry-run")
    assert sum(row["change"] == "-" and row["address"].startswith("service-") for row in dry) == kept
    assert len(operator.found("service-", "tilleuls")) == kept, "a dry run changes nothing"
    operator.run("directory", "sync", "--force", "--reason", "fermeture d'un site")
    sandbox.wait_until(lambda: not operator.found("service-", "tilleuls"))
    sandbox.wait_until(lambda: "annuaire.vanishing" not in operator.alarms())


def test_a_server_that_goes_away_takes_nothing_with_it(sandbox, operator):
    before = operator.found("caducee.mssante.fr")
    sandbox.processes.stop("slapd")
    sandbox.wait_until(lambda: "annuaire.unreachable" in operator.alarms())
    assert operator.found("caducee.mssante.fr") == before
    sandbox.annuaire.start()
    sandbox.wait_until(lambda: "annuaire.unreachable" not in operator.alarms())
    sandbox.annuaire.add(entry("revenu"))
    sandbox.wait_until(lambda: f"revenu@{T}" in operator.found("revenu"))


def test_an_emptied_server_changes_nothing(sandbox, operator):
    before = operator.found("mssante.fr")
    sandbox.processes.stop("slapd")
    for file in sandbox.annuaire.data.glob("*.mdb"):
        file.rename(file.with_suffix(".kept"))
    try:
        base = BALS.split(",", 1)[1]
        empty = (f"dn: {base}\nobjectClass: dcObject\nobjectClass: organization\no: Annuaire\ndc: mssante\n\n"
                 f"dn: {BALS}\nobjectClass: organizationalUnit\nou: bal\n")
        sandbox.annuaire.run(["slapadd", "-q", "-f", sandbox.annuaire.file], empty)
        sandbox.annuaire.start()
        sandbox.wait_until(lambda: "annuaire.vanishing" in operator.alarms())
        assert operator.found("mssante.fr") == before
    finally:
        sandbox.processes.stop("slapd")
        for file in sandbox.annuaire.data.glob("*.kept"):
            file.rename(file.with_suffix(".mdb"))
        sandbox.annuaire.start()
