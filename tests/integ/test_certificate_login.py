"""The administration part by a personal certificate: the web server does the handshake, our own trust code judges chain and
CRL, keyd says whose it is. Closed to everybody to whom an exploitant has not opened it; never a mailbox."""
import http.cookiejar
import os
import pwd
import ssl
import urllib.error
import urllib.parse
import urllib.request

import pytest
from sandbox.patience import until
from sandbox.people import PROFESSIONALS, TILLEULS
from sandbox.pki import Spec

SAMIA = next(p for p in PROFESSIONALS if p.family == "BENALI")
PATH = "/connexion/certificat"


class Browser:
    """With a certificate of the sandbox's PKI, or none; cookies and redirects as a browser's."""

    def __init__(self, sandbox, certificate=None):
        context = ssl.create_default_context(cafile=str(sandbox.pki.ca("public")))
        if certificate:
            context.load_cert_chain(sandbox.pki.cert(certificate), sandbox.pki.key(certificate))
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context),
                                                  urllib.request.HTTPCookieProcessor(self.jar))
        self.url = sandbox.psc.admin_url

    def go(self, path, form=None, base=None, **headers):
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        sent = {"Accept-Language": "fr", **{name.replace("_", "-"): value for name, value in headers.items()}}
        try:
            with self.opener.open(urllib.request.Request((base or self.url) + path, data, sent), timeout=120) as answer:
                return answer.status, answer.url, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.url, refusal.read().decode()

    @property
    def logged_in(self) -> bool:
        return any(cookie.name == "__Host-caducee" for cookie in self.jar)


@pytest.fixture(scope="module")
def samia(sandbox):
    """She administers Les Tilleuls, and her certificate is bound."""
    run = sandbox.caducee.command
    account = sandbox.place.account.pw_name if sandbox.place.is_root else pwd.getpwuid(os.getuid()).pw_name
    run("operator", "add", account, "--name", "Bac à sable", "--role", "exploitant")
    run("operator", "add", "samia", "--name", "Samia Benali", "--role", "administrateur", "--structure", TILLEULS,
        "--person", SAMIA.national_id)
    run("operator", "bind-cert", "samia", sandbox.pki.cert("samia"))
    yield
    sandbox.postgres.query("DELETE FROM operator_certificate; DELETE FROM operator_role WHERE login IN ('samia', '" + account + "')")


def settled(browser, path=PATH, **headers):
    """What is temporary (a snapshot on its way) is asked again."""
    answers = []
    until(lambda: answers.append(browser.go(path, **headers)) or answers[-1][0] != 503, 120)
    return answers[-1]


def test_a_bound_certificate_opens_the_administration_and_no_mailbox(sandbox, samia):
    browser = Browser(sandbox, "samia")
    status, url, page = settled(browser)
    assert status == 200 and url.endswith("/admin") and "Administration" in page and browser.logged_in
    status, _, page = browser.go("/admin/boites")
    assert status == 200 and "soins@tilleuls" in page and "ch-demo" not in page, "her structure only"
    own = sandbox.postgres.query(f"SELECT bal_id FROM membership JOIN person_identifier USING (person_id) WHERE national_id = "
                                 f"'{SAMIA.national_id}' LIMIT 1") or "1"
    status, _, page = browser.go(f"/b/{own.split()[0]}")
    assert status == 404 and "Boîte introuvable" in page
    assert browser.go("/")[1].endswith("/admin")
    act = "SELECT 1 FROM trace JOIN person_identifier USING (person_id) WHERE action = 'admin.view' AND national_id = " \
        f"'{SAMIA.national_id}' LIMIT 1"
    assert sandbox.postgres.query(act), "each look is traced under her name"


def test_a_change_wants_a_page_of_that_address(sandbox, samia):
    browser = Browser(sandbox, "samia")
    _, _, page = settled(browser)
    token = page.split('data-csrf="')[1].split('"')[0]
    assert browser.go("/verrou", {"csrf": token}, Origin="https://ailleurs.example", Sec_Fetch_Site="cross-site")[0] == 403
    status, _, page = browser.go("/verrou", {"csrf": token}, Origin=browser.url, Sec_Fetch_Site="same-origin")
    assert status == 200 and "Déverrouiller avec Pro Santé Connect" in page
    assert browser.go("/admin")[1].endswith("/verrou"), "locked"
    sandbox.postgres.query(OVER)


OVER = "DELETE FROM web_session WHERE by_certificate"
BY_PSC = "INSERT INTO web_session (session_hash, person_id, subject, expires) SELECT sha256('essai'), person_id, 'essai', now() + interval '1 hour' " \
    f"FROM person_identifier WHERE national_id = '{SAMIA.national_id}'"


