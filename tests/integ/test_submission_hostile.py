"""Clients that try things at submission: floods, slow ones, oversized everything, tokens bound to somebody else."""
import base64
import hashlib
import os
import signal
import ssl
import subprocess
import threading

import pytest
from sandbox.people import C, T, nir_key
from sandbox.refusals import deliver
from sandbox.smtp_client import Closed, Smtp

from conftest import LAB, letter, new_bal
from test_submission import DOCTOR, as_person, names_its_rule, session


@pytest.fixture
def settings(sandbox):
    """settings(section, key=value…): both receiving roles by the new configuration; the old one afterwards."""
    conf = sandbox.place.conf
    before, changed = conf.read_text(), []

    def apply(text):
        old = {role: set(sandbox.processes.workers("smtpd", role)) for role in ("mx", "submission")}
        sandbox.place.write(conf, text, 0o644)
        os.kill(sandbox.processes.pid("smtpd"), signal.SIGHUP)
        sandbox.wait_until(lambda: all((now := set(sandbox.processes.workers("smtpd", role))) and not now & pids
                                       for role, pids in old.items()))
        changed.append(text)

    yield lambda section, **values: apply(before.replace(
        f"[{section}]\n", f"[{section}]\n" + "".join(f"{key} = {value}\n" for key, value in values.items())))
    if changed:
        apply(before)


def has_ended(smtp) -> bool:
    try:
        smtp.command("NOOP")
        return False
    except (Closed, ConnectionError, ssl.SSLError):
        return True


@pytest.mark.parametrize("section", ["mx", "submission"])
def test_a_session_ends_in_its_time_whatever_it_does(sandbox, settings, section):
    """Who goes on talking, one command after the other, is let go all the same; nobody may set more than an hour at submission."""
    settings(section, session="2s")
    with Smtp(sandbox.place.host, sandbox.place.port(section)) as smtp:
        sandbox.wait_until(lambda: has_ended(smtp))


def test_an_hour_is_the_most_that_can_be_set(sandbox, tmp_path):
    text = sandbox.place.conf.read_text().replace("[submission]\n", "[submission]\nsession = 2h\n")
    (tmp_path / "conf").write_text(text)
    done = subprocess.run([sandbox.place.programs / "caducee-smtpd", "-c", tmp_path / "conf", "--check"], capture_output=True, text=True)
    assert done.returncode == 78 and "session" in done.stderr


@pytest.mark.parametrize("section", ["mx", "submission"])
def test_a_slow_sender_is_let_go(sandbox, settings, section):
    """Half a command, then nothing: in clear and under TLS."""
    settings(section, idle="1s")
    for tls in (False, True):
        with Smtp(sandbox.place.host, sandbox.place.port(section)) as smtp:
            if tls:
                smtp.ehlo()
                smtp.starttls(context_of(sandbox))
            smtp.send(b"EHLO half")
            with pytest.raises((Closed, ConnectionError)):
                smtp.read()


def context_of(sandbox):
    from sandbox.refusals import context_for
    return context_for(sandbox, "peer")


