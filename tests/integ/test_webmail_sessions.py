"""A session is judged again at each request: what a person loses, they lose at once, in a session that stays open."""
from urllib.parse import urlencode

import pytest

from sandbox.people import PROFESSIONALS
from sandbox.psc.tokens import subject
from tests.bench.browser import Browser
from tests.integ.webmail import log_in

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CLAIRE, PAUL = PROFESSIONALS[0], PROFESSIONALS[1]


@pytest.fixture
def paul(sandbox):
    """Logged in, and a member of a shared mailbox for the length of a test."""
    run = sandbox.postgres.query
    bal = run("SELECT bal_id FROM bal WHERE kind = 'ORG' AND state = 'open' AND bal_id NOT IN (SELECT bal_id FROM membership JOIN "
              f"person_identifier USING (person_id) WHERE national_id = '{PAUL.national_id}') ORDER BY bal_id LIMIT 1").strip()
    run(f"INSERT INTO membership (bal_id, person_id, role, may_send, ends) SELECT {bal}, person_id, 'membre', true, now() + interval '1 day' "
        f"FROM person_identifier WHERE national_id = '{PAUL.national_id}'")
    browser = log_in(sandbox, PAUL)
    browser.shared = bal
    yield browser
    run(f"DELETE FROM membership WHERE bal_id = {bal} AND person_id = (SELECT person_id FROM person_identifier WHERE national_id = "
        f"'{PAUL.national_id}'); UPDATE bal SET state = 'open' WHERE bal_id = {bal} AND state = 'suspended'")
    browser.close()


def opens(browser, bal=None) -> bool:
    """The mailbox's own address answers, or sends on to one of its folders."""
    path = f"/b/{bal or browser.shared}"
    answer = browser.ask("GET", browser.base + path)
    assert answer.status in (200, 303, 404), answer.text[-300:]
    return answer.status == 200 or (answer.status == 303 and answer.headers["Location"].startswith(path + "/"))


@pytest.mark.parametrize("what", ["share ended", "share deleted", "mailbox suspended", "contract ended"])
def test_what_is_lost_is_lost_at_the_next_request(sandbox, paul, what):
    """The mailbox's key may still be in the worker's memory for a minute: the right is read each time."""
    run, who = sandbox.postgres.query, f"(SELECT person_id FROM person_identifier WHERE national_id = '{PAUL.national_id}')"
    mine = f"bal_id = {paul.shared} AND person_id = {who}"
    assert opens(paul) and opens(paul)
    structure = run(f"SELECT structure_id FROM bal WHERE bal_id = {paul.shared}").strip()
    run({"share ended": f"UPDATE membership SET ends = now() WHERE {mine}",
         "share deleted": f"DELETE FROM membership WHERE {mine}",
         "mailbox suspended": f"UPDATE bal SET state = 'suspended' WHERE bal_id = {paul.shared}",
         "contract ended": f"UPDATE structure SET contract_until = current_date - 1 WHERE structure_id = {structure}"}[what])
    try:
        assert not opens(paul), what
        assert opens(paul, paul.bal), "the session goes on, with his own"
    finally:
        run(f"UPDATE structure SET contract_until = NULL WHERE structure_id = {structure}")


def test_a_role_is_read_each_time(sandbox, paul):
    """A reader writes nothing, the moment they are made one."""
    write = f"{paul.base}/b/{paul.shared}/ecrire"
    assert paul.ask("GET", write).status == 200
    sandbox.postgres.query(f"UPDATE membership SET role = 'lecteur' WHERE bal_id = {paul.shared} AND person_id = (SELECT person_id FROM "
                           f"person_identifier WHERE national_id = '{PAUL.national_id}')")
    assert paul.ask("GET", write).status == 403
    assert opens(paul)


def test_a_session_has_its_own_pace(sandbox):
    """webmail.session_rate a minute and process: of that session alone, whoever shares its address."""
    hasty, calm = log_in(sandbox, CLAIRE), log_in(sandbox, CLAIRE)
    for _ in range(20 * 900):
        answer = hasty.ask("GET", f"{hasty.inbox}/sondage")
        if answer.status == 429:
            break
        assert answer.status in (200, 304), answer.text[:200]
    else:
        pytest.fail("nobody was told to wait")
    assert {k.lower(): v for k, v in answer.headers.items()}["retry-after"] == "60"
    assert calm.ask("GET", f"{calm.inbox}/sondage").status in (200, 304)
    hasty.close()
    calm.close()


def test_userinfo_of_another_lets_nobody_in(sandbox):
    """OpenID Connect Core 5.3.2: an answer whose `sub` is not the ID token's is of a token that was put in the place of the log-in's."""
    sessions = "SELECT count(*) FROM web_session"
    browser, before = Browser(), sandbox.postgres.query(sessions)
    log = sandbox.place.logs / "webmail.log"
    page = browser.get(sandbox.psc.webmail_url + "/connexion")
    said = {"acr": "eidas1", "person": PAUL.national_id}
    back = browser.ask("POST", page.url, urlencode({**said, "userinfo_sub": subject(CLAIRE)}).encode(), FORM).headers["Location"]
    answer = browser.ask("GET", back)
    assert answer.status == 403 and "Connexion refusée" in answer.text
    assert "reason=userinfo.sub" in log.read_text()
    assert sandbox.postgres.query(sessions) == before
    home = browser.ask("GET", sandbox.psc.webmail_url + "/")
    assert home.status == 200 and "/connexion" in home.text, "nobody is logged in: to their mailbox they would be sent on"
    page = browser.get(sandbox.psc.webmail_url + "/connexion?partage=1")
    back = browser.ask("POST", page.url, urlencode({**said, "userinfo_sub": subject(PAUL)}).encode(), FORM).headers["Location"]
    assert browser.ask("GET", back).status == 303, "the same answer with the person's own lets in"
    browser.close()
