"""The day's mail, one promise after the other: filters, signatures, files, what is written as a shared mailbox, quota, print."""
import pytest

from sandbox import documents, people
from sandbox.refusals import LAB, connect, deliver

from webmail import CLAIRE, LUCIE, PAUL, SOINS, message, sql

ELSEWHERE = "a@lab.autre-operateur.mssante.fr"
DROP = """const data = new DataTransfer();
data.items.add(new File([arguments[1]], arguments[2], {type: "text/plain"}));
const target = document.querySelector("#champ-texte");
const event = arguments[0] === "paste" ? new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})
  : new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true});
target.dispatchEvent(event);"""


def shown(b, chip):
    link = f".chips a[href*='filtre={chip}']" if chip != "tous" else ".chips a:first-child"
    b.click(link)
    b.one(f"{link}[aria-current]")
    return sorted(subject.text for subject in b.all(".row .subject"))


def bal_of(b):
    return "/".join(b.driver.current_url.split("/")[3:5])


@pytest.mark.parametrize("scripts", [True, False], ids=["avec-scripts", "sans-scripts"])
def test_each_filter_shows_what_it_names(browser, mail, scripts):
    patient = people.patient(3)
    mail.empty(PAUL, PAUL.address)
    mail.put(PAUL, PAUL.address, message(ELSEWHERE, PAUL.address, "Lu", "x"), message(ELSEWHERE, PAUL.address, "Suivi", "x"),
             message(ELSEWHERE, PAUL.address, "Avec pièce", "x", None, [("a.txt", "text/plain", b"x")]),
             message(f'"{patient.given}" <{patient.address}>', PAUL.address, "Du patient", "x"),
             documents.message(people.patient(1), ELSEWHERE, [PAUL.address], 1, "11502-2", 1))
    b = browser(scripts=scripts)
    b.log_in(PAUL)
    b.open_message("Lu")
    b.open_message("Suivi")
    b.click(".reading button[value=suivre]")
    b.one(".reading button[value=ne-plus-suivre]")
    b.go("/")
    document = next(subject.text for subject in b.all(".row .subject") if "CR d'examens" in subject.text)
    assert shown(b, "non-lus") == sorted(["Avec pièce", "Du patient", document])
    assert shown(b, "suivis") == ["Suivi"]
    assert shown(b, "pieces") == sorted(["Avec pièce", document])
    assert shown(b, "patients") == ["Du patient"]
    assert shown(b, "documents") == [document]
    assert len(shown(b, "tous")) == 5


def test_unread_is_each_one_s_own_in_a_shared_mailbox(browser, mail):
    mail.empty(CLAIRE, SOINS)
    mail.put(CLAIRE, SOINS, message(ELSEWHERE, SOINS, "Pour tous", "x"))
    lucie = browser()
    lucie.log_in(LUCIE)
    lucie.open_mailbox(SOINS)
    lucie.open_message("Pour tous")
    assert shown(lucie, "non-lus") == []
    claire = browser()
    claire.log_in(CLAIRE)
    claire.open_mailbox(SOINS)
    claire.row("Pour tous")
    assert shown(claire, "non-lus") == ["Pour tous"]


def test_each_mailbox_signs_for_itself(browser, sandbox):
    b = browser()
    b.log_in(CLAIRE)
    try:
        for address, words in ((CLAIRE.address, "Dr Claire Martin\nGériatrie"), (SOINS, "Le service de soins")):
            b.go("/")
            b.open_mailbox(address)
            number = b.driver.current_url.split("/")[4]
            b.go("/reglages")
            form = next(f for f in b.all("main form") if f.find_elements("css selector", f"input[name=boite][value='{number}']"))
            form.find_element("css selector", "textarea").clear()
            form.find_element("css selector", "textarea").send_keys(words)
            form.find_element("css selector", "button").click()
            b.wait_text("enregistré")
            b.go(f"/b/{number}/ecrire")
            assert b.one("#champ-texte").get_attribute("value").strip().endswith(words)
    finally:
        sql(sandbox, "DELETE FROM web_setting WHERE name = 'signature'")


@pytest.mark.parametrize("how", ["paste", pytest.param("drop", marks=pytest.mark.long)])
def test_a_file_is_joined_by_paste_or_drop_and_goes_along_when_forwarded(browser, mail, how):
    mail.empty(PAUL, PAUL.address)
    b = browser()
    b.log_in(CLAIRE)
    b.click("a[data-key=c]")
    b.fill("#champ-a", PAUL.address)
    b.fill("#champ-objet", f"Par {how}")
    b.driver.execute_script(DROP, how, "contenu du fichier", "note.txt")
    b.wait_text("note.txt", "#pieces")
    b.click("button[value=envoyer]")
    b.wait_text("Message envoyé")
    b.click(".folders a[title=Envoyés]")
    b.open_message(f"Par {how}")
    b.click("a[data-key=f]")
    b.wait_text("Transférer", "h1")
    assert "note.txt" in b.text("#pieces")
    b.fill("#champ-a", PAUL.address)
    b.fill("#champ-objet", f"Tr: par {how}")
    b.click("button[value=envoyer]")
    b.wait_text("Message envoyé")
    other = browser()
    other.log_in(PAUL)
    other.open_message(f"Tr: par {how}")
    link = other.one(".part a").get_attribute("href")
    assert other.driver.execute_async_script(
        "const done = arguments[1]; fetch(arguments[0]).then((a) => a.text()).then(done);", link) == "contenu du fichier"


