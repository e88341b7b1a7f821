"""Who is refused at the door of the trust space, and with which words."""
import re
import ssl

import pytest
from sandbox.people import C, T
from sandbox.refusals import REFUSALS, connect, context_for, deliver, play
from sandbox.smtp_client import Smtp

from conftest import LAB, letter


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda r: r.name)
def test_refused(sandbox, refusal):
    reply = play(sandbox, refusal)
    assert str(reply).startswith(refusal.reply), reply
    assert str(reply).isascii()
    assert re.search(r" \[[a-z_.-]+\]$", str(reply)), "a refusal names its rule"


@pytest.mark.parametrize("recipient", ["postmaster", f"PostMaster@{T}", f"abuse@{C}"])
def test_postmaster_is_somebody(sandbox, recipient):
    """RFC 5321 4.5.1, RFC 2142: of every domain of ours, without a BAL of that name."""
    with connect(sandbox) as smtp:
        assert deliver(smtp, LAB, [recipient], letter()).code == 250
    with connect(sandbox) as smtp:
        smtp.command(f"MAIL FROM:<{LAB}>")
        assert smtp.command("RCPT TO:<postmaster@ailleurs.mssante.fr>").code == 550


def test_name_that_only_looks_listed(sandbox):
    """Its O holds ",CN=mx.autre-operateur…": names are compared attribute by attribute."""
    with connect(sandbox, "trickster") as smtp:
        assert str(smtp.command(f"MAIL FROM:<{LAB}>")).startswith("550 5.7.")


@pytest.mark.parametrize("certificate", ["peer", "peer2"])
def test_accepted_with_and_without_client_eku(bal, certificate):
    assert bal.deliver(letter(), certificate=certificate).code == 250


@pytest.mark.parametrize("domain", ["service-001.autre-operateur.mssante.fr", "service-300.autre-operateur.mssante.fr"])
def test_one_certificate_for_hundreds_of_domains(bal, domain):
    assert bal.deliver(letter(sender=f"a@{domain}"), sender=f"a@{domain}").code == 250


def test_our_own_certificate_speaks_for_our_domains_alone(sandbox, bal):
    """mssante.md: a domain of ours is no sender from outside, except under our own DN — which is no other operator's either."""
    ours = "a@tilleuls.caducee.mssante.fr"
    sandbox.wait_until(lambda: own_sender(sandbox, ours).startswith("250"))  # the fetcher has said whose certificate it is
    assert bal.deliver(letter(sender=ours), sender=ours, certificate="operator").code == 250
    for foreign in (LAB, "a@ailleurs.mssante.fr", "a@patient.mssante.fr"):
        assert own_sender(sandbox, foreign).startswith("550 5.7."), foreign
    refused = bal.deliver(letter(sender="a@patient.mssante.fr"), sender=ours, certificate="operator")
    assert str(refused).startswith("550 5.7."), "a header From of the patients' domain"
    with connect(sandbox) as smtp:
        assert str(smtp.command(f"MAIL FROM:<{ours}>")).startswith("550 5.7.")


def own_sender(sandbox, sender) -> str:
    with connect(sandbox, "operator") as smtp:
        return str(smtp.command(f"MAIL FROM:<{sender}>"))


def test_bounce_from_listed_operator(bal):
    assert bal.deliver(letter(), sender="").code == 250


@pytest.mark.parametrize("sender", ["a@tilleuls.caducee.mssante.fr", "a@gmail.com", "a@autre-operateur.mssante.fr"])
def test_sender_domain_not_under_that_name(sandbox, sender):
    with connect(sandbox) as smtp:
        assert str(smtp.command(f"MAIL FROM:<{sender}>")).startswith("550 5.7.")


HEADERS = {
    "ours": ("claire.martin@tilleuls.caducee.mssante.fr", 550),
    "ours-in-capitals": ("claire.martin@TILLEULS.Caducee.MSSante.fr", 550),
    "ours-quoted": ('"claire.martin"@tilleuls.caducee.mssante.fr', 550),
    "ours-after-another": (f"{LAB}, claire.martin@tilleuls.caducee.mssante.fr", 550),
    "ours-in-a-group": (f"moi: {LAB}, claire.martin@tilleuls.caducee.mssante.fr;", 550),
    "ours-folded": ("\r\n Claire <claire.martin@\r\n tilleuls.caducee.mssante.fr>", 550),
    "ours-around-a-comment": ("claire.martin@(x)tilleuls(y).caducee.mssante.fr", 550),
    "patient": ("Patient <199239910100123@patient.mssante.fr>", 550),
    "another-listed": ("quelqu-un@ailleurs.mssante.fr", 250),
    "the-peers": (LAB, 250),
}


@pytest.mark.parametrize("name", HEADERS)
def test_header_from(bal, name):
    value, code = HEADERS[name]
    reply = bal.deliver(letter(From=value))
    assert reply.code == code, reply


