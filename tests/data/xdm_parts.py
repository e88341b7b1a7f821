"""What the makers of archives share: one patient, two good documents, and zips whose bytes are the same each time."""
import io
import zipfile

from sandbox import documents, people

MOMENT, SUBSET = "20261120093000", "IHE_XDM/SUBSET01/"
WHO = people.patient(1)
PDF = documents.pdf("CR d'examens biologiques", ["ligne"])
ONE = documents.cda(WHO, "11502-2", MOMENT, 1, documents.level1(PDF))
THREE = documents.cda(WHO, "34133-9", MOMENT, 2, documents.level3(documents.RESULTS))


def archive(members: dict) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def members_of(data: bytes) -> dict:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def changed(data: bytes, **replacements) -> bytes:
    """The archive with bytes of its METADATA.XML replaced."""
    members = members_of(data)
    text = members[SUBSET + "METADATA.XML"]
    for old, new in replacements.items():
        text = text.replace(old.encode(), new.encode())
    return archive({**members, SUBSET + "METADATA.XML": text})


LEVEL1 = documents.xdm(WHO, "11502-2", MOMENT, 1, {"DOC0001.XML": ONE})
