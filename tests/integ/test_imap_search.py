"""SEARCH sees all of a message: our own fields in front of it, and text past what the stored text holds."""
import base64
import quopri

import pytest

from conftest import letter
from test_imap_hostile import answers, open_session  # noqa: F401 (a fixture)

FILLER = "".join(f"ligne {n} du compte rendu, sans rien que l'on cherche\r\n" for n in range(1200)).encode()
LONG = FILLER * 22  # 1.3 MiB: the needle stands past the first MiB


def found(session, program: str) -> list:
    session.say(b"SEARCH CHARSET UTF-8 " + program.encode())
    numbers = None
    while not (line := session.line()).startswith(session.tag.decode() + " "):
        if line.startswith("* SEARCH"):
            numbers = [int(n) for n in line.split()[2:]]
    assert " OK" in line, line
    return numbers


def append(session, message: bytes):
    answers(session, b"APPEND INBOX {%d+}\r\n%s" % (len(message), message))


def test_our_own_fields(bal, open_session):  # noqa: F811
    """Return-Path, Received, Authentication-Results are in BODY[]: they are found."""
    assert bal.deliver(letter("un")).code == 250
    session = open_session()
    append(session, letter("deux"))
    for program in ("HEADER Return-Path lab.autre", 'HEADER Received "autre-operateur"', 'HEADER Authentication-Results ""',
                    'TEXT "Return-Path"'):
        assert found(session, program) == [1], program
    assert found(session, 'BODY "Return-Path"') == []
    assert found(session, 'NOT HEADER Received ""') == [2]
    assert found(session, "HEADER Subject deux") == [2]


def encoded(encoding: str, text: bytes) -> bytes:
    if encoding == "base64":
        return base64.encodebytes(text).replace(b"\n", b"\r\n")
    if encoding == "quoted-printable":
        return quopri.encodestring(text.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    return text


@pytest.mark.parametrize("encoding,charset", [("8bit", "utf-8"), ("base64", "utf-8"), ("quoted-printable", "iso-8859-15"),
                                              ("base64", "utf-16le")])
def test_text_past_a_mebibyte(open_session, encoding, charset):  # noqa: F811
    text = (LONG.decode() + "glycémie à jeun\r\n" + FILLER.decode()).encode(charset)
    field = {"MIME-Version": "1.0", "Content-Type": f"text/plain; charset={charset}", "Content-Transfer-Encoding": encoding}
    session = open_session()
    append(session, letter("long", encoded(encoding, text), **field))
    append(session, letter("court"))
    assert found(session, 'BODY "Glycémie À jeun"') == [1]
    assert found(session, 'TEXT "glycémie à"') == [1]
    assert found(session, 'BODY "glycemie"') == []
    assert found(session, 'FUZZY BODY "glycemie a jeun"') == [1]
    assert found(session, 'NOT BODY "glycémie"') == [2]
    assert found(session, 'NOT BODY "absent"') == [1, 2]
    assert found(session, 'OR SUBJECT court BODY "jeun"') == [1, 2]


def test_a_text_where_pieces_meet(open_session):  # noqa: F811
    """Pieces of 256 KiB are compared one by one: a text that lies across two of them is found, wherever it lies."""
    session = open_session()
    body = bytearray(b"x" * 76 + b"\r\n") * 17000
    for place in range(256 << 10, len(body), 256 << 10):
        at = place - place % 78 - 78  # the lines around each border
        for line in range(at, min(at + 234, len(body) - 78), 78):
            body[line:line + 20] = b"borne-%08d-%05d" % (place, line - at)
    append(session, letter("bornes", bytes(body)))
    for place in range(1 << 20, len(body) - 300, 256 << 10):
        for offset in (0, 78, 156):
            assert found(session, f"BODY borne-{place:08}-{offset:05}") == [1]


def test_html_and_inner_messages_past_a_mebibyte(open_session):  # noqa: F811
    session = open_session()
    html = b"<html><body><p>" + LONG + b"</p><p>potassium&nbsp;&eacute;lev&eacute;</p></body></html>"
    append(session, letter("html", html, **{"MIME-Version": "1.0", "Content-Type": "text/html; charset=utf-8"}))
    inner = letter("interne", b"natremie basse\r\n")
    parts = (b"--b\r\nContent-Type: text/plain\r\n\r\n" + LONG + b"\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" + inner
             + b"\r\n--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: 8bit\r\n\r\ndans un pdf\r\n--b--\r\n")
    append(session, letter("mixte", parts, **{"MIME-Version": "1.0", "Content-Type": 'multipart/mixed; boundary="b"'}))
    assert found(session, 'BODY "potassium"') == [1]
    assert found(session, 'BODY "<p>"') == []
    assert found(session, 'BODY "natremie basse"') == [2]
    assert found(session, 'TEXT "interne"') == [2]
    assert found(session, 'HEADER Subject "interne"') == []
    assert found(session, 'TEXT "dans un pdf"') == []


def test_a_header_longer_than_what_is_stored(open_session):  # noqa: F811
    session = open_session()
    append(session, letter("x", **{"X-Long": "a" * 900 + "\r\n " + "\r\n ".join("b" * 900 for _ in range(400)) + "\r\n fin-du-champ"}))
    assert found(session, "HEADER X-Long fin-du-champ") == [1]
    assert found(session, "TEXT fin-du-champ") == [1]
    assert found(session, "HEADER X-Long absent") == []
