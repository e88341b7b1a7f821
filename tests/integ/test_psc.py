"""The sandbox's Pro Santé Connect holds to the protocol that clients of the real one must speak."""
import base64
import hashlib
import http.client
import json
import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sandbox.people import PROFESSIONALS
from sandbox.prosante import WEBMAIL_CLIENT
from sandbox.smtp_client import client_context

DOCTOR = PROFESSIONALS[0]


class Browser:
    """Follows nothing by itself; keeps one cookie."""

    def __init__(self, sandbox):
        self.context, self.cookie = client_context(sandbox.pki.ca("public")), ""

    def ask(self, method, url, form=None, headers=()):
        parts = urlsplit(url)
        connection = http.client.HTTPSConnection(parts.hostname, parts.port, context=self.context, timeout=120)
        body = urlencode(form) if form is not None else None
        sent = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded", **dict(headers)}
        connection.request(method, parts.path + ("?" + parts.query if parts.query else ""), body, sent)
        answer = connection.getresponse()
        data = answer.read()
        if answer.headers["Set-Cookie"]:
            self.cookie = answer.headers["Set-Cookie"].split(";")[0]
        connection.close()
        return answer, data


@pytest.fixture
def flow(sandbox):
    return Flow(sandbox)


class Flow:
    """One log-in by authorisation code, PKCE, state and nonce."""

    def __init__(self, sandbox):
        self.browser, self.sandbox = Browser(sandbox), sandbox
        self.known = json.loads(self.browser.ask("GET", sandbox.psc.discovery)[1])
        self.verifier, self.state, self.nonce = (secrets.token_urlsafe(32) for _ in range(3))
        self.redirect = f"{sandbox.psc.webmail_url}/retour"

    def url(self, **change):
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {"client_id": WEBMAIL_CLIENT[0], "redirect_uri": self.redirect, "response_type": "code", "state": self.state,
                 "scope": "openid scope_all", "acr_values": "eidas1", "nonce": self.nonce, "code_challenge": challenge,
                 "code_challenge_method": "S256", **change}
        return self.known["authorization_endpoint"] + "?" + urlencode({k: v for k, v in query.items() if v is not None})

    def code(self, person=DOCTOR):
        answer, _ = self.browser.ask("POST", self.url(), {"person": person.national_id})
        assert answer.status == 303
        given = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert given["state"] == [self.state] and given["iss"] == [self.known["issuer"]]
        return given["code"][0]

    def token(self, **change):
        form = {"grant_type": "authorization_code", "redirect_uri": self.redirect, "code_verifier": self.verifier,
                "client_id": WEBMAIL_CLIENT[0], "client_secret": WEBMAIL_CLIENT[1], **change}
        answer, data = self.browser.ask("POST", self.known["token_endpoint"], form)
        return answer.status, json.loads(data)

    def userinfo(self, token):
        answer, data = self.browser.ask("GET", self.known["userinfo_endpoint"], headers={"Authorization": f"Bearer {token}"})
        return answer.status, json.loads(data)


def claims(token) -> dict:
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def test_whole_flow(flow):
    status, got = flow.token(code=flow.code())
    assert status == 200 and got["expires_in"] <= 300
    identity = claims(got["id_token"])
    assert identity["nonce"] == flow.nonce and identity["acr"] == "eidas1" and identity["aud"] == WEBMAIL_CLIENT[0]
    status, info = flow.userinfo(got["access_token"])
    assert status == 200 and info["sub"] == identity["sub"] and info["SubjectNameID"] == DOCTOR.national_id
    assert info["SubjectRefPro"]["exercices"]
    status, again = flow.token(grant_type="refresh_token", refresh_token=got["refresh_token"])
    assert status == 200 and again["access_token"] != got["access_token"]
    status, used = flow.token(grant_type="refresh_token", refresh_token=got["refresh_token"])
    assert status == 400 and used["error"] == "invalid_grant"


def test_code_is_good_once(flow):
    code = flow.code()
    assert flow.token(code=code)[0] == 200
    assert flow.token(code=code)[0] == 400


@pytest.mark.parametrize("change", [{"code_verifier": "x" * 43}, {"redirect_uri": "https://ailleurs.example/"},
                                    {"client_secret": "faux"}])
def test_code_wants_its_proofs(flow, change):
    assert flow.token(code=flow.code(), **change)[0] in (400, 401)


@pytest.mark.parametrize("change", [{"redirect_uri": "https://ailleurs.example/"}, {"client_id": "personne"},
                                    {"code_challenge": None}, {"nonce": None}, {"state": None}, {"scope": "openid"},
                                    {"acr_values": None}])
def test_authorisation_wants_everything(flow, change):
    assert flow.browser.ask("GET", flow.url(**change))[0].status == 400


def test_second_visit_asks_nobody_unless_told_to(flow):
    flow.code()
    assert flow.browser.ask("GET", flow.url())[0].status == 303
    assert flow.browser.ask("GET", flow.url(prompt="login"))[0].status == 200


def test_log_out_ends_every_token(flow):
    _, got = flow.token(code=flow.code())
    flow.browser.ask("GET", flow.known["end_session_endpoint"] + "?" + urlencode({"id_token_hint": got["id_token"]}))
    assert flow.userinfo(got["access_token"])[0] == 401
    assert flow.token(grant_type="refresh_token", refresh_token=got["refresh_token"])[0] == 400


def test_keys_are_published(flow, sandbox):
    keys = json.loads(flow.browser.ask("GET", flow.known["jwks_uri"])[1])["keys"]
    header = sandbox.psc.token(DOCTOR.national_id).split(".")[0]
    kid = json.loads(base64.urlsafe_b64decode(header + "=="))["kid"]
    assert kid in [key["kid"] for key in keys] and all("d" not in key for key in keys)
