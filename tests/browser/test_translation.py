"""Every French sentence of the pages has its English in po/en.po."""
import re
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent / "webmail-cgi"
LITERAL = r'"(?:[^"\\]|\\.)*"'


def joined(literals: str) -> str:
    return "".join(each[1:-1] for each in re.findall(LITERAL, literals))


def test_every_sentence_is_translated():
    said = set()
    for file in SOURCE.glob("*.c"):
        said |= {joined(found) for found in re.findall(rf"tr\(rq,\s*((?:{LITERAL}\s*)+)\)", file.read_text())}
    known = {joined(found) for found in re.findall(rf"^msgid ((?:{LITERAL}\s*)+)", (SOURCE / "po/en.po").read_text(), re.M)}
    assert len(said) > 200
    assert sorted(said - known) == []


# French that is no page's: names, what goes into messages, into the trace, to other programs.
ELSEWHERE = {"cgi_client.c", "page_autoconfig.c", "words.c"}  # words.c: the months, each in its language's own row
KEPT = {" · Caducée", "Caducée", "« %.*s » %s", "« ", "Français", "publiée", "saisie refusée", "Votre message a été affiché à son destinataire."}
NOTICE = "Cet échange passe par la messagerie sécurisée"  # what a patient is told, in the country's language


def test_every_french_sentence_is_known_to_the_translation():
    """Those that reach tr() through a table or a refusal too: a literal with an accent, a French quote or an apostrophe of ours."""
    known = {joined(found) for found in re.findall(rf"^msgid ((?:{LITERAL}\s*)+)", (SOURCE / "po/en.po").read_text(), re.M)}
    forgotten = []
    for file in SOURCE.glob("*.c"):
        text = re.sub(r"/\*.*?\*/", "", file.read_text().replace("\\\n", ""), flags=re.S)
        for found in re.findall(rf"((?:{LITERAL}\s*)+)", text):
            words = joined(found)
            if re.search("[À-ÿ’«œ]", words) and words not in known | KEPT and file.name not in ELSEWHERE and not words.startswith(NOTICE):
                forgotten.append((file.name, words))
    assert forgotten == []


def test_no_translation_is_empty_or_unsure():
    entries = re.findall(rf"^(#,[^\n]*\n)?msgid ((?:{LITERAL}\s*)+)msgstr ((?:{LITERAL}\s*)+)", (SOURCE / "po/en.po").read_text(), re.M)
    assert len(entries) > 200
    assert [joined(french) for mark, french, english in entries[1:] if not joined(english) or "fuzzy" in mark] == []
