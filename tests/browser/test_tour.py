"""The tour: a day at the webmail, by scripts, by keyboard alone, without scripts; pictures of each page."""
from email import message_from_bytes
from email.policy import SMTP

import pytest

from sandbox import documents, people

from webmail import CLAIRE, LUCIE, PAUL, SOINS, Keys, message, usual_mail, sql


def fill(mail, address):
    mail.empty(CLAIRE, address)
    mail.put(CLAIRE, address, *usual_mail(address))


@pytest.fixture(scope="module", autouse=True)
def morning(mail):
    for address in (CLAIRE.address, SOINS):
        fill(mail, address)


@pytest.fixture
def other_mail(mail):
    """A mailbox that a test fills by itself; its usual mail is back for the next one."""
    mail.empty(CLAIRE, CLAIRE.address)
    yield
    fill(mail, CLAIRE.address)


def test_a_day_between_two_patients(browser, sandbox):
    """Of the whole road: a document comes, is taken in hand, answered, the answer arrives at the other operator, and the
    patient is written to."""
    b = browser()
    b.log_in(CLAIRE)
    b.open_mailbox(SOINS)
    b.open_message("CR d'examens")
    b.wait_text("OCTAVIO", ".band.patient")
    b.click("button[value=prendre]")
    b.wait_text("Pris en charge par", ".reading")
    b.click("a[data-key=r]")
    there = b.one("#champ-a").get_attribute("value")
    assert "resultats@lab.autre-operateur" in there
    before = len(sandbox.postfix.maildir("resultats@lab.autre-operateur.mssante.fr"))
    b.one("#champ-texte").send_keys("Bien reçu, merci. ")
    b.click("button[value=envoyer]")
    b.wait_text("Message envoyé")
    b.wait(lambda: len(sandbox.postfix.maildir("resultats@lab.autre-operateur.mssante.fr")) > before)
    b.click(".folders a[title=Envoyés]")
    b.row("Bien reçu")

    def accepted():
        b.driver.refresh()
        return "Accepté" in b.row("Bien reçu").text
    b.wait(accepted)
    write_to_the_patient(b)


def send_to_the_patient(b, subject):
    b.fill("#champ-objet", subject)
    b.one("#champ-texte").send_keys("Bonjour, vos résultats sont bons.")
    b.click("button[value=envoyer]")
    b.wait(lambda: b.all("input[name=situation]") or b.all(".notice"))
    if b.all("input[name=situation]"):  # the first time, in this sandbox
        b.click("input[value=majeur]")
        b.click("main button.primary")
    b.wait_text("Message envoyé")


def write_to_the_patient(b):
    b.go("/")
    b.open_mailbox(SOINS)
    b.open_message("CR d'examens")
    b.click(".band.patient a")
    send_to_the_patient(b, "Vos résultats sont arrivés")


def test_a_message_is_answered_and_arrives(browser, mail):
    mail.empty(PAUL, PAUL.address)
    b = browser()
    b.log_in(CLAIRE)
    b.open_message("Pansement")
    b.click("a[data-key=r]")
    assert "paul.durand@ch-demo" in b.one("#champ-a").get_attribute("value")
    b.fill("#champ-objet", "Re: Pansement, réponse n° 1")
    b.one("#champ-texte").send_keys("Merci, je passe à 15 h. ")
    b.click("button[value=envoyer]")
    b.wait_text("Message envoyé")
    b.wait(lambda: "Pansement" in mail.subjects(PAUL, PAUL.address))
    b.go("/")
    b.click(".folders a[title=Envoyés]")
    assert "Remis" in b.row("réponse n° 1").text
    assert b.complaints() == []


def test_a_domain_outside_the_trust_space_is_refused_in_words(browser):
    b = browser()
    b.log_in(CLAIRE)
    b.click("a[data-key=c]")
    b.fill("#champ-a", "quelquun@gmail.com")
    b.fill("#champ-objet", "Essai")
    b.click("button[value=envoyer]")
    b.one("#erreur")
    assert "espace de confiance" in b.text("#erreur").lower() or "liste blanche" in b.text("#erreur").lower()
    assert b.one("#champ-objet").get_attribute("value") == "Essai"


def test_delete_and_undo(browser, mail):
    mail.put(CLAIRE, CLAIRE.address, message("a@lab.autre-operateur.mssante.fr", CLAIRE.address, "À jeter", "x"))
    b = browser()
    b.log_in(CLAIRE)
    b.open_message("À jeter")
    b.click(".reading button[value=supprimer]")
    b.wait_text("Mis à la corbeille")
    b.wait(lambda: not any("À jeter" in r.text for r in b.all(".row")))
    b.click(".notice button")
    b.row("À jeter")