def test_header_sender_of_ours(bal):
    assert bal.deliver(letter(Sender="claire.martin@tilleuls.caducee.mssante.fr")).code == 550


def test_second_from_of_ours(bal):
    message = b"From: claire.martin@tilleuls.caducee.mssante.fr\r\n" + letter()
    assert bal.deliver(message).code == 550
    message = letter().replace(b"\r\n\r\n", b"\r\nFrom: claire.martin@tilleuls.caducee.mssante.fr\r\n\r\n", 1)
    assert bal.deliver(message).code == 550


def test_only_a_few_commands_before_the_certificate_is_judged(sandbox):
    with connect(sandbox, certificate=None) as smtp:
        assert smtp.command("NOOP").code == 250
        assert smtp.command("RSET").code == 250
        assert smtp.command("VRFY a").code in (530, 550, 503)
        assert smtp.command("MAIL FROM:<a@b.fr>").code == 550
        assert smtp.command("RCPT TO:<a@b.fr>").code in (503, 550)
        assert smtp.command("QUIT").code == 221


@pytest.fixture
def client_eku(sandbox):
    """caducee trust client-eku; as it was afterwards."""
    yield lambda word: sandbox.caducee.command("trust", "client-eku", word)
    sandbox.caducee.command("trust", "client-eku", "any")
    sandbox.wait_until(lambda: speak(sandbox, "peer2") == 250)


def speak(sandbox, certificate) -> int:
    with connect(sandbox, certificate) as smtp:
        return smtp.command(f"MAIL FROM:<{LAB}>").code


def test_one_rule_changes_server_and_explanation(sandbox, client_eku):
    """`trust explain` asks what mx asks: a rule that changes for one changes for the other."""
    def explain(certificate):
        return sandbox.caducee.command("trust", "explain", "--cert", sandbox.pki.cert(certificate), "--from", LAB, check=False)
    assert explain("peer2").returncode == 0 and speak(sandbox, "peer2") == 250
    client_eku("required")
    sandbox.wait_until(lambda: speak(sandbox, "peer2") == 550)
    said = explain("peer2")
    assert said.returncode != 0 and "certificate.profile" in said.stdout
    assert speak(sandbox, "peer") == 250 and explain("peer").returncode == 0
    assert sandbox.caducee.command("trust", "client-eku").stdout.strip() == "required"


@pytest.mark.parametrize("certificate,rule", [
    ("unlisted", "whitelist.dn"), ("revoked", "certificate.revoked"), ("expired", "certificate.expired"),
    ("otherca", "certificate.chain"), ("duiclone", "certificate.profile"), ("trickster", "whitelist.dn")])
def test_explanation_is_what_mx_does(sandbox, certificate, rule):
    said = sandbox.caducee.command("--json", "trust", "explain", "--cert", sandbox.pki.cert(certificate), check=False)
    assert rule in said.stdout and said.returncode != 0
    assert speak(sandbox, certificate) == 550
    log = (sandbox.place.logs / "smtpd.log").read_text()
    assert f"rule={rule}" in log


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
@pytest.mark.parametrize("certificate,port,rule", [
    ("dui", "submission", "certificate.profile"), ("revoked", "mx", "certificate.revoked"), (None, "submission", "certificate.missing")])
def test_a_ticket_opens_no_other_door(sandbox, version, certificate, port, rule):
    """RFC 8446 4.6.1, 8.1: whoever resumes is who began, and is judged anew; mx and submission share the keys of their tickets."""
    place, context = sandbox.place, context_for(sandbox, certificate, version)
    with Smtp(place.host, place.port(port)) as smtp:
        smtp.ehlo()
        smtp.starttls(context)
        smtp.ehlo()
        ticket = smtp.socket.session
    assert ticket.has_ticket
    with Smtp(place.host, place.port("mx")) as smtp:
        smtp.ehlo()
        smtp.starttls(context, session=ticket)
        smtp.ehlo()
        assert smtp.socket.session_reused or certificate is None
        assert f"[{rule}]" in str(smtp.command(f"MAIL FROM:<{LAB}>"))


def test_an_applications_binding_is_judged_as_keyd_does(sandbox, bal):
    def explain(address, certificate="dui2"):
        return sandbox.caducee.command("--json", "trust", "explain", "--client-cert", sandbox.pki.cert(certificate),
                                       "--bal", address, check=False)
    assert explain(bal.address).returncode == 0
    assert "right.none" in explain(bal.address, "dui").stdout, "bound to another certificate"
    sandbox.caducee.command("bal", "suspend", bal.address, "--reason", "essai")
    said = explain(bal.address)
    assert said.returncode != 0 and "bal.suspended" in said.stdout
    with pytest.raises(Exception):
        bal.imap().logout()