@pytest.mark.parametrize("section", ["mx", "submission"])
def test_a_flood_of_commands_whose_answers_nobody_reads(sandbox, section):
    """What waits to leave is bounded, so the server stops reading; whoever reads at last has every answer."""
    count, line, answer = 4_000_000, b"NOOP\r\n", len(b"250 2.0.0 OK\r\n")
    with Smtp(sandbox.place.host, sandbox.place.port(section)) as smtp:
        sent = [0]

        def flood():
            for _ in range(count // 4000):
                smtp.socket.sendall(line * 4000)
                sent[0] += 4000

        writer, seen = threading.Thread(target=flood), [-1]
        writer.start()

        def stands_still():  # full pipes, or all of it taken
            writer.join(1)
            seen.append(sent[0])
            return seen[-1] == seen[-2] or not writer.is_alive()

        sandbox.wait_until(stands_still)
        assert sent[0] < count, "the server took all of it, and holds the answers"
        left = count * answer - len(smtp.pending)
        while left > 0:
            left -= len(smtp.socket.recv(left)) or pytest.fail(f"closed with {left} bytes to come")
        writer.join()


def test_a_flood_of_bad_log_ins_ends_the_session(sandbox):
    codes = []
    with session(sandbox) as smtp, pytest.raises((Closed, ConnectionError)):
        while len(codes) < 50:
            codes.append(smtp.auth("XOAUTH2", f"user={DOCTOR.address}\x01auth=Bearer nothing\x01\x01").code)
            if codes[-1] == 334:
                codes.append(smtp.command("").code)
    assert 535 in codes and codes[-1] in (334, 421, 535)


def test_a_flood_of_refused_recipients_ends_the_session(sandbox, mx):
    """Each is refused by a job; whoever asks for one name after the other is let go, and a message that is taken starts anew."""
    codes = []
    mx.command(f"MAIL FROM:<{LAB}>")
    with pytest.raises((Closed, ConnectionError)):
        while len(codes) < 100:
            codes.append(mx.command(f"RCPT TO:<personne-{len(codes)}@{T}>").code)
    assert set(codes) == {550, 421} and codes.index(421) > 20


def test_errors_are_counted_since_the_last_good_message(sandbox, bal, mx):
    for _ in range(3):
        mx.command(f"MAIL FROM:<{LAB}>")
        assert {mx.command(f"RCPT TO:<personne-{n}@{T}>").code for n in range(12)} == {550}
        assert mx.command(f"RCPT TO:<{bal.address}>").code == 250 and mx.data(letter()).code == 250


ODD_AUTH = {
    "password": (["AUTH PLAIN AGEAYg=="], "504 5.5.4"), "nothing": (["AUTH"], "501 5.5.4"),
    "not-base64": (["AUTH OAUTHBEARER !!!"], "501 5.5.2"), "too-long": (["AUTH OAUTHBEARER " + "A" * 12300], "500 5.5.6"),
    "cancelled": (["AUTH OAUTHBEARER", "*"], "501 5.7.0"), "answer-not-base64": (["AUTH OAUTHBEARER", "!!!"], "501 5.5.2"),
    "answer-too-long": (["AUTH OAUTHBEARER", "A" * 20000], "500 5.5.6"), "other-line-too-long": (["NOOP " + "x" * 4000], "500 5.5.2"),
}


@pytest.mark.parametrize("name", ODD_AUTH)
def test_odd_exchanges(sandbox, name):
    """RFC 4954 4: each its own code; only what is too long inside an exchange costs the session."""
    lines, want = ODD_AUTH[name]
    with session(sandbox) as smtp:
        for line in lines[:-1]:
            assert smtp.command(line).code == 334
        assert str(smtp.command(lines[-1])).startswith(want)
        if name != "answer-too-long":
            assert smtp.oauthbearer(DOCTOR.address, sandbox.psc.token(DOCTOR.national_id)).code == 235


def test_log_in_is_once_and_outside_a_transaction(sandbox):
    token = sandbox.psc.token(DOCTOR.national_id)
    with as_person(sandbox) as smtp:
        assert smtp.oauthbearer(DOCTOR.address, token).code == 503
        smtp.command(f"MAIL FROM:<{DOCTOR.address}>")
        assert smtp.oauthbearer(DOCTOR.address, token).code == 503


def thumbprint(sandbox, name) -> str:
    der = ssl.PEM_cert_to_DER_cert(sandbox.pki.cert(name).read_text())
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()


@pytest.mark.parametrize("certificate,of,code", [("dui2", "dui2", 235), ("dui2", "dui", 535), (None, "dui2", 535)])
def test_a_token_bound_to_a_certificate(sandbox, certificate, of, code):
    """RFC 8705 3.1: cnf.x5t#S256 is the certificate of this very connection, or the token is somebody else's."""
    token = sandbox.psc.token(DOCTOR.national_id, cnf={"x5t#S256": thumbprint(sandbox, of)})
    with session(sandbox, certificate) as smtp:
        assert smtp.oauthbearer(DOCTOR.address, token).code == code


@pytest.mark.parametrize("aud,code", [("un-autre-service", 535), (["a", "b"], 535), (["a", "lps-sandbox"], 235), ({}, 535)])
def test_audience_when_there_is_one(sandbox, aud, code):
    with session(sandbox) as smtp:
        assert smtp.oauthbearer(DOCTOR.address, sandbox.psc.token(DOCTOR.national_id, aud=aud)).code == code


@pytest.mark.parametrize("header", [
    f"=?utf-8?q?paul=2Edurand=40{C.replace('.', '=2E')}?= <{DOCTOR.address}>", f"{DOCTOR.address} <paul.durand@{C}>",
    f"\"<{DOCTOR.address}>\" <paul.durand@{C}>", f"(<{DOCTOR.address}>) paul.durand@{C}",
    f"équipe: {DOCTOR.address}, paul.durand@{C};", "", "personne"])
def test_a_hidden_author_is_not_oneself(sandbox, bal, header):
    """Encoded words, quotes, comments, groups: whom people would be shown, and who is meant, are both one's own BAL."""
    with as_person(sandbox) as smtp:
        reply = deliver(smtp, DOCTOR.address, [bal.address], letter(sender=header))
        assert str(reply).startswith("550 5.7.1") and names_its_rule(reply), reply
    assert bal.messages() == []


def test_a_second_author_is_not_oneself(sandbox, bal):
    with as_person(sandbox) as smtp:
        for first, second in ((DOCTOR.address, f"paul.durand@{C}"), (f"paul.durand@{C}", DOCTOR.address)):
            message = f"From: {first}\r\n".encode() + letter(sender=second)
            reply = deliver(smtp, DOCTOR.address, [bal.address], message)
            assert str(reply).startswith("550 5.7.1") and names_its_rule(reply), reply
    assert bal.messages() == []


@pytest.mark.parametrize("thirteen", ["185202A123456", "285202B123456"])
def test_a_patient_of_corsica(sandbox, thirteen):
    """2A and 2B count as 19 and 18 in the control key; any other key is somebody else's, or nobody's."""
    key = nir_key(thirteen)
    with as_person(sandbox) as smtp:
        smtp.command(f"MAIL FROM:<{DOCTOR.address}>")
        assert smtp.command(f"RCPT TO:<{thirteen}{key}@patient.mssante.fr>").code == 250
        reply = smtp.command(f"RCPT TO:<{thirteen}{int(key) % 97 + 1:02}@patient.mssante.fr>")
        assert str(reply).startswith("550 5.1.3") and thirteen not in str(reply)


def test_a_closed_mailbox_of_ours(sandbox, bal):
    sandbox.caducee.command("bal", "close", bal.address, "--reason", "essai")
    with as_person(sandbox) as smtp:
        smtp.command(f"MAIL FROM:<{DOCTOR.address}>")
        assert str(smtp.command(f"RCPT TO:<{bal.address}>")).startswith("550 5.2.1")


@pytest.mark.parametrize("line,want", [
    ("RSET now", "501 5.5.4"), ("QUIT now", "501 5.5.4"), ("DATA now", "501 5.5.4"), ("RCPT TO:<postmaster>", "250 2.1.5"),
    ("RCPT TO:<postmaster> X=1", "555 5.5.4"), (f"RCPT TO:<soins@{T}> NOTIFY=NEVER NOTIFY=NEVER", "501 5.5.4"),
    ("RCPT TO:<sans-domaine>", "501 5.1.3"), ("NOOP whatever", "250 2.0.0"), ("HELP", "214"), ("EXPN a", "502")])
def test_commands_by_the_letter(sandbox, line, want):
    """RFC 5321 4.1.1, 4.5.1; RFC 3461 4: within a transaction that goes on."""
    with as_person(sandbox) as smtp:
        smtp.command(f"MAIL FROM:<{DOCTOR.address}>")
        assert str(smtp.command(line)).startswith(want)
        assert smtp.command(f"MAIL FROM:<{DOCTOR.address}>").code == 503, "the transaction is still open"


def append(client, message: bytes) -> str:
    typ, data = client.append("Sent", "\\Seen", None, message)
    assert typ == "OK", data
    return data[0].decode().partition("[APPENDUID ")[2].partition("]")[0].split()[1]


def test_a_clients_own_copy_replaces_ours(sandbox, new_bals):
    """Its bytes and its APPENDUID, within ten minutes; later, or under another Message-ID, it is a message like any other."""
    from test_send_rules import submit

    sender, receiver = new_bals(2)
    message = letter(sender=sender.address, **{"Message-ID": f"<copie-{os.getpid()}@essai>"})
    own = b"X-Client: le-mien\r\n" + message
    assert submit(sandbox, sender, [receiver.address], message).code == 250
    assert len(sender.messages("Sent")) == 1
    client = sender.imap()
    uid = append(client, own)
    assert sender.messages("Sent") == [own]
    client.select("Sent", readonly=True)
    assert client.uid("SEARCH", "ALL")[1][0].decode() == uid
    assert submit(sandbox, sender, [receiver.address], letter(sender=sender.address)).code == 250
    append(client, letter(sender=sender.address))
    assert len(sender.messages("Sent")) == 3, "another Message-ID replaces nothing"
    late = letter(sender=sender.address, **{"Message-ID": f"<tard-{os.getpid()}@essai>"})
    assert submit(sandbox, sender, [receiver.address], late).code == 250
    sandbox.postgres.query("UPDATE message SET save_date = save_date - 700 FROM bal b WHERE b.bal_id = message.bal_id AND "
                           f"b.address = '{sender.address}'")
    append(client, late)
    assert len(sender.messages("Sent")) == 5, "ten minutes later it replaces nothing"
    client.logout()


@pytest.mark.needs("clamd")
@pytest.mark.parametrize("name", ["StreamMaxLength 64M", "MaxFileSize 64M", "MaxScanSize 256M"])
def test_no_start_with_an_antivirus_that_reads_less_than_we_take(sandbox, name):
    file, log = sandbox.antivirus.file, sandbox.place.logs / "smtpd.log"
    sound, size = file.read_text(), log.stat().st_size
    sandbox.processes.stop("smtpd")
    try:
        sandbox.place.write(file, sound.replace(name, name.split()[0] + " 10M"), 0o644)
        done = subprocess.run([sandbox.place.programs / "caducee-smtpd", "-c", sandbox.place.conf], capture_output=True, text=True,
                              timeout=120)
        assert done.returncode == 78, done
        said = done.stderr + log.read_text()[size:]
        assert "antivirus.limit_too_small" in said and name.split()[0] in said
    finally:
        sandbox.place.write(file, sound, 0o644)
        sandbox.caducee.start("smtpd")
    assert new_bal(sandbox).deliver(letter()).code == 250
