"""OCSP: asked by the fetcher about certificates that were admitted or bound, never in a handshake; judged at the next session."""
import json

import psycopg2
import pytest
from sandbox.pki import OTHER, PEER_HOST, Spec
from sandbox.refusals import LAB, connect

from conftest import new_bal

NUMBERS = iter(range(1, 1000))


@pytest.fixture(scope="module", autouse=True)
def often(sandbox):
    """Asked about each second, not each hour."""
    conf = sandbox.place.conf
    before = conf.read_text()
    sandbox.place.write(conf, before.replace("ocsp_interval = 1h", "ocsp_interval = 1s"), 0o644)
    restart(sandbox)
    yield
    sandbox.place.write(conf, before, 0o644)
    restart(sandbox)


def restart(sandbox):
    sandbox.processes.stop("directoryd")
    sandbox.caducee.start("directoryd")


@pytest.fixture
def certificate(sandbox):
    """A fresh certificate of the peer's, or of the second DUI's; the responder is honest again afterwards."""
    made = []

    def make(kind="operator"):
        name = f"ocsp-{kind}-{next(NUMBERS)}"
        spec = (Spec(PEER_HOST, OTHER, "autre", names=[PEER_HOST]) if kind == "operator" else
                Spec("DPI CH DE DEMONSTRATION", "CH DE DEMONSTRATION", "chdemo", issuer="applications", eku="client"))
        sandbox.pki.issue(name, spec)
        made.append(name)
        return name

    yield make
    sandbox.ocsp.say()


def mail_from(sandbox, name):
    with connect(sandbox, name) as smtp:
        return smtp.command(f"MAIL FROM:<{LAB}>")


def explained(sandbox, name) -> str:
    return sandbox.caducee.command("trust", "explain", "--cert", sandbox.pki.cert(name), "--from", LAB, check=False)


def answer(sandbox, name):
    """What the database holds about it: status, or nothing yet."""
    rows = [line for line in explained(sandbox, name).stdout.splitlines() if "OCSP:" in line]
    return rows[0].split()[1] if rows else None


def alarms(sandbox):
    return {alarm["code"] for alarm in json.loads(sandbox.caducee.command("--json", "status", check=False).stdout)["alarms"]}


@pytest.mark.parametrize("how", ["honest", "delegated"])
def test_revoked_ahead_of_the_crl(sandbox, certificate, how):
    name = certificate()
    sandbox.ocsp.say(how=how)
    assert mail_from(sandbox, name).code == 250
    sandbox.wait_until(lambda: answer(sandbox, name) == "good")
    assert explained(sandbox, name).returncode == 0
    sandbox.ocsp.say([name], how)
    sandbox.wait_until(lambda: mail_from(sandbox, name).code == 550)
    said = explained(sandbox, name)
    assert said.returncode != 0 and "certificate.revoked" in said.stdout and answer(sandbox, name) == "revoked"
    reply = mail_from(sandbox, name)
    assert "OCSP" in reply.text, "the refusal names what it rests on"
    assert mail_from(sandbox, "peer").code == 250, "another certificate of that name stays in"
    sandbox.ocsp.say(how=how)  # a hold that was lifted
    sandbox.wait_until(lambda: mail_from(sandbox, name).code == 250)


def test_an_applications_certificate(sandbox, certificate):
    name, bal = certificate("application"), new_bal(sandbox)
    sandbox.caducee.command("bal", "unbind-cert", bal.address, sandbox.pki.cert("dui2"))
    sandbox.caducee.command("bal", "bind-cert", bal.address, sandbox.pki.cert(name))
    sandbox.wait_until(lambda: was_asked(sandbox, name))  # bound is enough: nobody has shown it yet
    bal.imap(name).logout()
    sandbox.ocsp.say([name])

    def refused():
        try:
            bal.imap(name).logout()
            return False
        except Exception as error:
            return "revoked" in str(error) or "révoqué" in str(error)
    sandbox.wait_until(refused)


def was_asked(sandbox, name) -> bool:
    with psycopg2.connect(sandbox.postgres.conninfo) as db, db.cursor() as cursor:
        cursor.execute("SELECT 1 FROM certificate_known WHERE encode(fingerprint, 'hex') = %s AND asked IS NOT NULL",
                       (sandbox.pki.sha256(sandbox.pki.cert(name)),))
        return bool(cursor.fetchall())


@pytest.mark.parametrize("how", ["other-signer", "not-named", "other-certificate", "stale", "garbage", "later"])
def test_an_answer_that_does_not_count(sandbox, certificate, how):
    """It says "revoked", and nobody is refused for it; the operator hears of it."""
    name = certificate()
    sandbox.ocsp.say([name], how)
    assert mail_from(sandbox, name).code == 250
    sandbox.wait_until(lambda: was_asked(sandbox, name))
    sandbox.wait_until(lambda: "ocsp.unreachable" in alarms(sandbox))
    assert answer(sandbox, name) is None and mail_from(sandbox, name).code == 250


def test_a_responder_that_is_away(sandbox, certificate):
    name = certificate()
    sandbox.processes.stop("ocsp")
    try:
        assert mail_from(sandbox, name).code == 250
        sandbox.wait_until(lambda: "ocsp.unreachable" in alarms(sandbox))
        assert mail_from(sandbox, name).code == 250
    finally:
        sandbox.ocsp.start()
    sandbox.wait_until(lambda: answer(sandbox, name) == "good")
    sandbox.wait_until(lambda: "ocsp.unreachable" not in alarms(sandbox))
