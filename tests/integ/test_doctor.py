"""caducee doctor: green on a sound installation; each line of its list shown red once, with its remedy, and green again."""
import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.patience import again

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


def examine(sandbox, *words) -> dict:
    """What doctor says, by code."""
    return {row["code"]: row for row in json.loads(sandbox.caducee.command("--json", *words, "doctor", check=False).stdout)}


def red(sandbox, *words) -> set:
    rows = examine(sandbox, *words)
    assert all(row["remedy"] for row in rows.values() if row["state"] == "wrong")
    return {code for code, row in rows.items() if row["state"] == "wrong"}


@contextmanager
def changed(sandbox, statements: list):
    """Statements in force, then undone: (do, undo)."""
    sandbox.postgres.query(";".join(do for do, _ in statements))
    try:
        yield
    finally:
        sandbox.postgres.query(";".join(undo for _, undo in statements))


def variant(sandbox, **values) -> tuple:
    """The words for a copy of the configuration with other values: section__key=value."""
    lines, section, left = [], "", {tuple(name.split("__")): value for name, value in values.items()}
    for line in sandbox.place.conf.read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        key = (section, line.split("=")[0].strip())
        lines.append(f"{key[1]} = {left.pop(key)}" if key in left else line)
    assert not left
    path = sandbox.place.path("variant.conf")
    sandbox.place.write(path, "\n".join(lines) + "\n", 0o644)
    return "-c", path


def test_doctor_is_green_on_a_sound_sandbox(sandbox):
    # the fetcher has just been started: its first round brings Pro Santé Connect's keys
    assert again(lambda: red(sandbox) - {"alarms"}, bool) == set()


# What the database shows: broken all at once, for each check looks at its own. A role that has nothing there: taking a right back
# from a table takes those on its columns too.
IN_THE_DATABASE = {
    "database.durable": ("ALTER ROLE caducee_admin SET synchronous_commit = off", "ALTER ROLE caducee_admin RESET synchronous_commit"),
    "database.log": ("ALTER ROLE caducee_admin SET log_parameter_max_length = 100", "ALTER ROLE caducee_admin RESET log_parameter_max_length"),
    "database.rls": ("ALTER TABLE message NO FORCE ROW LEVEL SECURITY", "ALTER TABLE message FORCE ROW LEVEL SECURITY"),
    "database.roles": ("ALTER ROLE caducee_mx BYPASSRLS", "ALTER ROLE caducee_mx NOBYPASSRLS"),
    "database.grants": ("GRANT SELECT ON message TO caducee_fetcher", "REVOKE SELECT ON message FROM caducee_fetcher"),
    "trust.crl": ("UPDATE crl SET next_update = next_update - interval '1000 days'", "UPDATE crl SET next_update = next_update + interval '1000 days'"),
    "whitelist": ("UPDATE whitelist_generation SET imported = imported - interval '9 days'",
                  "UPDATE whitelist_generation SET imported = imported + interval '9 days'"),
    "whitelist.own": ("INSERT INTO domain SELECT 'nulle-part.mssante.fr', min(structure_id) FROM structure",
                      "DELETE FROM domain WHERE name = 'nulle-part.mssante.fr'"),
    "dns": ("SELECT 1", "SELECT 1"),  # nor has that domain an MX
    "psc": ("UPDATE oidc_document SET fetched = fetched - interval '9 days'", "UPDATE oidc_document SET fetched = fetched + interval '9 days'"),
    "annuaire": ("UPDATE directory_pass SET ended = ended - interval '9 days'", "UPDATE directory_pass SET ended = ended + interval '9 days'"),
    "queue": ("UPDATE queue_state SET held = true, held_why = 'essai'", "UPDATE queue_state SET held = false, held_why = NULL"),
    "trace.seal": ("INSERT INTO trace (retention, at, trace_id, action, answer, actor_kind, xid) VALUES (1, now() - interval '1 hour', 1, 'x', 'OK', "
                   "'system', '9000000000000000')", "DELETE FROM trace WHERE trace_id = 1"),  # its transaction has not ended for the sealer
    "alarms": ("INSERT INTO alarm (code, subject, what, remedy) VALUES ('essai.essai', '', 'essai', 'aucun')", "DELETE FROM alarm WHERE code = 'essai.essai'"),
}


def test_what_the_database_shows_is_seen_red(sandbox):
    with changed(sandbox, list(IN_THE_DATABASE.values())):
        found = red(sandbox)
        assert set(IN_THE_DATABASE) <= found, set(IN_THE_DATABASE) - found
    assert (red(sandbox) - {"alarms"}) & set(IN_THE_DATABASE) == set(), "and green again"


