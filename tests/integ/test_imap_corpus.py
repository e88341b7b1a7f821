"""ENVELOPE, BODYSTRUCTURE and BODY[…] of a corpus of nasty messages, compared with what Dovecot answers in the same run.
Each difference stands in imap/differences.tsv with its reason; one that is not there fails, and so does a row that is out of date."""
import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest
from sandbox.refusals import context_for

from imap_transcript import Connection
from imap_values import parse
from nasty import corpus

ITEMS = ["RFC822.SIZE", "ENVELOPE", "BODY", "BODYSTRUCTURE", "BODY.PEEK[]", "BODY.PEEK[HEADER]", "BODY.PEEK[TEXT]",
         "BODY.PEEK[1]", "BODY.PEEK[1.MIME]", "BODY.PEEK[2]", "BODY.PEEK[1.1]", "BODY.PEEK[1.HEADER]",
         "BODY.PEEK[1.TEXT]", "BODY.PEEK[2.MIME]"]
DOVECOT = Path("/usr/lib/dovecot/imap")
KNOWN = {}
for line in (Path(__file__).parent / "imap" / "differences.tsv").read_text().splitlines():
    if line and not line.startswith("#"):
        name, items, reason = line.split("\t")
        KNOWN.update({(name, item): reason for item in items.split(" ")})


class Pipe(Connection):
    """Dovecot's imap process by itself, logged in already, on a pipe."""

    def __init__(self, folder: Path):
        (folder / "mail").mkdir()
        os.chmod(folder, 0o755)
        os.chmod(folder / "mail", 0o777)
        (folder / "dovecot.conf").write_text(
            f"mail_location = maildir:{folder}/mail\nssl = no\nlog_path = {folder}/log\nbase_dir = {folder}/run\n"
            f"mail_uid = {os.geteuid() or 65534}\nmail_gid = {os.getegid() or 65534}\nfirst_valid_uid = 0\n")
        self.process = subprocess.Popen([str(DOVECOT), "-c", str(folder / "dovecot.conf")], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, env={"USER": "u", "HOME": str(folder), "PATH": os.environ["PATH"]})
        self.stream = self.process.stdout
        self.socket = self
        self.tags = 0
        self.stream.readline()

    def sendall(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def close(self):
        self.process.stdin.close()
        self.process.wait(20)
        self.stream.close()


def raw_answers(connection, command: bytes):
    """The untagged answers of a command, as bytes."""
    connection.say(command)
    answers = []
    while True:
        whole = b""
        while True:
            piece = connection.stream.readline()
            assert piece, "the server closed the connection"
            whole += piece
            literal = re.search(rb"\{(\d+)\}\r\n$", piece)
            if not literal:
                break
            whole += connection.stream.read(int(literal[1]))
        if whole.startswith(connection.tag + b" "):
            assert whole.split(b" ")[1] == b"OK", whole
            return answers
        answers.append(whole)


def fetched(connection, messages):
    """Message number → item → value."""
    raw_answers(connection, b"SELECT INBOX")
    for _, message in messages:
        raw_answers(connection, b"APPEND INBOX {%d+}\r\n%s" % (len(message), message))
    raw_answers(connection, b"NOOP")
    out = {}
    for answer in raw_answers(connection, b"FETCH 1:* (" + " ".join(ITEMS).encode() + b")"):
        head = re.match(rb"\* (\d+) FETCH ", answer)
        if head:
            values = parse(answer[head.end():].rstrip(b"\r\n"))
            out[int(head[1])] = dict(zip(values[::2], values[1::2]))
    return out


@pytest.mark.skipif(not DOVECOT.exists(), reason="this machine lacks dovecot-imapd")
def test_corpus_against_dovecot(sandbox, bal):
    messages = list(corpus())
    assert len(messages) >= 200
    ours = Connection(sandbox.place.host, sandbox.place.port("imaps"), context_for(sandbox, "dui2"))
    ours.login(bal.address)
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        theirs = Pipe(Path(folder))
        try:
            got, want = fetched(ours, messages), fetched(theirs, messages)
        finally:
            ours.close()
            theirs.close()
    differences = {}
    for number, (name, _) in enumerate(messages, 1):
        for item in want[number]:
            mine, other = got[number].get(item, "absent"), want[number][item]
            if item.startswith("BODY[") and mine is None and other == b"":
                continue  # a part that is not there: we say NIL (RFC 9051 nstring), Dovecot an empty string
            if mine != other:
                differences[name, item] = (got[number].get(item, "absent"), want[number][item])
    fresh = {key: value for key, value in differences.items() if key not in KNOWN}
    words = "\n".join(f"{name} {item}\n  ours   {str(a)[:400]}\n  theirs {str(b)[:400]}" for (name, item), (a, b) in fresh.items())
    assert not fresh, f"{len(fresh)} differences of {len({n for n, _ in fresh})} messages\n{words}"
    assert not set(KNOWN) - set(differences), "a difference that is explained is none any more: its row goes"
