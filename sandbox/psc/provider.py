"""The OpenID provider itself: authorisation code with PKCE, refresh, userinfo, introspection, log-out (OpenID Connect
Core 1.0, RFC 6749, RFC 7636, RFC 7662, RP-Initiated Logout 1.0). State is in memory; keys are kept."""
import argparse
import base64
import hashlib
import json
import secrets
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from .. import people
from . import pages, tokens

REALM = "/auth/realms/esante-wallet"
DISCOVERY = f"{REALM}/.well-known/wallet-openid-configuration"
PROTOCOL = f"{REALM}/protocol/openid-connect"
AUTHORISE = "/auth"
FORM_MAX = 65536


@dataclass
class Client:
    secret: str
    redirects: list


@dataclass
class Login:
    """One person at this provider's browser session."""
    session: str
    person: object
    acr: str
    told: str = ""  # for tests: the `sub` that userinfo answers with, where it is not the person's


@dataclass
class Grant:
    """A code or a refresh token: good once, until a time."""
    client: str
    login: Login
    ends: float
    redirect: str = ""
    challenge: str = ""
    nonce: str = ""


class Refusal(Exception):
    """An OAuth error (RFC 6749 5.2)."""

    def __init__(self, error, description, status=400):
        super().__init__(description)
        self.error, self.status = error, status