def test_who_has_it_in_hand(browser):
    b = browser()
    b.log_in(LUCIE)
    b.open_message("Compte rendu de rééducation")
    b.click("button[value=prendre]")
    b.wait_text("Pris en charge par", ".reading")
    assert "MOREAU" in b.text(".reading .band")
    other = browser()
    other.log_in(CLAIRE)
    other.open_mailbox(SOINS)
    assert "Pris en charge · Mme Lucie MOREAU" in other.row("Compte rendu de rééducation").text


def test_without_scripts(browser):
    b = browser(scripts=False)
    b.log_in(CLAIRE)
    b.open_message("Pansement")
    assert "la plaie est propre" in b.text(".body-text")
    b.click(".reading button[value=suivre]")
    b.click(".reading button[value=ne-plus-suivre]")
    b.fill(".search input", "rééducation")
    b.one(".search input").send_keys(Keys.ENTER)
    b.row("Compte rendu de rééducation")
    b.go("/")
    b.click("a[data-key=c]")
    b.fill("#champ-a", PAUL.address)
    b.fill("#champ-objet", "Sans scripts")
    b.click("button[value=garder]")
    b.wait_text("Brouillon conservé")
    b.click(".folders a[title=Brouillons]")
    b.row("Sans scripts").find_element("css selector", "a").click()
    b.click("button[value=envoyer]")
    b.wait_text("Message envoyé")


def archive(b, menu):
    def choose():
        if not b.all(f"{menu}[open]"):
            b.one(f"{menu} > summary").click()
        next(button for button in b.all(f"{menu} button") if "Archives" in button.text).click()
        return True

    b.wait(choose, menu)


@pytest.mark.usefixtures("other_mail")
def test_without_scripts_it_is_answered_moved_and_deleted(browser, mail):
    """One message from its own page, several from the list; each can be undone."""
    lab = "a@lab.autre-operateur.mssante.fr"
    mail.empty(PAUL, PAUL.address)
    mail.put(CLAIRE, CLAIRE.address, *[message(sender, CLAIRE.address, subject, "Sans rien.") for sender, subject in
                                       ((PAUL.address, "À répondre"), (lab, "À ranger"), (lab, "À jeter"), (lab, "Encore un"))])
    b = browser(scripts=False)
    b.log_in(CLAIRE)
    b.open_message("À répondre")
    b.click("a[data-key=r]")
    assert b.one("#champ-objet").get_attribute("value") == "Re: À répondre"
    b.one("#champ-texte").send_keys("Voici. ")
    b.click("button[value=envoyer]")
    b.wait_text("Message envoyé")
    b.wait(lambda: "À répondre" in mail.subjects(PAUL, PAUL.address))
    # from a message's own page
    b.open_message("À ranger")
    archive(b, ".reading .bar .menu")
    b.wait_text("Déplacé")
    b.wait(lambda: not any("À ranger" in row.text for row in b.all(".row")))
    b.click(".notice button")
    b.open_message("À ranger")
    b.click(".reading button[value=supprimer]")
    b.wait_text("Mis à la corbeille")
    # several, from the list
    for subject in ("À jeter", "Encore un"):
        b.row(subject).find_element("css selector", "input[name=uid]").click()
    b.click(".acts .bar button[value=supprimer]")
    b.wait(lambda: len(b.all(".row")) == 1)
    b.click(".notice button")
    b.wait(lambda: len(b.all(".row")) == 3)
    for subject in ("À jeter", "Encore un"):
        b.row(subject).find_element("css selector", "input[name=uid]").click()
    archive(b, ".acts .move")
    b.wait(lambda: len(b.all(".row")) == 1)
    b.click(".folders a[title=Archives]")
    b.row("À jeter")
    b.row("Encore un")
    b.click(".folders a[title=Corbeille]")
    b.row("À ranger")


def test_lock_hides_everything_and_the_same_person_goes_on(browser):
    b = browser()
    b.log_in(CLAIRE)
    b.open_message("Pansement")
    where = b.driver.current_url
    b.click(".person > summary")
    b.click("form[action='/verrou'] button")
    b.wait_text("Session verrouillée")
    assert "Pansement" not in b.driver.page_source
    b.driver.get(where)
    b.wait_text("Session verrouillée")
    b.click("a[href='/connexion']")
    b.choose_at_psc(CLAIRE)
    b.wait(lambda: b.driver.current_url == where)
    b.click(".person > summary")
    b.click("form[action='/verrou'] button")
    b.click("a[href='/connexion']")
    b.choose_at_psc(PAUL)
    b.wait_text("paul.durand", ".switcher")


