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
