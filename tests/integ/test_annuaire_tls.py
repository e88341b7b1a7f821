"""Who we are to the Annuaire's server, and who it is to us: binds over TLS, its CA and its name, referrals. The server is a
real slapd that shows nothing to whoever has not bound."""
import contextlib
import socket
import ssl
import threading

import pytest
from sandbox.annuaire import BALS, SUFFIX

from test_annuaire_faults import NUMBERS, Proxy, alarms, holds, mirror, other, query, restart_slapd

BY_CERTIFICATE = 'by dn.regex="^cn=mx.caducee.mssante.fr,.*" read '


def slapd_text(sandbox, closed=True, tls=True) -> str:
    """Its configuration: to be read by the administrator's password or our certificate only; perhaps without TLS."""
    sandbox.annuaire.configure()
    text = sandbox.annuaire.file.read_text()
    if closed:
        assert " manage by * read\n" in text
        text = text.replace(" manage by * read\n", f" manage {BY_CERTIFICATE}by * auth\n")
    lines = [line for line in text.splitlines() if tls or not line.startswith("TLS")]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def closed(sandbox):
    restart_slapd(sandbox, slapd_text(sandbox))
    yield
    restart_slapd(sandbox, slapd_text(sandbox, closed=False))
    sandbox.caducee.command("directory", "sync")
    sandbox.wait_until(lambda: "annuaire.unreachable" not in alarms(sandbox))


class Bound:
    """directoryd with other words in its [directory] section; an entry that it has not seen yet waits."""

    def __init__(self, sandbox):
        self.sandbox, self.conf = sandbox, sandbox.place.conf
        self.before, self.address = self.conf.read_text(), f"lie-{next(NUMBERS)}@ailleurs.mssante.fr"
        self.certificate, self.key = sandbox.pki.cert("operator"), sandbox.pki.key("operator")

    def words(self, how, password=None):
        """The settings of a bind."""
        if how == "external":
            return {"bind": "external", "certificate": self.certificate, "private_key": self.key}
        if how == "anonymous":
            return {"bind": "anonymous"}
        place = self.sandbox.place
        secret = place.write(place.path("annuaire.password"), (password or place.state["ldap_password"]) + "\n", 0o600)
        return {"bind": "simple", "bind_dn": f"cn=admin,{SUFFIX}", "password_file": secret}

    def begin(self, **settings):
        self.sandbox.processes.stop("directoryd")
        self.sandbox.annuaire.add(other(self.address.partition("@")[0]))
        self.held = mirror(self.sandbox)
        head, tail = self.before.split("[directory]\n", 1)
        old, rest = tail.split("\n\n", 1) if "\n\n" in tail else (tail, "")
        lines = dict(line.split(" = ", 1) for line in old.splitlines()) | {k: str(v) for k, v in settings.items()}
        section = "".join(f"{k} = {v}\n" for k, v in lines.items() if v != "None")
        self.sandbox.place.write(self.conf, f"{head}[directory]\n{section}\n{rest}", 0o644)
        query(self.sandbox, "DELETE FROM alarm WHERE code = 'annuaire.unreachable'")
        self.sandbox.caducee.start("directoryd")

    def comes_in(self):
        self.sandbox.wait_until(lambda: holds(self.sandbox, self.address))
        assert "annuaire.unreachable" not in alarms(self.sandbox)

    def stays_out(self) -> str:
        """Why, as the operator reads it."""
        rows = self.sandbox.wait_until(lambda: query(
            self.sandbox, "SELECT what FROM alarm WHERE code = 'annuaire.unreachable' AND cleared IS NULL"))
        assert mirror(self.sandbox) == self.held and not holds(self.sandbox, self.address)
        return rows[0][0]

    def over(self):
        self.sandbox.processes.stop("directoryd")
        self.sandbox.place.write(self.conf, self.before, 0o644)
        self.sandbox.annuaire.remove(self.address)
        self.sandbox.caducee.start("directoryd")


@pytest.fixture
def bound(sandbox):
    made = Bound(sandbox)
    yield made
    made.over()


@pytest.mark.parametrize("tls,how", [("ldaps", "external"), ("starttls", "simple"), ("starttls", "external")])
def test_a_bind_over_tls(sandbox, closed, bound, how, tls):
    bound.begin(url=sandbox.annuaire.tls_url if tls == "ldaps" else sandbox.annuaire.url, **bound.words(how))
    bound.comes_in()


def test_a_wrong_password_takes_nothing_away(closed, bound):
    bound.begin(**bound.words("simple", "un-autre"))
    assert "bind" in bound.stays_out()


def test_a_server_of_another_ca(sandbox, closed, bound):
    bound.begin(ca=sandbox.pki.ca("other"), **bound.words("simple"))
    assert "StartTLS" in bound.stays_out()


