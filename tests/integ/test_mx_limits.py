"""Limits and faults of the environment: what mx answers, and that nothing accepted is lost."""
import os
import signal
import threading

import pytest
from sandbox.patience import again
from sandbox.refusals import LAB, connect, deliver
from sandbox.smtp_client import Closed, Smtp

from conftest import letter

MIB = 1024 * 1024


def test_hundred_large_messages_at_once(sandbox, bal):
    """Beyond the byte budget peers hear 452, their sessions go on, and what was answered 250 is there."""
    line = b"x" * 998 + b"\r\n"
    codes, lock, begin = [], threading.Lock(), threading.Barrier(100)

    def one(number):
        message = letter(f"gros-{number}", line * (25 * MIB // 1000))
        with connect(sandbox) as smtp:
            smtp.socket.settimeout(240)
            begin.wait(120)
            declared = f" SIZE={len(message)}" if number % 4 else ""
            reply = deliver(smtp, LAB, [bal.address], message, declared)
            again = smtp.command("NOOP").code
        with lock:
            codes.append((reply.code, again))

    threads = [threading.Thread(target=one, args=(n,)) for n in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert len(codes) == 100 and {again for _, again in codes} == {250}
    assert {code for code, _ in codes} <= {250, 452}
    accepted = sum(code == 250 for code, _ in codes)
    assert accepted > 0
    client = bal.imap()
    assert int(client.select("INBOX", readonly=True)[1][0]) == accepted
    client.logout()


def test_too_many_recipients(sandbox, new_bals):
    with connect(sandbox) as smtp:
        smtp.command(f"MAIL FROM:<{LAB}>")
        address = new_bals(1)[0].address
        codes = {smtp.command(f"RCPT TO:<{address}>").code for _ in range(1200)}
        assert 452 in codes and codes <= {250, 452}


def test_connections_of_one_operator_are_bounded(sandbox):
    """One operator cannot take all sessions; the others are told to come back."""
    held, codes = [], set()
    try:
        for _ in range(400):
            smtp = connect(sandbox)
            held.append(smtp)
            codes.add(smtp.command(f"MAIL FROM:<{LAB}>").code)
            if 421 in codes or 451 in codes:
                break
    except (Closed, ConnectionError, ValueError):
        codes.add(421)
    finally:
        for smtp in held:
            smtp.close()
    assert codes & {421, 451, 452}
    with connect(sandbox) as smtp:
        assert smtp.command(f"MAIL FROM:<{LAB}>").code == 250


@pytest.mark.parametrize("number", range(3))
def test_postgresql_restarts_in_the_middle(sandbox, bal, number):
    """Away: 451 and the session stays. Back: by itself. What was answered 250 is there exactly once."""
    before, after = letter(f"avant-{number}"), letter(f"apres-{number}")
    with connect(sandbox) as smtp:
        deliver_in_time(smtp, bal, before)
        sandbox.processes.stop("postgresql", signal.SIGQUIT if number == 2 else signal.SIGINT)
        assert smtp.command("RSET").code == 250
        reply = deliver(smtp, LAB, [bal.address], letter("pendant"))
        assert reply.code == 451, reply
        sandbox.postgres.start()
        deliver_in_time(smtp, bal, after)
    assert bal.bodies() == [before, after]


def deliver_in_time(smtp, bal, message):
    """Accepted by the same session, after some 451 at most."""
    def once():
        smtp.command("RSET")
        return deliver(smtp, LAB, [bal.address], message)

    reply = again(once, lambda reply: reply.code == 451)
    assert reply.code == 250, reply


def test_worker_killed_between_messages(sandbox, bal):
    """The supervisor starts another worker; nothing that was accepted is lost."""
    first, second = letter("un"), letter("deux")
    assert bal.deliver(first).code == 250
    for pid in sandbox.processes.workers("smtpd"):
        sandbox.kill(pid)
    tries = bal.deliver_in_time(second)
    got = bal.bodies()
    assert got[:2] == [first, second] and len(got) <= 1 + len(tries), tries


def test_a_restart_within_patience_is_heard_by_nobody(sandbox, bal, patient):
    """Eight sessions at work while PostgreSQL restarts: every connection of the pool is found dead, none answers for it."""
    opened = [patient(bal) for _ in range(8)]
    sent = letter("avant")
    bal.deliver_in_time(sent)
    sandbox.processes.stop("postgresql", signal.SIGINT)
    heard = []
    threads = [threading.Thread(target=lambda c=c: heard.append(c.status("INBOX", "(MESSAGES)")[0]))
               for c in opened]
    for thread in threads:
        thread.start()
    sandbox.postgres.start()
    for thread in threads:
        thread.join()
    assert heard == ["OK"] * len(opened)
    for client in opened:
        assert client.status("INBOX", "(MESSAGES)")[0] == "OK"
        client.logout()


@pytest.fixture
def patient(sandbox):
    """A maker of sessions that never ask twice, with an imapd whose patience covers the slowest restart."""
    conf = sandbox.place.conf
    before = conf.read_text()
    sandbox.place.write(conf, before.replace("[database]\n", "[database]\npatience = 60s\n"), 0o644)
    sandbox.processes.stop("imapd")
    sandbox.caducee.start("imapd")
    yield lambda bal: bal.imap(patience=0)
    sandbox.place.write(conf, before, 0o644)
    sandbox.processes.stop("imapd")
    sandbox.caducee.start("imapd")


@pytest.fixture
def three_workers(sandbox):
    """mx as three processes, twelve sessions for one operator, twenty for one address."""
    conf = sandbox.place.conf
    before = conf.read_text()
    text = before.replace("[mx]\n", "[mx]\nworkers = 3\nconnections_per_operator = 12\nconnections_per_address = 20\n")
    for words, count in ((text, 3), (before, 1)):
        sandbox.place.write(conf, words, 0o644)
        old = set(sandbox.processes.workers("smtpd", "mx"))
        os.kill(sandbox.processes.pid("smtpd"), signal.SIGHUP)
        sandbox.wait_until(lambda: replaced(set(sandbox.processes.workers("smtpd", "mx")), old, count))
        if count == 3:
            yield


def replaced(now: set, old: set, count: int) -> bool:
    return len(now) == count and not now & old


def admitted(sandbox, count, certificate="peer") -> list:
    """As many sessions of the operator as are let in, of `count` tries."""
    out = []
    for _ in range(count):
        smtp = connect(sandbox, certificate)
        if smtp.command(f"MAIL FROM:<{LAB}>").code == 250:
            out.append(smtp)
        else:
            smtp.close()
    return out


def test_limits_hold_over_all_workers(sandbox, three_workers):
    """Twelve in all, whichever worker takes each; those of a worker that is killed count no more."""
    held = []
    try:
        held = admitted(sandbox, 30)
        assert len(held) == 12
        for pid in sandbox.processes.workers("smtpd", "mx"):
            sandbox.kill(pid)
            if sum(map(lives, held)) < 12:  # it had some of them
                break
        sandbox.wait_until(lambda: len(sandbox.processes.workers("smtpd", "mx")) == 3)
        assert sum(map(lives, held)) < 12
        sandbox.wait_until(lambda: held.extend(admitted(sandbox, 1)) or sum(map(lives, held)) == 12)
        assert not admitted(sandbox, 5)
    finally:
        for smtp in held:
            smtp.close()
    sandbox.wait_until(lambda: [smtp.close() or smtp for smtp in admitted(sandbox, 1)])


def test_an_address_is_bounded_over_all_workers(sandbox, three_workers):
    held, refused = [], 0
    try:
        for _ in range(40):
            smtp = Smtp(sandbox.place.host, sandbox.place.port("mx"))
            held.append(smtp)
            refused += smtp.banner.code == 421
        assert refused == 20
    finally:
        for smtp in held:
            smtp.close()


def lives(smtp) -> bool:
    try:
        return smtp.command("NOOP").code == 250
    except (Closed, OSError):
        return False
