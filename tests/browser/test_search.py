"""Search: field by field, across folders, decrypted on the fly; with scripts it goes on by itself and can be stopped."""
import pytest

from sandbox import documents, people

from webmail import JEAN, message

ELSEWHERE = "a@lab.autre-operateur.mssante.fr"
# Answers after the first one wait until they are given up.
HANG = """const real = window.fetch; let asked = 0;
window.release = () => { window.fetch = real; };
window.fetch = (url, options = {}) => asked++ === 0 ? real(url, options) : new Promise((_, no) =>
  options.signal.addEventListener("abort", () => no(new DOMException("", "AbortError"))));"""


@pytest.fixture(scope="module")
def letters(mail):
    patient = people.patient(4)
    pdf = documents.pdf("Bilan", ["x"])
    mail.empty(JEAN, JEAN.address)
    mail.empty(JEAN, JEAN.address, "Archive")
    mail.put(JEAN, JEAN.address,
             message(f"Élodie Ménard <{ELSEWHERE}>", JEAN.address, "Cicatrisation", "La plaie du pied gauche.", Date2="x"),
             message(ELSEWHERE, f"{JEAN.address}, autre@lab.autre-operateur.mssante.fr", "Réunion de jeudi", "Ordre du jour : cicatrisation."),
             message(ELSEWHERE, JEAN.address, "Bilan", "Voir la pièce.", None, [("bilan-hépatique.pdf", "application/pdf", pdf)]),
             message(f'"{patient.given.title()} {patient.family}" <{patient.address}>', JEAN.address, "Une question", "Bonjour"))
    mail.put(JEAN, JEAN.address, message(ELSEWHERE, JEAN.address, "Cicatrisation, suite", "Elle va mieux."), folder="Archive")
    return patient


def look(b, **fields):
    """The whole form is asked for, filled and sent."""
    b.go(f"{b.base}/recherche")
    b.one(".find input[name=de]")
    for name, value in fields.items():
        if name in ("depuis", "jusqu"):
            b.driver.execute_script("document.querySelector(`.find input[name=${arguments[0]}]`).value = arguments[1]", name, value)
        else:
            b.fill(f".find input[name={name}]", value)
    b.click(".find button")
    b.wait(lambda: b.all(".rows .row") or "Aucun message" in b.text(".rows"))
    b.wait(lambda: not b.all("form.more"))
    return sorted(subject.text for subject in b.all(".rows .subject"))


@pytest.mark.parametrize("scripts", [True, False], ids=["avec-scripts", "sans-scripts"])
def test_each_field_finds_what_it_names(browser, letters, scripts):
    b = browser(scripts=scripts)
    b.log_in(JEAN)
    b.one(".folders")
    b.base = "/" + "/".join(b.driver.current_url.split("/")[3:5])
    assert look(b, mots="cicatrisation") == ["Cicatrisation", "Cicatrisation, suite", "Réunion de jeudi"]
    assert look(b, objet="cicatrisation") == ["Cicatrisation", "Cicatrisation, suite"]
    assert look(b, corps="CICATRISATION") == ["Réunion de jeudi"]
    assert look(b, de="elodie menard") == ["Cicatrisation"]
    assert look(b, a="autre@lab") == ["Réunion de jeudi"]
    assert look(b, piece="hepatique") == ["Bilan"]
    assert look(b, patient=letters.family) == ["Une question"]
    assert look(b, objet="cicatrisation", corps="mieux") == ["Cicatrisation, suite"]
    assert "Archive" in b.text(".rows .tags")
    assert look(b, objet="cicatrisation", jusqu="2001-01-01") == []
    assert look(b, objet="réunion", depuis="2001-01-01") == ["Réunion de jeudi"]
    assert letters.family not in b.driver.current_url
    # the words are kept in the form, and a message opens from what was found
    assert b.one(".find input[name=objet]").get_attribute("value") == "réunion"
    b.click(".rows .row a")
    b.wait_text("Ordre du jour", ".reading")


def test_it_goes_on_by_itself_and_stops_when_told(browser, letters):
    b = browser()
    b.log_in(JEAN)
    b.row("Cicatrisation")
    b.driver.execute_script(HANG)
    b.fill(".search input", "cicatrisation")
    b.press("\ue007")
    b.wait(lambda: b.all(".list[data-search] .row") and "Arrêter" in b.text("form.more button"))
    assert len(b.all(".rows .row")) == 2  # of the inbox; the other folders are being looked at
    b.click("form.more button")
    b.wait_text("Continuer", "form.more button")
    assert len(b.all(".rows .row")) == 2
    b.driver.execute_script("window.release()")
    b.click("form.more button")
    b.wait(lambda: len(b.all(".rows .row")) == 3 and not b.all("form.more"))
    # opening one leaves what was found where it is; going back shows it again
    b.click(".rows .row a")
    b.wait(lambda: b.all(".reading h1"))
    assert len(b.all(".rows .row")) == 3
    b.driver.back()
    b.wait(lambda: b.driver.current_url.endswith("/recherche"))
    assert len(b.all(".rows .row")) == 3
    assert b.complaints() == []
