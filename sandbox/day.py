"""The demonstration: one working day of an operator, a line a step. Each step really happens; one that fails says what was
expected, and the demonstration then ends with status 1."""
import hashlib
import sys
import time

from . import people
from .cli import Sandbox
from .imap_client import Dui
from .people import T
from .place import SandboxError
from .refusals import REFUSALS, context_for, play
from .terminal import Terminal
from .whitelist import PEER_DOMAIN

DUI_BAL = f"dui@{T}"


class Expected(Exception):
    """What a step should have seen, in words."""


class Day:
    def __init__(self, sandbox: Sandbox, terminal: Terminal):
        self.sandbox, self.terminal, self.say = sandbox, terminal, terminal.say
        self.failures = 0

    def play(self, title: str, action, *arguments):
        """One step: its line, then what came of it."""
        self.terminal.step(title)
        try:
            self.terminal.done(action(*arguments) or "")
        except (Expected, SandboxError, OSError, Dui.error, EOFError) as error:
            self.failures += 1
            self.terminal.failed(f"{type(error).__name__}: {error}" if isinstance(error, OSError) else str(error))

    # -- 1, 2: a document arrives, the DUI reads it -----------------------------------------------------------------
    def document_arrives(self) -> str:
        if not self.sandbox.processes.running("postfix"):
            raise Expected(self.say("l'autre opérateur (Postfix) ne tourne pas : il faut être root",
                                    "the other operator (Postfix) does not run: it needs root"))
        self.before = self.count()
        self.number = int(time.time()) % 100_000
        self.sent = self.sandbox.send([DUI_BAL], self.number)
        patient = people.patient(self.number)
        return self.say(f"{PEER_DOMAIN} → {DUI_BAL} : {len(self.sent)} octets, CDA et PDF de {patient.given} "
                        f"{patient.family} (patient de synthèse), TLS mutuel",
                        f"{PEER_DOMAIN} → {DUI_BAL}: {len(self.sent)} bytes, CDA and PDF of {patient.given} "
                        f"{patient.family} (synthetic patient), mutual TLS")

    def dui(self) -> Dui:
        place = self.sandbox.place
        return Dui(place.listen, place.port("imap"), context_for(self.sandbox, "dui"), DUI_BAL)

    def count(self) -> int:
        client = self.dui()
        try:
            return int(client.select("INBOX", readonly=True)[1][0])
        finally:
            client.logout()

    def dui_reads(self) -> str:
        client = self.dui()
        try:
            client.wait_for_more(self.before)
            received = client.last()
        finally:
            client.logout()
        # The lab's own Postfix adds its Received field, ours adds others: what follows them is the lab's message.
        if not received.endswith(self.sent):
            raise Expected(self.say("les octets reçus ne sont pas ceux envoyés",
                                    "the bytes received are not those that were sent"))
        digest = hashlib.sha256(self.sent).hexdigest()[:16]
        return self.say(f"STARTTLS, SASL EXTERNAL, {len(received)} octets relus ; le message est identique octet par "
                        f"octet (SHA-256 {digest}…)",
                        f"STARTTLS, SASL EXTERNAL, {len(received)} bytes read; the message is the same byte for byte "
                        f"(SHA-256 {digest}…)")

    # -- 3: ten refusals --------------------------------------------------------------------------------------------
    def refusal(self, refusal) -> str:
        reply = play(self.sandbox, refusal)
        if not str(reply).startswith(refusal.reply):
            raise Expected(self.say(f"attendu {refusal.reply}…, reçu : {reply}", f"expected {refusal.reply}…, got: {reply}"))
        return str(reply)

    # -- 4: where things are ----------------------------------------------------------------------------------------
    def endpoints(self) -> list:
        found, rows = self.sandbox.status(), []
        names = {"mx": self.say("SMTP, entre opérateurs", "SMTP, between operators"),
                 "submission": self.say("SMTP, soumission (STARTTLS)", "SMTP, submission (STARTTLS)"),
                 "submissions": self.say("SMTP, soumission (TLS)", "SMTP, submission (TLS)"),
                 "imap": "IMAP (STARTTLS)", "imaps": "IMAP (TLS)",
                 "metrics": self.say("mesures (Prometheus)", "metrics (Prometheus)")}
        for name, words in names.items():
            if found[name]:
                rows.append((words, f"{found[name]['host']}:{found[name]['port']}"))
        if found["webmail"]:
            rows.append(("webmail", found["webmail"]))
        if found["postfix"]:
            rows.append((self.say("l'autre opérateur (Postfix)", "the other operator (Postfix)"),
                         f"{found['postfix']['mx']['host']}:{found['postfix']['mx']['port']}"))
        if found["whitelist"]:
            rows.append((self.say("liste blanche", "whitelist"), found["whitelist"]))
        rows += [("PostgreSQL", "sandbox/sandbox exec psql"),
                 (self.say("certificats", "certificates"), str(self.sandbox.place.pki)),
                 (self.say("journaux", "logs"), found["logs"]),
                 (self.say("tout savoir", "to know all"), "sandbox/sandbox status --json"),
                 (self.say("arrêter", "to stop"), "sandbox/sandbox down"),
                 (self.say("tout oublier", "to forget it all"), "sandbox/sandbox reset")]
        return rows


def bring_up(sandbox: Sandbox, terminal: Terminal):
    terminal.step(terminal.say("le bac à sable démarre", "the sandbox starts"))
    sandbox.up()
    terminal.done(terminal.say("PostgreSQL, PKI, liste blanche signée, DNS, Pro Santé Connect, autre opérateur, nos démons",
                               "PostgreSQL, PKI, signed whitelist, DNS, Pro Santé Connect, other operator, our daemons"))


def main() -> int:
    terminal, sandbox = Terminal(), Sandbox()
    say, began = terminal.say, time.monotonic()
    terminal.title(say("Caducée : une journée d'opérateur MSSanté", "Caducée: one day of an MSSanté operator"))
    try:
        bring_up(sandbox, terminal)
    except SandboxError as error:
        terminal.failed(str(error))
        return 1
    day = Day(sandbox, terminal)
    terminal.title(say("Un résultat d'analyses arrive", "A laboratory result arrives"))
    day.play(say("l'autre opérateur remet un message", "the other operator delivers a message"), day.document_arrives)
    day.play(say("le logiciel de l'EHPAD le lit par IMAP", "the nursing home's software reads it over IMAP"), day.dui_reads)
    terminal.title(say("Dix refus", "Ten refusals"))
    for refusal in REFUSALS:
        day.play(say(refusal.french, refusal.english), day.refusal, refusal)
    terminal.title(say("Le bac à sable reste debout", "The sandbox stays up"))
    terminal.table(day.endpoints())
    seconds = f"{time.monotonic() - began:.0f} s"
    if day.failures:
        print("\n" + say(f"{day.failures} étape(s) en échec, en {seconds}.", f"{day.failures} step(s) failed, in {seconds}."))
        return 1
    print("\n" + say(f"Tout s'est passé comme prévu, en {seconds}.", f"All went as expected, in {seconds}."))
    return 0


if __name__ == "__main__":
    sys.exit(main())
