"""SORT and THREAD from the keys that an earlier reader has left behind (folder_order): the same answer as from the messages, for two
sessions at once, after each thing that changes a folder."""
import pytest

from conftest import letter
from test_imap_hostile import answers, open_session  # noqa: F401 (a fixture)

BLOCK = 2048
COUNT = BLOCK + 60  # UID 0 is none: the first block is complete, the second one is not
ASKED = (b"SORT (SUBJECT) UTF-8 ALL", b"UID SORT (REVERSE DATE) UTF-8 ALL", b"SORT (FROM SIZE) UTF-8 UNDELETED",
         b"SORT (DISPLAYFROM REVERSE SUBJECT) UTF-8 ALL", b"THREAD REFERENCES UTF-8 ALL", b"UID THREAD ORDEREDSUBJECT UTF-8 ALL")


def message(n: int) -> bytes:
    return letter(f"{'Re: ' if n % 3 else ''}objet {n * 7919 % 701}", sender=f"labo{n % 17}@labo.mssante.fr", **{
        "Date": f"{n % 28 + 1:02} Nov 2026 {n % 24:02}:00:00 +0100", "Message-ID": f"<{n}@labo.mssante.fr>",
        "References": f"<{n // 2}@labo.mssante.fr>"})


@pytest.fixture
def two(open_session):  # noqa: F811
    """Two sessions on a folder of COUNT messages."""
    first = open_session()
    for start in range(0, COUNT, 60):
        some = [message(n) for n in range(start, min(start + 60, COUNT))]
        answers(first, b"APPEND INBOX" + b"".join(b" {%d+}\r\n%s" % (len(one), one) for one in some))
    return first, open_session()


def rows(sandbox, bal) -> int:
    return int(sandbox.postgres.query(f"SELECT count(*) FROM folder_order JOIN bal USING (bal_id) WHERE address = '{bal.address}'"))


def ask(connection) -> list:
    answers(connection, b"NOOP")
    return [[line for line in answers(connection, command) if line.startswith(("* SORT", "* THREAD"))] for command in ASKED]


def check(sandbox, bal, two):
    """What is kept, by both sessions; and what the messages themselves give."""
    ask(two[0])
    assert rows(sandbox, bal) >= 3
    kept = [ask(session) for session in two]
    sandbox.postgres.query(f"WITH d AS (DELETE FROM folder_order USING bal b WHERE b.bal_id = folder_order.bal_id AND address = "
                           f"'{bal.address}' RETURNING 1) SELECT count(*) FROM d")
    assert rows(sandbox, bal) == 0
    assert kept[0] == kept[1] == ask(two[1])
    return kept[0]


def test_what_is_kept_says_what_the_messages_say(sandbox, bal, two):
    first = check(sandbox, bal, two)
    subjects = [n * 7919 % 701 for n in range(COUNT)]
    wanted = sorted(range(COUNT), key=lambda n: (f"objet {subjects[n]}", n))
    assert first[0] == ["* SORT " + " ".join(str(n + 1) for n in wanted)]
    answers(two[0], b"UID STORE 5,77,2050 +FLAGS (\\Deleted)")
    assert check(sandbox, bal, two)[2] != first[2]
    answers(two[0], b"EXPUNGE")
    assert check(sandbox, bal, two)[0] != first[0]
    answers(two[1], b"UID COPY 9:12 INBOX")
    answers(two[0], b"CREATE autre")
    answers(two[0], b"UID MOVE 100:140 autre")
    check(sandbox, bal, two)
    late = message(4711)
    answers(two[1], b"APPEND INBOX {%d+}\r\n%s" % (len(late), late))
    bal.deliver_in_time(letter("encore"))
    last = check(sandbox, bal, two)
    assert len(last[0][0].split()) == 2 + COUNT - 3 + 4 - 41 + 2
    assert rows(sandbox, bal) > 0
    answers(two[0], b"RENAME INBOX ailleurs")  # what INBOX held moves there
    assert sandbox.postgres.query(f"SELECT count(*) FROM folder_order JOIN folder USING (bal_id, folder_id) JOIN bal USING (bal_id) "
                                  f"WHERE address = '{bal.address}' AND name = 'INBOX'") == "0"
    for session in two:
        answers(session, b"SELECT ailleurs")
    check(sandbox, bal, two)
    for session in two:
        answers(session, b"UNSELECT")
    answers(two[0], b"DELETE ailleurs")
    assert rows(sandbox, bal) == 0
