"""Peers that try things: injection, smuggling, floods, broken mail."""
import os
import signal
import threading
from pathlib import Path

import psycopg2
import pytest
from sandbox.refusals import connect, context_for, deliver
from sandbox.smtp_client import Closed, Smtp

from conftest import LAB, letter


def test_commands_injected_after_starttls_are_dropped(sandbox):
    """What was sent in clear with STARTTLS must not be obeyed inside TLS."""
    smtp = Smtp(sandbox.place.host, sandbox.place.port("mx"))
    with smtp:
        smtp.ehlo()
        smtp.send(b"STARTTLS\r\nMAIL FROM:<injected@lab.autre-operateur.mssante.fr>\r\n")
        assert smtp.read().code == 220
        smtp.socket = context_for(sandbox, "peer").wrap_socket(smtp.socket, server_hostname="mx.caducee.mssante.fr")
        smtp.pending = b""
        assert smtp.command("NOOP").code == 250, "the injected MAIL was answered"
        smtp.ehlo()
        assert smtp.command(f"RCPT TO:<{LAB}>").code == 503


SMUGGLES = {
    "lf-dot-lf": b"\n.\n", "lf-dot-crlf": b"\n.\r\n", "cr-dot-cr": b"\r.\r", "cr-dot-crlf": b"\r.\r\n",
    "crlf-dot-lf": b"\r\n.\n", "crlf-dot-cr": b"\r\n.\r", "crcrlf-dot-crlf": b"\r\r\n.\r\n", "bare-lf": b"a\nb",
    "bare-cr": b"a\rb", "nul-dot": b"\r\n.\0\r\n", "lf-crlf-dot": b"\n\r\n.\r\r\n",
}


@pytest.mark.parametrize("name", SMUGGLES)
def test_smuggling(sandbox, bal, name):
    """Whatever stands between two messages, never are there two: the bytes are refused, or stay inside one message."""
    body = (b"before" + SMUGGLES[name] + b"MAIL FROM:<smuggled@lab.autre-operateur.mssante.fr>\r\nRCPT TO:<"
            + bal.address.encode() + b">\r\nDATA\r\nSubject: smuggled\r\n\r\nsmuggled\r\n")
    with connect(sandbox) as smtp:
        smtp.command(f"MAIL FROM:<{LAB}>")
        smtp.command(f"RCPT TO:<{bal.address}>")
        assert smtp.command("DATA").code == 354
        smtp.send(letter(body=body) + b".\r\n")
        reply = smtp.read()
        bare = b"\n" in body.replace(b"\r\n", b"") or b"\r" in body.replace(b"\r\n", b"")
        assert (500 <= reply.code < 600) if bare else reply.code == 250, reply
        if not bare:
            assert smtp.command("NOOP").code == 250, "something was left in the pipe"
        else:  # what follows may be the rest of the message: nothing of it is read
            with pytest.raises((Closed, ConnectionError)):
                smtp.command("NOOP")
    assert len(bal.messages()) == (0 if bare else 1)


@pytest.mark.parametrize("line", [b"NOOP\n", b"NOOP\rX\r\n", b"NO\0OP\r\n", b"MAIL FROM:<a\nb@c.fr>\r\n"])
def test_bare_line_ends_in_commands(sandbox, line):
    with connect(sandbox) as smtp:
        smtp.send(line)
        smtp.send(b"\r\n")
        assert 500 <= smtp.read().code < 600


def test_command_line_too_long(mx):
    reply = mx.command(b"NOOP " + b"x" * 4000)
    assert reply.code == 500
    assert mx.command("NOOP").code == 250


def test_line_without_end_is_bounded(sandbox):
    with connect(sandbox) as smtp, pytest.raises((Closed, ConnectionError)):
        for _ in range(200):
            smtp.send(b"x" * 65536)
        while True:
            smtp.read()


def test_too_many_errors_end_the_session(sandbox):
    with connect(sandbox) as smtp, pytest.raises((Closed, ConnectionError)):
        for _ in range(200):
            assert smtp.command("FOO").code in (421, 500, 502)


def test_out_of_order(mx):
    assert mx.command("DATA").code == 503
    assert mx.command("RCPT TO:<a@b.fr>").code == 503
    assert mx.command(f"MAIL FROM:<{LAB}>").code == 250
    assert mx.command(f"MAIL FROM:<{LAB}>").code == 503
    assert mx.command("DATA").code == 503
    assert mx.command("STARTTLS").code == 503
    assert mx.command("VRFY someone").code == 252


def test_declared_too_large(mx):
    assert str(mx.command(f"MAIL FROM:<{LAB}> SIZE=999999999")).startswith("552 5.3.4")