@pytest.mark.parametrize("how", ["locked", "left", "locked and closed"])
def test_a_certificate_does_not_open_what_locked(sandbox, samia, how):
    """TLS cannot ask whether the person is still there. Not in this browser, nor in another: until PSC has proven her."""
    sandbox.postgres.query(OVER)
    browser = Browser(sandbox, "samia")
    _, _, page = settled(browser)
    token = page.split('data-csrf="')[1].split('"')[0]
    if how == "left":
        sandbox.postgres.query("UPDATE web_session SET last_used = now() - interval '3 hours' WHERE by_certificate")
    else:
        assert browser.go("/verrou", {"csrf": token}, Origin=browser.url, Sec_Fetch_Site="same-origin")[1].endswith("/verrou")
    if how == "locked and closed":
        assert browser.go("/deconnexion", {"csrf": token}, Origin=browser.url, Sec_Fetch_Site="same-origin")[0] == 200
    for again in (browser, Browser(sandbox, "samia")):
        status, _, page = settled(again)
        assert status == 403 and "par Pro Santé Connect" in page, how
    sandbox.postgres.query(BY_PSC)
    assert settled(Browser(sandbox, "samia"))[1].endswith("/admin"), "proven since"
    sandbox.postgres.query(OVER + " OR subject = 'essai'")


def test_a_session_that_was_closed_in_order_closes_no_door(sandbox, samia):
    sandbox.postgres.query(OVER)
    browser = Browser(sandbox, "samia")
    _, _, page = settled(browser)
    token = page.split('data-csrf="')[1].split('"')[0]
    assert browser.go("/deconnexion", {"csrf": token}, Origin=browser.url, Sec_Fetch_Site="same-origin")[0] == 200
    assert not browser.logged_in and settled(browser)[1].endswith("/admin")


def test_no_certificate_no_session(sandbox, samia):
    browser = Browser(sandbox)
    status, _, page = settled(browser)
    assert status == 403 and "Certificat refusé" in page and not browser.logged_in


def test_a_header_is_no_certificate(sandbox, samia):
    """What a client writes comes as HTTP_…: here, and where the web server asks nobody for a certificate."""
    pem = sandbox.pki.cert("samia").read_text().split("-----END CERTIFICATE-----")[0].replace("\n", " ") + "-----END CERTIFICATE-----"
    for base in (sandbox.psc.admin_url, sandbox.psc.webmail_url):
        browser = Browser(sandbox)
        for name in ("SSL_CLIENT_CERT", "SSL-CLIENT-CERT", "X-SSL-Client-Cert"):
            status, _, _ = browser.go(
                PATH, base=base, **{name: pem, "SSL-Client-Verify": "SUCCESS", "SSL_CLIENT_VERIFY": "SUCCESS"})
            assert status in (400, 403) and not browser.logged_in


def test_nobody_s_certificate_is_refused_by_default(sandbox, samia):
    browser = Browser(sandbox, "paul")  # of the right CA, bound to nobody
    status, _, _ = settled(browser)
    assert status == 403 and not browser.logged_in
    assert "operator.unknown" in sandbox.caducee.command("--json", "trace", "list", "--action", "keyd.web_certificate").stdout


def test_other_families_are_refused(sandbox, samia):
    """The web server may be told of too many CAs: ours decides. An application's certificate is no person's."""
    refused = sandbox.caducee.command("operator", "bind-cert", "samia", sandbox.pki.cert("dui"), check=False)
    assert refused.returncode and "certificate.profile" in refused.stderr
    with pytest.raises((ssl.SSLError, urllib.error.URLError, ConnectionError, AssertionError)):
        browser = Browser(sandbox, "dui")
        assert settled(browser)[0] == 200 and browser.logged_in


def test_a_role_that_ends_closes_it(sandbox, samia):
    browser = Browser(sandbox, "samia")
    assert settled(browser)[1].endswith("/admin")
    sandbox.postgres.query("UPDATE operator_role SET ends = now() WHERE login = 'samia'")
    try:
        assert browser.go("/admin")[0] == 404, "for a session that is open too"
        assert settled(Browser(sandbox, "samia"))[0] == 403
    finally:
        sandbox.postgres.query("UPDATE operator_role SET ends = NULL WHERE login = 'samia'")


def test_a_revoked_certificate_is_refused(sandbox, samia):
    """By our CRL: the web server here has none."""
    sandbox.pki.issue("perdue", Spec("CARTE PERDUE", TILLEULS, "tilleuls", issuer="persons", eku="client"))
    sandbox.caducee.command("operator", "bind-cert", "samia", sandbox.pki.cert("perdue"))
    assert settled(Browser(sandbox, "perdue"))[1].endswith("/admin")
    sandbox.pki.revoke("perdue")
    sandbox.pki.publish_crl("persons")
    sandbox.caducee.command("trust", "import-crl", sandbox.place.path("www", "crl", "persons.crl"))
    until(lambda: Browser(sandbox, "perdue").go(PATH)[0] == 403, 120)


def test_unbound_it_is_nobody_s(sandbox, samia):
    sandbox.postgres.query(OVER)
    browser = Browser(sandbox, "samia")
    assert settled(browser)[1].endswith("/admin")
    sandbox.caducee.command("operator", "unbind-cert", "samia", sandbox.pki.cert("samia"))
    assert settled(Browser(sandbox, "samia"))[0] == 403
    assert not browser.go("/admin")[1].endswith("/admin"), "the session that it opened is over"
    assert sandbox.postgres.query("SELECT 1 FROM web_session WHERE by_certificate AND revoked IS NULL") == ""