class Trap(threading.Thread):
    """Speaks TLS as the Annuaire does, and keeps what it is told."""

    def __init__(self, sandbox):
        super().__init__(daemon=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(sandbox.pki.cert("web"), sandbox.pki.key("web"))
        self.server = socket.create_server((sandbox.place.host, 0))
        self.called, self.told = 0, b""
        self.start()

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.server.accept()
                self.called += 1
                with contextlib.suppress(OSError), self.context.wrap_socket(client, server_side=True) as tls:
                    while data := tls.recv(4096):
                        self.told += data


def test_no_password_goes_to_whoever_answers(sandbox, closed, bound):
    """ldaps under another CA than ours: the handshake is as far as it goes. (Under ours, the trap is told who asks.)"""
    trap = Trap(sandbox)
    url = f"ldaps://{sandbox.place.host}:{trap.server.getsockname()[1]}"
    with contextlib.closing(trap.server):
        bound.begin(url=url, ca=sandbox.pki.ca("other"), **bound.words("simple"))
        bound.stays_out()
        assert trap.called and trap.told == b""
        bound.over()
        bound.begin(url=url, timeout="1s", **bound.words("simple"))
        sandbox.wait_until(lambda: sandbox.place.state["ldap_password"].encode() in trap.told)


def test_a_server_of_another_name(sandbox, closed, bound):
    """Its CA vouches for 127.0.0.1 and localhost, not for 127.0.0.2."""
    proxy = Proxy(sandbox, "127.0.0.2")
    bound.begin(url=f"ldap://127.0.0.2:{proxy.port}", **bound.words("simple"))
    said = bound.stays_out()
    proxy.server.close()
    assert "StartTLS" in said


@pytest.mark.parametrize("settings,words", [
    ({"ca": None}, "directory.ca"), ({"starttls": "no", "bind": "simple"}, "directory.starttls")])
def test_what_is_not_even_tried(closed, bound, settings, words):
    """The system's CAs are anybody's; a password does not go in clear."""
    bound.begin(**{**bound.words("simple"), **settings})
    assert words in bound.stays_out()


def test_a_server_without_starttls(sandbox, closed, bound):
    restart_slapd(sandbox, slapd_text(sandbox, tls=False), f"{sandbox.annuaire.url}/ {sandbox.annuaire.socket}/")
    try:
        bound.begin(**bound.words("simple"))
        assert "StartTLS" in bound.stays_out()
    finally:
        restart_slapd(sandbox, slapd_text(sandbox))


STARTTLS_DONE = bytes.fromhex("300c02010178070a010004000400")


@pytest.mark.parametrize("answer", [None, b"", STARTTLS_DONE], ids=["ldaps", "ldap", "after-starttls"])
def test_a_server_that_says_nothing(sandbox, closed, bound, answer):
    """It accepts the connection, and that is (nearly) all: StartTLS and the handshake have their time."""
    with socket.create_server((sandbox.place.host, 0)) as silent:
        if answer:
            threading.Thread(target=answer_once, args=(silent, answer), daemon=True).start()
        bound.begin(url=f"{'ldaps' if answer is None else 'ldap'}://{sandbox.place.host}:{silent.getsockname()[1]}",
                    timeout="1s", **bound.words("simple"))
        bound.stays_out()


def answer_once(listener, answer):
    """Every client is told the same, and nothing more."""
    clients = []
    with contextlib.suppress(OSError):
        while True:
            clients.append(listener.accept()[0])
            if clients[-1].recv(100):
                clients[-1].sendall(answer)


@pytest.mark.parametrize("follow", ["auto", "paged"])
def test_referrals_are_not_followed(sandbox, closed, bound, follow):
    """One entry that says "look over there": whoever listens there is never called, and the others come in."""
    with socket.create_server((sandbox.place.host, 0)) as elsewhere:
        there = f"ldap://{sandbox.place.host}:{elsewhere.getsockname()[1]}"
        sandbox.annuaire.modify(f"dn: cn=renvoi,{BALS}\nchangetype: add\nobjectClass: referral\n"
                                f"objectClass: extensibleObject\ncn: renvoi\nTypeBAL: ORG\nref: {there}/{BALS}??sub\n")
        try:
            bound.begin(follow=follow, **bound.words("simple"))
            if follow == "paged":
                sandbox.caducee.command("directory", "sync", "--wait", "0", check=False)
            bound.comes_in()
            called(elsewhere)
        finally:
            sandbox.annuaire.run(["ldapdelete", "-M", "-Q", "-Y", "EXTERNAL", "-H", sandbox.annuaire.socket,
                                  f"cn=renvoi,{BALS}"])


def test_a_base_that_is_elsewhere(sandbox, closed, bound):
    """The whole search answered by a referral (resultCode 10): trouble, not an empty Annuaire."""
    with socket.create_server((sandbox.place.host, 0)) as elsewhere:
        there = f"ldap://{sandbox.place.host}:{elsewhere.getsockname()[1]}"
        restart_slapd(sandbox, slapd_text(sandbox).replace("sizelimit", f"referral {there}\nsizelimit", 1))
        bound.begin(base="dc=ailleurs", **bound.words("simple"))
        assert "eferral" in bound.stays_out()
        called(elsewhere)


def called(listener):
    listener.settimeout(0)
    with pytest.raises(BlockingIOError):
        listener.accept()
