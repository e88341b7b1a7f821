#!/usr/bin/python3
"""Makes what stands beside it: a small PKI and whitelists, good and bad, for the unit tests of trust.

Run it by hand when a case is added (`tests/data/trust/make.py`); its results are kept, so that the tests need no tool and
no clock: they judge at NOW.
"""
import datetime
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HERE = Path(__file__).parent
NOW = datetime.datetime(2026, 6, 1)
DAY = datetime.timedelta(days=1)
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH
PEER = [(NameOID.COUNTRY_NAME, "FR"), (NameOID.ORGANIZATION_NAME, "AUTRE"), (NameOID.COMMON_NAME, "mx.autre.mssante.fr")]
TRICK = [(NameOID.COUNTRY_NAME, "FR"), (NameOID.ORGANIZATION_NAME, "AUTRE,CN=mx.autre.mssante.fr")]
OURS = [(NameOID.COUNTRY_NAME, "FR"), (NameOID.ORGANIZATION_NAME, "NOUS"), (NameOID.COMMON_NAME, "mx.nous.mssante.fr")]
DUI = [(NameOID.COUNTRY_NAME, "FR"), (NameOID.ORGANIZATION_NAME, "EHPAD"), (NameOID.COMMON_NAME, "DUI")]


def name(pairs):
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs])


def authority(common_name, issuer=None, days=(-400, 4000)):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = name([(NameOID.COUNTRY_NAME, "FR"), (NameOID.COMMON_NAME, common_name)])
    above, above_key = (issuer[0].subject, issuer[1]) if issuer else (subject, key)
    builder = base(subject, above, key, above_key, days)
    builder = builder.add_extension(x509.BasicConstraints(True, None), True)
    builder = builder.add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), True)
    return builder.sign(above_key, hashes.SHA256()), key


def base(subject, issuer, key, issuer_key, days):
    return (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(NOW + days[0] * DAY)
            .not_valid_after(NOW + days[1] * DAY)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False))


def leaf(file, subject, issuer, eku=(SERVER, CLIENT), days=(-30, 600), signing=True, key=None, is_ca=False):
    key = key or ec.generate_private_key(ec.SECP256R1())
    builder = base(name(subject), issuer[0].subject, key, issuer[1], days)
    builder = builder.add_extension(x509.BasicConstraints(is_ca, None), True)
    usage = x509.KeyUsage(signing, False, False, False, True, is_ca, False, False, False)
    builder = builder.add_extension(usage, True)
    if eku:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(eku)), False)
    certificate = builder.sign(issuer[1], hashes.SHA256())
    (HERE / file).write_bytes(certificate.public_bytes(DER))
    return certificate, key


def crl(file, issuer, revoked=(), days=(-1, 6)):
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer[0].subject)
    builder = builder.last_update(NOW + days[0] * DAY).next_update(NOW + days[1] * DAY)
    for certificate in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number)
        builder = builder.add_revoked_certificate(entry.revocation_date(NOW - 2 * DAY).build())
    builder = builder.add_extension(x509.CRLNumber(abs(days[0])), False)
    (HERE / file).write_bytes(builder.sign(issuer[1], hashes.SHA256()).public_bytes(DER))


