"""Beside the mail: contacts, templates, rules, out-of-office, folders, messages that wait, who read what, download."""
import mailbox

import pytest

from webmail import CLAIRE, LUCIE, PAUL, SOINS, message

HOSTILE = "<img src=x onerror=window.canary=1>\"'&"


def clear(b, page):
    """Takes away what an earlier run left."""
    b.wait(lambda: b.all(".desk h1"))
    while b.all(".item button[value=effacer]"):
        count = len(b.all(".item"))
        b.click(".item button[value=effacer]")
        b.wait(lambda: len(b.all(".item")) < count)


def shown_as_text(b):
    assert HOSTILE in b.text(".item")
    assert b.driver.execute_script("return window.canary || document.querySelector('.item img')") is None


def bal_path(b):
    return "/".join(b.driver.current_url.split("/")[3:5])


@pytest.fixture(params=[True, False], ids=["avec-scripts", "sans-scripts"])
def desk(browser, request):
    b = browser(scripts=request.param)
    b.log_in(CLAIRE)
    b.one(".folders")
    b.base = "/" + bal_path(b)
    return b


def open_page(b, page):
    b.go(f"{b.base}/{page}")
    b.one(".tabs a[aria-current]")


def test_contacts_and_groups(desk):
    b = desk
    open_page(b, "contacts")
    clear(b, "contacts")
    b.fill("#nom", HOSTILE)
    b.fill("#adresses", "jean.petit@ch-demo.caducee.mssante.fr")
    b.fill("#note", "kiné")
    b.click("button[value=garder]")
    b.wait_text("C’est enregistré")
    shown_as_text(b)
    b.fill("#nom", "Équipe de nuit")
    b.fill("#adresses", "jean.petit@ch-demo.caducee.mssante.fr\nPaul <paul.durand@ch-demo.caducee.mssante.fr>")
    b.click("button[value=garder]")
    b.wait_text("2 adresses")
    b.fill("#nom", "x")
    b.fill("#adresses", "pas une adresse")
    b.click("button[value=garder]")
    b.wait_text("n’est pas une adresse")
    open_page(b, "contacts")
    next(i for i in b.all(".item") if "Équipe" in i.text).find_element("css selector", "a[href*=ecrire]").click()
    b.one("#champ-a")
    assert "paul.durand@ch-demo" in b.one("#champ-a").get_attribute("value")
    open_page(b, "contacts")
    clear(b, "contacts")
    b.wait_text("Aucun contact")


def test_templates(desk):
    b = desk
    open_page(b, "modeles")
    clear(b, "modeles")
    b.fill("#nom", HOSTILE)
    b.fill("#objet", "Convocation")
    b.fill("#texte", "Bonjour,\nvous êtes attendu.")
    b.click("button[value=garder]")
    b.wait_text("C’est enregistré")
    shown_as_text(b)
    b.click(".item a")
    b.wait(lambda: b.one("#texte").get_attribute("value").startswith("Bonjour"))
    b.fill("#nom", "Convocation type")
    b.click("button[value=garder]")
    b.wait_text("Convocation type", ".item")
    assert len(b.all(".item")) == 1
    b.go(f"{b.base}/ecrire")
    b.fill("#champ-a", PAUL.address)
    b.click("details.templates summary")
    b.click("button[name=modele]")
    b.wait(lambda: "vous êtes attendu" in b.one("#champ-texte").get_attribute("value"))
    assert b.one("#champ-objet").get_attribute("value") == "Convocation"
    assert PAUL.address in b.one("#champ-a").get_attribute("value")
    b.click("button[value=jeter]")


def test_rules(desk):
    b = desk
    open_page(b, "regles")
    clear(b, "regles")
    b.fill("#nom", HOSTILE)
    b.fill("#valeur", "cardio")
    b.click("button[value=ajouter]")
    b.wait_text("Si l’expéditeur contient « cardio » : suivre", ".item")
    shown_as_text(b)
    b.click(".item button[value=arreter]")
    b.one(".item.off")
    b.click(".item button[value=effacer]")
    b.wait_text("Aucune règle")


