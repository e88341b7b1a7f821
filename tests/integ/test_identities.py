"""Several certificates in one installation: a domain of ours with one of its own shows it inward (SNI) and sends with it."""
import ssl
import time

import pytest
from sandbox.pki import OURS, Spec
from sandbox.refusals import context_for, deliver
from sandbox.smtp_client import Smtp
from sandbox.whitelist import OUR_DOMAINS

from conftest import letter
from test_relay_peers import DOMAIN, NUMBERS, Peer, reload
from test_send_rules import submit
from test_submission import DOCTOR, as_person

HOST = "mx.ch-demo.caducee.mssante.fr"
FIRST = "mx.caducee.mssante.fr"


@pytest.fixture
def two(sandbox):
    """The second domain has a certificate of its own; the peer and the recipient whose mail is routed to it."""
    conf, pki = sandbox.place.conf, sandbox.pki
    before = conf.read_text()
    if not pki.cert("second").exists():
        pki.issue("second", Spec(HOST, OURS, "chdemo", names=[HOST]))
    peer, domain = Peer(sandbox), DOMAIN % next(NUMBERS)
    peer.start()
    sandbox.place.write(conf, before + f"\n[tls.domains]\n{OUR_DOMAINS[1]} = {pki.cert('second')} {pki.key('second')}\n"
                        f"\n[relay.routes]\n{domain} = 127.0.0.1:{peer.port}\n", 0o644)
    reload(sandbox)
    yield peer, domain
    peer.stop()
    sandbox.place.write(conf, before, 0o644)
    reload(sandbox)


def shown(sandbox, port, name) -> str:
    """The common name of the certificate that whoever asks for `name` is shown."""
    with Smtp(sandbox.place.host, sandbox.place.port(port)) as smtp:
        smtp.ehlo()
        context = context_for(sandbox, "peer")
        context.check_hostname = False
        smtp.command("STARTTLS")
        smtp.socket = context.wrap_socket(smtp.socket, server_hostname=name)
        subject = smtp.socket.getpeercert()["subject"]
        return {k: v for pair in subject for k, v in pair}["commonName"]


@pytest.mark.parametrize("port", ["mx", "submission"])
def test_shown_to_who_asks_for_its_name(sandbox, two, port):
    sandbox.wait_until(lambda: shown(sandbox, port, HOST) == HOST)
    for name in (FIRST, "quelque-chose.mssante.fr", None):
        assert shown(sandbox, port, name) == FIRST


def test_each_domains_mail_leaves_with_its_certificate(sandbox, two, bal):
    """Also over one relay to one operator: connections are not shared between certificates."""
    peer, domain = two
    for number in range(2):
        address = f"quelqu-un-{time.monotonic_ns()}@{domain}"
        assert submit(sandbox, bal, [address], letter(sender=bal.address)).code == 250
        with as_person(sandbox) as smtp:
            assert deliver(smtp, DOCTOR.address, [address], letter(sender=DOCTOR.address)).code == 250
        sandbox.wait_until(lambda: len(peer.messages) == 2 * (number + 1))
    assert set(peer.clients) == {FIRST, HOST}


def test_tls_of_the_second_certificate_is_sound(sandbox, two):
    """Chain and key belong together for a client that verifies name and CA."""
    sandbox.wait_until(lambda: shown(sandbox, "mx", HOST) == HOST)
    with Smtp(sandbox.place.host, sandbox.place.port("mx")) as smtp:
        smtp.ehlo()
        context = context_for(sandbox, "peer")
        assert context.check_hostname and context.verify_mode == ssl.CERT_REQUIRED
        assert smtp.starttls(context, HOST).code == 220
        assert smtp.ehlo().code == 250