def certificates():
    root = authority("RACINE")
    servers, applications = authority("SERVEURS", root), authority("APPLICATIONS", root)
    other, same_name = authority("AUTRE RACINE"), authority("SERVEURS", authority("RACINE"))
    old = authority("ANCIENNE", root, (-400, -1))
    for file, ca in (("ca-root", root), ("ca-servers", servers), ("ca-applications", applications), ("ca-old", old)):
        (HERE / f"{file}.der").write_bytes(ca[0].public_bytes(DER))
    leaf("peer.der", PEER, servers)
    leaf("peer-server-only.der", PEER, servers, [SERVER])
    leaf("peer-no-eku.der", PEER, servers, [])
    leaf("ours.der", OURS, servers)
    leaf("trick.der", TRICK, servers)
    leaf("expired.der", PEER, servers, days=(-90, -1))
    leaf("future.der", PEER, servers, days=(1, 90))
    revoked, _ = leaf("revoked.der", PEER, servers)
    leaf("weak.der", PEER, servers, key=rsa.generate_private_key(65537, 1024))
    leaf("no-signature-usage.der", PEER, servers, signing=False)
    leaf("under-old.der", PEER, old)
    leaf("other.der", PEER, other)
    leaf("same-name.der", PEER, same_name)
    leaf("dui.der", DUI, applications, [CLIENT])
    leaf("clone.der", PEER, applications, [CLIENT])
    leaf("under-root.der", PEER, root)
    crl("servers.crl", servers, [revoked])
    crl("servers-expired.crl", servers, [revoked], (-10, -1))
    crl("servers-future.crl", servers, [], (2, 9))
    crl("applications.crl", applications)
    crl("old.crl", old)
    crl("root.crl", root)
    crl("root-revokes-servers.crl", root, [servers[0]])
    crl("foreign.crl", same_name)


SIGNATURE = """<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>
<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>
<Reference URI=""><Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
</Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference></SignedInfo>
<SignatureValue/><KeyInfo><X509Data><X509Certificate/></X509Data></KeyInfo></Signature>"""
XPATH = ('<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><XPath>not(ancestor-or-self::*[local-name()='
         "'Domaine'])</XPath></Transform></Transforms>")


def document(signature):
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<ListeBlanche xmlns="https://listeblanche.mssante.fr/schema" Id="l">'
            "<DateDeGeneration>2026-05-02T10:00:00Z</DateDeGeneration><Domaine><Nom>lab.autre.mssante.fr</Nom>"
            "<DNCertificatOperateur>CN=mx.autre.mssante.fr,O=AUTRE,C=FR</DNCertificatOperateur></Domaine>"
            f"{signature}</ListeBlanche>\n")


def signer(file):
    key = rsa.generate_private_key(65537, 2048)
    subject = name([(NameOID.COMMON_NAME, file)])
    certificate = base(subject, subject, key, key, (-30, 4000)).sign(key, hashes.SHA256())
    (HERE / f"{file}.pem").write_bytes(certificate.public_bytes(PEM))
    (HERE / f"{file}.key").write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8,
                                                         serialization.NoEncryption()))


def sign(file, text):
    path = HERE / file
    path.write_text(text)
    subprocess.run(["xmlsec1", "--sign", "--id-attr:Id", "ListeBlanche", "--privkey-pem",
                    f"{HERE}/signer.key,{HERE}/signer.pem", "--output", path, path], check=True, capture_output=True)


def whitelists():
    signer("signer")
    signer("other-signer")
    (HERE / "two-signers.pem").write_bytes((HERE / "other-signer.pem").read_bytes() + (HERE / "signer.pem").read_bytes())
    (HERE / "unsigned.xml").write_text(document(""))
    sign("signed.xml", document(SIGNATURE))
    signed = (HERE / "signed.xml").read_text()
    (HERE / "altered.xml").write_text(signed.replace("lab.autre", "lab.faux"))
    sign("sha1.xml", document(SIGNATURE.replace("2001/04/xmldsig-more#rsa-sha256", "2000/09/xmldsig#rsa-sha1")))
    sign("xpath.xml", document(SIGNATURE.replace("</Transforms>", XPATH)))
    sign("part.xml", document(SIGNATURE.replace('URI=""', 'URI="#l"')))
    (HERE / "moved.xml").write_text(signed.replace("<Signature ", "<Autre><Signature ").replace("</Signature>",
                                                                                              "</Signature></Autre>"))
    first, middle, last = signed.partition("</Reference>")
    reference = first[first.index("<Reference"):] + middle
    (HERE / "two-references.xml").write_text(first + middle + reference + last)
    for key in HERE.glob("*.key"):
        key.unlink()


if __name__ == "__main__":
    certificates()
    whitelists()
