"""Patients' rights at the webmail: the notice of a first message, the rule on minors, oppositions, sharing, typed identities."""
import pytest

from sandbox import documents, people

from webmail import CLAIRE, PAUL, SAMIA, message, sql

NUMBER = 21  # a patient of this file's own
PATIENT = people.patient(NUMBER)


@pytest.fixture(autouse=True)
def unknown_patient(sandbox, mail):
    """Nobody has written to this patient yet; Claire has one document about them."""
    sql(sandbox, "DELETE FROM patient_register; DELETE FROM patient_sharing")
    mail.empty(CLAIRE, CLAIRE.address)
    mail.put(CLAIRE, CLAIRE.address,
             documents.message(PATIENT, "resultats@lab.autre-operateur.mssante.fr", [CLAIRE.address], NUMBER, "11502-2", 1))


def traces(sandbox, action):
    return sql(sandbox, f"SELECT coalesce(detail, '') FROM trace WHERE action = '{action}' AND patient_hash IS NOT NULL ORDER BY at")


def write_to_patient(b, subject):
    b.open_message("CR d'examens")
    b.click(".band.patient a")
    b.wait_text("Nouveau message", "h1")
    b.fill("#champ-objet", subject)
    b.one("#champ-texte").send_keys("Bonjour, vos résultats sont bons. ")
    b.click("button[value=envoyer]")


def answer_first(b, situation="majeur"):
    b.wait_text("Avant l’envoi", "h1")
    b.click(f"input[value={situation}]")
    b.click("main button.primary")


def oppose(b, act):
    b.go("/")
    b.click(".person > summary")
    b.click(".person a[href$='/patients']")
    b.click(f"button[value={act}]")
    b.wait_text("Opposé", "table")


def test_the_first_message_tells_the_patient_and_asks_about_minors(browser, sandbox, mail, shots):
    b = browser()
    b.log_in(CLAIRE)
    write_to_patient(b, "Vos résultats d'hier")
    b.wait_text("Avant l’envoi", "h1")
    assert "secret" in b.text("main") and "Mon espace santé" in b.text(".notice-text")
    assert "patient.mssante.fr" not in b.driver.current_url
    b.shot(shots, "bureau-clair-8-avant-envoi")
    answer_first(b, "mineur")
    b.wait_text("Message envoyé")
    assert traces(sandbox, "web.patient.first")[-1] == "mineur"
    # the other operator (Mon espace santé, here) has it, notice and all; the second message asks nothing
    b.wait(lambda: any("Mon espace santé" in each.as_string() for each in received(sandbox)))
    b.go("/")
    write_to_patient(b, "Encore un mot")
    b.wait_text("Message envoyé")
    assert b.complaints() == []


def received(sandbox):
    from email import message_from_bytes, policy
    out = []
    for each in sandbox.postfix.maildir(PATIENT.address):
        parsed = message_from_bytes(each, policy=policy.default)
        body = parsed.get_body(("plain",))
        parsed.as_string = lambda body=body: body.get_content() if body else ""
        out.append(parsed)
    return out


def test_the_last_message_leaves_although_it_closes_the_exchange(browser, sandbox):
    b = browser()
    b.log_in(CLAIRE)
    write_to_patient(b, "Premier mot")
    answer_first(b)
    b.wait_text("Message envoyé")
    assert sandbox.postgres.query("INSERT INTO absence_answer (bal_id, hash, patient) SELECT about_bal, patient_hash, true "
                                  "FROM patient_register WHERE exchange = 'open' RETURNING 1")
    answered = "SELECT count(*) FROM absence_answer JOIN patient_register ON hash = patient_hash WHERE exchange = 'closed'"
    b.go("/")
    b.click(".person > summary")
    b.click(".person a[href$='/patients']")
    next(a for a in b.all("td a") if a.text == "Clore").click()
    b.fill("#champ-objet", "Dernier mot")
    b.click("button[value=envoyer]")
    b.wait_text("Message envoyé")
    b.wait(lambda: any(each["X-MSS-MES"] == "FIN" for each in received(sandbox)))
    assert sandbox.postgres.query(answered) == "0"  # the next exchange hears of an absence again
    b.go("/")
    write_to_patient(b, "Après la fin")
    b.wait_text("rouvrez-le", "#erreur")
    b.click(".person > summary")
    b.click(".person a[href$='/patients']")
    b.click("button[value=rouvrir]")
    b.wait_text("Échange ouvert")


def test_an_opposition_stops_until_a_reason_is_written(browser, sandbox, shots):
    b = browser()
    b.log_in(CLAIRE)
    write_to_patient(b, "Avant")
    answer_first(b)
    b.wait_text("Message envoyé")
    oppose(b, "opposer-messages")
    b.go("/")
    write_to_patient(b, "Malgré tout")
    b.wait_text("Avant l’envoi", "h1")
    b.shot(shots, "bureau-clair-8-opposition")
    b.click("main button.primary")  # without a reason the browser itself does not let it go
    assert b.text("h1") == "Avant l’envoi"
    b.fill("#motif", "Résultat à connaître sans délai")
    b.click("main button.primary")
    b.wait_text("Message envoyé")
    assert traces(sandbox, "web.patient.against")[-1] == "Résultat à connaître sans délai"
    b.wait(lambda: any(each["Subject"] == "Malgré tout" for each in received(sandbox)))


