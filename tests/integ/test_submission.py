"""Submission: who may send as whom, with which token or certificate, and to whom."""
import email
import re
import subprocess

import pytest
from sandbox import people
from sandbox.people import C, T
from sandbox.psc import tokens
from sandbox.refusals import context_for, deliver
from sandbox.smtp_client import Smtp
from sandbox.whitelist import PEER_DOMAIN

from conftest import letter

DOCTOR, NURSE, EDUCATOR, SECRETARY = (people.PROFESSIONALS[n] for n in range(4))
LAB = f"labo@{PEER_DOMAIN}"


@pytest.fixture(autouse=True)
def submission(sandbox):
    if not sandbox.status()["submission"]:
        pytest.fail("submission does not listen", pytrace=False)


def session(sandbox, certificate=None) -> Smtp:
    smtp = Smtp(sandbox.place.host, sandbox.place.port("submission"))
    smtp.ehlo("poste.example")
    assert smtp.starttls(context_for(sandbox, certificate), "smtp.caducee.mssante.fr").code == 220
    smtp.ehlo("poste.example")
    return smtp


def as_person(sandbox, person=DOCTOR, bal=None) -> Smtp:
    smtp = session(sandbox)
    reply = smtp.oauthbearer(bal or person.address, sandbox.psc.token(person.national_id))
    assert reply.code == 235, reply
    return smtp


def test_no_auth_before_tls(sandbox):
    with Smtp(sandbox.place.host, sandbox.place.port("submission")) as smtp:
        assert not any(line.startswith("AUTH") for line in smtp.ehlo().lines)
        assert smtp.oauthbearer(DOCTOR.address, "x").code in (530, 538, 503, 504)
        assert smtp.command(f"MAIL FROM:<{DOCTOR.address}>").code == 530


def test_nothing_without_auth(sandbox):
    with session(sandbox) as smtp:
        assert smtp.command(f"MAIL FROM:<{DOCTOR.address}>").code == 530


@pytest.mark.parametrize("mechanism", ["oauthbearer", "xoauth2"])
def test_token_opens(sandbox, mechanism):
    with session(sandbox) as smtp:
        token = sandbox.psc.token(DOCTOR.national_id)
        assert getattr(smtp, mechanism)(DOCTOR.address, token).code == 235
        assert smtp.command(f"MAIL FROM:<{DOCTOR.address}>").code == 250


def test_any_of_a_persons_numbers_opens(sandbox):
    person = people.PROFESSIONALS[4]
    for number in person.national_ids:
        with session(sandbox) as smtp:
            token = sandbox.psc.token(number, preferred_username=number, SubjectNameID=number)
            assert smtp.oauthbearer(person.address, token).code == 235


