"""A daemon with a configuration error does not start, and says file, line and what was expected."""
import subprocess

import pytest

DAEMONS = ["caducee-keyd", "caducee-directoryd", "caducee-smtpd", "caducee-imapd"]
ERRORS = {  # added at the end of a good file → what the message must hold
    "unknown-key": ("[general]\nno_such_key = 1\n", "no_such_key"),
    "unknown-section": ("[no_such_section]\na = 1\n", "no_such_section"),
    "not-a-number": ("[database]\nport = beaucoup\n", "port"),
    "out-of-range": ("[database]\nport = 99999\n", "port"),
    "not-a-choice": ("[general]\nenvironment = demain\n", "production"),
    "no-section": ("just words\n", ""),
}


def check(sandbox, program, path):
    return subprocess.run([sandbox.place.programs / program, "-c", path, "--check"], capture_output=True, text=True,
                          timeout=20)


@pytest.mark.parametrize("program", DAEMONS)
def test_good_configuration(sandbox, program):
    done = check(sandbox, program, sandbox.place.conf)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("program", DAEMONS)
@pytest.mark.parametrize("name", ERRORS)
def test_error_is_named(sandbox, tmp_path, program, name):
    added, word = ERRORS[name]
    good, path = sandbox.place.conf.read_text(), tmp_path / "c.conf"
    path.write_text(good + added)
    done = check(sandbox, program, path)
    lines = good.count("\n") + added.count("\n")
    assert done.returncode != 0
    said = done.stderr + done.stdout
    assert f"{path}:{lines}" in said and word in said, said


@pytest.mark.parametrize("program", DAEMONS)
def test_unreadable_file(sandbox, tmp_path, program):
    done = check(sandbox, program, tmp_path / "absent.conf")
    assert done.returncode != 0 and "absent.conf" in done.stderr + done.stdout


@pytest.mark.parametrize("program", [*DAEMONS, "caducee"])
@pytest.mark.parametrize("option", ["--help", "--version"])
def test_says_what_it_is(sandbox, program, option):
    done = subprocess.run([sandbox.place.programs / program, option], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and "caducee" in done.stdout.lower()