def test_what_this_machine_shows_is_seen_red(sandbox):
    """A production's file whose ports, certificate and antivirus are not there; a key folder that everybody may enter."""
    keys = sandbox.place.path("keys")
    words = variant(sandbox, general__environment="production", tls__certificate="/dev/null", mx__listen="127.0.0.1:1",
                    antivirus__socket="/nonexistent/clamd", mx__postmaster="personne@nulle-part.mssante.fr")
    mode = keys.stat().st_mode & 0o7777
    keys.chmod(mode | 0o005)
    try:
        expected = {"postmaster", "certificate", "ports", "antivirus", "keys", "trust.ca", "whitelist.own", "keys.export"}
        found = red(sandbox, *words)
        assert expected <= found | ({"keys.export"} if examine(sandbox)["keys.export"]["state"] == "good" else set())
    finally:
        keys.chmod(mode)
    assert red(sandbox) & expected == set()


def test_a_secret_that_everybody_reads_is_seen_red(sandbox):
    """A production's file: each secret in a file that its own account reads; an API key in the configuration is read by every role."""
    place = sandbox.place
    key = place.write(place.path("doctor.key"), "cle\n", 0o600)
    words = variant(sandbox, general__environment="production", tls__private_key=key, webmail__psc_client_secret_file=key,
                    publication__api_key_file=key)
    assert examine(sandbox, *words)["secrets"]["state"] == "good"
    key.chmod(0o644)
    row = examine(sandbox, *words)["secrets"]
    assert row["state"] == "wrong" and row["remedy"].startswith(f"chmod o= {key}")
    key.chmod(0o600)
    place.write(words[1], words[1].read_text().replace("[publication]\n", "[publication]\napi_key = cle\n"), 0o644)
    row = examine(sandbox, *words)["secrets"]
    assert row["state"] == "wrong" and "publication.api_key_file" in row["remedy"]


def test_a_database_that_is_away_is_the_first_line(sandbox):
    rows = examine(sandbox, *variant(sandbox, database__host="/nonexistent"))
    assert rows["database"]["state"] == "wrong" and "PostgreSQL" in rows["database"]["remedy"]
    assert rows["database.rls"]["state"] == "absent", "what cannot be asked is not called good"
    assert rows["trust.crl"]["state"] == "absent" and rows["ports"]["state"] == "good"


@pytest.mark.skipif(not FAKETIME.exists(), reason="this machine lacks faketime")
@pytest.mark.skipif("asan" in os.environ.get("BUILD", ""), reason="AddressSanitizer's library must come before any other")
@pytest.mark.parametrize("shift", ["+90", "-90"])
def test_a_clock_beside_the_databases_is_said(sandbox, shift):
    place = sandbox.place
    who = {"user": place.account.pw_uid, "group": place.account.pw_gid, "extra_groups": []} if place.is_root else {}
    environment = {**sandbox.caducee.environment(), "LD_PRELOAD": str(FAKETIME), "FAKETIME": shift + "s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    done = subprocess.run([place.programs / "caducee", "-c", place.conf, "--json", "doctor"], capture_output=True, text=True,
                          env=environment, cwd=place.folder, **who)
    row = next(row for row in json.loads(done.stdout) if row["code"] == "clock")
    assert row["state"] == "wrong" and "chrony" in row["remedy"]


@pytest.mark.needs("root")  # only root may see which program a daemon runs
def test_a_service_that_was_replaced_is_named(sandbox):
    program = sandbox.place.programs / "caducee-webmail"
    kept, copy = program.with_name("kept"), program.with_name("copy")
    os.link(program, kept)
    shutil.copy2(program, copy)
    try:
        copy.replace(program)
        done = subprocess.run([sandbox.place.programs / "caducee", "-c", sandbox.place.conf, "--json", "doctor"], capture_output=True,
                              text=True, env=sandbox.caducee.environment())
        row = next(row for row in json.loads(done.stdout) if row["code"] == "services")
        assert row["state"] == "note" and row["remedy"].startswith("systemctl restart caducee-")
    finally:
        kept.replace(program)


def test_doctor_compares_clamds_limits_with_ours(sandbox):
    """clamd takes what it has not read to the end for clean."""
    file = sandbox.antivirus.file
    sound = file.read_text()
    assert "StreamMaxLength 64M" in sound
    try:
        sandbox.place.write(file, sound.replace("StreamMaxLength 64M", "StreamMaxLength 25M"), 0o644)
        row = examine(sandbox)["antivirus.limits"]
        assert row["state"] == "wrong" and "StreamMaxLength" in row["remedy"]
    finally:
        sandbox.place.write(file, sound, 0o644)
    assert examine(sandbox)["antivirus.limits"]["state"] == "good"


def test_doctor_looks_at_what_the_guide_asks(sandbox):
    """Each line of the guide's list has its check."""
    codes = set(examine(sandbox))
    assert {"database", "database.rls", "database.roles", "database.grants", "database.log", "database.tls", "keys", "keys.export",
            "certificate", "whitelist", "whitelist.own", "dns", "ports", "clock", "trust.crl", "annuaire", "psc", "psc.clients",
            "antivirus", "antivirus.limits", "secrets", "spools", "queue", "disk", "time.sync", "versions", "services"} <= codes
