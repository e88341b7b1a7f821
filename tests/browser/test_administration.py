"""The administration part: each role sees its screens, and nobody else knows that there are any."""
import os
import subprocess

import pytest

from webmail import CLAIRE, LUCIE, PAUL, SAMIA, SOINS, sql

SCREENS = ["alarmes", "structures", "domaines", "boites", "personnes", "file", "patients", "listes-blanches", "autorites",
           "annuaire", "indicateurs", "ecarts"]


def test_an_operator_sees_every_screen_but_the_traces(browser, roles, shots):
    b = browser()
    b.log_in(PAUL)
    b.go("/admin")
    b.wait_text("entrées de la liste blanche")
    b.shot(shots, "bureau-clair-7-admin")
    for screen in SCREENS:
        b.go(f"/admin/{screen}")
        b.one(".tabs")
        assert b.all("table") or b.all(".fine") or b.all("textarea"), screen
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


def number_of(sandbox, address):
    return sql(sandbox, f"SELECT bal_id FROM bal WHERE address = '{address}'")[0]


def traced(sandbox, action):
    """Who did it, to which BAL, with which words; newest first."""
    return sql(sandbox, f"SELECT t.actor, b.address, t.detail FROM trace t LEFT JOIN bal b USING (bal_id) WHERE t.action = '{action}' "
                        "AND t.actor_kind = 'person' ORDER BY t.at DESC")


def test_an_administrator_opens_shares_suspends_and_closes(browser, roles, sandbox, shots):
    address = f"accueil-{os.getpid()}@tilleuls.caducee.mssante.fr"
    b = browser()
    b.log_in(SAMIA)
    b.go("/admin/boites")
    b.fill("#adresse", address)
    b.fill("#nom", "Accueil des Tilleuls")
    b.click("main form button.primary")
    b.wait_text(address)
    assert traced(sandbox, "bal.add")[0].startswith(f"Mme Samia BENALI|{address}|ORG")
    b.fill("#identifiant", LUCIE.national_id)
    b.driver.execute_script("document.getElementById('jusqu').value = '2027-03-31'")
    b.click("button[value=ajouter]")
    b.wait_text("MOREAU", "table")
    assert "31 mars 2027" in b.text("table") or "1 avril 2027" in b.text("table")
    b.shot(shots, "bureau-clair-7-admin-boite")
    b.click("button[value=suspendre]")
    b.wait_text("Dites pourquoi", "#erreur")
    b.fill("#motif", "travaux")
    b.click("button[value=suspendre]")
    b.wait_text("suspendue", "main")
    assert traced(sandbox, "bal.suspend")[0].endswith("|travaux")
    b.click("button[value=reprendre]")
    b.wait_text("ouverte", "main")
    b.fill("#motif", "fin du service")
    b.click("button[value=fermer]")
    b.wait_text("ne rouvre pas")
    b.go("/admin/boites")
    b.fill("#adresse", f"intrus-{os.getpid()}@ch-demo.caducee.mssante.fr")
    b.fill("#nom", "Intrus")
    b.click("main form button.primary")
    b.wait_text("n’est pas un domaine de cette structure", "#erreur")


