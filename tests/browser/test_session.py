"""The session at Pro Santé Connect: it goes on while PSC says so, and ends when PSC refuses."""
import subprocess

from webmail import CLAIRE


def make_refresh_due(sandbox):
    subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-c", "UPDATE web_session SET refreshed = now() - interval '1 hour'"],
                   check=True, env=sandbox.caducee.environment(),
                   **({"user": sandbox.place.account.pw_uid} if sandbox.place.is_root else {}))


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
