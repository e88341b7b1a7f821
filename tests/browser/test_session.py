"""The session at Pro Santé Connect: it goes on while PSC says so, and ends when PSC refuses."""
import pytest

from sandbox import people

from webmail import CLAIRE, LUCIE, PAUL, SAMIA, SOINS, exceptional_access, sql

LUCIE_IS = f"(SELECT person_id FROM person_identifier WHERE national_id = '{LUCIE.national_id}')"


def make_refresh_due(sandbox):
    sql(sandbox, "UPDATE web_session SET refreshed = now() - interval '1 hour'")


def test_it_goes_on_while_psc_says_so_and_ends_when_refused(browser, sandbox):
    b = browser()
    b.log_in(CLAIRE)
    b.one(".folders")
    make_refresh_due(sandbox)
    b.go("/reglages")
    b.wait_text("Réglages", "h1")
    sandbox.processes.stop("psc")
    make_refresh_due(sandbox)
    b.go("/reglages")
    b.wait_text("Réglages", "h1")  # PSC away is not a refusal
    sandbox.psc.start()  # and now it remembers nobody
    make_refresh_due(sandbox)
    b.go("/reglages")
    b.one("a[href='/connexion']")


def asked_of_psc(b):
    """The last address at Pro Santé Connect's authorisation page that this browser was sent to."""
    return [url for url in b.requests() if "response_type=code" in url][-1]


def test_psc_asks_again_after_a_lock_a_log_out_and_on_a_shared_computer(browser, sandbox):
    b = browser()
    b.log_in(CLAIRE)
    assert "prompt=login" not in asked_of_psc(b)
    b.click(".person > summary")
    b.click("form[action='/verrou'] button")
    b.click("a[href='/connexion']")
    b.choose_at_psc(CLAIRE)
    assert "prompt=login" in asked_of_psc(b)
    b.one(".folders")
    b.click(".person > summary")
    b.click("form[action='/deconnexion'] button")
    b.wait(lambda: any("id_token_hint=" in url and "post_logout_redirect_uri=" in url for url in b.requests()))
    b.go("/")
    b.click("a[href='/connexion']")
    b.choose_at_psc(CLAIRE)
    assert "prompt=login" in asked_of_psc(b)
    other = browser()
    other.go("/")
    other.click("a[href='/connexion?partage=1']")
    other.choose_at_psc(CLAIRE)
    assert "prompt=login" in asked_of_psc(other)


def test_it_locks_by_itself_and_the_draft_survives(browser, sandbox, mail):
    mail.empty(CLAIRE, CLAIRE.address, "Drafts")
    b = browser()
    b.log_in(CLAIRE)
    b.click("a[data-key=c]")
    b.fill("#champ-objet", "Écrit avant le verrou")
    b.one("#champ-texte").send_keys("Ce que j'écrivais.")
    b.wait(lambda: b.text("#enregistre").strip())
    sql(sandbox, "UPDATE web_session SET last_used = now() - interval '16 minutes'")
    b.go("/reglages")
    b.wait_text("Session verrouillée")
    assert "Écrit avant" not in b.driver.page_source and CLAIRE.address not in b.driver.page_source
    assert sql(sandbox, "SELECT count(*) FROM web_session WHERE locked IS NOT NULL AND revoked IS NULL") != ["0"]
    b.click("a[href='/connexion']")
    b.choose_at_psc(CLAIRE)
    b.wait_text("Réglages", "h1")
    b.go("/")
    b.click(".folders a[title=Brouillons]")
    b.row("Écrit avant le verrou").find_element("css selector", "a").click()
    b.wait(lambda: "Ce que j'écrivais." in b.one("#champ-texte").get_attribute("value"))


def test_another_person_than_the_locked_one_destroys_the_session(browser, sandbox):
    b = browser()
    b.log_in(CLAIRE)
    hers = sql(sandbox, "SELECT encode(session_hash, 'hex') FROM web_session WHERE revoked IS NULL ORDER BY created DESC LIMIT 1")[0]
    b.click(".person > summary")
    b.click("form[action='/verrou'] button")
    b.click("a[href='/connexion']")
    b.choose_at_psc(PAUL)
    b.wait_text("paul.durand", ".switcher")
    assert sql(sandbox, f"SELECT revoked IS NOT NULL, refresh IS NULL FROM web_session WHERE session_hash = decode('{hers}', 'hex')") == ["t|t"]