def test_another_structure_s_mailbox_is_as_if_it_were_not(browser, roles, sandbox):
    """By its page, by a form sent by hand, and by the database itself when the webmail's code would let it through."""
    theirs = number_of(sandbox, PAUL.address)
    b = browser()
    b.log_in(SAMIA)
    b.go(f"/admin/boites/{theirs}")
    b.wait_text("Introuvable")
    b.go("/admin/boites")
    for act in ("suspendre", "fermer", "ajouter", "liste-rouge"):
        answer = b.driver.execute_script("""
            const form = new URLSearchParams({csrf: document.querySelector('input[name=csrf]').value, acte: arguments[1],
                                              motif: 'essai', identifiant: arguments[2], role: 'lecteur'});
            const got = await fetch('/admin/boites/' + arguments[0], {method: 'POST', body: form, redirect: 'manual'});
            return got.type + ' ' + got.status;""", theirs, act, SAMIA.national_id)
        assert answer == "basic 404", (act, answer)
    assert sql(sandbox, f"SELECT state, red_listed FROM bal WHERE bal_id = {theirs}") == ["open|f"]
    hers = sql(sandbox, "SELECT encode(session_hash, 'hex') FROM web_session JOIN person_identifier USING (person_id) "
                        f"WHERE national_id = '{SAMIA.national_id}' AND revoked IS NULL ORDER BY created DESC LIMIT 1")[0]
    session = f"decode('{hers}', 'hex')"
    asked = sql(sandbox, "SET SESSION AUTHORIZATION caducee_webmail; "
                         f"SELECT DISTINCT structure_id FROM admin_bals({session}, NULL)")
    assert asked == sql(sandbox, "SELECT structure_id FROM structure WHERE name = 'EHPAD Les Tilleuls'")
    for call in (f"admin_require_bal({session}, '{{administrateur,exploitant}}', {theirs})",
                 f"admin_require({session}, '{{administrateur,exploitant}}', NULL)",
                 f"admin_require(decode(repeat('00', 32), 'hex'), '{{administrateur}}', {asked[0]})"):
        with pytest.raises(subprocess.CalledProcessError) as refusal:
            sql(sandbox, f"SET SESSION AUTHORIZATION caducee_webmail; SELECT {call}")
        assert "no such role" in refusal.value.stderr


def test_fields_that_documents_contradict_are_shown_to_their_structure(browser, roles, sandbox):
    """submission counts them; here are two structures' counts, and who sees which."""
    for address in (SOINS, PAUL.address):
        sql(sandbox, "INSERT INTO header_mismatch (bal_id, field, product, written, computed) SELECT bal_id, 'X-MSS-INS', "
                     f"'LOGICIEL-{address}', 'O', 'N' FROM bal WHERE address = '{address}' ON CONFLICT DO NOTHING")
    b = browser()
    b.log_in(SAMIA)
    b.go("/admin/ecarts")
    b.wait_text(f"LOGICIEL-{SOINS}", "main")
    assert PAUL.address not in b.text("main")


def test_an_exploitant_gives_nobody_a_right_on_a_mailbox(browser, roles, sandbox):
    """They run the service: neither a share nor a holder's role is theirs to give, to themselves above all."""
    theirs = number_of(sandbox, SOINS)
    b = browser()
    b.log_in(PAUL)
    b.go(f"/admin/boites/{theirs}")
    b.wait_text(SOINS, "main")
    assert not b.all("button[value=ajouter]") and not b.all("button[value=retirer]")
    answer = b.driver.execute_script("""
        const form = new URLSearchParams({csrf: document.querySelector('input[name=csrf]').value, acte: 'ajouter',
                                          identifiant: arguments[1], role: 'lecteur'});
        return await (await fetch('/admin/boites/' + arguments[0], {method: 'POST', body: form})).text();""",
                                     theirs, PAUL.national_id)
    assert 'id="erreur"' in answer
    paul = f"(SELECT person_id FROM person_identifier WHERE national_id = '{PAUL.national_id}')"
    assert sql(sandbox, f"SELECT count(*) FROM membership WHERE bal_id = {theirs} AND person_id = {paul}") == ["0"]
    assert traced(sandbox, "operator.refused")[0] == f"M. Paul DURAND|{SOINS}|bal.share"
    b.go("/admin/boites")
    b.driver.execute_script("document.getElementById('type').value = 'PER'")
    address = f"a-moi-{os.getpid()}@ch-demo.caducee.mssante.fr"
    option = next(o for o in b.all("#structure option") if "Démonstration" in o.text)
    option.click()
    b.fill("#adresse", address)
    b.fill("#nom", "À moi")
    b.fill("#identifiant", PAUL.national_id)
    b.click("main form button.primary")
    b.wait_text("titulaire", "#erreur")
    assert sql(sandbox, f"SELECT count(*) FROM bal WHERE address = '{address}'") == ["0"]


