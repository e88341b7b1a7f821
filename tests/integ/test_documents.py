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
