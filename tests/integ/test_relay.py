"""Outward: mail of ours reaches the other operator, or its sender learns in words why not."""
import email
import time

import pytest
from sandbox import people
from sandbox.whitelist import PEER_DOMAIN

from conftest import letter
from test_submission import session

pytestmark = pytest.mark.needs("root", "postfix")


@pytest.fixture(autouse=True)
def submission(sandbox):
    if not sandbox.status()["submission"]:
        pytest.fail("submission does not listen", pytrace=False)


def send(sandbox, bal, recipients, message, options=""):
    with session(sandbox, "dui2") as smtp:
        assert smtp.external(bal.address).code == 235
        smtp.command(f"MAIL FROM:<{bal.address}>{options}")
        for recipient in recipients:
            assert smtp.command(f"RCPT TO:<{recipient}> NOTIFY=SUCCESS,FAILURE").code == 250
        assert smtp.data(message).code == 250


def wait_maildir(sandbox, address) -> list:
    sandbox.wait_until(lambda: sandbox.postfix.maildir(address))
    return sandbox.postfix.maildir(address)


def test_reaches_the_other_operator(sandbox, bal):
    address = f"labo-{time.monotonic_ns()}@{PEER_DOMAIN}"
    message = letter(sender=bal.address)
    send(sandbox, bal, [address], message)
    received = wait_maildir(sandbox, address)[0].replace(b"\r\n", b"\n")
    assert received.endswith(message.partition(b"\r\n\r\n")[2].replace(b"\r\n", b"\n"))
    assert b"TLSv1.3" in received and b"mx.caducee.mssante.fr" in received


def test_patient_is_reached_by_their_operator(sandbox, bal):
    patient = people.patient(int(time.monotonic()) % 500)
    send(sandbox, bal, [patient.address], letter(sender=bal.address))
    assert wait_maildir(sandbox, patient.address)


def test_success_is_told_when_asked(sandbox, bal):
    address = f"accuse-{time.monotonic_ns()}@{PEER_DOMAIN}"
    send(sandbox, bal, [address], letter(sender=bal.address))
    report = email.message_from_bytes(bal.wait(1)[0])
    assert report.get_content_type() == "multipart/report"
    assert address in report.as_string()


def test_unlisted_certificate_is_never_spoken_to(sandbox, bal):
    """The server of ailleurs.mssante.fr presents the peer's certificate, which is not that domain's."""
    address = f"perdu-{time.monotonic_ns()}@ailleurs.mssante.fr"
    send(sandbox, bal, [address], letter(sender=bal.address))
    sandbox.caducee.command("queue", "retry", "ailleurs.mssante.fr", check=False)
    sandbox.wait_until(lambda: "trust" in sandbox.caducee.command("queue", "list", "--json").stdout.lower())
    assert sandbox.postfix.maildir(address) == []