def test_an_exploitant_holds_releases_and_drops_what_waits(browser, roles, sandbox, shots):
    to = f"attente-{os.getpid()}@lab.autre-operateur.mssante.fr"
    b = browser()
    b.log_in(PAUL)
    sandbox.processes.stop("postfix")  # what is sent now waits
    try:
        b.click("a[data-key=c]")
        b.fill("#champ-a", to)
        b.fill("#champ-objet", "Attendra")
        b.click("button[value=envoyer]")
        b.wait_text("Message envoyé")

        def row():
            b.go("/admin/file")
            return next((r for r in b.all("tbody tr") if to in r.text), None)

        def order(act, done):
            """Not while a relay has it in hand: it is asked again."""
            def ask():
                button = row().find_elements("css selector", f"button[value={act}]")
                if button:
                    button[0].click()
                return done()
            b.wait(ask, act)

        b.wait(row)
        b.shot(shots, "bureau-clair-7-admin-file-pleine")
        order("retenir", lambda: "Retenu" in row().text)
        order("relacher", lambda: "En attente" in row().text)
        order("abandonner", lambda: row() is None)
        for act in ("hold", "release", "drop"):
            assert traced(sandbox, f"queue.{act}")[0].startswith("M. Paul DURAND|"), act
    finally:
        sandbox.postfix.start()


def test_a_structure_settles_its_patients_rules(browser, roles, sandbox):
    b = browser()
    b.log_in(SAMIA)
    b.go("/admin/patients")
    b.fill("textarea[name=information]", "Texte de la structure pour ses patients.")
    b.click("input[name=saisie]")
    b.click("main button.primary")
    b.wait(lambda: b.one("input[name=saisie]").is_selected())
    assert sql(sandbox, "SELECT name, patient_notice FROM structure WHERE patient_typing") == \
        ["EHPAD Les Tilleuls|Texte de la structure pour ses patients."]
    b.fill("textarea[name=information]", "")
    b.click("input[name=saisie]")
    b.click("main button.primary")
    b.wait(lambda: not b.one("input[name=saisie]").is_selected())


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


def test_the_whitelist_says_when_it_was_asked_for_and_what_changed(browser, roles, sandbox, shots):
    sql(sandbox, "DELETE FROM fetch_request WHERE what = 'whitelist'")
    b = browser()
    b.log_in(PAUL)
    b.go("/admin/listes-blanches")
    b.wait_text("Générations")
    before = sql(sandbox, "SELECT extract(epoch FROM changed) FROM setting WHERE name = 'whitelist.fetch'")
    b.click("form[action='/admin/listes-blanches'][method=post] button")
    b.wait(lambda: sql(sandbox, "SELECT extract(epoch FROM changed) FROM setting WHERE name = 'whitelist.fetch'") != before, "the fetcher has tried again")
    assert "Paul DURAND" in traced(sandbox, "whitelist.fetch")[0]
    b.go("/admin/listes-blanches")
    assert sql(sandbox, "SELECT to_char(changed AT TIME ZONE 'Europe/Paris', 'YYYY-MM-DD HH24:MI') FROM setting WHERE name = 'whitelist.fetch'")[0] in b.text(".lead")
    assert any(words in b.text(".lead") for words in ("rien de nouveau", "reçue et acceptée"))
    domain = sql(sandbox, "SELECT e.domain FROM whitelist_entry e, trust_state s WHERE e.generation = s.whitelist ORDER BY e.domain DESC LIMIT 1")[0]
    b.fill("input[name=domaine]", domain)
    b.click(".refine button")
    b.wait_text(f"Domaine {domain}")
    rows = sandbox.whitelist.entries()
    sandbox.whitelist.publish([*rows, ("nouveau.autre-operateur.mssante.fr", "Nouveau", rows[-1][2])])
    try:
        b.go("/admin/listes-blanches")
        b.click("form[action='/admin/listes-blanches'][method=post] button")
        b.wait(lambda: b.go("/admin/listes-blanches") or "nouveau.autre-operateur.mssante.fr" in b.text("main"), "a second generation, and what changed")
    finally:
        sandbox.whitelist.publish(rows)
    b.shot(shots, "bureau-clair-7-admin-listes-blanches-ecarts")


