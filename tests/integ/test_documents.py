"""What the guide promises: every alarm code that the sources raise is documented with its remedy, and no other."""
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CALL = re.compile(r'\b(?:alarm_raise|alarm_clear|duty_alarm|alarm_set)\s*\((?:[^;"]|\n)*?"([a-z]+\.[a-z.-]+)"')


def test_every_alarm_is_documented():
    raised = set()
    for folder in ("lib", "directory", "smtpd", "imapd", "webmail-cgi", "helpers", "ctl"):
        for file in (ROOT / folder).rglob("*.c"):
            raised |= set(CALL.findall(file.read_text()))
    documented = set(re.findall(r"^\| `([a-z.-]+)` \|", (ROOT / "docs/exploitation/alarmes.md").read_text(), re.M))
    assert raised - documented == set(), "raised, and not documented"
    assert documented - raised == set(), "documented, and never raised"


RULES = ("address antivirus auth bal binding certificate content crl dns header limit operator patient person recipient right session "
         "snapshot store structure tls token trust whitelist write").split()
JUDGES = ("smtpd/*.c", "smtpd/relay.h", "lib/store/send*.c", "lib/trust/words.c", "lib/auth/judge.c", "lib/auth/keyd.c", "lib/proto/token.c",
          "helpers/keyd/*.c", "imapd/cmd_authenticate.c")
# Events of the log, actions of the trace, codes of alarms and answers to our own webmail: nobody is refused by them.
NO_RULES = {"bal.bind-cert", "bal.unbind-cert", "bal.share", "bal.unshare", "certificate.key-changed", "token.spread", "trust.loaded",
            "trust.not_loaded", "antivirus.away_at_start", "antivirus.no_verdict", "antivirus.limit_too_small", "store.failed", "session.exists"}


def test_every_rule_of_a_refusal_is_documented():
    words = re.compile(rf'"((?:{"|".join(RULES)})\.[a-z_-]+|submission\.rate|sender\.our-domain|quota)"')
    named = {rule for pattern in JUDGES for file in ROOT.glob(pattern) for rule in words.findall(file.read_text())} - NO_RULES
    documented = set(re.findall(r"^\| `([a-z._-]+)` \|", (ROOT / "docs/exploitation/refus.md").read_text(), re.M))
    assert named - documented == set(), "a rule that refuses, and is not documented"
    assert documented - named == set(), "documented, and refuses nobody"


def commands() -> set:
    return set(re.findall(r'^COMMAND\(\w+, "([^"]*)", "([^"]*)"', (ROOT / "ctl/commands.def").read_text(), re.M))


def test_every_command_that_is_named_exists():
    """In the guides' code, and in what doctor, alarms and refusals tell people to type."""
    known = commands()
    groups = {group for group, _ in known}
    wrong = []
    for file in [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]:
        text = file.read_text()
        code = re.findall(r"`([^`\n]+)`", text) + re.findall(r"^```\n(.*?)^```", text, re.M | re.S)
        wrong += [(file.name, *words) for piece in code for words in named(piece) if not exists(known, groups, *words)]
    for folder in ("ctl", "lib", "directory", "smtpd", "webmail-cgi"):
        for file in (ROOT / folder).rglob("*.c"):
            strings = re.sub(r'"\s*\n?\s*"', "", file.read_text())  # a literal over several lines is one
            pieces = [piece for piece in re.findall(r'"((?:[^"\\\n]|\\.)*)"', strings) if "caducee " in piece]
            wrong += [(file.name, *words) for piece in pieces for words in named(piece) if not exists(known, groups, *words)]
    assert wrong == []


def named(text: str) -> list:
    """(group, name) of each "caducee group name"; options that stand before are passed over."""
    return re.findall(r"(?<![-/\w])caducee (?:(?:--json|--as \S+|-c \S+) )*([a-z]+)\b(?:[ ]([a-z][a-z-]*)\b)?", text)


def exists(known, groups, group, name) -> bool:
    if (group, name) == ("key", "pair"):
        return True  # the first line of a key's file
    return group not in groups or (group, name) in known or (group, "") in known or not name