def test_absence(desk, sandbox):
    b = desk
    open_page(b, "absence")
    if b.all("button[value=retirer]"):
        b.click("button[value=retirer]")
        b.wait(lambda: not b.all("button[value=retirer]"))
    assert "112" in b.one("#patients").get_attribute("value")
    b.driver.execute_script("document.getElementById('du').value = '2031-12-01'; document.getElementById('au').value = '2031-12-31'")
    b.fill("#objet", "Congés")
    b.fill("#texte", "De retour en janvier.")
    b.click("button[value=garder]")
    b.wait_text("C’est enregistré")
    b.wait_text("à partir du")
    assert b.one("#texte").get_attribute("value") == "De retour en janvier."
    assert b.one("#au").get_attribute("value") == "2031-12-31"
    b.click("button[value=retirer]")
    b.wait(lambda: not b.all("button[value=retirer]"))


def test_folders(desk, mail):
    b = desk
    open_page(b, "dossiers")
    clear(b, "dossiers")
    b.fill("#nom", "Réseau")
    b.click("button[value=creer]")
    b.one(".item input[name=nom]")
    b.fill(".item input[name=nom]", f"Réseau {HOSTILE}".replace("/", ""))
    b.click("button[value=renommer]")
    b.wait(lambda: "canary" in b.one(".item input[name=nom]").get_attribute("value"))
    b.click(".item button[value=effacer]")
    b.wait_text("Aucun dossier")


def test_who_read_what_is_for_managers(browser, mail):
    mail.put(CLAIRE, SOINS, message(PAUL.address, SOINS, "Lu par une secrétaire", "x"))
    b = browser()
    b.log_in(LUCIE)
    b.open_mailbox(SOINS)
    b.open_message("Lu par une secrétaire")
    base = "/" + bal_path(b)
    b.go(f"{base}/lectures")
    b.wait_text("Seul un gestionnaire")
    other = browser()
    other.log_in(CLAIRE)
    other.go(f"{base}/lectures")
    other.wait_text("MOREAU", "tbody")
    assert "a ouvert un message" in other.text("tbody")


def test_the_holder_downloads_the_whole_mailbox(browser, mail, tmp_path):
    mail.empty(PAUL, PAUL.address)
    mail.put(PAUL, PAUL.address, *[message("a@lab.autre-operateur.mssante.fr", PAUL.address, f"Numéro {n}", "From ici\n>From là") for n in range(3)])
    b = browser()
    b.log_in(PAUL)
    b.one(".folders")
    base = "/" + bal_path(b)
    b.go(f"{base}/telecharger")
    b.one("button[value=telecharger]")
    got = b.driver.execute_async_script(
        "const done = arguments[0], f = document.querySelector('form.panel'); fetch(f.action, {method: 'POST', body: new URLSearchParams(new FormData(f))})"
        ".then((a) => a.arrayBuffer()).then((b) => done(new TextDecoder('latin1').decode(b)));")
    (tmp_path / "boite.mbox").write_bytes(got.encode("latin1"))
    subjects = [m["Subject"] for m in mailbox.mbox(tmp_path / "boite.mbox")]
    assert sum("Num" in str(s) for s in subjects) >= 3
    assert "\n>From ici" in got and "\n>>From l" in got


def test_a_message_waits_for_its_time(browser, mail):
    mail.empty(PAUL, PAUL.address)
    b = browser()
    b.log_in(CLAIRE)
    b.one(".folders")
    base = "/" + bal_path(b)
    b.go(f"{base}/ecrire")
    b.fill("#champ-a", PAUL.address)
    b.fill("#champ-objet", "Pour plus tard")
    b.click("details.later summary")
    b.driver.execute_script("document.getElementById('quand').value = '2031-01-02T08:30'")
    b.click("button[value=programmer]")
    b.wait_text("sera envoyé")
    b.go(f"{base}/envois")
    b.wait_text("2 janvier 2031", ".item")
    assert "Pour plus tard" in b.text(".item") and PAUL.address in b.text(".item")
    next(i for i in b.all(".item") if "Pour plus tard" in i.text).find_element("css selector", "button").click()
    b.wait_text("Brouillon", "h1")
    assert b.one("#champ-objet").get_attribute("value") == "Pour plus tard"
    b.click("button[value=jeter]")
