"""The directory side of the day: BALs appear from the Annuaire; an operator leaves the whitelist, and `trust explain` says
what that means."""
import json
import time

from .day_arrival import DUI_BAL
from .day_sending import letter
from .day_steps import Chapter
from .people import FAMILIES, GIVEN, TILLEULS, T, luhn
from .pki import SIRET
from .refusals import connect, context_for, deliver
from .smtp_client import Smtp
from .whitelist import ELSEWHERE


class AnnuaireChapter(Chapter):
    title = ("L'Annuaire Santé annonce trois boîtes", "The Annuaire announces three mailboxes")

    def possible(self):
        return self.sandbox.processes.running("slapd") and self.sandbox.processes.running("directoryd")

    def steps(self):
        return [("un professionnel, un service, un logiciel y paraissent", "a professional, a service, a software appear there",
                 self.published),
                ("l'opérateur les voit proposées", "the operator sees them proposed", self.proposed),
                ("il les accepte, elles s'ouvrent", "they are accepted and open", self.accepted),
                ("on les trouve par leur nom, sans accents", "they are found by name, without accents", self.found)]

    def ask(self, *words):
        done = self.sandbox.caducee.command("--json", *words)
        return json.loads(done.stdout) if done.stdout.strip() else []

    def published(self) -> str:
        stamp = int(time.time()) % 100_000
        self.given, self.family = GIVEN["F"][stamp % 5], FAMILIES[stamp // 5 % 10]
        common = {"o": TILLEULS, "TypeIdentifiantPM": "SIRET", "IdentifiantPM": SIRET["tilleuls"], "l": "VILLE-FICTIVE"}
        person = {"givenName": self.given, "sn": self.family, "title": "Dr", "TypeIdentifiantPP": "8",
                  "IdentifiantPP": luhn(f"99720{stamp:05}"), "profession": "10"}
        self.new = {f"medecin-{stamp}@{T}": {"TypeBAL": "PER", **person}, f"service-{stamp}@{T}": {"TypeBAL": "ORG"},
                    f"logiciel-{stamp}@{T}": {"TypeBAL": "APP"}}
        for address, entry in self.new.items():
            self.sandbox.annuaire.add({"mail": address, **entry, **common})
        return ", ".join(f"{entry['TypeBAL']} {address}" for address, entry in self.new.items())

    def proposed(self) -> str:
        def all_there():
            return set(self.new) <= {row["address"] for row in self.ask("directory", "proposals")}

        self.sandbox.wait_until(all_there)
        return self.say("`caducee directory proposals` les liste", "`caducee directory proposals` lists them")

    def accepted(self) -> str:
        for address in self.new:
            self.sandbox.caducee.command("directory", "accept", address)
        shown = [self.ask("bal", "show", address)["bal"][0] for address in self.new]
        return ", ".join(f"{bal['kind']} {bal['address']} ({bal['state']})" for bal in shown)

    def found(self) -> str:
        words = f"{self.family} {self.given}".lower().translate(str.maketrans("éèêëàôîïç", "eeeeaoiic"))
        rows = self.ask("directory", "search", *words.replace("-", " ").split())
        addresses = [row["address"] for row in rows]
        self.check(set(self.new) & set(addresses), f"« {words} » ne trouve rien", f"“{words}” finds nothing")
        return f"« {words} » : {', '.join(addresses)}"


class TrustChapter(Chapter):
    title = ("Un opérateur quitte la liste blanche", "An operator leaves the whitelist")
    sender = f"quelqu-un@{ELSEWHERE}"

    def possible(self):
        return bool(self.sandbox.status()["submission"]) and self.sandbox.processes.running("directoryd")

    def command(self, *words):
        return self.sandbox.caducee.command(*words, check=False)

    def steps(self):
        return [(f"{ELSEWHERE} est encore inscrit", f"{ELSEWHERE} is still listed", self.accepted),
                ("un message part vers lui", "a message leaves for it", self.sent),
                ("une nouvelle liste, sans lui, est prise", "a new list, without it, is taken", self.removed),
                ("son courrier est refusé", "its mail is refused", self.refused),
                ("ce qui partait vers lui attend", "what was leaving for it waits", self.waits),
                ("plus rien de nouveau ne part", "nothing new leaves", self.nothing_new),
                ("`caducee trust explain` dit pourquoi", "`caducee trust explain` says why", self.explained),
                ("il revient, son courrier passe", "it comes back, its mail passes", self.back)]

    def mail_from(self):
        with connect(self.sandbox, "ailleurs") as smtp:
            return smtp.command(f"MAIL FROM:<{self.sender}>")

    def accepted(self) -> str:
        return self.check_reply(self.mail_from(), "250")

    def submission(self) -> Smtp:
        place = self.sandbox.place
        smtp = Smtp(place.host, place.port("submission"))
        smtp.ehlo("logiciel.example")
        smtp.starttls(context_for(self.sandbox, "dui"), "smtp.caducee.mssante.fr")
        smtp.ehlo("logiciel.example")
        self.check_reply(smtp.external(DUI_BAL), "235")
        return smtp

    def sent(self) -> str:
        with self.submission() as smtp:
            return self.check_reply(deliver(smtp, DUI_BAL, [self.sender], letter(DUI_BAL, self.sender, "Bonjour", "Essai.")),
                                    "250")

    def waits(self) -> str:
        def found():
            rows = json.loads(self.command("--json", "queue", "list", ELSEWHERE).stdout or "[]")
            return [row for row in rows if row.get("state") == "waiting"]

        self.sandbox.wait_until(found)
        row = found()[-1]
        return f"`caducee queue list` : {row['recipient']}, {row['state']}, {row['trust_or_other_rule']} ; {row['reply']}"

    def nothing_new(self) -> str:
        with self.submission() as smtp:
            smtp.command(f"MAIL FROM:<{DUI_BAL}>")
            return self.check_reply(smtp.command(f"RCPT TO:<{self.sender}>"), "550 5.7.1")

    def take(self, rows) -> str:
        self.sandbox.whitelist.publish(rows)
        done = self.command("whitelist", "fetch")
        self.check(done.returncode == 0, done.stderr.strip(), done.stderr.strip())
        return " ".join(done.stdout.split())

    def removed(self) -> str:
        return self.take([row for row in self.sandbox.whitelist.entries() if row[0] != ELSEWHERE])

    def refused(self) -> str:
        self.sandbox.wait_until(lambda: self.mail_from().code == 550)
        return self.check_reply(self.mail_from(), "550 5.7.")

    def explained(self) -> str:
        done = self.command("--json", "trust", "explain", "--cert", self.sandbox.pki.cert("ailleurs"), "--from", self.sender)
        self.check(done.stdout, done.stderr.strip(), done.stderr.strip())
        return " ; ".join(f"{row['question']} : {row['sentence']} [{row['rule']}]" for row in json.loads(done.stdout))

    def back(self) -> str:
        self.take(None)
        self.sandbox.wait_until(lambda: self.mail_from().code == 250)
        return self.check_reply(self.mail_from(), "250")