HOSTILE = {
    "none": {"alg": "none"}, "hs256": {"alg": "HS256"}, "expired": {"expired": True}, "id-token": {"id_token": True},
    "refresh-token": {"typ": "Refresh"}, "other-client": {"azp": "un-autre-service"}, "other-issuer": {"iss": "https://x"},
    "acr-unknown": {"acr": "0"}, "no-exp": {"exp": None}, "not-yet": {"nbf": 4102444800}, "nobody": {
        "preferred_username": "899799999999", "SubjectNameID": "899799999999"},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_token(sandbox, name):
    with session(sandbox) as smtp:
        reply = smtp.oauthbearer(DOCTOR.address, sandbox.psc.token(DOCTOR.national_id, **HOSTILE[name]))
        assert reply.code == 535, reply
        assert smtp.command(f"MAIL FROM:<{DOCTOR.address}>").code == 530


def test_unknown_key_is_temporary(sandbox):
    with session(sandbox) as smtp:
        assert smtp.oauthbearer(DOCTOR.address, sandbox.psc.token(DOCTOR.national_id, kid="inconnue")).code == 454


def test_a_flood_of_unknown_keys_asks_once_a_minute(sandbox):
    """Whoever makes up key ids must not make us hammer Pro Santé Connect."""
    query, asked = sandbox.postgres.query, []
    query("DELETE FROM fetch_request WHERE what = 'jwks'")
    for number in range(6):
        with session(sandbox) as smtp:
            assert smtp.oauthbearer(DOCTOR.address, sandbox.psc.token(DOCTOR.national_id, kid=f"inconnue-{number}")).code == 454
        asked.append(float(query("SELECT extract(epoch FROM asked) FROM fetch_request WHERE what = 'jwks'")))
    assert all(later == before or later - before >= 60 for before, later in zip(asked, asked[1:])), asked
    sandbox.wait_until(lambda: query("SELECT done >= asked FROM fetch_request WHERE what = 'jwks'") == "t")


def test_signature_of_another_provider(sandbox, tmp_path):
    forged = tokens.forged(tokens.Keys(tmp_path), sandbox.psc.issuer, "lps-sandbox", DOCTOR,
                           {"kid": tokens.Keys(sandbox.psc.folder).kid(tokens.Keys(sandbox.psc.folder).rsa)})
    with session(sandbox) as smtp:
        assert smtp.oauthbearer(DOCTOR.address, forged).code == 535


def test_stronger_login_is_accepted(sandbox):
    with session(sandbox) as smtp:
        assert smtp.oauthbearer(DOCTOR.address, sandbox.psc.token(DOCTOR.national_id, acr="eidas3")).code == 235


def test_another_persons_bal(sandbox):
    with session(sandbox) as smtp:
        assert smtp.oauthbearer(NURSE.address, sandbox.psc.token(DOCTOR.national_id)).code == 535


def test_long_token(sandbox):
    """A token of PSC passes 2 KiB; AUTH lines may have 12,288 octets (RFC 4954 4)."""
    with session(sandbox) as smtp:
        token = sandbox.psc.token(DOCTOR.national_id, filler="x" * 4000)
        assert smtp.oauthbearer(DOCTOR.address, token).code == 235


def test_member_sends_for_the_service(sandbox, bal):
    service = f"soins@{T}"
    with as_person(sandbox, SECRETARY, service) as smtp:
        message = letter(sender=service)
        assert deliver(smtp, service, [bal.address], message).code == 250
    received = email.message_from_bytes(bal.wait(1)[0])
    assert received["From"] == service


@pytest.mark.parametrize("sender,header", [
    (f"paul.durand@{C}", DOCTOR.address), (DOCTOR.address, f"paul.durand@{C}"),
    (DOCTOR.address, f"{DOCTOR.address}, paul.durand@{C}"), (DOCTOR.address, LAB),
])
def test_only_as_oneself(sandbox, bal, sender, header):
    with as_person(sandbox) as smtp:
        reply = deliver(smtp, sender, [bal.address], letter(sender=header))
        assert 500 <= reply.code < 600 and names_its_rule(reply), reply


def names_its_rule(reply) -> bool:
    return re.search(r" \[[a-z_.-]+\]$", str(reply)) is not None


def test_null_sender_is_for_receipts(sandbox, bal):
    """An MDN goes out with a null return path (RFC 8098 3); nothing else does."""
    receipt = {"Content-Type": "multipart/report; report-type=disposition-notification; boundary=b"}
    with as_person(sandbox) as smtp:
        assert deliver(smtp, "", [bal.address], letter(sender=DOCTOR.address, **receipt)).code == 250
        assert deliver(smtp, "", [bal.address], letter(sender=DOCTOR.address)).code == 550


@pytest.mark.parametrize("recipient,reply", [
    ("a@gmail.com", "550 5.7.1"), (f"personne@{T}", "550 5.1.1"), ("a@inconnu.mssante.fr", "550 5.7.1"),
    ("123456789012345@patient.mssante.fr", "550 5."), ("quelqu-un@patient.mssante.fr", "550 5."),
])
def test_recipient_refused_now(sandbox, recipient, reply):
    with as_person(sandbox) as smtp:
        smtp.command(f"MAIL FROM:<{DOCTOR.address}>")
        answer = smtp.command(f"RCPT TO:<{recipient}>")
        assert str(answer).startswith(reply) and names_its_rule(answer), answer


def test_patient_with_a_right_key(sandbox):
    with as_person(sandbox) as smtp:
        smtp.command(f"MAIL FROM:<{DOCTOR.address}>")
        assert smtp.command(f"RCPT TO:<{people.patient(5).address}>").code == 250


def test_too_large_for_a_patient(sandbox):
    with as_person(sandbox) as smtp:
        body = (b"x" * 998 + b"\r\n") * 26_000
        reply = deliver(smtp, DOCTOR.address, [people.patient(5).address], letter(sender=DOCTOR.address, body=body))
        assert reply.code == 552 and names_its_rule(reply), reply


def test_local_recipient_has_it_and_bcc_is_gone(sandbox, bal):
    message = letter(sender=DOCTOR.address, Bcc=f"labo@{C}")
    with as_person(sandbox) as smtp:
        assert deliver(smtp, DOCTOR.address, [bal.address], message).code == 250
    received = bal.wait(1)[0]
    assert b"Bcc" not in received and b"bonjour" in received


def test_missing_fields_are_added(sandbox, bal):
    message = letter(sender=DOCTOR.address, Date=None, **{"Message-ID": None})
    with as_person(sandbox) as smtp:
        assert deliver(smtp, DOCTOR.address, [bal.address], message).code == 250
    received = email.message_from_bytes(bal.wait(1)[0])
    assert received["Date"] and received["Message-ID"] and received["Received"]
    assert received["X-MSS-NIL"] is None


def test_document_headers_are_computed(sandbox, bal):
    from sandbox import documents

    message = documents.message(people.patient(3), DOCTOR.address, [bal.address], 3)
    kept = b"\r\n".join(line for line in message.split(b"\r\n") if not line.startswith((b"X-MSS-CODECDA", b"X-MSS-INS")))
    with as_person(sandbox) as smtp:
        assert deliver(smtp, DOCTOR.address, [bal.address], kept).code == 250
    received = email.message_from_bytes(bal.wait(1)[0])
    assert received["X-MSS-CODECDA"] == "11502-2" and received["X-MSS-INS"] in ("O", "N")


def test_external_for_software(sandbox, bal):
    with session(sandbox, "dui2") as smtp:
        assert smtp.external(bal.address).code == 235
        message = letter(sender=bal.address)
        assert deliver(smtp, bal.address, [bal.address], message).code == 250


@pytest.mark.parametrize("certificate", ["dui", "peer", "duiclone", None])
def test_external_with_another_certificate(sandbox, bal, certificate):
    with session(sandbox, certificate) as smtp:
        assert smtp.external(bal.address).code in (535, 504)


@pytest.mark.needs("clamd")
def test_infected_is_refused(sandbox, bal):
    from sandbox.antivirus import MARK

    body = f"x {MARK}\r\n".encode()
    with as_person(sandbox) as smtp:
        assert str(deliver(smtp, DOCTOR.address, [bal.address], letter(sender=DOCTOR.address, body=body))).startswith(
            "554 5.7.1")
    assert bal.deliver(letter(body=body)).code == 554


@pytest.mark.needs("curl")
def test_curl_submits(sandbox, bal, tmp_path):
    place, token = sandbox.place, sandbox.psc.token(DOCTOR.national_id)
    (tmp_path / "m").write_bytes(letter(sender=DOCTOR.address))
    done = subprocess.run(
        ["curl", "-sS", "--ssl-reqd", "--cacert", sandbox.pki.bundle, "--connect-to",
         f"smtp.caducee.mssante.fr:587:{place.host}:{place.port('submission')}", "smtp://smtp.caducee.mssante.fr:587/x",
         "--login-options", "AUTH=OAUTHBEARER", "--oauth2-bearer", token, "--user", DOCTOR.address, "--mail-from",
         DOCTOR.address, "--mail-rcpt", bal.address, "--upload-file", tmp_path / "m"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert b"bonjour" in bal.wait(1)[0]
