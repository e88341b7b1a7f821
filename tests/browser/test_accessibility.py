"""axe-core (npm) on each page: no serious fault. CADUCEE_AXE names axe.min.js, else it is asked of npm once; without either
the test is skipped by name."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from webmail import CLAIRE, SOINS, usual_mail

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
    found = browser.driver.execute_async_script(
        "const done = arguments[0]; axe.run(document, {iframes: false, runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})"
        ".then((r) => done(r.violations.map((v) => [v.impact, v.id, v.nodes.map((n) => n.html.slice(0, 150)).slice(0, 3)])));")
    return [f"{browser.driver.current_url}: {each}" for each in found if each[0] in ("serious", "critical")]


@pytest.mark.parametrize("dark", [False, True], ids=["clair", "sombre"])
def test_no_serious_fault(browser, mail, axe, dark):
    for address in (CLAIRE.address, SOINS):
        mail.empty(CLAIRE, address)
        mail.put(CLAIRE, address, *usual_mail(address))
    b = browser(dark=dark)
    b.go("/")
    b.one("a[href='/connexion']")
    found = faults(b, axe)
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
    b.click("a[href$='/document']")
    b.one("#pdf")
    found += faults(b, axe)
    b.go("/")
    b.open_mailbox(SOINS)
    b.open_message("Pansement")
    found += faults(b, axe)
    b.click("a[href$='/gestion']")
    b.one("#identifiant")
    found += faults(b, axe)
    bal = b.driver.current_url.split("/")[4]
    for page in ("contacts", "modeles", "dossiers", "envois", "regles", "absence", "lectures", "telecharger"):
        b.go(f"/b/{bal}/{page}")
        b.one(".tabs a[aria-current]")
        found += faults(b, axe)
    for page in ("reglages", "sessions", "aide"):
        b.go(f"/{page}")
        b.one("h1")
        found += faults(b, axe)
    assert found == []
