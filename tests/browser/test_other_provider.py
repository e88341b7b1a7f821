"""Log-in against an OpenID provider that is certified and not ours: npm's oidc-provider, in a version that Debian 12's
nodejs (18) runs. Without node, npm or npm's registry the tests are skipped by name; CADUCEE_OIDC_PROVIDER names a folder
whose node_modules holds it already."""
import base64
import http.cookiejar
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from sandbox.patience import until
from sandbox.people import PROFESSIONALS
from sandbox.place import free_ports, missing
from sandbox.prosante import WEBMAIL_CLIENT
from sandbox.psc.tokens import userinfo
from sandbox.smtp_client import client_context

VERSION = "8.8.1"
HERE = Path(__file__).resolve().parent / "oidc_provider"
CACHE = Path(__file__).resolve().parent.parent.parent / "build" / "oidc-provider"
DOCTOR, NURSE = PROFESSIONALS[0], PROFESSIONALS[1]
DAEMONS = ("directoryd", "keyd", "webmail")
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def modules():
    """The folder of node_modules: asked of npm once, no script of a package is run."""
    if missing("node", "npm"):
        pytest.skip("this machine lacks node, npm")
    named = os.environ.get("CADUCEE_OIDC_PROVIDER")
    folder = Path(named) if named else CACHE
    wanted = folder / "node_modules" / "oidc-provider" / "package.json"
    if not named and not wanted.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder),
                        f"oidc-provider@{VERSION}"], capture_output=True, timeout=180)
    if not wanted.exists():
        pytest.skip("this machine lacks oidc-provider (npm)")
    return folder / "node_modules"


def restart(sandbox):
    for name in DAEMONS:
        sandbox.processes.stop(name)
    for name in DAEMONS:
        sandbox.caducee.start(name)


class Provider:
    """The provider on a port of its own, and the daemons told that it is Pro Santé Connect."""

    def __init__(self, sandbox, modules):
        self.sandbox, place = sandbox, sandbox.place
        self.port = free_ports(place.host, 1)[0]
        self.issuer = f"https://{place.name}:{self.port}"
        self.folder = place.make_folder(place.path("oidc"), 0o755)
        shutil.copytree(modules, self.folder / "node_modules", dirs_exist_ok=True)
        place.write(self.folder / "provider.mjs", (HERE / "provider.mjs").read_text(), 0o644)

    def start(self, alg="RS256"):
        place, psc = self.sandbox.place, self.sandbox.psc
        given = {"issuer": self.issuer, "host": place.host, "port": self.port, "alg": alg,
                 "certificate": str(self.sandbox.pki.cert("public")), "key": str(self.sandbox.pki.key("public")),
                 "client_id": WEBMAIL_CLIENT[0], "client_secret": WEBMAIL_CLIENT[1],
                 "redirect_uri": f"{psc.webmail_url}/retour", "after_log_out": f"{psc.webmail_url}/",
                 "people": [{**userinfo(p), "sub": p.national_id} for p in (DOCTOR, NURSE)]}
        place.write(self.folder / "config.json", json.dumps(given), 0o644)
        self.sandbox.processes.start("oidc", [shutil.which("node"), self.folder / "provider.mjs", self.folder / "config.json"])
        self.sandbox.processes.wait("oidc", (place.host, self.port))
        text = place.conf.read_text()
        for old, new in ((f"issuer = {psc.issuer}\n", f"issuer = {self.issuer}\n"),
                         (f"discovery = {psc.discovery}\n", f"discovery = {self.issuer}/.well-known/openid-configuration\n")):
            text = text.replace(old, new)
        place.write(place.conf, text, 0o644)
        restart(self.sandbox)
        self.sandbox.wait_until(lambda: self.sandbox.postgres.query(
            f"SELECT count(*) FROM oidc_document WHERE document LIKE '%{self.issuer}%'") != "0")

    def stop(self):
        self.sandbox.processes.stop("oidc")

    @property
    def log(self) -> str:
        return (self.sandbox.place.logs / "oidc.log").read_text()


@pytest.fixture(scope="module", params=["RS256", "ES256"])
def provider(request, sandbox, modules):
    one = Provider(sandbox, modules)
    try:
        one.start(request.param)
        yield one
    finally:
        one.stop()
        sandbox.caducee.write_configuration()
        restart(sandbox)
        sandbox.wait_until(lambda: sandbox.postgres.query(
            f"SELECT count(*) FROM oidc_document WHERE document LIKE '%{sandbox.psc.issuer}%'") != "0")


class Browser:
    """Cookies and redirects, as a browser without scripts; says who sits before it by the provider's cookie."""

    def __init__(self, sandbox, provider):
        self.sandbox, self.provider, self.visited = sandbox, provider, []
        self.jar = http.cookiejar.CookieJar()
        context = client_context(sandbox.pki.ca("public"))
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context),
            urllib.request.HTTPCookieProcessor(self.jar), Follow(self.visited))

    def sits(self, person, acr="eidas1"):
        name = self.sandbox.place.name
        for key, value in (("je-suis", person.national_id), ("acr", acr)):
            self.jar.set_cookie(http.cookiejar.Cookie(
                0, key, value, str(self.provider.port), True, name if "." in name else name + ".local", False, False, "/",
                True, True, None, False, None, None, {}))
        return self

    def go(self, path, form=None, headers=()):
        url = self.sandbox.psc.webmail_url + path
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(url, data, {"Accept-Language": "fr", **dict(headers)})
        try:
            with self.opener.open(request, timeout=120) as answer:
                return answer.status, answer.url, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.url, refusal.read().decode()

    def log_in(self, query=""):
        """The daemons have just started: what is temporary is asked again."""
        answers = []
        until(lambda: answers.append(self.go("/connexion" + query)) or answers[-1][0] < 500, 120)
        return answers[-1]


