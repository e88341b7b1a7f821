"""The session at Pro Santé Connect: it goes on while PSC says so, and ends when PSC refuses."""
from webmail import CLAIRE, sql


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
