"""The administration part: each role sees its screens, and nobody else knows that there are any."""
import pytest

from webmail import CLAIRE, LUCIE, PAUL, SAMIA, sql

SCREENS = ["alarmes", "structures", "domaines", "boites", "personnes", "file", "listes-blanches", "autorites", "annuaire",
           "indicateurs"]


@pytest.fixture(scope="module")
def roles(sandbox):
    """Paul operates, Samia administers her structure, Lucie audits."""
    def give(person, role, structure="NULL"):
        sql(sandbox, f"INSERT INTO operator_role (login, person_id, name, role, structure_id) SELECT '{person.family.lower()}', person_id, "
               f"'{person.family}', '{role}', {structure} FROM person_identifier WHERE national_id = '{person.national_id}' ON CONFLICT DO NOTHING")

    give(PAUL, "exploitant")
    give(SAMIA, "administrateur", "(SELECT structure_id FROM structure WHERE name = 'EHPAD Les Tilleuls')")
    give(LUCIE, "auditeur")


def test_an_operator_sees_every_screen_but_the_traces(browser, roles, shots):
    b = browser()
    b.log_in(PAUL)
    b.go("/admin")
    b.wait_text("entrées de la liste blanche")
    b.shot(shots, "bureau-clair-7-admin")
    for screen in SCREENS:
        b.go(f"/admin/{screen}")
        b.one(".tabs")
        assert b.all("table") or b.all(".fine"), screen
        b.shot(shots, f"bureau-clair-7-admin-{screen}")
    b.go("/admin/traces")
    b.wait_text("Introuvable")


def test_a_structure_s_administrator_sees_their_structure_only(browser, roles):
    b = browser()
    b.log_in(SAMIA)
    b.go("/admin/boites")
    b.wait_text("tilleuls.caducee.mssante.fr")
    assert "ch-demo" not in b.text("main")
    b.go("/admin/structures")
    b.wait_text("Introuvable")


def test_an_auditor_reads_traces_and_is_traced(browser, roles):
    b = browser()
    b.log_in(LUCIE)
    b.go("/admin/traces")
    b.wait_text("admin.view")


def test_to_everybody_else_it_does_not_exist(browser, roles):
    b = browser()
    b.log_in(CLAIRE)
    b.go("/admin")
    b.wait_text("Introuvable")
