"""MESSAGELIMIT (RFC 9738) with its smallest limit, and INPROGRESS (RFC 9585): commands on more messages than that."""
import os
import signal

import pytest

from test_imap_hostile import answers, fill, open_session  # noqa: F401 (a fixture)

LIMIT, COUNT = 1000, 1050


@pytest.fixture
def limited(sandbox, open_session):  # noqa: F811
    """A session of a BAL with 1,050 messages, where a command works on 1,000."""
    conf = sandbox.place.conf
    before = conf.read_text()
    for words in (before.replace("[imap]\n", f"[imap]\nmessage_limit = {LIMIT}\n"), before):
        sandbox.place.write(conf, words, 0o644)
        old = set(sandbox.processes.workers("imapd", "imap"))
        os.kill(sandbox.processes.pid("imapd"), signal.SIGHUP)
        sandbox.wait_until(lambda: (now := set(sandbox.processes.workers("imapd", "imap"))) and not now & old)
        if words is not before:
            session = open_session()
            fill(session, COUNT, 6000)
            yield session


def last(session, command: bytes) -> tuple:
    """Untagged lines and the tagged one."""
    session.say(command)
    lines = []
    while not (line := session.line()).startswith(session.tag.decode() + " "):
        lines.append(line)
    return lines, line.partition(" ")[2]


def test_no_command_works_on_more(limited):
    cut = COUNT - LIMIT + 1
    assert f"MESSAGELIMIT={LIMIT}" in answers(limited, b"CAPABILITY")[0].split()
    lines, tagged = last(limited, b"FETCH 1:* (UID)")
    assert len(lines) == LIMIT and lines[0] == f"* {cut} FETCH (UID {cut})"
    assert tagged.startswith(f"OK [MESSAGELIMIT {LIMIT} {cut}] ")
    assert last(limited, b"FETCH 1:1000 (UID)")[1].startswith("OK FETCH")
    lines, tagged = last(limited, b"UID SEARCH ALL")
    assert lines == ["* SEARCH " + " ".join(str(n) for n in range(cut, COUNT + 1))]
    assert tagged.startswith(f"OK [MESSAGELIMIT {LIMIT} {cut}] ")
    assert "UID 51 " in last(limited, b"STORE 1:* +FLAGS (\\Flagged)")[0][0]
    assert last(limited, b"SEARCH RETURN (COUNT) FLAGGED")[0][0].endswith(" COUNT 1000")
    answers(limited, b"CREATE la")
    assert last(limited, b"COPY 1:* la")[1].startswith(f"NO [MESSAGELIMIT {LIMIT}] ")
    lines, tagged = last(limited, b"MOVE 1:* la")
    assert lines[0].startswith("* OK [COPYUID ") and f" {cut}:{COUNT} 1:{LIMIT}] " in lines[0]
    assert tagged.startswith(f"OK [MESSAGELIMIT {LIMIT} {cut}] ")
    answers(limited, b"NOOP")
    assert len(answers(limited, b"FETCH 1:* (UID)")) == COUNT - LIMIT


def test_a_long_search_says_that_it_is_alive(limited):
    """450 texts that are nowhere: longer than the 300 ms after which a search tells how far it is."""
    absent = b" ".join(b"NOT TEXT absent-%d" % n for n in range(450))
    lines, tagged = last(limited, b"SEARCH RETURN (COUNT) " + absent)
    told = [line for line in lines if line.startswith("* OK [INPROGRESS (")]
    assert tagged.startswith("OK") and lines[-1].endswith(f" COUNT {LIMIT}")
    tag, done, of = told[0].split("(")[1].split(")")[0].split()
    assert tag == f'"{limited.tag.decode()}"' and 0 < int(done) < int(of) == LIMIT