class Follow(urllib.request.HTTPRedirectHandler):
    def __init__(self, visited):
        self.visited = visited

    def redirect_request(self, request, fp, code, msg, headers, to):
        self.visited.append(to)
        return super().redirect_request(request, fp, code, msg, headers, to)


@pytest.fixture
def browser(sandbox, provider):
    return Browser(sandbox, provider)


def sessions(sandbox) -> int:
    return int(sandbox.postgres.query("SELECT count(*) FROM web_session WHERE revoked IS NULL AND expires > now()"))


def test_a_person_logs_in_and_reads(browser, sandbox, provider):
    before = sessions(sandbox)
    status, url, page = browser.sits(DOCTOR).log_in()
    assert status == 200 and url.startswith(sandbox.psc.webmail_url) and DOCTOR.family in page
    assert sessions(sandbox) == before + 1
    asked = next(to for to in browser.visited if "response_type=code" in to)
    given = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(asked).query))
    assert given["scope"] == "openid scope_all" and given["acr_values"] == "eidas1" and given["code_challenge_method"] == "S256"
    assert given["state"] and given["nonce"] and given["state"] != given["nonce"]
    back = next(to for to in browser.visited if "/retour?" in to)
    assert f"iss={urllib.parse.quote(provider.issuer, safe='')}" in back  # RFC 9207: the provider's, not refused


@pytest.mark.parametrize("acr, opens", [("eidas2", True), ("eidas3", True), ("moins", False)])
def test_the_level_is_eidas1_or_higher(browser, sandbox, acr, opens):
    before = sessions(sandbox)
    status, _, page = browser.sits(NURSE, acr).log_in()
    assert (status == 200 and NURSE.family in page) == opens
    assert sessions(sandbox) == before + opens
    assert opens or (status == 403 and "Connexion refusée" in page)


def test_a_code_is_of_no_use_to_another_browser(browser, sandbox, provider):
    browser.sits(DOCTOR).log_in()
    back = next(to for to in browser.visited if "/retour?" in to)
    other = Browser(sandbox, provider)
    before = sessions(sandbox)
    status, _, _ = other.go(back[len(sandbox.psc.webmail_url):])
    assert sessions(sandbox) == before and (status >= 400 or not any(c.name == "__Host-caducee" for c in other.jar))


def test_a_shared_computer_asks_again(browser, provider):
    browser.sits(DOCTOR).log_in()
    before = provider.log.count("asked login")
    browser.log_in()
    assert provider.log.count("asked login") == before + 1, "a session there was, so the card is asked for again"
    assert any("prompt=login" in to for to in browser.visited)


def test_it_is_refreshed_and_ends_when_the_provider_refuses(browser, sandbox):
    browser.sits(DOCTOR).log_in()
    rows = "SELECT encode(refresh, 'hex') FROM web_session ORDER BY created DESC LIMIT 1"
    due = "UPDATE web_session SET refreshed = now() - interval '1 hour'"
    first = sandbox.postgres.query(rows)
    sandbox.postgres.query(due)
    status, _, page = browser.go("/reglages")
    assert status == 200 and "Réglages" in page
    assert first and sandbox.postgres.query(rows) != first, "refresh tokens are rotated, and the new one is kept"
    sandbox.processes.stop("oidc")
    sandbox.processes.start("oidc", [shutil.which("node"), sandbox.place.path("oidc", "provider.mjs"),
                                     sandbox.place.path("oidc", "config.json")])  # it remembers nobody
    sandbox.processes.wait("oidc", (sandbox.place.host, browser.provider.port))
    sandbox.postgres.query(due)
    _, _, page = browser.go("/reglages")
    assert "/connexion" in page and "Réglages" not in page


def test_log_out_reaches_the_provider(browser, sandbox, provider):
    restart(sandbox)  # its keys are new since the test before
    sandbox.wait_until(lambda: browser.sits(DOCTOR).log_in()[0] == 200)
    _, _, page = browser.go("/reglages")
    token = page.split('data-csrf="')[1].split('"')[0]
    request = urllib.request.Request(sandbox.psc.webmail_url + "/deconnexion", urllib.parse.urlencode({"csrf": token}).encode(),
                                     {"Origin": sandbox.psc.webmail_url, "Sec-Fetch-Site": "same-origin"})
    with browser.opener.open(request, timeout=120) as answer:
        onward = answer.headers["Refresh"].partition("url=")[2]
    given = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(onward).query))
    assert onward.startswith(provider.issuer) and given["post_logout_redirect_uri"] == f"{sandbox.psc.webmail_url}/"
    claims = json.loads(base64.urlsafe_b64decode(given["id_token_hint"].split(".")[1] + "=="))
    assert claims["sub"] == DOCTOR.national_id
    with browser.opener.open(onward, timeout=120) as answer:
        asks = answer.read().decode()
    assert answer.status == 200 and "logout" in asks.lower(), "the provider takes the hint and asks whether to end its session"
