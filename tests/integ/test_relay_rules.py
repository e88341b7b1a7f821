"""What the relay does as time goes by: warnings, expiry, a domain that leaves the list; several relays, long transfers."""
import json

from sandbox.whitelist import HOSTED

from conftest import letter
from test_relay_peers import peer_for, row, tried  # noqa: F401
from test_send_rules import queue, submit
from test_whitelist import take, whitelist  # noqa: F401

LATER = {"RCPT": ["451 4.7.1 later"]}


def send(sandbox, bal, address, options=""):
    assert submit(sandbox, bal, [address], letter(sender=bal.address), options).code == 250
    return tried(sandbox, address)


def age(sandbox, address, created, expires="expires"):
    """The message is older now; it is tried again until the relay has seen that."""
    sandbox.postgres.query(
        f"UPDATE queue_message SET created = {created}, expires = {expires} WHERE queue_id IN (SELECT queue_id FROM "
        f"queue_recipient WHERE address = '{address}')")
    sandbox.postgres.query(f"UPDATE queue_recipient SET due = now() WHERE address = '{address}' AND holder IS NULL")


def test_sender_is_warned_twice_then_told(sandbox, bal, peer_for):  # noqa: F811
    """After 4 hours, after 24 hours (RFC 3461: DELAY unless the client said otherwise), at the end."""
    _, address = peer_for(LATER)
    send(sandbox, bal, address)
    age(sandbox, address, "now() - interval '5 hours'")
    assert b"Action: delayed" in bal.wait(1, 60)[0]
    sandbox.postgres.query(f"UPDATE queue_recipient SET warned = warned - interval '20 hours' WHERE address = '{address}'")
    age(sandbox, address, "now() - interval '25 hours'")
    second = bal.wait(2, 60)[1].decode()
    assert "Action: delayed" in second and "Will-Retry-Until" in second and "Vous n'avez rien à faire" in second
    age(sandbox, address, "now() - interval '6 days'", "now() - interval '1 day'")
    assert b"Action: failed" in bal.wait(3, 60)[2]
    assert row(sandbox, address) is None and len(bal.messages()) == 3


def test_nobody_is_warned_who_did_not_want_it(sandbox, bal, peer_for):  # noqa: F811
    _, address = peer_for(LATER)
    reply = submit(sandbox, bal, [address], letter(sender=bal.address), "", " NOTIFY=FAILURE")
    assert reply.code == 250
    tried(sandbox, address)
    age(sandbox, address, "now() - interval '25 hours'", "now() - interval '1 second'")
    report = bal.wait(1, 60)[0]
    assert b"Action: failed" in report and len(bal.messages()) == 1


def test_a_domain_that_leaves_the_list_for_good(sandbox, bal, peer_for, whitelist):  # noqa: F811
    """One bad list bounces nothing: two generations and 24 hours without the domain do."""
    _, address = peer_for(LATER)
    domain = address.partition("@")[2]
    assert domain in HOSTED
    send(sandbox, bal, address)
    rows = [entry for entry in sandbox.whitelist.entries() if entry[0] != domain]
    whitelist.publish(rows)
    assert take(sandbox, whitelist.file).returncode == 0
    sandbox.caducee.command("queue", "retry", domain)
    sandbox.wait_until(lambda: (row(sandbox, address) or {}).get("trust_or_other_rule") == "whitelist.domain")
    sandbox.postgres.query(f"UPDATE whitelist_departure SET since = now() - interval '25 hours' WHERE domain = '{domain}'")
    attempts = int(row(sandbox, address)["tries"])
    sandbox.caducee.command("queue", "retry", domain)
    sandbox.wait_until(lambda: int(row(sandbox, address)["tries"]) > attempts)
    assert bal.messages() == [], "one generation without it is not enough"
    whitelist.publish(rows)
    assert take(sandbox, whitelist.file).returncode == 0
    sandbox.postgres.query(f"UPDATE queue_recipient SET due = now() WHERE address = '{address}' AND holder IS NULL")
    report = bal.wait(1, 60)[0].decode()
    assert "Action: failed" in report and "n'est plus, dans l'espace de confiance" in report
    assert row(sandbox, address) is None


def test_a_lease_is_renewed_while_their_server_thinks(sandbox, bal, peer_for):  # noqa: F811
    """[relay] lease is 6 s here: a peer that takes twice that to answer still gets the message once."""
    peer, address = peer_for({"CONTENT": ["wait 13"]}, timeout="60s")
    assert submit(sandbox, bal, [address], letter(sender=bal.address)).code == 250
    sandbox.wait_until(lambda: peer.messages)
    sandbox.wait_until(lambda: row(sandbox, address) is None)
    assert len(peer.messages) == 1 and peer.seen.count(("MAIL", True)) == 1


def test_all_servers_refused_by_trust_wait(sandbox, bal, peer_for):  # noqa: F811
    """Each MX is tried; a certificate that is not that domain's is a reason to wait, never to bounce."""
    peer, address = peer_for(certificate="unlisted")
    found = send(sandbox, bal, address)
    assert found["state"] in ("waiting", "claimed") and found["trust_or_other_rule"] == "whitelist.dn"
    assert bal.messages() == [] and not peer.messages
    sandbox.caducee.command("queue", "drop", found["message"])


def test_queue_is_watched_and_its_changes_are_traced(sandbox, bal, peer_for):  # noqa: F811
    _, address = peer_for(LATER)
    found = send(sandbox, bal, address)
    domain = address.partition("@")[2]
    for words in (["hold", domain], ["release", domain], ["retry", domain], ["drop", found["message"]]):
        sandbox.caducee.command("queue", *words)
    traced = {r["action"]: r["actor"] for r in queue_traces(sandbox)}
    assert {"queue.hold", "queue.release", "queue.retry", "queue.drop"} <= set(traced) and all(traced.values())
    watched = sandbox.caducee.command("queue", "watch")  # its standard input is at its end: one look
    assert "domaine" in watched.stdout.lower() or "domain" in watched.stdout.lower()
    assert isinstance(queue(sandbox, "summary"), list)


def queue_traces(sandbox):
    return [r for action in ("hold", "release", "retry", "drop")
            for r in json.loads(sandbox.caducee.command("--json", "trace", "list", "--action", f"queue.{action}").stdout)]
