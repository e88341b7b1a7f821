"""The ten refusals: each differs from a good delivery in one thing only. The demonstration plays them, tests check them."""
from dataclasses import dataclass

from .people import T
from .smtp_client import Reply, Smtp, client_context
from .whitelist import ELSEWHERE, PEER_DOMAIN

LAB = f"resultats@{PEER_DOMAIN}"


@dataclass
class Refusal:
    name: str
    french: str
    english: str
    reply: str  # code and enhanced code that are due
    certificate: str = "peer"  # None: no client certificate
    tls: bool = True
    sender: str = LAB
    recipient: str = f"dui@{T}"
    header_from: str = LAB


REFUSALS = [
    Refusal("no-tls", "sans TLS", "no TLS", "530 5.7.0", certificate=None, tls=False),
    Refusal("no-certificate", "sans certificat client", "no client certificate", "550 5.7.", certificate=None),
    Refusal("other-ca", "certificat d'une autre autorité", "a certificate of another CA", "550 5.7.",
            certificate="otherca"),
    Refusal("expired", "certificat expiré", "an expired certificate", "550 5.7.", certificate="expired"),
    Refusal("revoked", "certificat révoqué", "a revoked certificate", "550 5.7.", certificate="revoked"),
    Refusal("unlisted", "DN absent de la liste blanche", "a DN that is not on the whitelist", "550 5.7.",
            certificate="unlisted"),
    Refusal("application", "certificat d'application au même DN qu'un opérateur listé",
            "an application's certificate with a listed operator's DN", "550 5.7.", certificate="duiclone"),
    Refusal("other-domain", "domaine d'un autre opérateur dans MAIL FROM", "MAIL FROM of another operator's domain",
            "550 5.7.", sender=f"quelqu-un@{ELSEWHERE}"),
    Refusal("header-from", "notre domaine dans l'en-tête From", "our own domain in the header From", "550 5.7.",
            header_from=f"claire.martin@{T}"),
    Refusal("unknown-recipient", "destinataire inconnu", "an unknown recipient", "550 5.1.1",
            recipient=f"personne@{T}"),
]


def context_for(sandbox, certificate, version=None):
    pki = sandbox.pki
    pair = (pki.cert(certificate), pki.key(certificate)) if certificate else (None, None)
    return client_context(pki.bundle, *pair, version=version)


def connect(sandbox, certificate="peer", tls=True, version=None) -> Smtp:
    """Up to the second EHLO of a session with our mx."""
    smtp = Smtp(sandbox.place.host, sandbox.place.port("mx"))
    smtp.ehlo()
    if tls:
        smtp.starttls(context_for(sandbox, certificate, version))
        smtp.ehlo()
    return smtp


def deliver(smtp: Smtp, sender: str, recipients: list, message: bytes, options="") -> Reply:
    """MAIL, RCPT…, DATA; the first reply that refuses, else the last."""
    for command in [f"MAIL FROM:<{sender}>{options}", *(f"RCPT TO:<{r}>" for r in recipients)]:
        reply = smtp.command(command)
        if reply.code >= 400:
            return reply
    return smtp.data(message)


def play(sandbox, refusal: Refusal) -> Reply:
    message = (f"From: {refusal.header_from}\r\nTo: {refusal.recipient}\r\nSubject: essai {refusal.name}\r\n"
               f"Date: Fri, 20 Nov 2026 09:30:00 +0100\r\nMessage-ID: <{refusal.name}@{PEER_DOMAIN}>\r\n\r\nessai\r\n")
    with connect(sandbox, refusal.certificate, refusal.tls) as smtp:
        return deliver(smtp, refusal.sender, [refusal.recipient], message.encode())
