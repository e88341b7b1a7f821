"""Each row of ctl/commands.def is whole: its own help in both languages, its place in the manual page, JSON where it prints a table."""
import json
import os
import re
import subprocess

import pytest

from sandbox.place import SOURCE, build_folder
from sandbox.whitelist import OUR_DOMAINS

ROW = re.compile(r'^COMMAND\((\w+), "([a-z]+)", "([a-z-]*)", (true|false), "((?:[^"\\]|\\.)*)", "((?:[^"\\]|\\.)*)", "((?:[^"\\]|\\.)*)"\)$')


def rows() -> list:
    """(words, changes, usage, French, English) of each command."""
    found = []
    for line in (SOURCE / "ctl/commands.def").read_text().splitlines():
        if line.startswith("COMMAND("):
            row = ROW.match(line)
            assert row, f"a row that this test does not read: {line}"
            _, group, name, changes, *texts = row.groups()
            found.append((f"{group} {name}".strip(), changes == "true", *(text.replace('\\"', '"') for text in texts)))
    return found


COMMANDS = rows()


def spoken(locale, *words) -> str:
    """What the program says in a locale, without a configuration: help needs none."""
    done = subprocess.run([build_folder() / "bin/caducee", *words], capture_output=True, text=True, cwd="/",
                          env={"LC_ALL": locale, "PATH": os.environ["PATH"]})
    assert done.returncode == 0 and not done.stderr, (words, done.returncode, done.stderr)
    return done.stdout


@pytest.mark.parametrize("words, usage, french, english", [(c[0], *c[2:]) for c in COMMANDS], ids=[c[0] for c in COMMANDS])
def test_each_command_has_its_help_in_both_languages(words, usage, french, english):
    assert french and english and french != english
    assert spoken("fr_FR.UTF-8", *words.split(), "--help") == f"usage : caducee {words} {usage}\n\n{french}\n"
    assert spoken("C.UTF-8", *words.split(), "--help") == f"usage: caducee {words} {usage}\n\n{english}\n"


def test_the_list_names_every_command_in_both_languages():
    for locale, column in (("fr_FR.UTF-8", 3), ("C.UTF-8", 4)):
        told = {line.split("  ")[1].strip(): line for line in spoken(locale, "--help").splitlines() if line.startswith("  ")}
        assert {row[0] for row in COMMANDS} == set(told)
        assert [row[0] for row in COMMANDS if not told[row[0]].endswith(row[column])] == []


def test_the_manual_page_has_an_entry_for_every_command():
    page = subprocess.run([SOURCE / "packaging/man", build_folder() / "bin/caducee"], capture_output=True, text=True, check=True).stdout
    plain = page.replace("\\-", "-").replace("\\&", "").replace("\\e", "\\")
    assert [words for words, _, usage, _, english in COMMANDS if f"usage: caducee {words} {usage}\n\n{english}\n" not in plain] == []


T, PEM = OUR_DOMAINS[0], "a certificate of the sandbox"
# What a command must be given; all others are run as they are.
GIVEN = {"whitelist diff": ["1"], "whitelist explain": [T], "trust explain": ["--cert", PEM], "bal show": [f"soins@{T}"],
         "directory search": ["cardiologie"], "incident": ["--bal", f"soins@{T}", "--since", "2026-01-01"], "dns": [T],
         "queue show": ["1"]}
# A command that changes nothing and prints no table, and what it does print.
NO_TABLE = {"publication csv": "CSV for the Annuaire", "indicators export": "a file, its --format", "queue watch": "a screen, again and again"}


@pytest.mark.parametrize("words", [c[0] for c in COMMANDS if not c[1] and c[0] not in NO_TABLE])
def test_what_prints_a_table_prints_json(sandbox, words):
    given = [sandbox.pki.cert("dui2") if word == PEM else word for word in GIVEN.get(words, [])]
    done = sandbox.caducee.command("--json", *words.split(), *given, check=False)
    if done.stdout:
        assert isinstance(json.loads(done.stdout), (list, dict))
    else:
        assert done.returncode == 66, (words, done.returncode, done.stderr)
