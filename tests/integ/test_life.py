"""The whole life of a BAL, by the command alone, and what each of its states means to whom: mx, imapd, submission, the Annuaire."""
import dataclasses
import imaplib
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from conftest import letter, published_structure
from sandbox.imap_client import Dui
from sandbox.patience import until
from sandbox.people import CHDEMO, PROFESSIONALS, luhn
from sandbox.place import require
from sandbox.psc import tokens
from sandbox.prosante import MAIL_CLIENT
from sandbox.refusals import LAB, connect, context_for, deliver
from sandbox.smtp_client import Smtp
from sandbox.whitelist import OUR_DOMAINS, PEER_DOMAIN
from test_publication import Service

C = OUR_DOMAINS[1]
CLAIRE, PAUL, SAMIA = PROFESSIONALS[:3]
REASON = ("--reason", "essai")


class Life:
    """One BAL, and those who come to it with real clients."""

    def __init__(self, sandbox, address, person):
        self.sandbox, self.address, self.person = sandbox, address, person

    def run(self, name, *words, status=0):
        done = self.sandbox.caducee.command("bal", name, self.address, *words, check=False)
        assert done.returncode == status, (name, words, done.stderr)
        return done.stdout

    def token(self) -> str:
        psc = self.sandbox.psc
        return tokens.forged(tokens.Keys(psc.folder), psc.issuer, MAIL_CLIENT[0], self.person, {})

    def receives(self) -> int:
        with connect(self.sandbox) as smtp:
            return deliver(smtp, LAB, [self.address], letter("pour la vie")).code

    def imap(self, certificate=None) -> Dui:
        place = self.sandbox.place
        client = Dui(place.host, place.port("imap"), context_for(self.sandbox, certificate), self.address if certificate else None)
        if not certificate:
            client.oauthbearer(self.address, self.token())
        return client

    def reads(self, certificate=None) -> bool:
        try:
            client = self.imap(certificate)
        except imaplib.IMAP4.error as error:
            assert "UNAVAILABLE" not in str(error), error
            return False
        client.select("INBOX", readonly=True)
        client.logout()
        return True

    def sends(self) -> bool:
        with Smtp(self.sandbox.place.host, self.sandbox.place.port("submission")) as smtp:
            smtp.ehlo("poste.example")
            smtp.starttls(context_for(self.sandbox, None), "smtp.caducee.mssante.fr")
            smtp.ehlo("poste.example")
            reply = smtp.oauthbearer(self.address, self.token())
            if reply.code != 235:
                return False
            return deliver(smtp, self.address, [f"labo@{PEER_DOMAIN}"], letter(sender=self.address)).code == 250

    def state(self) -> str:
        return self.sandbox.postgres.query(f"SELECT state FROM bal WHERE address = '{self.address}'")

    def means(self, receives, reads, sends):
        assert (self.receives(), self.reads(), self.sends()) == (receives, reads, sends), self.state()


@pytest.fixture
def stranger():
    """Somebody whose RPPS neither we nor the mirror of the Annuaire know."""
    number = "8" + luhn(str(9971000000 + os.getpid() % 1000000))
    return dataclasses.replace(CLAIRE, national_ids=[number], family="NOUVELLE", given="Nadia")


@pytest.fixture
def folder(sandbox):
    with tempfile.TemporaryDirectory(dir=sandbox.place.path("spool")) as place:
        sandbox.place.own(place, mode=0o755)
        yield Path(place)


