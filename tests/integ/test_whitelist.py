"""The whitelist, live: taken, refused, and swapped under open sessions."""
import datetime
import json
import re

import pytest
from sandbox.refusals import LAB, connect
from sandbox.whitelist import ELSEWHERE, HOSTED, PEER_DOMAIN

from conftest import letter


@pytest.fixture
def whitelist(sandbox):
    """The published whitelist; the full one is back afterwards."""
    yield sandbox.whitelist
    sandbox.whitelist.publish()
    sandbox.caducee.command("whitelist", "import", sandbox.whitelist.file, "--force", "--reason", "fin du test")


def take(sandbox, path, *more):
    return sandbox.caducee.command("whitelist", "import", path, *more, check=False)


def rows(sandbox, without=()):
    return [row for row in sandbox.whitelist.entries() if row[0] not in without]


def mail_from(sandbox, certificate="ailleurs", sender=f"a@{ELSEWHERE}"):
    with connect(sandbox, certificate) as smtp:
        return smtp.command(f"MAIL FROM:<{sender}>")


def test_operator_that_leaves_is_refused_and_comes_back(sandbox, whitelist):
    assert mail_from(sandbox).code == 250
    whitelist.publish(rows(sandbox, [ELSEWHERE]))
    assert take(sandbox, whitelist.file).returncode == 0
    sandbox.wait_until(lambda: mail_from(sandbox).code == 550)
    whitelist.publish()
    assert take(sandbox, whitelist.file).returncode == 0
    sandbox.wait_until(lambda: mail_from(sandbox).code == 250)


def test_open_session_is_judged_again_not_dropped(sandbox, whitelist):
    with connect(sandbox, "ailleurs") as smtp:
        assert smtp.command(f"MAIL FROM:<a@{ELSEWHERE}>").code == 250
        whitelist.publish(rows(sandbox, [ELSEWHERE]))
        assert take(sandbox, whitelist.file).returncode == 0
        sandbox.wait_until(lambda: mail_from(sandbox).code == 550)
        assert smtp.command("RSET").code == 250
        assert smtp.command(f"MAIL FROM:<a@{ELSEWHERE}>").code == 550


def test_fetch_over_https(sandbox, whitelist):
    whitelist.publish(rows(sandbox, [ELSEWHERE]))
    assert sandbox.caducee.command("whitelist", "fetch", check=False).returncode == 0
    sandbox.wait_until(lambda: mail_from(sandbox).code == 550)


