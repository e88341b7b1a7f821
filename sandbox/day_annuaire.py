"""The directory side of the day: an operator leaves the whitelist, and `trust explain` says what that means."""
from .day_steps import Chapter
from .people import T
from .refusals import connect
from .whitelist import ELSEWHERE


class TrustChapter(Chapter):
    title = ("Un opérateur quitte la liste blanche", "An operator leaves the whitelist")
    sender = f"quelqu-un@{ELSEWHERE}"

    def possible(self):
        return self.command("whitelist", "--help").returncode == 0 and self.command("trust", "explain", "--help").returncode == 0

    def command(self, *words):
        return self.sandbox.caducee.command(*words, check=False)

    def steps(self):
        return [(f"{ELSEWHERE} est encore inscrit", f"{ELSEWHERE} is still listed", self.accepted),
                ("une nouvelle liste, sans lui, est prise", "a new list, without it, is taken", self.removed),
                ("son courrier est refusé", "its mail is refused", self.refused),
                ("`caducee trust explain` dit pourquoi", "`caducee trust explain` says why", self.explained),
                ("il revient, son courrier passe", "it comes back, its mail passes", self.back)]

    def mail_from(self):
        with connect(self.sandbox, "ailleurs") as smtp:
            return smtp.command(f"MAIL FROM:<{self.sender}>")

    def accepted(self) -> str:
        return self.check_reply(self.mail_from(), "250")

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
        done = self.command("trust", "explain", "--cert", self.sandbox.pki.cert("ailleurs"), "--from", self.sender, "--to",
                            f"dui@{T}")
        self.check(done.stdout, done.stderr.strip(), done.stderr.strip())
        return " ".join(done.stdout.split())

    def back(self) -> str:
        self.take(None)
        self.sandbox.wait_until(lambda: self.mail_from().code == 250)
        return self.check_reply(self.mail_from(), "250")