@pytest.mark.long  # the relay asks again for everybody: tests/integ/test_send_rules.py
def test_an_opposition_holds_for_what_waits_for_its_time(browser, sandbox, mail):
    """Written when nothing stood against it, opposed meanwhile: it is asked again when it would leave, and the Sent list says so."""
    mail.empty(CLAIRE, CLAIRE.address, "Sent")
    b = browser()
    b.log_in(CLAIRE)
    write_to_patient(b, "Avant")
    answer_first(b)
    b.wait_text("Message envoyé")
    b.open_message("CR d'examens")
    b.click(".band.patient a")
    b.wait_text("Nouveau message", "h1")
    b.fill("#champ-objet", "Trop tard")
    b.click("details.later summary")
    b.driver.execute_script("document.getElementById('quand').value = '2031-01-02T08:30'")
    b.click("button[value=programmer]")
    b.wait_text("sera envoyé")
    b.click(".folders a[title=Envoyés]")
    b.wait(lambda: "Partira" in b.row("Trop tard").text)
    oppose(b, "opposer-messages")
    sql(sandbox, "UPDATE queue_recipient SET due = now() WHERE due > now() + interval '1 year'")  # its time has come
    b.go("/")
    b.click(".folders a[title=Envoyés]")
    b.wait_text("Envoyés", ".list h1")

    def refused():
        b.driver.refresh()
        return any("Trop tard" in row.text and "Refusé" in row.text for row in b.all(".row"))

    b.wait(refused)
    assert "opposition" in b.row("Trop tard").text
    assert not any(each["Subject"] == "Trop tard" for each in received(sandbox))


def test_forwarding_outside_asks_once_whether_they_take_part_in_the_care(browser, sandbox):
    b = browser()
    b.log_in(CLAIRE)

    def forward(to, subject):
        b.go("/")
        b.open_message("CR d'examens")
        b.click("a[data-key=f]")
        b.fill("#champ-a", to)
        b.fill("#champ-objet", subject)
        b.click("button[value=envoyer]")

    forward(SAMIA.address, "Dans la maison")
    b.wait_text("Message envoyé")
    forward(PAUL.address, "Dehors")
    b.wait_text("sort de votre structure")
    b.click("input[name=participe]")
    b.click("main button.primary")
    b.wait_text("Message envoyé")
    assert len(traces(sandbox, "web.patient.shared")) == 1
    forward(PAUL.address, "Dehors encore")
    b.wait_text("Message envoyé")


def test_an_opposition_to_sharing_wants_a_reason(browser, sandbox):
    b = browser()
    b.log_in(CLAIRE)
    b.open_message("CR d'examens")
    b.click(".band.patient form button")
    b.wait_text("Pas encore d’échange")
    oppose(b, "opposer-partage")
    b.go("/")
    b.open_message("CR d'examens")
    b.click("a[data-key=f]")
    b.fill("#champ-a", SAMIA.address)
    b.click("button[value=envoyer]")
    b.wait_text("opposé au partage")
    b.fill("#motif", "Même équipe de soins")
    b.click("main button.primary")
    b.wait_text("Message envoyé")
    assert traces(sandbox, "web.patient.shared-against") == ["Même équipe de soins"]


def test_a_typed_address_is_refused_and_the_typed_identity_is_the_structure_s_choice(browser, sandbox, shots):
    b = browser()
    b.log_in(CLAIRE)
    b.click("a[data-key=c]")
    b.fill("#champ-a", PATIENT.address.replace("patient", "PATIENT"))
    b.fill("#champ-objet", "Tapé")
    b.click("button[value=envoyer]")
    b.wait_text("ne se tape pas", "#erreur")
    bal = b.driver.current_url.split("/b/")[1].split("/")[0]
    b.go(f"/b/{bal}/patients/nouveau")
    b.wait_text("Introuvable")
    sql(sandbox, "UPDATE structure SET patient_typing = true WHERE name = 'EHPAD Les Tilleuls'")
    try:
        b.go(f"/b/{bal}/patients")
        b.click("a[href$='/patients/nouveau']")
        b.shot(shots, "bureau-clair-8-patient-saisi")
        fill_traits(b, PATIENT, sex="M" if PATIENT.sex == "F" else "F")
        b.click("main button.primary")
        b.wait_text("ne s’accorde pas", "#erreur")
        fill_traits(b, PATIENT)
        b.click("main button.primary")
        b.wait_text("Nouveau message", "h1")
        assert PATIENT.address in b.one("#champ-a").get_attribute("value")
        b.fill("#champ-objet", "Identité saisie")
        b.click("button[value=envoyer]")
        answer_first(b)
        b.wait_text("Message envoyé")
        assert len(traces(sandbox, "web.patient.qualified")) >= 1
    finally:
        sql(sandbox, "UPDATE structure SET patient_typing = false")


def fill_traits(b, patient, sex=None):
    date = patient.birth_date
    b.fill("#nom", patient.family)
    b.fill("#prenoms", patient.given)
    b.fill("#matricule", patient.matricule)
    b.driver.execute_script(f"document.getElementById('naissance').value='{date[:4]}-{date[4:6]}-{date[6:]}';"
                            f"document.getElementById('sexe').value='{sex or patient.sex}'")
    box = b.one("input[name=qualifiee]")
    if not box.is_selected():
        box.click()