def test_really_too_large(sandbox, bal):
    limit = size_limit(sandbox)
    with connect(sandbox) as smtp:
        smtp.command(f"MAIL FROM:<{LAB}>")
        smtp.command(f"RCPT TO:<{bal.address}>")
        assert smtp.data(letter(body=(b"x" * 998 + b"\r\n") * (limit // 1000 + 50))).code == 552
        assert smtp.command("NOOP").code == 250
    assert bal.messages() == []


def size_limit(sandbox) -> int:
    with connect(sandbox) as smtp:
        return next(int(line.split()[1]) for line in smtp.ehlo().lines if line.startswith("SIZE"))


def test_just_below_the_limit(sandbox, bal):
    message = letter(body=(b"x" * 998 + b"\r\n") * (size_limit(sandbox) // 1000 - 10))
    assert bal.deliver(message).code == 250
    assert bal.bodies() == [message]


def test_hops_are_bounded(bal):
    loop = b"".join(b"Received: from a by b; Fri, 20 Nov 2026 09:30:00 +0100\r\n" for _ in range(200))
    assert bal.deliver(loop + letter()).code == 554


def nested(depth: int) -> bytes:
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
    return letter().partition(b"\r\n\r\n")[0] + b"\r\nMIME-Version: 1.0\r\n" + head + b"\r\nend\r\n"


# What the summary is marked with (lib/proto/summary.h).
OPAQUE, TWO_FROM, NO_DATE, CUT = 1, 2, 4, 256
# name → the message; the marks it must have; how BODYSTRUCTURE begins (what a reader is shown of it)
BROKEN = {
    "nested-10000": (nested(10_000), CUT, b'('),
    "parens-200k": (b"From: " + b"(" * 200_000 + b" a@lab.autre-operateur.mssante.fr\r\n" + letter(From=None), CUT, b'("TEXT" "PLAIN"'),
    "header-line-1m": (letter(**{"X-Long": "x" * 1_000_000}), CUT, b'("TEXT" "PLAIN"'),
    "nul-bytes": (letter(body=b"a\0b\0c\r\n"), 0, b'("TEXT" "PLAIN"'),
    "wrong-charset": (letter(body=b"\xff\xfe\xe9\r\n", **{"Content-Type": "text/plain; charset=no-such-charset"}), 0,
                      b'("TEXT" "PLAIN" ("CHARSET" "NO-SUCH-CHARSET")'),
    "two-from": (b"From: " + LAB.encode() + b"\r\n" + letter(), TWO_FROM, b'("TEXT" "PLAIN"'),
    "no-date": (letter(Date=None), NO_DATE, b'("TEXT" "PLAIN"'),
    "no-header": (b"\r\nonly a body\r\n", NO_DATE, b'("TEXT" "PLAIN"'),
    "no-body": (letter().partition(b"\r\n\r\n")[0] + b"\r\n", 0, b'("TEXT" "PLAIN"'),
    "empty": (b"", NO_DATE, b'("TEXT" "PLAIN"'),
    "missing-boundary": (letter(body=b"--other\r\n\r\nx\r\n", **{"Content-Type": "multipart/mixed; boundary=b"}), 0, b"("),
    "8bit-header": (letter().replace(b"essai", "é\xe8".encode("latin-1")), 0, b'("TEXT" "PLAIN"'),
}


def marks(sandbox, bal) -> list:
    """summary_flags of each message of the BAL."""
    with psycopg2.connect(sandbox.postgres.conninfo) as c, c.cursor() as cursor:
        cursor.execute("SELECT summary_flags FROM message JOIN bal USING (bal_id) WHERE address = %s ORDER BY uid", (bal.address,))
        return [row[0] for row in cursor.fetchall()]


def shown(bal) -> bytes:
    """ENVELOPE and BODYSTRUCTURE of the first message, whatever it is."""
    client = bal.imap()
    client.select("INBOX", readonly=True)
    status, data = client.uid("FETCH", "1", "(ENVELOPE BODYSTRUCTURE)")
    client.logout()
    assert status == "OK" and data != [None]
    return b"".join(part if isinstance(part, bytes) else b"".join(part) for part in data).upper()


@pytest.mark.parametrize("name", BROKEN)
def test_broken_mail_is_kept_byte_for_byte(sandbox, bal, name):
    message, wanted, structure = BROKEN[name]
    reply = bal.deliver(message)
    assert reply.code == 250, reply
    assert bal.bodies() == [message or b"\r\n"]
    got = marks(sandbox, bal)[0]
    assert got & (OPAQUE | TWO_FROM | NO_DATE | CUT) == wanted, got
    assert b"BODYSTRUCTURE " + structure in shown(bal)


@pytest.mark.skipif("asan" in os.environ.get("BUILD", ""), reason="sanitizers take memory of their own")
def test_broken_mail_costs_little_memory(sandbox, bal):
    """A quarter of what the kernel would allow: helpers/parse may have 1 GiB of addresses, and mail like this needs none of it."""
    for name in ("nested-10000", "parens-200k", "header-line-1m"):
        assert bal.deliver(BROKEN[name][0]).code == 250
    peaks = [peak_kib(pid) for pid in sandbox.processes.workers("smtpd", "parse")]
    assert peaks and max(peaks) < 64 * 1024, peaks


def peak_kib(pid) -> int:
    return next(int(line.split()[1]) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))


def test_parse_killed_in_the_middle(sandbox, bal):
    """It has been asked and does not answer; it is killed. The message is whole, its summary real or marked, and life goes on.
    (make crash kills it at its named points, and knows which.)"""
    answers, path = [], sandbox.place.run / "smtpd-parse.sock"
    stopped = sandbox.processes.workers("smtpd", "parse")
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    first = threading.Thread(target=lambda: answers.append(bal.deliver(letter("un")).code))
    first.start()
    sandbox.wait_until(lambda: Path("/proc/net/unix").read_text().count(f" {path}\n") > 1 or not first.is_alive())
    for pid in stopped:
        os.kill(pid, signal.SIGKILL)
    first.join()
    assert answers == [250] and bal.deliver(letter("deux")).code == 250
    assert [b"Subject: " + word in message for word, message in zip((b"un", b"deux"), bal.bodies(), strict=True)] == [True, True]
    assert marks(sandbox, bal)[0] in (0, OPAQUE) and marks(sandbox, bal)[1] == 0


def test_broken_mail_then_good_mail(sandbox, bal):
    """A parse process that dies costs one summary, not the next one's."""
    assert bal.deliver(BROKEN["nested-10000"][0]).code == 250
    good = letter("après")
    with connect(sandbox) as smtp:
        assert deliver(smtp, LAB, [bal.address], good).code == 250
    assert bal.bodies()[-1] == good
