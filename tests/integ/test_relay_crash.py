"""kill -9 of relays: nothing is lost, and nothing leaves twice but between the peer's 250 and our commit."""
import os
import random
import time

import pytest
from sandbox.refusals import context_for
from sandbox.smtp_client import Smtp
from sandbox.whitelist import PEER_DOMAIN

from conftest import letter, new_bal
from test_crash import arm, disarm, fragile  # noqa: F401

pytestmark = pytest.mark.needs("root", "postfix")


def submit(box, bal, recipients):
    with Smtp(box.place.host, box.place.port("submission")) as smtp:
        smtp.ehlo("poste.example")
        smtp.starttls(context_for(box, "dui2"), "smtp.caducee.mssante.fr")
        smtp.ehlo("poste.example")
        assert smtp.external(bal.address).code == 235
        for recipient in recipients:
            smtp.command(f"MAIL FROM:<{bal.address}>")
            smtp.command(f"RCPT TO:<{recipient}>")
            assert smtp.data(letter(recipient, sender=bal.address)).code == 250


def names(count):
    return [f"r{time.monotonic_ns()}-{n}@{PEER_DOMAIN}" for n in range(count)]


def counts(box, recipients):
    return [len(box.postfix.maildir(recipient)) for recipient in recipients]


@pytest.mark.parametrize("point", ["relay.after_load", "relay.before_settle", "relay.after_settle"])
def test_relay_killed_at(fragile, point):  # noqa: F811
    """Before it was sent, or after the commit: once. Between: those of that settlement come again, and only those."""
    bal, recipients = new_bal(fragile), names(3)
    arm(fragile, f"{point} 1")
    submit(fragile, bal, recipients)
    fragile.wait_until(lambda: all(counts(fragile, recipients)) and not queued(fragile))
    assert disarm(fragile), "the fault did not strike"
    assert max(counts(fragile, recipients)) <= 2, counts(fragile, recipients)


def queued(box):
    return int(box.postgres.query("SELECT count(*) FROM queue_recipient"))


def relays(box):
    return box.processes.workers("smtpd", "relay")


def settled(box, recipients):
    """Those whose delivery is committed."""
    rows = box.postgres.query("SELECT string_agg(address, ' ') FROM queue_history WHERE outcome = 'delivered'") or ""
    return set(rows.split()) & set(recipients)


def test_relays_killed_at_random(sandbox):
    """Whatever dies, all of it arrives; what had been committed when a relay died does not leave again."""
    bal, recipients, rounds, before = new_bal(sandbox), names(60), 3, {}
    submit(sandbox, bal, recipients[:30])
    for death in range(1, rounds + 1):
        for pid in relays(sandbox):
            if random.random() < 0.8 or death == 1:
                os.kill(pid, 9)
        for recipient in settled(sandbox, recipients):
            before.setdefault(recipient, death)
        submit(sandbox, bal, recipients[20 + 10 * death:30 + 10 * death])
    sandbox.wait_until(lambda: all(counts(sandbox, recipients)) and settled(sandbox, recipients) == set(recipients))
    for recipient, got in zip(recipients, counts(sandbox, recipients)):
        assert got <= before.get(recipient, rounds + 1), f"{recipient}: {got}, committed before death {before.get(recipient)}"
