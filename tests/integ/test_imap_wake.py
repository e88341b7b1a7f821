"""A lost wake-up: the notifier cannot reach the worker, and nobody is told. What has come is seen all the same at the next look."""
import os
import re
import signal

import psycopg2
import pytest
from sandbox.place import SOURCE

from conftest import letter
from test_imap_hostile import answers, open_session  # noqa: F401 (a fixture)


@pytest.fixture
def looks_each_second(sandbox):
    """Workers with the smallest interval, and the sockets by which they are woken taken from under them."""
    conf = sandbox.place.conf
    before = conf.read_text()
    for words in (before.replace("[imapd]\n", "[imapd]\npoll = 1s\n"), before):
        sandbox.place.write(conf, words, 0o644)
        old = set(sandbox.processes.workers("imapd", "imap"))
        os.kill(sandbox.processes.pid("imapd"), signal.SIGHUP)
        sandbox.wait_until(lambda: (now := set(sandbox.processes.workers("imapd", "imap"))) and not now & old)
        if words is not before:
            yield sandbox.place.run / "wake"


def test_a_lost_wake_up_costs_one_look(looks_each_second, open_session, bal):  # noqa: F811
    idle, watching = open_session(), open_session()
    answers(watching, b"NOTIFY SET (selected (MessageNew MessageExpunge FlagChange))")
    idle.say(b"IDLE")
    assert idle.line().startswith("+")
    sockets = list(looks_each_second.iterdir())
    assert sockets
    for socket in sockets:
        socket.unlink()
    assert bal.deliver(letter("sans reveil")).code == 250
    for session in (idle, watching):
        while (line := session.line()) != "* 1 EXISTS":
            assert line.startswith("* "), line


def test_the_look_that_operators_have():
    row = re.search(r'SETTING\(DURATION, imapd, poll, "(\w+)", (\d+), (\d+)', (SOURCE / "lib/base/settings.def").read_text())
    assert row.groups() == ("15s", "1", "60")


def rows_of(sandbox, bal) -> list:
    """The versions of all rows that a session may write, of one BAL: another transaction makes another xmin."""
    with psycopg2.connect(sandbox.postgres.conninfo) as c, c.cursor() as cursor:
        rows = []
        for table in ("folder", "state_page", "seen_page", "folder_viewer", "message", "keyword"):
            cursor.execute(f"SELECT '{table}', t.xmin::text, t.ctid::text FROM {table} t JOIN bal b USING (bal_id) WHERE b.address = %s "
                           "ORDER BY 2, 3", (bal.address,))
            rows += cursor.fetchall()
        return rows


def test_a_poll_writes_nothing(sandbox, bal, open_session):  # noqa: F811
    """\\Recent is written by a SELECT when something has come, and by it alone: a look at what is there leaves no trace."""
    session = open_session(None)
    bal.deliver(letter())
    before = rows_of(sandbox, bal)
    answers(session, b"EXAMINE INBOX")
    answers(session, b"STATUS INBOX (MESSAGES RECENT UNSEEN)")
    assert rows_of(sandbox, bal) == before
    assert "* 1 RECENT" in answers(session, b"SELECT INBOX")
    written = rows_of(sandbox, bal)
    assert [row for row in written if row[0] == "folder"] != [row for row in before if row[0] == "folder"]
    for command in (b"SELECT INBOX", b"NOOP", b"CHECK", b"FETCH 1:* (FLAGS ENVELOPE)", b"SEARCH UNSEEN", b'LIST "" *',
                    b"STATUS INBOX (MESSAGES UNSEEN HIGHESTMODSEQ)", b"UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1)", b"CLOSE", b"SELECT INBOX"):
        answers(session, command)
    again = open_session()
    answers(again, b"NOOP")
    assert rows_of(sandbox, bal) == written
