"""A doctor writes with a Pro Santé Connect token, is answered, and is told when a message cannot arrive."""
import email
import email.policy
import smtplib
import time

from .day_steps import Chapter
from .imap_client import Dui
from .people import PROFESSIONALS
from .refusals import context_for, deliver
from .smtp_client import Smtp
from .whitelist import PEER_DOMAIN

DOCTOR = PROFESSIONALS[0]


def letter(sender: str, recipient: str, subject: str, text: str) -> bytes:
    stamp = time.time_ns()
    return (f"From: {sender}\r\nTo: {recipient}\r\nSubject: {subject}\r\nDate: Fri, 20 Nov 2026 10:00:00 +0100\r\n"
            f"Message-ID: <{stamp}@{sender.partition('@')[2]}>\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n").encode()


class SendingChapter(Chapter):
    title = ("Un médecin écrit", "A doctor writes")

    def possible(self):
        return bool(self.sandbox.status()["submission"]) and self.sandbox.processes.running("postfix")

    def steps(self):
        return [("elle envoie, avec un jeton Pro Santé Connect", "she sends, with a Pro Santé Connect token", self.sends),
                ("l'autre opérateur l'a reçu", "the other operator has it", self.arrives),
                ("il répond, elle lit la réponse", "it answers, she reads the answer", self.answered),
                ("un domaine hors de l'espace de confiance", "a domain outside the trust space", self.outside),
                ("un destinataire inconnu là-bas : elle est prévenue", "a recipient unknown there: she is told", self.told)]

    def submission(self) -> Smtp:
        place = self.sandbox.place
        smtp = Smtp(place.host, place.port("submission"))
        smtp.ehlo("poste.example")
        smtp.starttls(context_for(self.sandbox, None), "smtp.caducee.mssante.fr")
        smtp.ehlo("poste.example")
        self.check_reply(smtp.oauthbearer(DOCTOR.address, self.sandbox.psc.token(DOCTOR.national_id)), "235")
        return smtp

    def imap(self) -> Dui:
        place = self.sandbox.place
        client = Dui(place.host, place.port("imap"), context_for(self.sandbox, None))
        client.oauthbearer(DOCTOR.address, self.sandbox.psc.token(DOCTOR.national_id))
        return client

    def sends(self) -> str:
        self.there = f"secretariat-{time.time_ns()}@{PEER_DOMAIN}"
        with self.submission() as smtp:
            message = letter(DOCTOR.address, self.there, "Demande de résultats", "Bonjour, merci de votre envoi.")
            return self.check_reply(deliver(smtp, DOCTOR.address, [self.there], message), "250")

    def arrives(self) -> str:
        self.sandbox.wait_until(lambda: self.sandbox.postfix.maildir(self.there))
        received = email.message_from_bytes(self.sandbox.postfix.maildir(self.there)[0])
        return " ".join(received["Received"].split())

    def answered(self) -> str:
        client = self.imap()
        before = int(client.select("INBOX", readonly=True)[1][0])
        place = self.sandbox.place
        with smtplib.SMTP(place.host, place.port("postfix_inject"), timeout=120) as smtp:
            smtp.sendmail(self.there, [DOCTOR.address],
                          letter(self.there, DOCTOR.address, "Re: Demande de résultats", "Les voici."))
        client.wait_for_more(before)
        received = email.message_from_bytes(client.last(), policy=email.policy.default)
        client.logout()
        return f"{received['From']} : « {received['Subject']} »"

    def outside(self) -> str:
        with self.submission() as smtp:
            smtp.command(f"MAIL FROM:<{DOCTOR.address}>")
            return self.check_reply(smtp.command("RCPT TO:<quelqu-un@gmail.com>"), "550 5.7.1")

    def told(self) -> str:
        client = self.imap()
        before = int(client.select("INBOX", readonly=True)[1][0])
        nobody = f"inconnu@{PEER_DOMAIN}"
        with self.submission() as smtp:
            message = letter(DOCTOR.address, nobody, "Bonjour", "Êtes-vous là ?")
            self.check_reply(deliver(smtp, DOCTOR.address, [nobody], message), "250")
        client.wait_for_more(before)
        report = email.message_from_bytes(client.last(), policy=email.policy.default)
        client.logout()
        self.check(report.get_content_type() == "multipart/report", "ce qui est arrivé n'est pas un avis",
                   "what has come is no report")
        return " ".join(next(report.iter_parts()).get_content().split())[:300] + "…"
