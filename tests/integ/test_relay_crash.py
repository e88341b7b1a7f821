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
    bal, recipients = new_bal(fragile), names(3)
    arm(fragile, f"{point} 2")
    submit(fragile, bal, recipients)
    fragile.wait_until(lambda: all(counts(fragile, recipients)))
    assert disarm(fragile), "the fault did not strike"
    got = counts(fragile, recipients)
    assert sum(got) <= len(recipients) + 1, got  # another errand may have been between a 250 and its commit


def relays(box):
    return box.processes.workers("smtpd", "relay")


def test_relays_killed_at_random(sandbox):
    """Whatever dies, all of it arrives; duplicates only where a relay died with the peer's 250 in hand."""
    bal, recipients, killed = new_bal(sandbox), names(60), 0
    submit(sandbox, bal, recipients[:30])
    for victim in (1, 2, 3):
        for pid in relays(sandbox):
            if random.random() < 0.8 or victim == 1:
                os.kill(pid, 9)
                killed += 1
        submit(sandbox, bal, recipients[30 + 10 * (victim - 1):30 + 10 * victim])
    sandbox.wait_until(lambda: all(counts(sandbox, recipients)))
    assert sum(counts(sandbox, recipients)) <= len(recipients) + killed
