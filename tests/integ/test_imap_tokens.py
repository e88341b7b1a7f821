"""Tokens that open nothing, and what a session leaves in the traces."""
import base64

import psycopg2
import pytest
from sandbox.people import PROFESSIONALS, T
from sandbox.refusals import context_for

from conftest import letter
from imap_transcript import Connection
from test_imap_hostile import answers, open_session  # noqa: F401 (a fixture)

CLAIRE, PAUL = PROFESSIONALS[:2]


@pytest.fixture
def connection(sandbox):
    made = Connection(sandbox.place.host, sandbox.place.port("imaps"), context_for(sandbox, None))
    yield made
    made.close()


def bearer(connection, user, token, mechanism="OAUTHBEARER") -> str:
    """The tagged line; a refusal in words (RFC 7628 3.2.3) is acknowledged."""
    words = (f"n,a={user},\x01auth=Bearer {token}\x01\x01" if mechanism == "OAUTHBEARER"
             else f"user={user}\x01auth=Bearer {token}\x01\x01")
    connection.say(f"AUTHENTICATE {mechanism} ".encode() + base64.b64encode(words.encode()))
    while not (line := connection.line()).startswith(connection.tag.decode() + " "):
        if line.startswith("+"):
            connection.socket.sendall(base64.b64encode(b"\x01") + b"\r\n")
    return line.partition(" ")[2]


@pytest.mark.parametrize("mechanism", ["OAUTHBEARER", "XOAUTH2"])
@pytest.mark.parametrize("hostile", [{"id_token": True}, {"azp": "inconnu"}, {"alg": "none"}, {"expired": True},
                                     {"iss": "https://ailleurs.example/"}], ids=lambda h: next(iter(h)))
def test_tokens_that_open_nothing(sandbox, connection, mechanism, hostile):
    """An ID token, a token for a client that is not accepted, unsigned, too old, of another issuer."""
    token = sandbox.psc.token(CLAIRE.national_id, **hostile)
    assert bearer(connection, CLAIRE.address, token, mechanism).startswith("NO [AUTHENTICATIONFAILED]")
    answers(connection, b"SELECT INBOX", " BAD")


def test_another_persons_bal(sandbox, connection):
    token = sandbox.psc.token(PAUL.national_id)
    for address in (CLAIRE.address, f"soins@{T}", "rien@nulle.part"):
        assert bearer(connection, address, token).startswith("NO [AUTHENTICATIONFAILED]")
    assert bearer(connection, PAUL.address, token).startswith("OK")


def rows(sandbox, bal) -> list:
    with psycopg2.connect(sandbox.postgres.conninfo) as c, c.cursor() as cursor:
        cursor.execute("SELECT t.action, split_part(t.messages, '/', 2), t.actor IS NOT NULL OR t.person_id IS NOT NULL "
                       "FROM trace t JOIN bal b USING (bal_id) WHERE b.address = %s AND t.action LIKE 'imap.%%' "
                       "ORDER BY t.trace_id", (bal.address,))
        return cursor.fetchall()


@pytest.mark.parametrize("command,traced", [
    (b"FETCH 1:3 (BODY.PEEK[])", ("imap.fetch", "1:3", True)),
    (b"UID FETCH 2 (BODY.PEEK[TEXT]<0.5>)", ("imap.fetch", "2", True)),
    (b"FETCH 3 (RFC822)", ("imap.fetch", "3", True)),
    (b"FETCH 1 (BINARY.PEEK[1])", ("imap.fetch", "1", True)),
    (b"FETCH 1:3 (BODY.PEEK[1] BODY.PEEK[HEADER])", ("imap.fetch", "1:3", True)),
    (b"FETCH 1:3 (FLAGS ENVELOPE BODYSTRUCTURE PREVIEW BODY.PEEK[HEADER])", None),
    (b"SEARCH BODY bonjour", None),
    (b"COPY 1:2 INBOX", ("imap.copy", "1:2", True)),
    (b"APPEND INBOX CATENATE (URL \"/INBOX/;UID=2/;SECTION=TEXT\")", ("imap.catenate", "2", True)),
])
def test_one_row_for_each_command_that_reads_bodies(sandbox, bal, open_session, command, traced):  # noqa: F811
    """The row is there when the tagged OK is: it was committed before."""
    session = open_session()
    for number in range(3):
        message = letter(f"t{number}")
        answers(session, b"APPEND INBOX {%d+}\r\n%s" % (len(message), message))
    before = rows(sandbox, bal)
    answers(session, command)
    new = rows(sandbox, bal)[len(before):]
    assert [row for row in new if row[0] != "imap.append"] == ([traced] if traced else [])