def test_the_life_of_a_services_bal(sandbox):
    """Opened, published, shared, bound to a program, bounded, on the red list and off, suspended, resumed, closed."""
    address, service = f"vie.{os.getpid()}@{C}", Service(sandbox)
    life = Life(sandbox, address, PAUL)
    structure = published_structure(sandbox)
    life.run("add", "--kind", "ORG", "--structure", structure, "--name", "Service de la vie")
    until(lambda: service.shown(address))
    life.means(250, False, False)
    life.run("share", "--person", PAUL.national_id, "--role", "membre", "--may-send", "--until", "+30d")
    life.means(250, True, True)
    assert not life.reads("dui2")
    life.run("bind-cert", sandbox.pki.cert("dui2"), "--mandate", "contrat 7", "--until", "+90d")
    assert life.reads("dui2"), "the mandate binds an editor's certificate"
    life.run("quota", "--messages", "1")
    assert 400 <= life.receives() < 600, "full"
    life.run("quota", "--messages", "0")
    life.run("redlist", "on")
    until(lambda: not service.shown(address))
    life.means(250, True, True)
    life.run("redlist", "off")
    until(lambda: service.shown(address))
    life.run("suspend", *REASON)
    life.means(250, False, False)
    assert not life.reads("dui2") and service.shown(address)
    life.run("resume")
    life.means(250, True, True)
    life.run("unbind-cert", sandbox.pki.cert("dui2"))
    assert not life.reads("dui2")
    life.run("unshare", "--person", PAUL.national_id)
    life.means(250, False, False)
    life.run("close", *REASON)
    life.means(550, False, False)
    until(lambda: not service.shown(address))
    life.run("resume", status=73)
    life.run("add", "--kind", "ORG", "--structure", structure, status=73)
    traced = json.loads(sandbox.caducee.command("--json", "trace", "list", "--bal", address, "--limit", "1000").stdout)
    assert {"bal.add", "bal.share", "bal.bind-cert", "bal.quota-messages", "bal.redlist", "bal.suspend", "bal.resume", "bal.unbind-cert",
            "bal.unshare", "bal.close"} <= {row["action"] for row in traced}


def test_the_life_of_a_persons_bal(sandbox, folder, stranger):
    """En attente, opened by its holder, on legal hold, read exceptionally, taken away, closed, deleted: nothing opens it again."""
    address = f"nadia.{os.getpid()}@{C}"
    life = Life(sandbox, address, stranger)
    life.run("add", "--kind", "PER", "--structure", CHDEMO, "--person", stranger.national_id)
    assert life.state() == "waiting"
    assert life.receives() == 250 and life.state() == "waiting", "en attente: it receives"
    assert life.reads() and life.state() == "open", "its holder's first coming opens it"
    life.means(250, True, True)
    life.run("share", "--person", PAUL.national_id, "--role", "lecteur", status=77)
    life.run("legal-hold", "on", "--reason", "réquisition")
    paul = Life(sandbox, address, PAUL)
    assert not paul.reads()
    life.run("exceptional-access", "--person", PAUL.national_id, "--second", CLAIRE.national_id, "--reason", "décès", "--until", "+7d")
    assert paul.reads() and not paul.sends(), "read only"
    held = export(life, folder, paul.token())
    assert held >= 2 and export(life, folder, life.token()) >= held
    other = Life(sandbox, f"apres.{os.getpid()}@{C}", PAUL)
    other.run("add", "--kind", "APP", "--structure", CHDEMO)
    brought = other.run("import", "--mbox", folder / "boite.mbox")
    assert str(held) in brought or "importé" in brought
    life.run("close", *REASON)
    life.means(550, False, False)
    life.run("delete", *REASON, status=73)  # a legal hold forbids it
    life.run("legal-hold", "off")
    day = sandbox.postgres.query("SELECT to_char(now() + interval '35 days', 'YYYY-MM-DD')")
    assert day in life.run("delete", *REASON), "when backups say nothing of it either"
    bal = sandbox.postgres.query(f"SELECT bal_id FROM bal WHERE address = '{address}'")
    assert sandbox.postgres.query(f"SELECT count(*) FROM bal_key WHERE bal_id = {bal}") == "0", "the key is gone"
    life.means(550, False, False)
    assert not paul.reads()


def export(life, folder, token) -> int:
    """The messages of an export, which opens to the certificate it was made for alone."""
    key, certificate, path = folder / "moi.key", folder / "moi.pem", folder / f"{time.monotonic_ns()}.p7m"
    if not key.exists():
        subprocess.run([require("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                        "-days", "2", "-subj", "/CN=destinataire"], check=True, capture_output=True)
        life.sandbox.place.own(key, certificate, mode=0o644)
    life.sandbox.place.write(folder / "jeton", token, 0o600)
    life.run("export", path, "--to", certificate, "--token-file", folder / "jeton")
    out = folder / "boite.mbox"
    subprocess.run([require("openssl"), "cms", "-decrypt", "-inform", "DER", "-in", path, "-inkey", key, "-out", out], check=True)
    life.sandbox.place.own(out, mode=0o644)
    return out.read_bytes().count(b"\nX-Caducee-Folder:")