def test_it_ends_after_its_absolute_life(browser, sandbox):
    b = browser()
    b.log_in(CLAIRE)
    assert sql(sandbox, "SELECT count(*) FROM web_session WHERE expires > created + interval '10 hours 1 minute'") == ["0"]
    sql(sandbox, "UPDATE web_session SET expires = now() - interval '1 second'")
    b.go("/reglages")
    b.one("a[href='/connexion']")


def test_my_sessions_are_listed_and_one_is_ended(browser, sandbox):
    sql(sandbox, "DELETE FROM web_session")
    lost, mine = browser(), browser()
    lost.log_in(CLAIRE)
    mine.log_in(CLAIRE)
    mine.go("/sessions")
    rows = mine.wait(lambda: mine.all("tbody tr"))
    assert len(rows) == 2 and sum("Celle-ci" in row.text for row in rows) == 1
    mine.click("tbody button")
    mine.wait(lambda: len(mine.all("tbody tr")) == 1)
    lost.go("/reglages")
    lost.one("a[href='/connexion']")


def test_an_exceptional_access_is_told_at_the_next_log_in(browser, sandbox, shots):
    with exceptional_access(sandbox, "Réquisition n° 12"):
        b = browser()
        b.log_in(CLAIRE)
        b.wait_text("autorisé à lire votre boîte", "h1")
        for words in ("Paul DURAND", "Réquisition n° 12", CLAIRE.address):
            assert words in b.text("main")
        b.shot(shots, "bureau-clair-1-acces-exceptionnel")
        again = browser()  # not acknowledged: told again
        again.log_in(CLAIRE)
        again.click("main button.primary")
        again.one(".folders")
        last = browser()
        last.log_in(CLAIRE)
        last.one(".folders")
        assert len(sql(sandbox, "SELECT 1 FROM trace WHERE action = 'bal.exceptional-told'")) >= 1


@pytest.fixture
def lucie_without(sandbox):
    """Lucie shares no mailbox for a while, and Samia administers her structure."""
    sql(sandbox, "INSERT INTO operator_role (login, person_id, name, role, structure_id) SELECT 'benali', person_id, 'BENALI', 'administrateur', "
                 f"(SELECT structure_id FROM structure WHERE name = '{people.TILLEULS}') FROM person_identifier "
                 f"WHERE national_id = '{SAMIA.national_id}' ON CONFLICT DO NOTHING")
    sql(sandbox, f"DELETE FROM membership WHERE person_id = {LUCIE_IS}")
    yield
    sql(sandbox, "DELETE FROM operator_role")
    sql(sandbox, "INSERT INTO membership (bal_id, person_id, role, may_send, ends) SELECT bal_id, "
                 f"{LUCIE_IS}, 'membre', true, now() + interval '1 year' FROM bal WHERE address = '{SOINS}' ON CONFLICT DO NOTHING")


def test_without_a_mailbox_one_learns_whom_to_ask(browser, sandbox, lucie_without, shots):
    b = browser()
    b.log_in(LUCIE)
    b.wait_text("Aucune boîte", "h1")
    assert "Samia BENALI" in b.text("main") and people.TILLEULS in b.text("main")
    assert "@" not in b.text("main")  # nothing of which mailboxes exist
    b.shot(shots, "bureau-clair-1-aucune-boite")


def test_unknown_to_us_one_learns_the_same(browser, sandbox, lucie_without):
    sql(sandbox, f"UPDATE person_identifier SET national_id = '3999900017/0099' WHERE national_id = '{LUCIE.national_id}'")
    try:
        b = browser()
        b.log_in(LUCIE)
        b.wait_text("Aucune boîte", "h1")
        assert "Samia BENALI" in b.text("main")
    finally:
        sql(sandbox, f"UPDATE person_identifier SET national_id = '{LUCIE.national_id}' WHERE national_id = '3999900017/0099'")
