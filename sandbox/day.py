"""The demonstration: one working day of an operator, a line a step. Each step really happens; one that fails says what was
expected, and the demonstration then ends with status 1. Chapters whose daemons this tree does not build are left out."""
import os
import sys
import time

from .cli import Sandbox
from .day_annuaire import AnnuaireChapter, TrustChapter
from .day_arrival import ArrivalChapter, RefusalsChapter
from .day_sending import SendingChapter
from .day_steps import Chapter
from .day_webmail import WebmailChapter
from .people import PROFESSIONALS
from .place import SandboxError
from .terminal import Terminal

CHAPTERS = [ArrivalChapter, RefusalsChapter, SendingChapter, AnnuaireChapter, TrustChapter, WebmailChapter]


def endpoints(sandbox: Sandbox, terminal: Terminal) -> list:
    """The table that the demonstration ends with."""
    say, found = terminal.say, sandbox.status()
    names = {"mx": say("SMTP, entre opérateurs", "SMTP, between operators"),
             "submission": say("SMTP, soumission (STARTTLS)", "SMTP, submission (STARTTLS)"),
             "submissions": say("SMTP, soumission (TLS)", "SMTP, submission (TLS)"),
             "imap": "IMAP (STARTTLS)", "imaps": "IMAP (TLS)", "metrics": say("mesures (Prometheus)", "metrics (Prometheus)")}
    rows = [(words, f"{found[name]['host']}:{found[name]['port']}") for name, words in names.items() if found[name]]
    if found["webmail"]:
        rows.append(("webmail", found["webmail"]))
    if found["postfix"]:
        rows.append((say("l'autre opérateur (Postfix)", "the other operator (Postfix)"),
                     f"{found['postfix']['mx']['host']}:{found['postfix']['mx']['port']}"))
    if found["whitelist"]:
        rows.append((say("liste blanche", "whitelist"), found["whitelist"]))
    return rows + [("PostgreSQL", "sandbox/sandbox exec psql"), (say("certificats", "certificates"), str(sandbox.place.pki)),
                   (say("journaux", "logs"), found["logs"]),
                   (say("tout savoir", "to know all"), "sandbox/sandbox status --json"),
                   (say("arrêter", "to stop"), "sandbox/sandbox down"),
                   (say("tout oublier", "to forget it all"), "sandbox/sandbox reset")]


def who_can_log_in(sandbox: Sandbox, terminal: Terminal):
    terminal.title(terminal.say("Le webmail attend", "The webmail is waiting"))
    terminal.table([(terminal.say("adresse", "address"), sandbox.status()["webmail"])])
    terminal.table([(f"{p.title} {p.given} {p.family}", p.label, p.national_id) for p in PROFESSIONALS])


def bring_up(sandbox: Sandbox, terminal: Terminal):
    terminal.step(terminal.say("le bac à sable démarre", "the sandbox starts"))
    sandbox.up()
    terminal.done(terminal.say("PostgreSQL, PKI, liste blanche signée, DNS, Annuaire, Pro Santé Connect, autre opérateur, "
                               "nos démons",
                               "PostgreSQL, PKI, signed whitelist, DNS, Annuaire, Pro Santé Connect, other operator, our "
                               "daemons"))


def main() -> int:
    terminal, sandbox = Terminal(), Sandbox()
    os.environ["LC_ALL"] = "en_US.UTF-8" if terminal.language == "en" else "fr_FR.UTF-8"  # for what `caducee` prints
    say, began = terminal.say, time.monotonic()
    terminal.title(say("Caducée : une journée d'opérateur MSSanté", "Caducée: one day of an MSSanté operator"))
    try:
        bring_up(sandbox, terminal)
    except SandboxError as error:
        terminal.failed(str(error))
        return 1
    failures = 0
    for chapter in CHAPTERS:
        chapter: Chapter = chapter(sandbox, terminal)
        if chapter.possible():
            chapter.play_all()
            failures += chapter.failures
    if sandbox.status()["webmail"]:
        who_can_log_in(sandbox, terminal)
    terminal.title(say("Le bac à sable reste debout", "The sandbox stays up"))
    terminal.table(endpoints(sandbox, terminal))
    seconds = f"{time.monotonic() - began:.0f} s"
    if failures:
        print("\n" + say(f"{failures} étape(s) en échec, en {seconds}.", f"{failures} step(s) failed, in {seconds}."))
        return 1
    print("\n" + say(f"Tout s'est passé comme prévu, en {seconds}.", f"All went as expected, in {seconds}."))
    return 0


if __name__ == "__main__":
    sys.exit(main())