def test_log_out_ends_the_session(browser):
    b = browser()
    b.log_in(CLAIRE)
    where = b.driver.current_url
    b.click(".person > summary")
    b.click("form[action='/deconnexion'] button")
    b.wait(lambda: "Pansement" not in b.driver.page_source)
    b.driver.get(where)
    b.one("a[href='/connexion']")


def test_a_patient_is_written_to_and_the_exchange_is_closed(browser, shots):
    b = browser()
    b.log_in(CLAIRE)
    b.open_message("CR d'examens")
    b.click(".band.patient a")
    b.wait_text("Nouveau message", "h1")
    assert "@patient.mssante.fr" in b.one("#champ-a").get_attribute("value")
    send_to_the_patient(b, "Vos résultats")
    b.click(".person > summary")
    b.click(".person a[href$='/patients']")
    b.wait_text("Échange ouvert")
    assert "ANATOLE OCTAVIO" in b.text("table") and "@patient" not in b.driver.page_source
    b.shot(shots, "bureau-clair-8-patients")
    assert "patient.mssante.fr" not in b.driver.current_url
    next(a for a in b.all("td a") if a.text == "Clore").click()
    b.fill("#champ-objet", "Fin de notre échange")
    assert b.one("input[name=fin]").is_selected()
    b.click("button[value=envoyer]")
    b.wait_text("Message envoyé")
    b.click(".person > summary")
    b.click(".person a[href$='/patients']")
    b.wait_text("Échange clos")


def test_a_document_is_prepared_and_sent(browser, mail, shots, tmp_path):
    mail.empty(PAUL, PAUL.address)
    pdf = tmp_path / "courrier.pdf"
    pdf.write_bytes(documents.pdf("Compte rendu", ["Consultation du jour"]))
    patient = people.patient(5)
    b = browser()
    b.log_in(CLAIRE)
    b.click("a[href$='/document']")
    b.fill("#a", PAUL.address)
    b.one("#pdf").send_keys(str(pdf))
    b.driver.execute_script("document.getElementById('jour').value='2026-11-20';"
                            f"document.getElementById('naissance').value='{patient.birth_date[:4]}-{patient.birth_date[4:6]}-{patient.birth_date[6:]}';"
                            f"document.getElementById('sexe').value='{patient.sex}';")
    b.fill("#nom", patient.family)
    b.fill("#prenoms", patient.given)
    b.fill("#matricule", patient.matricule)
    b.shot(shots, "bureau-clair-9-document")
    b.click("main button.primary")
    b.wait_text("Brouillon", "h1")
    assert "PDF/A-1" in b.text("#pdfa")  # said, and it may leave
    b.shot(shots, "bureau-clair-9-document-brouillon")
    assert b.one("#champ-objet").get_attribute("value").startswith("XDM/1.0/DDM+")
    assert "IHE_XDM.ZIP" in b.text("#pieces")
    b.click("button[value=envoyer]")
    b.wait_text("Message envoyé")
    other = browser()
    other.log_in(PAUL)
    other.row(patient.family).find_element("css selector", "a").click()
    other.wait_text(patient.family, ".band.patient")
    assert other.complaints() == []


@pytest.mark.long
def test_an_identity_that_does_not_agree_is_seen_at_once(browser, mail, shots):
    """The archive is one patient's; the subject, and the PDF beside it, name another."""
    whose, other = people.patient(1), people.patient(2)
    good = documents.message(whose, "resultats@lab.autre-operateur.mssante.fr", [CLAIRE.address], 71, "11502-2", 1)
    wrong = message_from_bytes(good, policy=SMTP)
    del wrong["Subject"]
    wrong["Subject"] = f"XDM/1.0/DDM+CR d'examens {other.family} {other.given}"
    wrong.add_attachment(documents.pdf("x", ["x"]), maintype="application", subtype="pdf",
                         filename=f"20261120_11502-2_{other.family}_{other.given}_1.pdf")
    mail.empty(CLAIRE, CLAIRE.address)
    mail.put(CLAIRE, CLAIRE.address, good, wrong.as_bytes())
    for width, dark in ((1440, False), (400, True)):
        b = browser(width=width, dark=dark)
        b.log_in(CLAIRE)
        b.open_message(other.family)
        b.wait_text("ne désignent pas le même patient", ".band.bad")
        b.wait_text("L’objet du message", ".band.bad")
        b.wait_text("Le nom du PDF", ".band.bad")
        b.wait(lambda: "Écrire au patient" not in b.text(".band.patient"), "nobody is written to by mistake")
        b.shot(shots, f"{'bureau-clair' if width > 500 else 'telephone-sombre'}-10-discordance")
    b.go("/")
    b.open_message(f"CR d'examens biologiques {whose.family}")
    b.wait_text(whose.family, ".band.patient")
    b.wait(lambda: not b.all(".band.bad"))


