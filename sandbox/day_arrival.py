"""First chapters: a document arrives from another operator and is read; ten others are refused."""
import hashlib
import time

from . import people
from .day_steps import Chapter
from .imap_client import Dui
from .people import T
from .refusals import REFUSALS, context_for, play
from .whitelist import PEER_DOMAIN

DUI_BAL = f"dui@{T}"


class ArrivalChapter(Chapter):
    title = ("Un résultat d'analyses arrive", "A laboratory result arrives")

    def steps(self):
        return [("l'autre opérateur remet un message", "the other operator delivers a message", self.document_arrives),
                ("le logiciel de l'EHPAD le lit par IMAP", "the nursing home's software reads it over IMAP", self.dui_reads)]

    def document_arrives(self) -> str:
        self.check(self.sandbox.processes.running("postfix"), "l'autre opérateur (Postfix) ne tourne pas : il faut être root",
                   "the other operator (Postfix) does not run: it needs root")
        client = self.dui()
        self.before = int(client.select("INBOX", readonly=True)[1][0])
        client.logout()
        number = int(time.time()) % 100_000
        self.sent, patient = self.sandbox.send([DUI_BAL], number), people.patient(number)
        return self.say(f"{PEER_DOMAIN} → {DUI_BAL} : {len(self.sent)} octets, CDA et PDF de {patient.given} "
                        f"{patient.family} (patient de synthèse), TLS mutuel",
                        f"{PEER_DOMAIN} → {DUI_BAL}: {len(self.sent)} bytes, CDA and PDF of {patient.given} "
                        f"{patient.family} (synthetic patient), mutual TLS")

    def dui(self) -> Dui:
        place = self.sandbox.place
        return Dui(place.host, place.port("imap"), context_for(self.sandbox, "dui"), DUI_BAL)

    def dui_reads(self) -> str:
        client = self.dui()
        try:
            client.wait_for_more(self.before)
            received = client.last()
        finally:
            client.logout()
        # The lab's own Postfix adds its Received field, ours adds others: what follows them is the lab's message.
        self.check(received.endswith(self.sent), "les octets reçus ne sont pas ceux envoyés",
                   "the bytes received are not those that were sent")
        digest = hashlib.sha256(self.sent).hexdigest()[:16]
        return self.say(f"STARTTLS, SASL EXTERNAL, {len(received)} octets relus ; le message est identique octet par "
                        f"octet (SHA-256 {digest}…)",
                        f"STARTTLS, SASL EXTERNAL, {len(received)} bytes read; the message is the same byte for byte "
                        f"(SHA-256 {digest}…)")


class RefusalsChapter(Chapter):
    title = ("Dix refus", "Ten refusals")
    linked = False

    def steps(self):
        return [(refusal.french, refusal.english, self.refusal, refusal) for refusal in REFUSALS]

    def refusal(self, refusal) -> str:
        return self.check_reply(play(self.sandbox, refusal), refusal.reply)