BAD = {
    "not-well-formed": (lambda text: text[:-40], False),
    "wrong-namespace": (lambda text: text.replace("https://listeblanche.mssante.fr/schema", "urn:x"), False),
    "signature-broken": (lambda text: text.replace("Clinique de la Côte", "Clinique du Large"), False),
    "doctype": (lambda text: text.replace("<ListeBlanche", '<!DOCTYPE a [<!ENTITY b "c">]><ListeBlanche', 1), False),
    "empty": (lambda text: "", False),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_list_changes_nothing(sandbox, whitelist, tmp_path, name):
    change, forced = BAD[name]
    whitelist.publish()
    path = sandbox.place.path("www", f"bad-{name}.xml")
    sandbox.place.write(path, change(whitelist.file.read_text()), 0o644)
    for more in ((), ("--force", "--reason", "essai")):
        done = take(sandbox, path, *more)
        assert done.returncode != 0 and (done.stderr + done.stdout).strip()
    assert mail_from(sandbox, "peer", LAB).code == 250


def test_what_is_published_badly_raises_an_alarm(sandbox, whitelist):
    """The fetcher comes upon it by itself: the list in force goes on, an operator is told, and a good one ends the alarm."""
    def alarm():
        return "whitelist.refused" in sandbox.caducee.command("status", check=False).stdout

    whitelist.publish()
    good = whitelist.file.read_text()
    sandbox.place.write(whitelist.file, good[:-40], 0o644)
    sandbox.caducee.command("whitelist", "fetch", check=False)
    sandbox.wait_until(alarm)
    assert mail_from(sandbox, "peer", LAB).code == 250
    whitelist.publish()
    sandbox.caducee.command("whitelist", "fetch", check=False)
    sandbox.wait_until(lambda: not alarm())


def test_older_and_much_smaller_want_force(sandbox, whitelist):
    old = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    path = sandbox.place.path("www", "old.xml")
    whitelist.write(path, rows(sandbox), generated=old)
    refused = take(sandbox, path)
    assert refused.returncode != 0 and refused.stderr.strip()
    assert take(sandbox, path, "--force", "--reason", "retour à la liste d'avant").returncode == 0
    whitelist.write(path, rows(sandbox, HOSTED))
    assert take(sandbox, path).returncode != 0
    assert take(sandbox, path, "--force").returncode != 0, "a forced import wants a reason"
    assert take(sandbox, path, "--force", "--reason", "migration annoncée").returncode == 0
    sandbox.wait_until(lambda: mail_from(sandbox, "peer", f"a@{HOSTED[0]}").code == 550)


def test_unsigned_after_signed_is_refused(sandbox, whitelist):
    path = sandbox.place.path("www", "unsigned.xml")
    whitelist.write(path, rows(sandbox), signed=False)
    assert take(sandbox, path).returncode != 0


def test_unreadable_entry_is_skipped_and_named(sandbox, whitelist):
    path = sandbox.place.path("www", "odd.xml")
    whitelist.write(path, rows(sandbox) + [("bad domain.mssante.fr", "x", "CN=a,C=FR"), ("odd.mssante.fr", "x", "no name")])
    done = take(sandbox, path)
    assert done.returncode == 0
    said = done.stdout + done.stderr
    assert "odd.mssante.fr" in said and "bad domain.mssante.fr" in said, said
    assert "\ufffd" not in said, said
    assert re.search(r"skipped +2\b", said), said


def test_an_earlier_list_is_found_compared_and_put_back(sandbox, whitelist):
    def told(*words):
        return json.loads(sandbox.caducee.command("--json", "whitelist", *words).stdout)

    def in_force():
        return next(str(row["generation"]) for row in told("history") if row["current"])
    whitelist.publish()
    assert take(sandbox, whitelist.file).returncode == 0
    whole = in_force()
    whitelist.publish(rows(sandbox, [ELSEWHERE]))
    assert take(sandbox, whitelist.file).returncode == 0
    shorter = in_force()
    assert shorter != whole
    change = told("diff", whole, shorter)
    assert [(row["change"], row["domain"]) for row in change] == [("-", ELSEWHERE)]
    assert "ailleurs" in change[0]["dn"]
    assert ELSEWHERE not in sandbox.caducee.command("whitelist", "explain", ELSEWHERE, check=False).stdout.split("\n", 1)[1]
    sandbox.wait_until(lambda: mail_from(sandbox).code == 550)
    assert sandbox.caducee.command("whitelist", "rollback", whole, check=False).returncode == 64, "without a reason"
    sandbox.caducee.command("whitelist", "rollback", whole, "--reason", "liste publiée par erreur")
    assert in_force() == whole
    sandbox.wait_until(lambda: mail_from(sandbox).code == 250)
    traces = sandbox.caducee.command("--json", "trace", "list", "--action", "whitelist.rollback").stdout
    assert "liste publiée par erreur" in traces


def test_peer_stays_in_under_its_other_names(sandbox, whitelist):
    """A domain stands several times: taking one certificate away leaves the others."""
    peer = sandbox.pki.dn("peer")
    whitelist.publish([row for row in rows(sandbox) if row[2] != peer or row[0] != PEER_DOMAIN])
    assert take(sandbox, whitelist.file).returncode == 0
    sandbox.wait_until(lambda: mail_from(sandbox, "peer", LAB).code == 550)
    assert mail_from(sandbox, "peer2", LAB).code == 250


def test_mail_flows_while_lists_are_swapped(sandbox, whitelist, bal):
    """None is refused wrongly."""
    sandbox.wait_until(lambda: bal.deliver(letter("avant")).code == 250)  # the list of the test before may still be in force
    for number in range(5):
        whitelist.publish()
        assert take(sandbox, whitelist.file).returncode == 0
        assert bal.deliver(letter(f"pendant {number}")).code == 250
    assert len(bal.messages()) == 6