def test_the_size_is_said_against_the_limit_of_these_recipients(browser, tmp_path):
    (tmp_path / "grand.bin").write_bytes(b"x" * (27 << 20))
    b = browser()
    b.log_in(CLAIRE)
    b.click("a[data-key=c]")
    b.one("#champ-texte")
    assert "Limite de cette messagerie" in b.text("#taille")
    b.one("input[type=file]").send_keys(str(tmp_path / "grand.bin"))  # refused before a byte of it leaves
    b.wait(lambda: "bad" in b.one("#taille").get_attribute("class"))
    assert "grand.bin" not in b.text("#pieces")


def test_what_is_written_as_a_shared_mailbox_stays_with_it(browser, mail):
    mail.empty(PAUL, PAUL.address)
    for address in (SOINS, CLAIRE.address):
        mail.empty(CLAIRE, address, "Sent")
    b = browser()
    b.log_in(LUCIE)
    b.open_mailbox(SOINS)
    b.click("a[data-key=c]")
    assert SOINS in b.one("#champ-de").get_attribute("value")
    b.fill("#champ-a", PAUL.address)
    b.fill("#champ-objet", "Au nom du service")
    b.click("input[name=remise]")
    b.click("button[value=envoyer]")
    b.wait_text("Message envoyé")
    b.wait(lambda: "Au nom du service" in mail.subjects(PAUL, PAUL.address))
    assert "Au nom du service" in mail.subjects(CLAIRE, SOINS, "Sent")
    assert "Au nom du service" not in mail.subjects(CLAIRE, CLAIRE.address, "Sent")
    b.wait(lambda: "Remis" in mail.subjects(CLAIRE, SOINS) or "remis" in mail.subjects(CLAIRE, SOINS))  # the delivery receipt


def test_what_became_of_it_is_said_in_search_too(browser, mail):
    mail.empty(PAUL, PAUL.address, "Sent")
    mail.put(PAUL, PAUL.address, message(PAUL.address, ELSEWHERE, "Parti hier", "x"), folder="Sent")
    b = browser()
    b.log_in(PAUL)
    b.fill(".search input", "parti hier")
    b.press("\ue007")
    row = b.row("Parti hier")
    assert "Remis" in row.text and "Envoyés" in row.text


def test_a_sender_who_is_not_of_the_operator_that_brought_it(browser, sandbox):
    letter = (f"From: Dr X <dr.x@exemple.fr>\r\nTo: {PAUL.address}\r\nSubject: Pas de chez eux\r\n"
              "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nx\r\n")
    with connect(sandbox) as smtp:
        assert deliver(smtp, LAB, [PAUL.address], letter.encode()).code == 250
    b = browser()
    b.log_in(PAUL)
    b.open_message("Pas de chez eux")
    b.wait_text("n’est pas celle d’un domaine de l’opérateur", ".band.bad")


def test_the_place_left_is_shown(browser, sandbox):
    whose = f"(SELECT bal_id FROM bal WHERE address = '{PAUL.address}')"
    before = sql(sandbox, f"SELECT limit_bytes FROM bal_quota WHERE bal_id = {whose}")
    sandbox.caducee.command("bal", "quota", PAUL.address, "1073741824")
    try:
        b = browser()
        b.log_in(PAUL)
        assert "sur 1" in b.text(".quota")
        assert float(b.one(".quota meter").get_attribute("max")) == 1 << 30
    finally:
        sql(sandbox, f"UPDATE bal_quota SET limit_bytes = {before[0] or 'NULL'} WHERE bal_id = {whose}" if before else
            f"DELETE FROM bal_quota WHERE bal_id = {whose}")


def test_a_message_alone_is_printed(browser, mail):
    mail.empty(PAUL, PAUL.address)
    mail.put(PAUL, PAUL.address, message(ELSEWHERE, PAUL.address, "À imprimer", "le texte"))
    b = browser()
    b.log_in(PAUL)
    b.open_message("À imprimer")
    b.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert "le texte" in b.text(".reading")
    assert not any(e.is_displayed() for e in b.all(".topbar, .folders, .list, .reading > .bar"))


@pytest.mark.long
def test_all_is_asked_for_by_one_light_poll(browser, mail):
    """ETag and 304; a new message shows itself in the list without anything being pressed."""
    mail.empty(PAUL, PAUL.address)
    mail.put(PAUL, PAUL.address, message(ELSEWHERE, PAUL.address, "Déjà là", "x"))
    b = browser()
    b.log_in(PAUL)
    b.row("Déjà là")
    poll = b.driver.current_url.split("?")[0] + "/sondage"
    ask = ("const done = arguments[2]; fetch(arguments[0], {headers: {'If-None-Match': arguments[1]}, cache: 'no-store'})"
           ".then((a) => done([a.status, a.headers.get('etag')]));")
    status, tag = b.driver.execute_async_script(ask, poll, '"x"')
    assert status == 200
    assert b.driver.execute_async_script(ask, poll, tag)[0] == 304
    mail.put(PAUL, PAUL.address, message(ELSEWHERE, PAUL.address, "Vient d’arriver", "x"))
    assert b.driver.execute_async_script(ask, poll, tag)[0] == 200
    b.row("Vient d’arriver")
