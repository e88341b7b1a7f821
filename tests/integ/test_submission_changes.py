"""What changes under an open session: certificates, rights, tokens that wander. Judged again within a second."""
import base64
import itertools
import json

import pytest
from sandbox.pki import Spec
from sandbox.refusals import context_for, deliver
from sandbox.smtp_client import Smtp

from conftest import letter, new_bal
from test_submission import DOCTOR, NURSE, session

NUMBERS = itertools.count(1)


@pytest.fixture
def software(sandbox):
    """A BAL, and the name of a certificate of its own, bound to it."""
    name = f"dui-{next(NUMBERS)}"
    sandbox.pki.issue(name, Spec(f"DPI NUMERO {name}", "CH DE DEMONSTRATION", "chdemo", issuer="applications", eku="client"))
    bal = new_bal(sandbox)
    sandbox.caducee.command("bal", "bind-cert", bal.address, sandbox.pki.cert(name))
    return bal, name


def revoke(sandbox, name):
    """On its authority's list, and that list in our database."""
    sandbox.pki.revoke(name)
    sandbox.pki.publish_crl("applications")
    sandbox.caducee.command("trust", "import-crl", sandbox.place.path("www", "crl", "applications.crl"))


def test_revoked_between_mail_and_data(sandbox, software):
    """The session was good at AUTH, MAIL and RCPT: what counts is the certificate when the message is whole."""
    bal, name = software
    with session(sandbox, name) as smtp, session(sandbox, name) as watch:
        for one in (smtp, watch):
            assert one.external(bal.address).code == 235
        assert smtp.command(f"MAIL FROM:<{bal.address}>").code == 250
        assert smtp.command(f"RCPT TO:<{bal.address}>").code == 250
        revoke(sandbox, name)
        sandbox.wait_until(lambda: "revoked" in watch.command(f"MAIL FROM:<{bal.address}>").text or
                           watch.command("RSET").code != 250)
        reply = smtp.data(letter(sender=bal.address))
        assert str(reply).startswith("550 5.7.") and "revoked" in str(reply), reply
        assert smtp.command("NOOP").code == 250
    with session(sandbox, name) as smtp:
        assert "EXTERNAL" not in next(line for line in smtp.ehlo("poste").lines if line.startswith("AUTH"))
    assert bal.messages() == []


def unbind(sandbox, bal):
    """The certificate that was bound last; the second DUI's stays."""
    binding = sandbox.postgres.query("SELECT max(binding_id) FROM certificate_binding c JOIN bal b USING (bal_id) "
                                     f"WHERE b.address = '{bal.address}'").strip()
    sandbox.caducee.command("bal", "unbind-cert", bal.address, binding)


def test_unbound_between_mail_and_data(sandbox, software):
    bal, name = software
    with session(sandbox, name) as smtp:
        assert smtp.external(bal.address).code == 235
        smtp.command(f"MAIL FROM:<{bal.address}>")
        assert smtp.command(f"RCPT TO:<{bal.address}>").code == 250
        unbind(sandbox, bal)
        assert str(smtp.data(letter(sender=bal.address))).startswith("550 5.7.1")


def test_unbound_before_its_time(sandbox, software):
    """FUTURERELEASE: the certificate that wrote the message lost its right; that another one still has it does not help."""
    (bal, name), receiver = software, new_bal(sandbox)
    with session(sandbox, name) as smtp:
        assert smtp.external(bal.address).code == 235
        assert smtp.command(f"MAIL FROM:<{bal.address}> HOLDFOR=4").code == 250
        assert smtp.command(f"RCPT TO:<{receiver.address}>").code == 250
        assert smtp.data(letter(sender=bal.address)).code == 250
    unbind(sandbox, bal)
    assert b"Action: failed" in bal.wait(1)[0]
    assert receiver.messages() == []


@pytest.mark.parametrize("mechanism,message", [
    ("OAUTHBEARER", f"n,a={DOCTOR.address},\x01auth=Bearer {{}}\x01\x01"),
    ("XOAUTH2", f"user={DOCTOR.address}\x01auth=Bearer {{}}\x01\x01")])
def test_failure_is_told_in_json(sandbox, mechanism, message):
    """RFC 7628 3.2.2: status, scope, and where the client finds out how to get a token; 3.2.3: then the failure."""
    with session(sandbox) as smtp:
        challenge = smtp.auth(mechanism, message.format(sandbox.psc.token(DOCTOR.national_id, expired=True)))
        assert challenge.code == 334
        told = json.loads(base64.b64decode(challenge.text))
        assert told == {"status": "invalid_token", "scope": "openid scope_all", "openid-configuration": sandbox.psc.discovery}
        assert smtp.command("AQ==" if mechanism == "OAUTHBEARER" else "").code == 535


def session_from(sandbox, source) -> Smtp:
    smtp = Smtp(sandbox.place.host, sandbox.place.port("submission"), source=source)
    smtp.ehlo("poste.example")
    smtp.starttls(context_for(sandbox, None), "smtp.caducee.mssante.fr")
    smtp.ehlo("poste.example")
    return smtp


def test_one_token_from_many_addresses(sandbox):
    """[psc] token_addresses (2): a token that comes from a third address was stolen; refused, and an alarm says whose."""
    token = sandbox.psc.token(NURSE.national_id)
    for source, code in (("127.0.0.11", 235), ("127.0.0.12", 235), ("127.0.0.13", 535), ("127.0.0.11", 235)):
        with session_from(sandbox, source) as smtp:
            assert smtp.oauthbearer(NURSE.address, token).code == code, source
    assert "token.spread" in sandbox.postgres.query("SELECT code FROM alarm WHERE cleared IS NULL")
    with session_from(sandbox, "127.0.0.14") as smtp:
        assert smtp.oauthbearer(NURSE.address, sandbox.psc.token(NURSE.national_id)).code == 235, "a fresh token opens"


def test_suspended_then_resumed(sandbox, software):
    bal, name = software
    with session(sandbox, name) as smtp:
        assert smtp.external(bal.address).code == 235
        sandbox.caducee.command("bal", "suspend", bal.address, "--reason", "essai")
        assert str(deliver(smtp, bal.address, [DOCTOR.address], letter(sender=bal.address))).startswith("550 5.7.1")
        sandbox.caducee.command("bal", "resume", bal.address)
        assert deliver(smtp, bal.address, [DOCTOR.address], letter(sender=bal.address)).code == 250
