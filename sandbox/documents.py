"""What the lab of the other operator sends: a CDA of a synthetic patient in an IHE_XDM.ZIP, and its PDF.

Formats as the national reference asks: METADATA.XML of IHE ITI XDM, CDA R2 level 1 (a PDF inside) or 3 (narrative),
message headers X-MSS-CODECDA, X-MSS-INS, X-MSS-NIL, subject XDM/1.0/DDM+….
"""
import base64
import hashlib
import io
import zipfile
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from xml.sax.saxutils import escape, quoteattr

from .people import Patient

KINDS = {  # LOINC code → title
    "11502-2": "CR d'examens biologiques", "34133-9": "Synthèse médicale", "18842-5": "Lettre de liaison",
    "57833-6": "Prescription de médicaments", "18748-4": "CR d'imagerie",
}
OID_ROOT = "1.2.250.1.213.999"  # of the sandbox


def pdf(title: str, lines: list) -> bytes:
    """A plain page of text, written by hand: no library needed for that much."""
    def text(value):
        return value.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")

    page = b"BT /F1 18 Tf 60 780 Td (%s) Tj 0 -34 Td /F1 11 Tf 16 TL " % text(title)
    page += b"".join(b"(%s) Tj T* " % text(line) for line in lines) + b"ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, offsets = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return (out + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
            % (len(objects) + 1, table, len(objects) + 1, len(out)))


def person_name(who: Patient) -> str:
    return (f'<name><family qualifier="BR">{escape(who.family)}</family><given>{escape(who.given)}</given>'
            f'<given qualifier="BR">{escape(who.given)}</given></name>')


def cda(who: Patient, code: str, moment: str, number: int, body: str) -> bytes:
    """A ClinicalDocument around a body: <nonXMLBody> (level 1) or <structuredBody> (level 3)."""
    title, gender = KINDS[code], {"F": "Féminin", "M": "Masculin"}[who.sex]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<realmCode code="FR"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<templateId root="2.16.840.1.113883.2.8.2.1"/>
