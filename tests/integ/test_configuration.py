"""A daemon with a configuration error does not start, and says file, line and what was expected."""
import subprocess

import pytest

DAEMONS = ["caducee-keyd", "caducee-directoryd", "caducee-smtpd", "caducee-imapd", "caducee-webmail"]
ERRORS = {  # a line that replaces the good one, or is added at the end → what the message must hold
    "unknown-key": (None, "[general]\nno_such_key = 1\n", "no_such_key"),
    "unknown-section": (None, "[no_such_section]\na = 1\n", "no_such_section"),
    "not-a-number": ("port = 5432\n", "port = beaucoup\n", "port"),
    "out-of-range": ("port = 5432\n", "port = 99999\n", "port"),
    "not-a-choice": ("environment = test\n", "environment = demain\n", "production"),
    "twice": (None, "[general]\nenvironment = test\n", "environment"),
    "no-section": (None, "just words\n", ""),
}


def check(sandbox, program, path):
    return subprocess.run([sandbox.place.programs / program, "-c", path, "--check"], capture_output=True, text=True,
                          timeout=120)


@pytest.mark.parametrize("program", DAEMONS)
def test_good_configuration(sandbox, program):
    done = check(sandbox, program, sandbox.place.conf)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("program", DAEMONS)
@pytest.mark.parametrize("name", ERRORS)
def test_error_is_named(sandbox, tmp_path, program, name):
    old, new, word = ERRORS[name]
    good, path = sandbox.place.conf.read_text(), tmp_path / "c.conf"
    path.write_text(good.replace(old, new, 1) if old else good + new)
    line = good.partition(old)[0].count("\n") + 1 if old else (good + new).count("\n")
    done = check(sandbox, program, path)
    said = done.stderr + done.stdout
    assert done.returncode != 0
    assert f"{path}:{line}" in said and word in said, said


@pytest.mark.parametrize("program", DAEMONS)
def test_unreadable_file(sandbox, tmp_path, program):
    done = check(sandbox, program, tmp_path / "absent.conf")
    assert done.returncode != 0 and "absent.conf" in done.stderr + done.stdout


@pytest.mark.parametrize("program", [*DAEMONS, "caducee"])
@pytest.mark.parametrize("option", ["--help", "--version"])
def test_says_what_it_is(sandbox, program, option):
    done = subprocess.run([sandbox.place.programs / program, option], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and "caducee" in done.stdout.lower()
