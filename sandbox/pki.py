"""A PKI shaped like IGC Santé, with every certificate that a test needs, good and bad.

    racine ──┬── AC for servers ("Élémentaire Organisations"): operator, peer, peer2, unlisted, revoked, expired, …
             └── AC for applications: dui, dui2, duiclone
    autre   ──── an AC of nobody's: otherca
    publique ─── what a web browser would trust: the webmail and the sandbox's PSC

Distinguished names have the shape of the whitelist's: CN=…,OU=3<siret>,O=…,ST=Paris (75),C=FR.
"""
import datetime
import functools
import ipaddress
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from .people import luhn
from .place import Place

DAY = datetime.timedelta(days=1)
EKU = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}
# structure → 14 digits with a right Luhn key, outside what is allocated
SIRET = {name: luhn(f"999000{number:03}0001") for number, name in
         enumerate("caducee autre ailleurs mes tilleuls chdemo inconnu".split(), 1)}


class Spec:
    """What a certificate is to say."""

    def __init__(self, cn, o, siret, issuer="servers", eku="server client", names=(), days=(-30, 700), revoked=False,
                 curve=False):
        self.cn, self.o, self.siret, self.issuer, self.names = cn, o, SIRET[siret], issuer, names
        self.eku, self.days, self.revoked, self.curve = eku.split(), days, revoked, curve

    @property
    def subject(self) -> list:
        return [(NameOID.COUNTRY_NAME, "FR"), (NameOID.STATE_OR_PROVINCE_NAME, "Paris (75)"),
                (NameOID.ORGANIZATION_NAME, self.o), (NameOID.ORGANIZATIONAL_UNIT_NAME, "3" + self.siret),
                (NameOID.COMMON_NAME, self.cn)]


OURS, OTHER = "OPERATEUR CADUCEE (BAC A SABLE)", "AUTRE OPERATEUR"
PEER_HOST = "mx.autre-operateur.mssante.fr"
OPERATOR_NAMES = ["mx.caducee.mssante.fr", "smtp.caducee.mssante.fr", "imap.caducee.mssante.fr", "localhost"]
CERTIFICATES = {
    "operator": Spec("mx.caducee.mssante.fr", OURS, "caducee", names=OPERATOR_NAMES),
    # The same name and rights with an elliptic curve key: the ECDSA suites.
    "operator_ec": Spec("mx.caducee.mssante.fr", OURS, "caducee", names=OPERATOR_NAMES, curve=True),
    "peer": Spec(PEER_HOST, OTHER, "autre", names=[PEER_HOST]),
    "peer2": Spec("mx2.autre-operateur.mssante.fr", OTHER, "autre", eku="server",
                  names=["mx2.autre-operateur.mssante.fr"]),
    "unlisted": Spec("mx.inconnu.mssante.fr", "OPERATEUR HORS LISTE", "inconnu", names=["mx.inconnu.mssante.fr"]),
    "revoked": Spec("mx-revoque.autre-operateur.mssante.fr", OTHER, "autre", revoked=True),
    "expired": Spec("mx-expire.autre-operateur.mssante.fr", OTHER, "autre", days=(-800, -2)),
    "otherca": Spec(PEER_HOST, OTHER, "autre", issuer="other"),
    # Its O holds a text that looks like the peer's CN: names are compared by attribute, never as printed.
    "trickster": Spec("mx.inconnu.mssante.fr", OTHER + ",CN=" + PEER_HOST, "inconnu"),
    "mes": Spec("mx.patient.mssante.fr", "MON ESPACE SANTE (BAC A SABLE)", "mes", names=["mx.patient.mssante.fr"]),
    "ailleurs": Spec("mx.ailleurs.mssante.fr", "OPERATEUR AILLEURS", "ailleurs", names=["mx.ailleurs.mssante.fr"]),
    "web": Spec("espacedeconfiance.mssante.fr", "AGENCE (BAC A SABLE)", "mes", eku="server",
                names=["espacedeconfiance.mssante.fr", "localhost"]),
    "signer": Spec("Signature de la liste blanche", "AGENCE (BAC A SABLE)", "mes", eku=""),
    "dui": Spec("DUI LES TILLEULS", "EHPAD LES TILLEULS", "tilleuls", issuer="applications", eku="client"),
    "dui2": Spec("DPI CH DE DEMONSTRATION", "CH DE DEMONSTRATION", "chdemo", issuer="applications", eku="client"),
    "duiclone": Spec(PEER_HOST, OTHER, "autre", issuer="applications", eku="client"),
    # Operators' own: the administration part of the webmail
    "samia": Spec("SAMIA BENALI", "EHPAD LES TILLEULS", "tilleuls", issuer="persons", eku="client"),
    "paul": Spec("PAUL DURAND", "CH DE DEMONSTRATION", "chdemo", issuer="persons", eku="client"),
    "public": Spec("webmail.caducee.example", OURS, "caducee", issuer="public", eku="server",
                   names=["localhost", "webmail.caducee.example", "psc.caducee.example"]),
}
AUTHORITIES = {  # name → (common name, issued by)
    "root": ("TEST AC RACINE IGC-SANTE ELEMENTAIRE", "root"),
    "servers": ("TEST AC IGC-SANTE ELEMENTAIRE ORGANISATIONS", "root"),
    "applications": ("TEST AC IGC-SANTE ELEMENTAIRE APPLICATIONS", "root"),
    "other": ("AC D UN AUTRE", "other"),
    "persons": ("TEST AC IGC-SANTE ELEMENTAIRE PERSONNES", "root"),
    "public": ("AC PUBLIQUE DU BAC A SABLE", "public"),
}