<id root="{OID_ROOT}.1.{number}"/>
<code code="{code}" codeSystem="2.16.840.1.113883.6.1" displayName={quoteattr(title)}/>
<title>{escape(title)}</title><effectiveTime value="{moment}+0100"/>
<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><languageCode code="fr-FR"/>
<setId root="{OID_ROOT}.2.{number}"/><versionNumber value="1"/>
<recordTarget><patientRole><id root="{who.oid}" extension="{who.matricule}"/>
<patient>{person_name(who)}
<administrativeGenderCode code="{who.sex}" codeSystem="2.16.840.1.113883.5.1" displayName="{gender}"/>
<birthTime value="{who.birth_date}"/>
<birthplace><place><addr><county>{who.birth_place}</county><city>{escape(who.town)}</city></addr></place></birthplace>
</patient></patientRole></recordTarget>
<author><time value="{moment}+0100"/><assignedAuthor><id root="1.2.250.1.71.4.2.1" extension="899700000993"/>
<assignedPerson><name><prefix>DR</prefix><given>Odile</given><family>BIOLOGISTE</family></name></assignedPerson>
<representedOrganization><name>Laboratoire de l'autre opérateur</name></representedOrganization></assignedAuthor></author>
<custodian><assignedCustodian><representedCustodianOrganization><id root="1.2.250.1.71.4.2.2" extension="199990002"/>
<name>Laboratoire de l'autre opérateur</name></representedCustodianOrganization></assignedCustodian></custodian>
<legalAuthenticator><time value="{moment}+0100"/><signatureCode code="S"/><assignedEntity>
<id root="1.2.250.1.71.4.2.1" extension="899700000993"/><assignedPerson><name><family>BIOLOGISTE</family>
<given>Odile</given></name></assignedPerson></assignedEntity></legalAuthenticator>
<documentationOf><serviceEvent><effectiveTime><low value="{moment}+0100"/></effectiveTime></serviceEvent></documentationOf>
<component>{body}</component>
</ClinicalDocument>
""".encode()


def level1(content: bytes) -> str:
    return ('<nonXMLBody><text mediaType="application/pdf" representation="B64">'
            + base64.encodebytes(content).decode() + "</text></nonXMLBody>")


def level3(rows: list) -> str:
    cells = "".join(f"<tr><td>{escape(a)}</td><td>{escape(b)}</td></tr>" for a, b in rows)
    return ("<structuredBody><component><section><title>Résultats</title><text><table><thead><tr><th>Examen</th>"
            f"<th>Résultat</th></tr></thead><tbody>{cells}</tbody></table></text></section></component></structuredBody>")


def classification(scheme, code, system, label, target) -> str:
    return (f'<Classification id="cl-{target}-{scheme[9:17]}" classificationScheme="{scheme}" classifiedObject="{target}" '
            f'nodeRepresentation="{code}"><Slot name="codingScheme"><ValueList><Value>{system}</Value></ValueList></Slot>'
            f'<Name><LocalizedString value={quoteattr(label)}/></Name></Classification>')


def identifier(scheme, value, target) -> str:
    return (f'<ExternalIdentifier id="ei-{target}-{scheme[9:17]}" registryObject="{target}" identificationScheme="{scheme}" '
            f'value={quoteattr(value)}/>')


def slot(name, *values) -> str:
    inside = "".join(f"<Value>{escape(v)}</Value>" for v in values)
    return f'<Slot name="{name}"><ValueList>{inside}</ValueList></Slot>'


def metadata(who: Patient, code: str, moment: str, number: int, files: dict) -> bytes:
    patient_id = f"{who.matricule}^^^&{who.oid}&ISO^NH"
    package = (slot("submissionTime", moment) + identifier("urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446", patient_id, "set")
               + identifier("urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8", f"{OID_ROOT}.3.{number}", "set"))
    objects, links = "", ""
    for index, (name, content) in enumerate(files.items()):
        target, mime = f"doc{index}", "text/xml" if name.lower().endswith(".xml") else "application/pdf"
        objects += (
            f'<ExtrinsicObject id="{target}" mimeType="{mime}" objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1">'
            + slot("URI", name) + slot("hash", hashlib.sha1(content).hexdigest()) + slot("size", str(len(content)))
            + slot("creationTime", moment) + slot("serviceStartTime", moment) + slot("languageCode", "fr-FR")
            + slot("sourcePatientId", patient_id)
            + slot("sourcePatientInfo", f"PID-5|{who.family}^{who.given}^^^^^L", f"PID-7|{who.birth_date}", f"PID-8|{who.sex}")
            + slot("legalAuthenticator", "899700000993^BIOLOGISTE^Odile^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS")
            + f"<Name><LocalizedString value={quoteattr(KINDS[code])}/></Name>"
            + classification("urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a", "11", "1.2.250.1.213.1.1.4.1",
                             "Compte rendu", target)
            + classification("urn:uuid:f0306f51-975f-434e-a61c-c59651d33983", code, "2.16.840.1.113883.6.1", KINDS[code],
                             target)
            + classification("urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d", "urn:ihe:iti:xds-sd:pdf:2008",
                             "1.3.6.1.4.1.19376.1.2.3", "Document à corps non structuré en PDF", target)
            + classification("urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f", "N", "2.16.840.1.113883.5.25", "Normal", target)
            + identifier("urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427", patient_id, target)
            + identifier("urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab", f"{OID_ROOT}.1.{number}", target)
            + "</ExtrinsicObject>")
        links += (f'<Association id="as{index}" associationType="urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember" '
                  f'sourceObject="set" targetObject="{target}"/>')
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<lcm:SubmitObjectsRequest '
            f'xmlns:lcm="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0" xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0">'
            f'<RegistryObjectList><RegistryPackage id="set">{package}</RegistryPackage>{objects}{links}'
            f"</RegistryObjectList></lcm:SubmitObjectsRequest>\n").encode()


def xdm(who: Patient, code: str, moment: str, number: int, files: dict) -> bytes:
    """The zip; its members bear a fixed date, so that the same document gives the same bytes."""
    readme = "Documents de santé produits par le bac à sable de Caducée. Patient de synthèse.\r\n".encode()
    index = "<html><body><p>Lire IHE_XDM/SUBSET01/METADATA.XML</p></body></html>\r\n".encode()
    members = {"INDEX.HTM": index, "README.TXT": readme,
               "IHE_XDM/SUBSET01/METADATA.XML": metadata(who, code, moment, number, files)}
    members.update({f"IHE_XDM/SUBSET01/{name}": content for name, content in files.items()})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


RESULTS = [("Hémoglobine", "13,2 g/dL"), ("Glycémie à jeun", "0,92 g/L"), ("Créatinine", "8,1 mg/L")]


def message(who: Patient, sender: str, recipients: list, number=1, code="11502-2", level=1, moment="20261120093000",
            product="LAB-AUTRE-0001") -> bytes:
    """A whole message of document kind, as bytes with CRLF, ready for SMTP."""
    lines = [f"{who.family} {who.given}, né(e) le {who.birth_date[6:]}/{who.birth_date[4:6]}/{who.birth_date[:4]}",
             f"Matricule INS de test : {who.matricule}", ""] + [f"{a} : {b}" for a, b in RESULTS]
    content = pdf(KINDS[code], lines)
    document = cda(who, code, moment, number, level1(content) if level == 1 else level3(RESULTS))
    day = f"{who.birth_date[6:]}/{who.birth_date[4:6]}/{who.birth_date[:4]}"
    out = EmailMessage(policy=SMTP)
    local, _, domain = sender.rpartition("@")
    out["From"] = Address("Laboratoire de l'autre opérateur", local, domain)
    out["To"] = ", ".join(recipients)
    out["Subject"] = f"XDM/1.0/DDM+{KINDS[code]} {who.family} {who.given} {day}"
    out["Date"] = "Fri, 20 Nov 2026 09:30:00 +0100"
    out["Message-ID"] = f"<document-{number}@{domain}>"
    out["X-MSS-CODECDA"], out["X-MSS-INS"], out["X-MSS-NIL"] = code, "O", product
    out["Disposition-Notification-To"] = sender
    out.set_content("Bonjour,\n\nVeuillez trouver ci-joint un document concernant votre patient.\n", cte="8bit")
    out.add_attachment(xdm(who, code, moment, number, {"DOC0001.XML": document}), maintype="application", subtype="zip",
                       filename="IHE_XDM.ZIP")
    name = f"{moment[:8]}_{code}_{who.family}_{who.given}_{number:06}.pdf"
    out.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    return out.as_bytes()