def test_a_message_is_taken_back(browser):
    b = browser()
    b.log_in(CLAIRE)
    b.click("a[data-key=c]")
    b.fill("#champ-a", PAUL.address)
    b.fill("#champ-objet", "À reprendre")
    b.click("button[value=envoyer]")
    b.wait_text("Message envoyé")
    b.click("button[data-seconds]")
    b.wait_text("Brouillon", "h1")
    assert b.one("#champ-objet").get_attribute("value") == "À reprendre"


def test_a_manager_shares_the_mailbox(browser, sandbox, shots):
    b = browser()
    b.log_in(CLAIRE)
    b.open_mailbox(SOINS)
    b.click("a[href$='/gestion']")
    b.wait_text("MOREAU", "table")
    b.shot(shots, "bureau-clair-8-gestion")
    b.fill("#identifiant", PAUL.national_id)
    b.click("main button.primary")
    b.wait_text("DURAND", "table")
    row = next(r for r in b.all("tbody tr") if "DURAND" in r.text)
    row.find_element("css selector", "button").click()
    b.wait(lambda: "DURAND" not in b.text("table"))
    # a logiciel that reads is detached, the description and the red list are the manager's too; each is traced
    soins = f"(SELECT bal_id FROM bal WHERE address = '{SOINS}')"
    b.one("#fichier").send_keys(str(sandbox.pki.cert("operator")))
    b.click("button[value=rattacher]")
    b.wait_text("famille attendue", "#erreur")  # an operator's certificate is no application's
    b.one("#fichier").send_keys(str(sandbox.pki.cert("dui2")))
    b.click("button[value=rattacher]")
    b.wait_text("dites le mandat et sa fin", "#erreur")  # another structure's
    known = f"certificate_known WHERE encode(fingerprint, 'hex') = '{sandbox.pki.sha256(sandbox.pki.cert('dui'))}'"
    sql(sandbox, f"WITH gone AS (DELETE FROM {known} RETURNING 1) SELECT count(*) FROM gone")
    b.one("#fichier").send_keys(str(sandbox.pki.cert("dui")))
    b.click("button[value=rattacher]")
    b.wait_text("lit et marque, n’envoie jamais", "main")
    assert sql(sandbox, f"SELECT may_send, mandate IS NULL FROM certificate_binding WHERE bal_id = {soins}") == ["f|t"]
    assert sql(sandbox, f"SELECT count(*) FROM {known}") == ["1"], "OCSP is asked before its first session"
    b.shot(shots, "bureau-clair-8-gestion-logiciel")
    b.click("button[value=detacher]")
    b.wait_text("Aucun logiciel", "main")
    b.fill("#description", "Soins infirmiers de l'EHPAD")
    b.click("input[name=rouge]")
    b.click("button[value=decrire]")
    b.wait(lambda: b.one("input[name=rouge]").is_selected())
    assert sql(sandbox, f"SELECT description, red_listed, published FROM bal WHERE bal_id = {soins}") == ["Soins infirmiers de l'EHPAD|t|f"]
    b.click("input[name=rouge]")
    b.click("button[value=decrire]")
    b.wait(lambda: not b.one("input[name=rouge]").is_selected())
    assert sql(sandbox, f"SELECT DISTINCT action FROM trace WHERE bal_id = {soins} AND person_id IS NOT NULL AND action IN "
                        "('bal.describe', 'bal.bind-cert', 'bal.unbind-cert', 'bal.share', 'bal.unshare') ORDER BY 1") == [
        "bal.bind-cert", "bal.describe", "bal.share", "bal.unbind-cert", "bal.unshare"]


def test_the_reader_decides_on_a_read_receipt(browser, mail):
    mail.empty(PAUL, PAUL.address)
    mail.put(CLAIRE, CLAIRE.address, message(PAUL.address, CLAIRE.address, "Accusé voulu", "x", Disposition_Notification_To=PAUL.address))
    b = browser()
    b.log_in(CLAIRE)
    b.open_message("Accusé voulu")
    b.wait_text("accusé de lecture", ".reading")
    assert mail.subjects(PAUL, PAUL.address).strip() == ""
    b.click("button[value=envoyer]")
    b.wait(lambda: "accusé de lecture" not in b.text(".reading"))
    b.wait(lambda: "Lu : Accusé voulu" in mail.subjects(PAUL, PAUL.address))
