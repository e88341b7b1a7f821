"""Introspection (RFC 7662): a token that is signed and in its dates, and withdrawn all the same. keyd asks directoryd's
introspector over a socket; submission and imapd ask keyd."""
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest
from sandbox import people
from sandbox.imap_client import Dui
from sandbox.prosante import MAIL_CLIENT
from sandbox.refusals import context_for
from sandbox.smtp_client import Smtp

DOCTOR = people.PROFESSIONALS[0]


def submission(sandbox, token) -> int:
    with Smtp(sandbox.place.host, sandbox.place.port("submission")) as smtp:
        smtp.ehlo("poste.example")
        assert smtp.starttls(context_for(sandbox, None), "smtp.caducee.mssante.fr").code == 220
        smtp.ehlo("poste.example")
        return smtp.oauthbearer(DOCTOR.address, token).code


def configure(sandbox, how, **more):
    """psc.introspection, and the daemons' new workers that know it."""
    place, secret = sandbox.place, sandbox.place.path("introspection.secret")
    place.write(secret, MAIL_CLIENT[1] + "\n", 0o600)
    sandbox.caducee.write_configuration()
    lines = {"introspection": how, "introspection_client_id": MAIL_CLIENT[0], "introspection_secret_file": secret, **more}
    text = place.conf.read_text().replace("[psc]\n", "[psc]\n" + "".join(f"{k} = {v}\n" for k, v in lines.items()), 1)
    place.write(place.conf, text, 0o644)
    for name in ("directoryd", "keyd"):
        restart(sandbox, name)


def restart(sandbox, name):
    sandbox.processes.stop(name)
    sandbox.caducee.start(name)


def asked(sandbox) -> int:
    """How often the provider was asked."""
    return (sandbox.place.logs / "psc.log").read_text().count("/token/introspect 200")


@pytest.fixture(scope="module", autouse=True)
def put_back(sandbox):
    yield
    sandbox.caducee.write_configuration()
    for name in ("directoryd", "keyd"):
        restart(sandbox, name)


def opens(sandbox, token, code=235):
    """The daemons have just started: what is temporary is asked again."""
    answers = []
    sandbox.wait_until(lambda: answers.append(submission(sandbox, token)) or answers[-1] != 454)
    assert answers[-1] == code


def test_never_asks_nobody(sandbox):
    before = asked(sandbox)
    token = sandbox.psc.token(DOCTOR.national_id)
    sandbox.psc.revoke(token)
    opens(sandbox, token)
    assert asked(sandbox) == before


@pytest.mark.parametrize("auth", ["basic", "post"])
def test_always_sees_a_token_withdrawn(sandbox, auth):
    configure(sandbox, "always", introspection_auth=auth)
    token = sandbox.psc.token(DOCTOR.national_id)
    opens(sandbox, token)
    before = asked(sandbox)
    opens(sandbox, token)
    assert asked(sandbox) == before + 1
    sandbox.psc.revoke(token)
    opens(sandbox, token, 535)
    refusals = sandbox.caducee.command("--json", "trace", "list", "--action", "keyd.token", "--limit", "5").stdout
    assert "token.inactive" in refusals
    assert not imap(sandbox, token)
    assert imap(sandbox, sandbox.psc.token(DOCTOR.national_id, jti="autre"))


def imap(sandbox, token) -> bool:
    client = Dui(sandbox.place.host, sandbox.place.port("imap"), context_for(sandbox, None))
    said = [f"n,a={DOCTOR.address},\1auth=Bearer {token}\1\1".encode(), b"\1"]  # RFC 7628 3.2.3: a refusal is answered
    try:
        client.authenticate("OAUTHBEARER", lambda _challenge: said.pop(0))
        return True
    except client.error:
        return False
    finally:
        client.shutdown()


def test_once_asks_once_a_token(sandbox):
    configure(sandbox, "once")
    token = sandbox.psc.token(DOCTOR.national_id, jti="une-fois")
    opens(sandbox, token)
    before = asked(sandbox)
    sandbox.psc.revoke(token)
    opens(sandbox, token)
    assert asked(sandbox) == before, "a token that was good is remembered until it ends"
    other = sandbox.psc.token(DOCTOR.national_id, jti="une-autre")
    sandbox.psc.revoke(other)
    opens(sandbox, other, 535)
    opens(sandbox, other, 535)
    assert asked(sandbox) == before + 2, "a no is never remembered"


def test_nobody_to_ask_is_a_passing_trouble(sandbox):
    configure(sandbox, "always", introspection_timeout="2s")
    token = sandbox.psc.token(DOCTOR.national_id)
    opens(sandbox, token)
    sandbox.processes.stop("psc")
    try:
        assert submission(sandbox, token) == 454
        sandbox.wait_until(lambda: "psc.introspection" in sandbox.caducee.command("--json", "status", check=False).stdout)
    finally:
        sandbox.psc.start()
    opens(sandbox, token)
    sandbox.wait_until(lambda: "psc.introspection" not in sandbox.caducee.command("--json", "status", check=False).stdout)
    sandbox.processes.stop("directoryd")
    try:
        assert submission(sandbox, token) == 454, "without the introspector nobody's token is taken for good"
    finally:
        sandbox.caducee.start("directoryd")
    opens(sandbox, token)


def test_the_token_is_in_no_log(sandbox):
    configure(sandbox, "always")
    token = sandbox.psc.token(DOCTOR.national_id, jti="nulle-part")
    opens(sandbox, token)
    for log in sandbox.place.logs.glob("*.log"):
        assert token.split(".")[2][:40] not in log.read_text(errors="replace"), log.name


class CertificateOnly(threading.Thread):
    """An introspection endpoint that knows clients by their TLS certificate (RFC 8705 2), and by nothing else."""

    def __init__(self, sandbox):
        super().__init__(daemon=True)
        pki, seen, gone = sandbox.pki, [], set()
        self.seen, self.gone = seen, gone

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                seen.append((dict(pair[0] for pair in self.connection.getpeercert()["subject"]), form, self.headers["Authorization"]))
                answer = b'{"active": false}' if form["token"] in gone else b'{"active": true}'
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_words):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pki.cert("public"), pki.key("public"))
        context.load_verify_locations(pki.bundle)
        context.verify_mode = ssl.CERT_REQUIRED
        self.server = ThreadingHTTPServer((sandbox.place.host, 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://{sandbox.place.name}:{self.server.server_address[1]}/introspect"

    def run(self):
        self.server.serve_forever()


def test_by_certificate(sandbox):
    endpoint = CertificateOnly(sandbox)
    endpoint.start()
    try:
        pki = sandbox.pki
        configure(sandbox, "always", introspection_auth="certificate", introspection_url=endpoint.url,
                  introspection_certificate=pki.cert("dui"), introspection_private_key=pki.key("dui"))
        token = sandbox.psc.token(DOCTOR.national_id, jti="par-certificat")
        opens(sandbox, token)
        subject, form, authorization = endpoint.seen[-1]
        assert "DUI" in subject["commonName"].upper() and form["client_id"] == MAIL_CLIENT[0]
        assert authorization is None and "client_secret" not in form
        endpoint.gone.add(token)
        opens(sandbox, token, 535)
        configure(sandbox, "always", introspection_auth="basic", introspection_url=endpoint.url)  # no certificate: no answer
        assert submission(sandbox, token) == 454
    finally:
        endpoint.server.shutdown()