def test_an_auditor_asks_for_no_list(browser, roles, sandbox):
    b = browser()
    b.log_in(LUCIE)
    b.go("/admin/listes-blanches")
    b.wait_text("Générations")
    assert not b.all("form[method=post][action='/admin/listes-blanches']")
    asked = sql(sandbox, "SELECT asked FROM fetch_request WHERE what = 'whitelist'")
    assert b.driver.execute_async_script(
        "const done = arguments[0]; fetch('/admin/listes-blanches', {method: 'POST', body: new URLSearchParams({csrf: document.body.dataset.csrf})})"
        ".then((a) => done(a.status));") == 403
    assert sql(sandbox, "SELECT asked FROM fetch_request WHERE what = 'whitelist'") == asked


def test_the_figures_of_a_tree_of_structures(browser, roles, sandbox):
    """An organisme gestionnaire's administrator sees the sum of what is under it, and nothing beside."""
    tilleuls, other = (sql(sandbox, f"SELECT structure_id FROM structure WHERE name {how} ORDER BY structure_id LIMIT 1")[0]
                       for how in ("= 'EHPAD Les Tilleuls'", "NOT LIKE 'EHPAD Les Tilleuls'"))
    was = sql(sandbox, f"SELECT coalesce(parent_id::text, 'NULL') FROM structure WHERE structure_id = {tilleuls}")[0]
    above = sql(sandbox, "INSERT INTO structure (name, siret) VALUES ('Organisme gestionnaire d''essai', '99900000000017') RETURNING structure_id")[0]
    login = sql(sandbox, "SELECT login FROM operator_role WHERE role = 'administrateur' AND person_id IS NOT NULL LIMIT 1")[0]
    mine = sql(sandbox, f"SELECT structure_id FROM operator_role WHERE login = '{login}' AND role = 'administrateur'")[0]
    sql(sandbox, f"UPDATE structure SET parent_id = {above} WHERE structure_id = {tilleuls}")
    sql(sandbox, f"UPDATE operator_role SET structure_id = {above} WHERE login = '{login}' AND role = 'administrateur'")
    try:
        b = browser()
        b.log_in(SAMIA)
        b.go("/admin/indicateurs")
        rows = b.wait(lambda: [row.text for row in b.all("tbody tr")])
        assert rows and all("Tilleuls" in row for row in rows)
        sums = [cell.text.replace("\u202f", "").replace(" ", "") for cell in b.all("tfoot td.num")]
        columns = list(zip(*[[int(cell.text) for cell in row.find_elements("css selector", "td.num")] for row in b.all("tbody tr")]))
        assert [int(each) for each in sums] == [sum(column) for column in columns] and sum(map(int, sums)) > 0
        assert {option.text for option in b.all("select[name=structure] option")} == {"Toutes", "Organisme gestionnaire d'essai", "EHPAD Les Tilleuls"}
        b.go(f"/admin/indicateurs?structure={other}")
        assert [row.text for row in b.wait(lambda: b.all("tbody tr"))] == rows, "what is not theirs is not asked for"
        exploitant = browser()
        exploitant.log_in(PAUL)
        exploitant.go(f"/admin/indicateurs?structure={above}")
        assert [row.text for row in exploitant.wait(lambda: exploitant.all("tbody tr"))] == rows, "the tree under it"
        exploitant.go("/admin/indicateurs")
        assert len(exploitant.wait(lambda: exploitant.all("tbody tr"))) > len(rows)
    finally:
        sql(sandbox, f"UPDATE operator_role SET structure_id = {mine} WHERE login = '{login}' AND role = 'administrateur'")
        sql(sandbox, f"UPDATE structure SET parent_id = {was} WHERE structure_id = {tilleuls}")
        sql(sandbox, f"DELETE FROM structure WHERE structure_id = {above}")
