"""axe-core (npm) on each page: no serious fault. CADUCEE_AXE names axe.min.js, else it is asked of npm once; without either
the test is skipped by name."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from webmail import CLAIRE, SOINS, exceptional_access, sql, usual_mail

CACHE = Path(__file__).resolve().parent.parent.parent / "build" / "axe"


@pytest.fixture(scope="module")
def axe():
    named = os.environ.get("CADUCEE_AXE")
    file = Path(named) if named else CACHE / "node_modules/axe-core/axe.min.js"
    if not file.exists() and shutil.which("npm"):
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(CACHE), "axe-core"], capture_output=True, timeout=60)
    if not file.exists():
        pytest.skip("this machine lacks axe-core (npm)")
    return file.read_text()


def faults(browser, axe) -> list:
    browser.driver.execute_script(axe)
    found = browser.driver.execute_async_script(  # what still fades in is not judged by its first grey
        "const done = arguments[0]; Promise.allSettled(document.getAnimations().map((a) => a.finished))"
        ".then(() => axe.run(document, {iframes: false, runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']}))"
        ".then((r) => done(r.violations.map((v) => [v.impact, v.id, v.nodes.map((n) => n.html.slice(0, 150) + ' ' + (n.any[0]?.message ?? '')).slice(0, 3)])));")
    return [f"{browser.driver.current_url}: {each}" for each in found if each[0] in ("serious", "critical")]


DESK = ("contacts", "modeles", "dossiers", "envois", "regles", "absence", "lectures", "telecharger", "gestion", "patients",
        "patients/nouveau", "recherche", "document", "ecrire")
OWN = ("reglages", "sessions", "aide", "nulle-part")
ADMIN = ("admin", "admin/boites", "admin/file", "admin/patients", "admin/traces", "admin/indicateurs", "admin/alarmes", "admin/domaines")


@pytest.fixture
def governing(sandbox):
    """Claire operates too, while the test lasts: one log-in sees every page."""
    sql(sandbox, "INSERT INTO operator_role (login, person_id, name, role) SELECT 'axe', person_id, 'axe', 'exploitant' FROM "
                 f"person_identifier WHERE national_id = '{CLAIRE.national_id}' ON CONFLICT DO NOTHING")
    yield
    sql(sandbox, "DELETE FROM operator_role WHERE login = 'axe'")


def fill_the_desk(b, bal):
    """A page shows its controls when it has something to show."""
    for page, fields, button in (("contacts", {"nom": "Équipe", "adresses": "a@lab.autre-operateur.mssante.fr"}, "garder"),
                                 ("modeles", {"nom": "Modèle", "objet": "Objet", "texte": "Texte"}, "garder"),
                                 ("regles", {"nom": "Règle", "valeur": "cardio"}, "ajouter")):
        b.go(f"/b/{bal}/{page}")
        if not b.all(".item"):
            for name, value in fields.items():
                b.fill(f"#{name}", value)
            b.click(f"button[value={button}]")
            b.one(".item")


@pytest.mark.parametrize("dark", [False, True], ids=["clair", "sombre"])
def test_no_serious_fault(browser, mail, axe, governing, dark):
    """Light: every page. Dark: the pages that have colours of their own."""
    for address in (CLAIRE.address, SOINS):
        mail.empty(CLAIRE, address)
        mail.put(CLAIRE, address, *usual_mail(address))
    b = browser(dark=dark)
    found = []

    def look(*paths):
        for path in paths:
            b.go(path)
            b.one("h1")
            found.extend(faults(b, axe))

    look("/")
    b.log_in(CLAIRE)
    b.row("Pansement")
    found += faults(b, axe)
    for subject in ("CR d'examens", "Re: votre ordonnance", "Compte rendu de"):
        b.open_message(subject)
        found += faults(b, axe)
    b.click("a[data-key=r]")
    b.one("#champ-texte")
    found += faults(b, axe)
    b.go("/")
    b.open_mailbox(SOINS)
    b.open_message("Pansement")
    found += faults(b, axe)
    bal = b.driver.current_url.split("/")[4]
    fill_the_desk(b, bal)
    b.go(f"/b/{bal}/recherche")
    b.fill(".find input[name=mots]", "pansement")
    b.click(".find button")
    b.row("Pansement")
    found += faults(b, axe)
    look(*(f"/b/{bal}/{page}" for page in (DESK if not dark else ("contacts", "regles", "recherche", "ecrire"))))
    b.driver.execute_script("window.onbeforeunload = null")
    look(*(f"/{page}" for page in (OWN + ADMIN if not dark else ("reglages", "admin"))))
    b.go("/reglages")
    b.click(".person > summary")
    b.click("form[action='/verrou'] button")
    b.wait_text("Session verrouillée")
    found += faults(b, axe)
    assert found == []


def test_no_serious_fault_where_an_access_is_told(browser, sandbox, axe):
    """/acces shows itself only to whom it has something to tell."""
    with exceptional_access(sandbox, "Réquisition"):
        b = browser()
        b.log_in(CLAIRE)
        b.wait_text("autorisé à lire votre boîte", "h1")
        assert faults(b, axe) == []
