"""imapd against peers that mean harm, or are just slow; and against a database that goes away."""
import itertools
import os
import resource
import select
import signal
import socket
import zlib

import pytest
from sandbox.patience import again
from sandbox.refusals import context_for

from conftest import letter
from imap_transcript import Connection


@pytest.fixture
def open_session(sandbox, bal):
    """A maker of logged-in connections to the test's BAL; all are closed at the end."""
    made = []

    def make(folder="INBOX"):
        place = sandbox.place
        made.append(Connection(place.host, place.port("imaps"), context_for(sandbox, "dui2")))
        made[-1].login(bal.address)
        if folder:
            answers(made[-1], b"SELECT " + folder.encode())
        return made[-1]

    yield make
    for connection in made:
        connection.close()


def answers(connection, command: bytes, wanted=" OK") -> list:
    connection.say(command)
    lines = []
    while True:
        line = connection.line()
        if line.startswith(connection.tag.decode() + " "):
            assert line[len(connection.tag):].startswith(wanted), line
            return lines
        lines.append(line)


def fill(connection, count: int, size: int):
    message = letter(body=b"0123456789abcde\r\n" * (size // 17))
    literal = b" {%d+}\r\n%s" % (len(message), message)
    for start in range(0, count, 50):
        answers(connection, b"APPEND INBOX" + literal * min(50, count - start))
    return len(message)


@pytest.mark.parametrize("command,wanted", [
    (b"SEARCH " + b"(" * 5000, " BAD"),
    (b"SEARCH " + b"NOT " * 5000 + b"SEEN", " BAD"),
    (b"SEARCH " + b"OR SEEN " * 1100 + b"SEEN", " BAD"),
    (b"FETCH 1 BODY[" + b"1." * 5000 + b"1]", " BAD"),
    (b"FETCH 1 (" + b"BODY.PEEK[] " * 60 + b"FLAGS)", " BAD"),
    (b"UID FETCH " + b",".join(b"%d" % n for n in range(1, 60000, 2)) + b" FLAGS", " OK"),
    (b"UID FETCH 1:4294967295 FLAGS", " OK"),
    (b"UID FETCH 4294967296 FLAGS", " BAD"),
    (b"STORE 1 FLAGS (" + b"a " * 500 + b"a)", " BAD"),
    (b"LIST \"\" \"" + b"*%" * 400 + b"x\"", " OK"),
    (b"CREATE " + b"a/" * 600 + b"a", " "),
    (b"RENAME INBOX \"a\\b\"", " BAD"),
], ids=itertools.count())
def test_bombs_are_answered(open_session, command, wanted):
    connection = open_session()
    answers(connection, command, wanted)
    answers(connection, b"NOOP")


@pytest.mark.parametrize("command", [
    b"APPEND INBOX {999999999+}\r\n",
    b"SEARCH TEXT {70000+}\r\n",
    b"NOOP " + b"x" * 400_000,
    b"UID FETCH " + b",".join(b"%d" % n for n in range(1, 2_000_000, 2)) + b" FLAGS",
], ids=["append", "search", "line", "ranges"])
def test_what_cannot_be_kept_in_step_ends(open_session, command):
    """Bytes that are on their way cannot be told from commands: BYE, and the connection ends."""
    connection = open_session()
    try:
        connection.say(command)
        assert connection.line().startswith("* BYE")
    except (OSError, EOFError):
        pass
    with pytest.raises((EOFError, OSError)):
        answers(connection, b"NOOP")


def test_a_literal_that_waits_is_refused_and_the_session_goes_on(open_session):
    connection = open_session()
    answers(connection, b"APPEND INBOX {4294967295}", " NO [TOOBIG]")
    answers(connection, b"SEARCH TEXT {70000}", " NO [TOOBIG]")
    answers(connection, b"NOOP")


def test_messages_of_no_bytes_and_of_nul(open_session):
    """RFC 3502 6.3.11, RFC 3516 4.4, RFC 3501 4.3.1: none of them leaves anything behind."""
    connection = open_session()
    answers(connection, b"APPEND INBOX {5+}\r\na: b\n {0+}\r\n", " NO A message of no bytes")
    answers(connection, b"APPEND INBOX ~{6+}\r\na: b\0\n", " NO [UNKNOWN-CTE]")
    answers(connection, b"APPEND INBOX {6+}\r\na: b\0\n", " BAD")
    answers(connection, b"APPEND INBOX UTF8 (~{8+}\r\na: \xc3\xa9\r\n\n)")
    assert answers(connection, b"STATUS INBOX (MESSAGES)") == ["* STATUS INBOX (MESSAGES 1)"]


def test_pipelined_commands_are_answered_in_order(open_session):
    connection = open_session()
    connection.socket.sendall(b"".join(b"p%d NOOP\r\n" % n for n in range(200)))
    tagged = []
    while len(tagged) < 200:
        line = connection.line()
        if line.startswith("p"):
            tagged.append(line.split()[0])
    assert tagged == [f"p{n}" for n in range(200)]


def test_twenty_errors_before_login_end_it(sandbox):
    place = sandbox.place
    with socket.create_connection((place.host, place.port("imap")), timeout=120) as plain:
        stream = plain.makefile("rb")
        stream.readline()
        plain.sendall(b"x FOO\r\n" * 30)
        lines = stream.readlines()
        assert len([line for line in lines if b"BAD" in line]) == 20 and lines[-1].startswith(b"* BYE")


def test_nothing_said_in_clear_counts_after_starttls(sandbox):
    """RFC 9051 6.2.1: what was pipelined behind STARTTLS is thrown away."""
    place = sandbox.place
    with socket.create_connection((place.host, place.port("imap")), timeout=120) as plain:
        assert plain.recv(4096).startswith(b"* OK")
        plain.sendall(b"a STARTTLS\r\nb LOGOUT\r\n")
        assert plain.recv(4096).startswith(b"a OK")
        context = context_for(sandbox, None)
        context.check_hostname = False
        with context.wrap_socket(plain) as tls:
            tls.sendall(b"c NOOP\r\n")
            assert tls.recv(4096).startswith(b"c OK")


def test_slow_readers_do_not_stop_a_worker(open_session):
    """Eight peers ask for 20 MB and read nothing, for as long as it takes; a ninth is served meanwhile."""
    first = open_session()
    fill(first, 40, 500_000)
    for _ in range(8):
        open_session().say(b"FETCH 1:* (BODY.PEEK[])")
    for _ in range(20):
        answers(first, b"NOOP")
        answers(first, b"FETCH 1 (ENVELOPE)")


def test_a_reader_slower_than_the_mail_that_comes(open_session):
    """One in IDLE does not read while 300 messages come, each with its wake-up, and flags change: then it has all, in order."""
    slow, other = open_session(), open_session()
    slow.say(b"IDLE")
    assert slow.line().startswith("+")
    for start in range(1, 301, 20):
        fill(other, 20, 100)
        answers(other, b"NOOP")
        answers(other, b"STORE %d:%d +FLAGS.SILENT (\\Flagged)" % (start, start + 19))
    answers(other, b"STORE 1 +FLAGS.SILENT (\\Deleted)")
    answers(other, b"EXPUNGE")
    counts = []
    while not counts or counts[-1] < 300 or line != "* 1 EXPUNGE":
        line = slow.line()
        assert line.startswith("* "), line
        counts += [int(line.split()[1])] if line.endswith(" EXISTS") else []
        if counts and counts[-1] == 299:  # all of it in one look: the first had gone before it was told
            break
    assert counts == sorted(counts)
    slow.socket.sendall(b"DONE\r\n")
    while not slow.line().startswith(slow.tag.decode() + " OK"):
        pass
    flagged = answers(slow, b"SEARCH FLAGGED")[0].split()[2:]
    assert len(flagged) == 299


def test_an_expunge_under_a_running_fetch(open_session):
    """What was promised is given whole, or left out; numbers do not move."""
    reader, other = open_session(), open_session()
    size = fill(other, 200, 40_000)
    answers(reader, b"NOOP")
    reader.say(b"FETCH 1:* (UID BODY.PEEK[])")
    first = reader.line()
    assert first.startswith("* 1 FETCH (UID 1 BODY[] {%d}" % size)
    answers(other, b"STORE 100:200 +FLAGS.SILENT (\\Deleted)")
    answers(other, b"EXPUNGE")
    seen = 1
    while True:
        line = reader.line()
        if line.startswith(reader.tag.decode() + " "):
            break
        if "BODY[]" in line:
            number, uid = int(line.split()[1]), int(line.split("UID ")[1].split()[0])
            assert number == uid and "{%d}" % size in line
            seen += 1
        assert "EXPUNGE" not in line
    assert 99 <= seen <= 200
    answers(reader, b"NOOP")
    assert len(answers(reader, b"FETCH 1:* (UID)")) == 99


def test_connections_that_are_left(sandbox, open_session):
    """Five thousand are opened and say nothing; one that speaks is served. Fewer where the machine allows fewer."""
    place = sandbox.place
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(5000, hard - 1000)
    silent = []
    try:
        for _ in range(count):
            silent.append(socket.create_connection((place.host, place.port("imap")), timeout=120))
        assert silent[-1].recv(4) == b"* OK"
        answers(open_session(), b"NOOP")
    finally:
        for one in silent:
            one.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_what_a_refused_literal_holds_is_no_command(sandbox, open_session):
    """LITERAL+ (RFC 7888 4): its bytes come in any case. Before log-in and after it, none of them is obeyed."""
    place = sandbox.place
    inside = b"\r\nevil CAPABILITY\r\n" * 200
    with socket.create_connection((place.host, place.port("imap")), timeout=120) as plain:
        plain.sendall(b"a LOGIN {%d+}\r\n%s\r\nb NOOP\r\n" % (len(inside), inside))
        said = read_to_end(plain)
    assert b"* BYE" in said and b"evil" not in said and b"b OK" not in said
    session = open_session()
    session.socket.sendall(b"a SEARCH TEXT {%d+}\r\n%s\r\nb NOOP\r\n" % (80000, inside * 20))
    said = read_to_end(session.socket)
    assert b"* BYE" in said and b"evil" not in said and b"b OK" not in said


def test_who_is_still_sending_hears_the_bye(sandbox, open_session):
    """Two megabytes are on their way when the server has had enough: its last words arrive, and no reset."""
    place = sandbox.place
    with socket.create_connection((place.host, place.port("imap")), timeout=120) as plain:
        plain.sendall(b"a LOGIN {2000000+}\r\n" + b"x" * 2_000_000)
        assert b"* BYE" in read_to_end(plain)
    session = open_session()
    session.socket.sendall(b"a SEARCH TEXT {2000000+}\r\n" + b"x" * 2_000_000)
    assert b"* BYE" in read_to_end(session.socket)


def read_to_end(peer) -> bytes:
    said = b""
    while piece := peer.recv(65536):
        said += piece
    return said


@pytest.mark.parametrize("command", [
    b"CREATE {%d}\r\n%s", b"LIST {%d}\r\n%s *", b"STATUS {%d}\r\n%s (MESSAGES)", b"GETQUOTA {%d}\r\n%s",
    b"FETCH 1 BODY.PEEK[HEADER.FIELDS ({%d}\r\n%s)]", b"SEARCH HEADER {%d}\r\n%s x", b"GETACL {%d}\r\n%s",
    b"GETMETADATA INBOX {%d}\r\n%s", b"SEARCH RETURN (UPDATE) TEXT {%d}\r\n%s",
    b"APPEND INBOX CATENATE (URL {%d}\r\n%s)", b"NOTIFY SET (mailboxes {%d}\r\n%s (MailboxName))",
], ids=itertools.count())
def test_a_line_end_in_a_string_begins_no_line(open_session, command):
    """What is said back (names, sections, URLs) never lets a peer's bytes pass for a line of the server's."""
    session = open_session()
    fill(session, 1, 100)
    text = b"x\r\n* OK evil\r\nt9 OK evil"
    before, after = (command % (len(text), text)).split(b"}\r\n", 1)
    session.say(before + b"}")
    line = session.line()
    if line.startswith("+"):
        session.socket.sendall(after + b"\r\n")
        while not (line := session.line()).startswith(session.tag.decode() + " "):
            assert not line.startswith(("* OK evil", "t9 "))
    answers(session, b"NOOP")


def test_a_field_name_in_a_literal(open_session):
    session = open_session()
    fill(session, 1, 100)
    said = answers(session, b"FETCH 1 BODY.PEEK[HEADER.FIELDS ({7+}\r\nSubject)]")[0]
    assert said.startswith("* 1 FETCH (BODY[HEADER.FIELDS (Subject)] {")


def test_database_gone_and_back(sandbox, open_session):
    """NO [UNAVAILABLE], session kept; back: goes on, and tells what it missed."""
    connection, other = open_session(), open_session()
    postmaster = int((sandbox.place.folder / "postgresql" / "postmaster.pid").read_text().split()[0])
    gone = os.pidfd_open(postmaster)
    os.kill(postmaster, signal.SIGQUIT)
    select.select([gone], [], [], 120)
    os.close(gone)
    try:
        for command in (b"CHECK", b"STATUS INBOX (MESSAGES)", b"CREATE x"):
            answers(connection, command, " NO [UNAVAILABLE]")
    finally:
        sandbox.up()
    other.until_it_works(b"CHECK")
    fill(other, 1, 100)
    connection.until_it_works(b"NOOP", "* 1 EXISTS")


def test_compressed_sessions_and_what_expands_too_far(open_session):
    """RFC 4978: commands in both directions; 64 MB of zeroes in a few kilobytes end the connection, not the worker."""
    connection, other = open_session(), open_session()
    answers(connection, b"COMPRESS DEFLATE")
    deflate, inflate = zlib.compressobj(9, zlib.DEFLATED, -15), zlib.decompressobj(-15)

    def exchange(data: bytes) -> bytes:
        connection.socket.sendall(deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH))
        out = b""
        while not out.endswith(b"\r\n"):
            piece = connection.socket.recv(65536)
            if not piece:
                return out
            out += inflate.decompress(piece)
        return out

    assert exchange(b"z NOOP\r\n").startswith(b"z OK")
    assert exchange(b"z COMPRESS DEFLATE\r\n").startswith(b"z NO [COMPRESSIONACTIVE]")
    try:
        assert b"BYE" in exchange(b"z NOOP " + b"\0" * 64_000_000)
    except OSError:
        pass
    answers(other, b"NOOP")


def test_a_killed_worker_is_started_again(sandbox, bal):
    """kill -9 of the process that holds all sessions: what was answered is there, and the next client is served."""
    place = sandbox.place

    def connect():
        connection = Connection(place.host, place.port("imaps"), context_for(sandbox, "dui2"))
        connection.login(bal.address)
        answers(connection, b"SELECT INBOX")
        return connection

    connection = connect()
    fill(connection, 3, 1000)
    workers = sandbox.processes.workers("imapd", "imap")
    assert len(workers) == 1
    os.kill(workers[0], signal.SIGKILL)
    with pytest.raises((EOFError, OSError)):
        answers(connection, b"NOOP")
    connection.close()
    anew = again(connect, lambda _: False, errors=(OSError, EOFError))
    assert len(answers(anew, b"FETCH 1:* (UID)")) == 3
    anew.close()