class Provider:
    def __init__(self, base_url: str, folder: Path, clients: dict):
        self.base, self.issuer = base_url, base_url + REALM
        self.keys, self.clients = tokens.Keys(folder), clients
        self.people = {number: p for p in people.PROFESSIONALS for number in p.national_ids}
        self.codes, self.refreshes, self.logins, self.access, self.revoked = {}, {}, {}, {}, set()
        self.lock = threading.Lock()

    def discovery(self) -> dict:
        at = self.base + PROTOCOL
        return {"issuer": self.issuer, "authorization_endpoint": self.base + AUTHORISE, "token_endpoint": at + "/token",
                "userinfo_endpoint": at + "/userinfo", "jwks_uri": at + "/certs",
                "introspection_endpoint": at + "/token/introspect",
                "revocation_endpoint": at + "/revoke", "end_session_endpoint": at + "/logout",
                "response_types_supported": ["code"], "grant_types_supported": ["authorization_code", "refresh_token"],
                "acr_values_supported": ["eidas1", "eidas2", "eidas3"], "scopes_supported": ["openid", "scope_all"],
                "code_challenge_methods_supported": ["S256"], "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256", "ES256"],
                "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"]}

    # -- authorisation ----------------------------------------------------------------------------------------------
    def check_authorisation(self, query: dict) -> Client:
        """What must hold before anybody is asked who they are; a redirect that is not registered is never followed."""
        client = self.clients.get(query.get("client_id", ""))
        if not client or query.get("redirect_uri") not in client.redirects:
            raise Refusal("invalid_request", "client ou redirect_uri inconnu")
        for name, wanted in (("response_type", "code"), ("code_challenge_method", "S256"), ("acr_values", "eidas1")):
            if query.get(name) != wanted:
                raise Refusal("invalid_request", f"{name} doit être {wanted}")
        if not {"openid", "scope_all"} <= set(query.get("scope", "").split()):
            raise Refusal("invalid_scope", "scope doit contenir openid scope_all")
        if not query.get("code_challenge") or not query.get("state") or not query.get("nonce"):
            raise Refusal("invalid_request", "code_challenge, state et nonce sont obligatoires")
        return client

    def log_in(self, number: str, acr: str, told: str) -> str:
        cookie = secrets.token_urlsafe(24)
        with self.lock:
            self.logins[cookie] = Login(secrets.token_hex(16), self.people[number], acr, told)
        return cookie

    def give_code(self, query: dict, login: Login) -> str:
        code = secrets.token_urlsafe(24)
        with self.lock:
            self.codes[code] = Grant(query["client_id"], login, time.time() + 60, query["redirect_uri"],
                                     query["code_challenge"], query["nonce"])
        answer = {"code": code, "state": query["state"], "session_state": login.session, "iss": self.issuer}
        return query["redirect_uri"] + "?" + urlencode(answer)

    # -- tokens -----------------------------------------------------------------------------------------------------
    def authenticate(self, form: dict, basic) -> str:
        name, secret = basic or (form.get("client_id", ""), form.get("client_secret", ""))
        client = self.clients.get(name)
        if not client or not secrets.compare_digest(client.secret, secret):
            raise Refusal("invalid_client", "client inconnu ou secret faux", 401)
        return name

    def token(self, form: dict, basic) -> dict:
        client = self.authenticate(form, basic)
        kind = form.get("grant_type")
        if kind == "authorization_code":
            grant = self._spend(self.codes, form.get("code"), client)
            verifier = form.get("code_verifier", "").encode()
            if grant.redirect != form.get("redirect_uri"):
                raise Refusal("invalid_grant", "redirect_uri a changé")
            if tokens.b64(hashlib.sha256(verifier).digest()) != grant.challenge:
                raise Refusal("invalid_grant", "code_verifier faux")
        elif kind == "refresh_token":
            grant = self._spend(self.refreshes, form.get("refresh_token"), client)
        else:
            raise Refusal("unsupported_grant_type", "grant_type inconnu")
        return self._issue(client, grant)

    def _spend(self, store: dict, key, client: str) -> Grant:
        with self.lock:
            grant = store.pop(key, None)
            alive = grant and any(login is grant.login for login in self.logins.values())
        if not grant or grant.client != client or grant.ends < time.time() or not alive:
            raise Refusal("invalid_grant", "code ou jeton inconnu, périmé ou déjà utilisé")
        return grant

    def _issue(self, client: str, grant: Grant) -> dict:
        login, refresh = grant.login, secrets.token_urlsafe(32)
        claims = tokens.access_claims(self.issuer, client, login.person, login.session, login.acr)
        access = self.keys.sign(claims)
        with self.lock:
            self.access[access] = (claims, login)
            self.refreshes[refresh] = Grant(client, login, time.time() + tokens.REFRESH_LIFE)
        identity = tokens.id_claims(self.issuer, client, login.person, login.session, grant.nonce, login.acr)
        return {"access_token": access, "expires_in": tokens.ACCESS_LIFE, "refresh_token": refresh,
                "refresh_expires_in": tokens.REFRESH_LIFE, "token_type": "Bearer", "id_token": self.keys.sign(identity),
                "session_state": login.session, "scope": "openid scope_all"}

    def live_access(self, token: str):
        with self.lock:
            claims, login = self.access.get(token, ({}, None))
            alive = any(login is other for other in self.logins.values())
        return (claims, login) if login and alive and claims["exp"] > time.time() else (None, None)

    def introspect(self, token: str) -> dict:
        """RFC 7662. Tokens that the sandbox signs for tests (`sandbox token`) count as given until they are revoked."""
        claims, _ = self.live_access(token)
        if claims or token in self.access or token in self.revoked:
            return {"active": True, **claims} if claims else {"active": False}
        claims = self.keys.verified(token)
        return {"active": True, **claims} if claims and claims.get("exp", 0) > time.time() else {"active": False}

    def revoke(self, token: str):
        """RFC 7009."""
        with self.lock:
            self.access.pop(token, None)
            self.revoked.add(token)

    def log_out(self, hint: str):
        """Ends the log-in that the ID token names; every token of it dies with it."""
        payload = hint.split(".")[1] if hint.count(".") == 2 else ""
        try:
            session = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sid"]
        except (ValueError, KeyError):
            raise Refusal("invalid_request", "id_token_hint illisible") from None
        with self.lock:
            for cookie in [c for c, login in self.logins.items() if login.session == session]:
                del self.logins[cookie]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "psc-sandbox"

    @property
    def provider(self) -> Provider:
        return self.server.provider

    def log_request(self, code="-", size="-"):  # query strings hold codes: paths only
        print(f"{self.command} {urlsplit(self.path).path} {int(code)}", flush=True)

    def log_message(self, *_arguments):  # the library's other lines repeat the request's
        pass

    def answer(self, status, body, kind="application/json", headers=()):
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in (("Content-Type", kind + "; charset=utf-8"), ("Content-Length", str(len(data))),
                            ("Cache-Control", "no-store"), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def redirect(self, to, headers=()):
        self.answer(303, "", "text/plain", (("Location", to), *headers))

    def form(self) -> dict:
        size = int(self.headers.get("Content-Length") or 0)
        if size > FORM_MAX:
            raise Refusal("invalid_request", "formulaire trop grand", 413)
        return dict(parse_qsl(self.rfile.read(size).decode("utf-8", "replace"), keep_blank_values=True))

    def basic(self):
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        name, _, secret = base64.b64decode(value).decode().partition(":")
        return name, secret

    def login(self):
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("PSC")
        return self.provider.logins.get(cookie.value) if cookie else None

    def do_GET(self):
        self.serve(GET)

    def do_POST(self):
        self.serve(POST)

    def serve(self, routes):
        route = routes.get(urlsplit(self.path).path)
        try:
            if route:
                route(self, dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True)))
            else:
                self.answer(404, {"error": "not_found"})
        except Refusal as refusal:
            self.answer(refusal.status, {"error": refusal.error, "error_description": str(refusal)})

    # -- routes -----------------------------------------------------------------------------------------------------
    def get_discovery(self, _query):
        self.answer(200, self.provider.discovery())

    def get_certs(self, _query):
        self.answer(200, self.provider.keys.jwks())

    def get_authorise(self, query):
        self.provider.check_authorisation(query)
        login = self.login()
        if login and query.get("prompt") != "login":
            self.redirect(self.provider.give_code(query, login))
        else:
            self.answer(200, pages.choice(people.PROFESSIONALS, {"acr": query.get("sandbox_acr", "eidas1")}), "text/html")

    def post_authorise(self, query):
        self.provider.check_authorisation(query)
        form = self.form()
        if form.get("person") not in self.provider.people:
            raise Refusal("access_denied", "personne inconnue", 403)
        cookie = self.provider.log_in(form["person"], form.get("acr", "eidas1"), form.get("userinfo_sub", ""))
        self.redirect(self.provider.give_code(query, self.provider.logins[cookie]),
                      (("Set-Cookie", f"PSC={cookie}; Path=/; HttpOnly; Secure; SameSite=Lax"),))

    def post_token(self, _query):
        self.answer(200, self.provider.token(self.form(), self.basic()))

    def get_userinfo(self, _query):
        _, _, token = self.headers.get("Authorization", "").partition(" ")
        _, login = self.provider.live_access(token)
        if not login:
            raise Refusal("invalid_token", "jeton inconnu ou périmé", 401)
        self.answer(200, {**tokens.userinfo(login.person), **({"sub": login.told} if login.told else {})})

    def post_introspect(self, _query):
        form = self.form()
        self.provider.authenticate(form, self.basic())
        self.answer(200, self.provider.introspect(form.get("token", "")))

    def post_revoke(self, _query):
        form = self.form()
        self.provider.authenticate(form, self.basic())
        self.provider.revoke(form.get("token", ""))
        self.answer(200, {})

    def get_logout(self, query):
        self.provider.log_out(query.get("id_token_hint", ""))
        to = query.get("post_logout_redirect_uri", "")
        known = any(urlsplit(to)[:2] == urlsplit(r)[:2] for c in self.provider.clients.values() for r in c.redirects)
        gone = (("Set-Cookie", "PSC=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax"),)
        if to and known:
            state = {"state": query["state"]} if "state" in query else {}
            self.redirect(to + ("?" + urlencode(state) if state else ""), gone)
        else:
            self.answer(200, pages.message("Déconnexion", "Vous êtes déconnecté de Pro Santé Connect."), "text/html", gone)


