"""Limits and faults of the environment: what mx answers, and that nothing accepted is lost."""
import signal
import threading

import pytest
from sandbox.refusals import LAB, connect, deliver
from sandbox.smtp_client import Closed

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
    """Accepted after some 451 at most: each database thread finds out by itself that its connection has gone."""
    for _ in range(50):
        smtp.command("RSET")
        reply = deliver(smtp, LAB, [bal.address], message)
        if reply.code == 250:
            return
        assert reply.code == 451, reply
    raise AssertionError("mx does not come back")


def test_worker_killed_between_messages(sandbox, bal):
    """The supervisor starts another worker; nothing that was accepted is lost."""
    first, second = letter("un"), letter("deux")
    assert bal.deliver(first).code == 250
    for pid in workers(sandbox, "smtpd"):
        sandbox.kill(pid)
    assert deliver_again(sandbox, bal, second) == 250
    assert bal.bodies() == [first, second]


def workers(sandbox, daemon) -> list:
    """The processes that a supervisor has started."""
    parent = sandbox.processes.pid(daemon)
    with open(f"/proc/{parent}/task/{parent}/children") as children:
        return [int(pid) for pid in children.read().split()]


def deliver_again(sandbox, bal, message) -> int:
    """As a real operator does: another connection after one that was lost."""
    for _ in range(200):
        try:
            return bal.deliver(message).code
        except (Closed, ConnectionError):
            continue
    raise AssertionError("mx did not come back")
