"""The signed whitelist of the trust space, over HTTPS."""
import datetime
import subprocess
from xml.sax.saxutils import escape

from .pki import Pki
from .place import Place, require

OUR_DOMAINS = ["tilleuls.caducee.mssante.fr", "ch-demo.caducee.mssante.fr"]
PEER_DOMAIN = "lab.autre-operateur.mssante.fr"
ELSEWHERE = "ailleurs.mssante.fr"
PATIENTS = "patient.mssante.fr"
NON_ASCII = "clinique-de-la-côte.mssante.fr"
HOSTED = [f"service-{n:03}.autre-operateur.mssante.fr" for n in range(1, 301)]

# The shape that XML-DSig asks for: enveloped, one reference to the whole document, SHA-256.
SIGNATURE = """<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>
<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>
<Reference URI=""><Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></Transforms>
<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference></SignedInfo>
<SignatureValue/><KeyInfo><X509Data><X509Certificate/></X509Data></KeyInfo></Signature>
"""


def entries(pki: Pki, size: int) -> list:
    """(domain, description, DN) of each entry; a domain stands once for each certificate that it may use."""
    dn = {name: pki.dn(name) for name in ("operator", "peer", "peer2", "revoked", "expired", "mes", "ailleurs")}
    out = [(domain, "Opérateur Caducée (bac à sable)", dn["operator"]) for domain in OUR_DOMAINS]
    for name in ("peer", "peer2", "revoked", "expired"):
        out.append((PEER_DOMAIN, "Autre opérateur", dn[name]))
    out += [(domain, "Autre opérateur, services hébergés", dn["peer"]) for domain in HOSTED]
    out += [(NON_ASCII, "Clinique de la Côte", dn["peer"]), (ELSEWHERE, "Opérateur ailleurs", dn["ailleurs"]),
            (PATIENTS, "Mon espace santé (bac à sable)", dn["mes"])]
    for n in range(size - len(out)):
        operator = n % 321  # as many operators as the national list had in 2026
        out.append((f"etablissement-{n:05}.operateur-{operator:03}.mssante.fr", f"Établissement de synthèse {n}",
                    f"CN=mx.operateur-{operator:03}.mssante.fr,OU=3999{operator:010},O=OPERATEUR {operator:03},"
                    "ST=Paris (75),C=FR"))
    return out


def document(rows: list, generated: datetime.datetime, signature=SIGNATURE) -> str:
    day = generated.strftime("%Y-%m-%d")
    body = "".join(
        f"<Domaine><Nom>{escape(domain)}</Nom><Description>{escape(description)}</Description>"
        f"<DNCertificatOperateur>{escape(dn)}</DNCertificatOperateur>"
        f"<ResponsableContact>responsable@example.org</ResponsableContact>"
        f"<SupportContact>support@example.org</SupportContact><DateMAJ>{day}</DateMAJ></Domaine>\n"
        for domain, description, dn in rows)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n'
            '<ListeBlanche xmlns="https://listeblanche.mssante.fr/schema">\n'
            f"<DateDeGeneration>{generated:%Y-%m-%dT%H:%M:%SZ}</DateDeGeneration>\n{body}{signature}</ListeBlanche>\n")


class Whitelist:
    def __init__(self, place: Place, pki: Pki):
        self.place, self.pki = place, pki
        self.file = place.path("www", "listeblanchemssante.xml")

    @property
    def url(self) -> str:
        return f"https://{self.place.reach('https')}/listeblanchemssante.xml"

    def entries(self) -> list:
        return entries(self.pki, self.place.state["whitelist_size"])

    def next_date(self) -> datetime.datetime:
        """Now, or one second after the last list: each must be newer than the one before."""
        last = self.place.state.get("whitelist_generated", 0)
        stamp = max(int(datetime.datetime.now(datetime.timezone.utc).timestamp()), last + 1)
        self.place.state["whitelist_generated"] = stamp
        self.place.save()
        return datetime.datetime.fromtimestamp(stamp, datetime.timezone.utc)

    def write(self, path, rows, signed=True, generated=None):
        """Writes a list, signed as the Agence would, without publishing it."""
        text = document(rows, generated or self.next_date(), SIGNATURE if signed else "")
        self.place.write(path, text, 0o644)
        if signed:
            subprocess.run([require("xmlsec1"), "--sign", "--privkey-pem",
                            f"{self.pki.key('signer')},{self.pki.cert('signer')}", "--output", f"{path}.signed", path],
                           check=True, capture_output=True)
            self.place.write(path, path.with_name(path.name + ".signed").read_bytes(), 0o644)
            path.with_name(path.name + ".signed").unlink()
        return path

    def publish(self, rows=None, signed=True):
        """Puts a new generation where operators fetch it."""
        return self.write(self.file, self.entries() if rows is None else rows, signed)