GET = {DISCOVERY: Handler.get_discovery, AUTHORISE: Handler.get_authorise, f"{PROTOCOL}/certs": Handler.get_certs,
       f"{PROTOCOL}/userinfo": Handler.get_userinfo, f"{PROTOCOL}/logout": Handler.get_logout}
POST = {AUTHORISE: Handler.post_authorise, f"{PROTOCOL}/token": Handler.post_token,
        f"{PROTOCOL}/userinfo": Handler.get_userinfo, f"{PROTOCOL}/token/introspect": Handler.post_introspect,
        f"{PROTOCOL}/revoke": Handler.post_revoke}


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address, provider, certificate, key):
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, Handler)
        self.provider = provider
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate, key)

    def get_request(self):
        connection, peer = super().get_request()
        connection.settimeout(30)
        return self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), peer

    def handle_error(self, request, client_address):  # a handshake that fails is the client's affair
        pass


def parse_client(text: str):
    name, secret, redirect = text.split(":", 2)
    return name, secret, redirect


def main():
    parser = argparse.ArgumentParser(description="The sandbox's Pro Santé Connect")
    parser.add_argument("--state", required=True, type=Path, help="folder of its keys")
    parser.add_argument("--listen", required=True, help="ADDRESS:PORT")
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--base-url", required=True, help="https://HOST:PORT as browsers and daemons see it")
    parser.add_argument("--client", action="append", default=[], type=parse_client, metavar="ID:SECRET:REDIRECT")
    options = parser.parse_args()
    clients = {}
    for name, secret, redirect in options.client:
        clients.setdefault(name, Client(secret, [])).redirects.append(redirect)
    host, _, port = options.listen.rpartition(":")
    provider = Provider(options.base_url, options.state, clients)
    Server((host.strip("[]"), int(port)), provider, options.certificate, options.key).serve_forever()


if __name__ == "__main__":
    main()