def utcnow() -> datetime.datetime:
    return datetime.datetime.utcnow().replace(microsecond=0)


def name_of(pairs) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs])


def dn_text(name: x509.Name) -> str:
    """As the whitelist writes it: most specific first."""
    return name.rfc4514_string()


class Pki:
    """The authorities and certificates of one sandbox, made once and then read back."""

    def __init__(self, place: Place):
        self.place, self.folder = place, place.pki
        self.crl_base = f"http://{place.reach('http')}/crl"
        self.ocsp_base = f"http://{place.reach('ocsp')}"

    def cert(self, name: str) -> Path:
        return self.folder / f"{name}.pem"

    def key(self, name: str) -> Path:
        return self.folder / f"{name}.key"

    def ca(self, name: str) -> Path:
        return self.folder / f"ca-{name}.pem"

    @property
    def bundle(self) -> Path:
        """The health CA whole: what a client of the trust space trusts."""
        return self.folder / "igc-sante.pem"

    @property
    def persons(self) -> Path:
        """What the web server judges personal certificates by."""
        return self.folder / "persons-bundle.pem"

    def load(self, path: Path) -> x509.Certificate:
        return x509.load_pem_x509_certificate(path.read_bytes())

    def dn(self, name: str) -> str:
        return dn_text(self.load(self.cert(name)).subject)

    def sha256(self, path: Path) -> str:
        return self.load(path).fingerprint(hashes.SHA256()).hex()

    def make(self):
        """Makes what is not there: everything once, later what another version of the sandbox has added, and CRLs before they end."""
        absent = [name for name in (*(f"ca-{a}" for a in AUTHORITIES), *CERTIFICATES) if not self.key(name).exists()]
        keys = make_keys() if absent else {}
        for name, (common_name, issuer) in AUTHORITIES.items():
            if f"ca-{name}" in absent:
                key = keys[f"ca-{name}"]
                above = key if name == issuer else self.authority_key(issuer)
                self.save(f"ca-{name}", key, [self.authority(common_name, issuer, key, above)])
        for name, spec in CERTIFICATES.items():
            if name in absent:
                self.issue(name, spec, key=keys[name])
        for name in AUTHORITIES:
            if absent or not self.crl_lasts(name):
                self.publish_crl(name)
        for bundle, authorities in ((self.persons, ("root", "persons")), (self.bundle, ("root", "servers", "applications"))):
            self.place.write(bundle, b"".join(self.ca(n).read_bytes() for n in authorities), 0o644)

    def authority_key(self, name: str):
        return read_key(self.folder / f"ca-{name}.key")

    def authority(self, common_name, issuer, key, issuer_key) -> x509.Certificate:
        own = [(NameOID.COUNTRY_NAME, "FR"), (NameOID.ORGANIZATION_NAME, "AGENCE (BAC A SABLE)"),
               (NameOID.ORGANIZATIONAL_UNIT_NAME, "0002 999000004")]
        subject = name_of(own + [(NameOID.COMMON_NAME, common_name)])
        above = name_of(own + [(NameOID.COMMON_NAME, AUTHORITIES[issuer][0])])
        builder = self.builder(subject, above, key, issuer_key, (-400, 3650), issuer)
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        builder = builder.add_extension(x509.BasicConstraints(True, None), True).add_extension(usage, True)
        return builder.sign(issuer_key, hashes.SHA256())

    def builder(self, subject, issuer, key, issuer_key, days, authority) -> x509.CertificateBuilder:
        now = utcnow()
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(f"{self.crl_base}/{authority}.crl")],
                                       None, None, None)
        responder = x509.AccessDescription(AuthorityInformationAccessOID.OCSP,
                                           x509.UniformResourceIdentifier(f"{self.ocsp_base}/{authority}"))
        return (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
                .serial_number(x509.random_serial_number())
                .not_valid_before(now + days[0] * DAY).not_valid_after(now + days[1] * DAY)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
                .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False)
                .add_extension(x509.AuthorityInformationAccess([responder]), False)
                .add_extension(x509.CRLDistributionPoints([point]), False))

    def issue(self, name: str, spec: Spec, key=None):
        """Makes one certificate, and its key unless it is given; also used by tests that need one more."""
        issuer = self.load(self.ca(spec.issuer))
        issuer_key = self.authority_key(spec.issuer)
        key = key or new_key(spec.curve)
        builder = self.builder(name_of(spec.subject), issuer.subject, key, issuer_key, spec.days, spec.issuer)
        builder = builder.add_extension(x509.BasicConstraints(False, None), True)
        usage = x509.KeyUsage(True, False, not spec.curve, False, False, False, False, False, False)
        builder = builder.add_extension(usage, True)
        if spec.eku:
            builder = builder.add_extension(x509.ExtendedKeyUsage([EKU[use] for use in spec.eku]), False)
        if spec.names:
            names = [x509.DNSName(n) for n in spec.names]
            if "localhost" in spec.names:
                names.append(x509.IPAddress(ipaddress.ip_address(self.place.host)))
            builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
        certificate = builder.sign(issuer_key, hashes.SHA256())
        self.save(name, key, [certificate, issuer])
        if spec.revoked:
            self.revoke(name)

    def save(self, name, key, chain):
        pem = serialization.Encoding.PEM
        self.place.write(self.folder / f"{name}.pem", b"".join(c.public_bytes(pem) for c in chain), 0o644)
        secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        self.place.write(self.folder / f"{name}.key", secret, 0o640)

    # -- revocation -------------------------------------------------------------------------------------------------
    @property
    def revoked_file(self) -> Path:
        return self.folder / "revoked.json"

    def revoked(self) -> dict:
        return json.loads(self.revoked_file.read_text()) if self.revoked_file.exists() else {}

    def revoke(self, name: str):
        """Puts a certificate on its authority's list; publish_crl() makes it known."""
        certificate = self.load(self.cert(name))
        authority = next(a for a in AUTHORITIES if self.load(self.ca(a)).subject == certificate.issuer)
        listed = self.revoked()
        listed.setdefault(authority, []).append(certificate.serial_number)
        self.place.write(self.revoked_file, json.dumps(listed))

    def publish_crl(self, authority: str, days=(-1, 7)):
        """Signs the authority's CRL and puts it where certificates say it is (DER, over HTTP)."""
        now, key = utcnow(), self.authority_key(authority)
        builder = (x509.CertificateRevocationListBuilder().issuer_name(self.load(self.ca(authority)).subject)
                   .last_update(now + days[0] * DAY).next_update(now + days[1] * DAY)
                   .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False)
                   .add_extension(x509.CRLNumber(int(now.timestamp())), False))
        for serial in self.revoked().get(authority, []):
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now - DAY).build())
        der = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
        self.place.make_folder(self.crl(authority).parent)
        self.place.write(self.crl(authority), der, 0o644)

    def crl(self, authority: str) -> Path:
        return self.place.path("www", "crl", f"{authority}.crl")

    def crl_lasts(self, authority: str) -> bool:
        """Is there one, for a day at least?"""
        path = self.crl(authority)
        return path.exists() and x509.load_der_x509_crl(path.read_bytes()).next_update > utcnow() + DAY


def new_key(curve: bool):
    return ec.generate_private_key(ec.SECP256R1()) if curve else rsa.generate_private_key(65537, 2048)


@functools.cache
def make_keys() -> dict:
    """The keys of every authority and certificate, on all processors at once. A process that makes several sandboxes (the tests)
    makes them once: half the time that a sandbox takes to come up."""
    curves = {**{f"ca-{name}": False for name in AUTHORITIES}, **{name: spec.curve for name, spec in CERTIFICATES.items()}}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(curves, pool.map(new_key, curves.values())))


def read_key(path: Path):
    return serialization.load_pem_private_key(path.read_bytes(), None)
