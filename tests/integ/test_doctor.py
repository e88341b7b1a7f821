"""caducee doctor: green on a sound installation; each line of its list shown red once, with its remedy, and green again."""
import json
import os
import random
import re
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.patience import again
from sandbox.pki import Spec
from test_drills import box  # noqa: F401 - a sandbox of its own

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


def examine(sandbox, *words, environment=None) -> dict:
    """What doctor says, by code."""
    done = sandbox.caducee.command("--json", *words, "doctor", check=False, environment=environment)
    return {row["code"]: row for row in json.loads(done.stdout)}


FIRST_LIBRARY = pytest.mark.skipif("asan" in os.environ.get("BUILD", ""), reason="AddressSanitizer's library must come before any other")


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
    "database": ("CREATE TABLE essai_version AS SELECT * FROM schema_version WHERE version = (SELECT max(version) FROM schema_version); "
                 "DELETE FROM schema_version WHERE version = (SELECT max(version) FROM schema_version)",
                 "INSERT INTO schema_version SELECT * FROM essai_version; DROP TABLE essai_version"),  # a migration that was not run
    # a PostgreSQL that is too old: what the catalogue would say of it
    "versions": ("CREATE SCHEMA essai; GRANT USAGE ON SCHEMA essai TO caducee_admin; CREATE VIEW essai.pg_settings AS SELECT name, CASE name "
                 "WHEN 'server_version_num' THEN '140011' WHEN 'server_version' THEN '14.11' ELSE setting END AS setting FROM pg_catalog.pg_settings; "
                 "GRANT SELECT ON essai.pg_settings TO caducee_admin; ALTER ROLE caducee_admin SET search_path = essai, pg_catalog, public",
                 "ALTER ROLE caducee_admin RESET search_path; DROP SCHEMA essai CASCADE"),
    "certificate.bound": ("CREATE TABLE essai_binding AS SELECT binding_id, not_after FROM certificate_binding; "
                          "UPDATE certificate_binding SET not_after = now() - interval '1 day'",
                          "UPDATE certificate_binding c SET not_after = e.not_after FROM essai_binding e WHERE e.binding_id = c.binding_id; "
                          "DROP TABLE essai_binding"),
    "alarms": ("INSERT INTO alarm (code, subject, what, remedy) VALUES ('essai.essai', '', 'essai', 'aucun')", "DELETE FROM alarm WHERE code = 'essai.essai'"),
}


def test_what_the_database_shows_is_seen_red(sandbox):
    with changed(sandbox, list(IN_THE_DATABASE.values())):
        # what was written before is sealed first: until then the oldest unsealed trace is a young one
        assert again(lambda: set(IN_THE_DATABASE) - red(sandbox), bool) == set()
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


def test_what_a_file_says_is_seen_red(sandbox):
    words = variant(sandbox, general__hostname="", general__run_folder="/nonexistent", general__key_folder="/nonexistent")
    rows = examine(sandbox, *words)
    assert rows["environment"]["state"] == "wrong" and "hostname" in rows["environment"]["remedy"]
    assert rows["parse"]["state"] == "wrong" and "systemctl" in rows["parse"]["remedy"]
    assert rows["keys"]["state"] == "absent" and "key init" in rows["keys"]["remedy"]
    with added(sandbox, "submission", "patient_message_size = 30000000"), added(sandbox, "webmail", "lock_after = 1h"):
        rows = examine(sandbox)
        assert rows["patients.size"]["state"] == "wrong" and "25000000" in rows["patients.size"]["remedy"]
        assert rows["webmail.lock"]["state"] == "good" and "60" in rows["webmail.lock"]["found"]
    with added(sandbox, "webmail", "lock_after = 3h"):  # no installation starts with it
        assert sandbox.caducee.command("doctor", check=False).returncode == 78


@contextmanager
def added(sandbox, section, line):
    kept = sandbox.place.conf.read_text()
    sandbox.place.write(sandbox.place.conf, kept.replace(f"[{section}]\n", f"[{section}]\n{line}\n", 1) if f"[{section}]" in kept
                        else f"{kept}\n[{section}]\n{line}\n", 0o644)
    try:
        yield
    finally:
        sandbox.place.write(sandbox.place.conf, kept, 0o644)


@pytest.mark.parametrize("name, state", [("expired", "wrong"), ("bientot", "note"), ("operator", "good")])
def test_our_certificates_end_is_said(sandbox, name, state):
    if name == "bientot":
        sandbox.pki.issue(name, Spec("mx.caducee.mssante.fr", "OPERATEUR CADUCEE (BAC A SABLE)", "caducee", days=(-700, 10)))
    row = examine(sandbox, *variant(sandbox, tls__certificate=sandbox.pki.cert(name)))["certificate"]
    assert row["state"] == state and bool(row["remedy"]) == (state != "good")


def test_what_is_to_be_noted_is_not_red(sandbox):
    """A choice of the installation's, or a thing to do in time: said with what to do, and doctor stays green of it."""
    with changed(sandbox, [("CREATE TABLE essai_binding AS SELECT binding_id, not_after FROM certificate_binding; "
                            "UPDATE certificate_binding SET not_after = now() + interval '9 days'",
                            IN_THE_DATABASE["certificate.bound"][1]),
                           ("CREATE TABLE essai_role AS SELECT * FROM operator_role; DELETE FROM operator_role WHERE true",
                            "INSERT INTO operator_role OVERRIDING SYSTEM VALUE SELECT * FROM essai_role; DROP TABLE essai_role"),
                           ("INSERT INTO header_mismatch (bal_id, day, product, field, written, computed, count, last) SELECT min(bal_id), current_date, "
                            "'ESSAI', 'X-MSS-INS', 'O', 'N', 1, now() FROM bal", "DELETE FROM header_mismatch WHERE product = 'ESSAI'")]):
        rows = examine(sandbox)
        for code, words in (("certificate.bound", "bind-cert"), ("operators", "operator add"), ("x-mss", "bal headers")):
            assert rows[code]["state"] == "note" and words in rows[code]["remedy"], rows[code]
    bare = re.sub(r"\[psc.accepted_clients\]\n(?:.+\n)+", "", sandbox.place.conf.read_text())
    path = sandbox.place.write(sandbox.place.path("variant.conf"), bare, 0o644)
    row = examine(sandbox, "-c", path)["psc.clients"]
    assert row["state"] == "note" and "accepted_clients" in row["remedy"]


@pytest.fixture
def memory():
    """A small file system in memory, as a spool is to be."""
    with tempfile.TemporaryDirectory(prefix="caducee-spool-") as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1M,mode=0755", "tmpfs", folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


@pytest.mark.needs("root")
def test_a_full_disk_and_a_spool_on_a_disk_are_seen_red(sandbox, memory):
    clamd = memory / "clamd.conf"
    clamd.write_text(f"TemporaryDirectory {memory}\n")
    good = variant(sandbox, general__environment="production", general__run_folder=memory, antivirus__configuration=clamd)
    rows = examine(sandbox, *good)
    assert rows["spools"]["state"] == "good" and rows["disk"]["state"] == "good"
    clamd.write_text("TemporaryDirectory /var/tmp\n")
    row = examine(sandbox, *good)["spools"]
    assert row["state"] == "wrong" and "/var/tmp" in row["found"] and "tmpfs" in row["remedy"]
    clamd.write_text(f"TemporaryDirectory {memory}\n")
    (memory / "plein").write_bytes(b"0" * 960_000)
    row = examine(sandbox, *good)["disk"]
    assert row["state"] == "wrong" and str(memory) in row["found"]
    on_disk = variant(sandbox, general__environment="production", general__run_folder=sandbox.place.folder)
    assert examine(sandbox, *on_disk)["spools"]["state"] == "wrong"


KERNEL = """#include <sys/timex.h>
#include <stdlib.h>
int adjtimex(struct timex *t) { *t = (struct timex){.status = getenv("SANS_SOURCE") ? STA_UNSYNC : 0, .maxerror = 4000};
    return getenv("SANS_SOURCE") ? TIME_ERROR : TIME_OK; }
"""


@FIRST_LIBRARY
@pytest.mark.parametrize("source, environment, state", [(True, "production", "good"), (False, "production", "wrong"), (False, "test", "note")])
def test_a_clock_without_a_source_is_seen_red(sandbox, tmp_path, source, environment, state):
    """What the kernel says of its clock is the machine's, not a test's to change: another answer is put before it."""
    tmp_path.chmod(0o755)
    library = tmp_path / "noyau.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-x", "c", "-", "-o", library], input=KERNEL, text=True, check=True)
    preload = {"LD_PRELOAD": str(reachable(sandbox, library)), **({} if source else {"SANS_SOURCE": "1"})}
    row = examine(sandbox, *variant(sandbox, general__environment=environment), environment=preload)["time.sync"]
    assert row["state"] == state and ("chrony" in (row["remedy"] or "")) == (state != "good")


def reachable(sandbox, file) -> Path:
    """A copy where the sandbox's account may read it."""
    copy = sandbox.place.path("spool", file.name)
    shutil.copy2(file, copy)
    sandbox.place.own(copy, mode=0o755)
    return copy


@pytest.mark.needs("root")
def test_a_database_away_from_here_speaks_tls_or_is_red(box):
    """The same installation over TCP: without our CA file, with a server that speaks in clear only, and as it is to be."""
    address = f"127.{random.randrange(1, 250)}.{random.randrange(1, 250)}.{random.randrange(1, 250)}"
    box.pki.issue("base", Spec("base.caducee.mssante.fr", "OPERATEUR CADUCEE (BAC A SABLE)", "caducee", eku="server", names=[address]))
    key = box.place.write(box.postgres.data / "base.key", box.pki.key("base").read_bytes(), 0o600)
    with open(box.postgres.data / "pg_hba.conf", "a") as hba:
        hba.write("host all all 127.0.0.0/8 trust\n")

    def restarted(tls):
        with open(box.postgres.data / "postgresql.conf", "a") as conf:
            conf.write(f"listen_addresses = '{address}'\nssl = {tls}\nssl_cert_file = '{box.pki.cert('base')}'\n"
                       f"ssl_key_file = '{key}'\n")
        box.processes.stop("postgresql", signal.SIGINT)
        box.postgres.start()

    def row(ca):
        rows = examine(box, *variant(box, database__host=f"{address}\nroot_certificate = {ca}"))
        return {**rows["database.tls"], "why": rows["database"]["found"]}

    restarted("off")
    assert row("/nonexistent")["state"] == "wrong" and "root_certificate" in row("/nonexistent")["remedy"]
    clear = row(box.pki.ca("root"))
    assert clear["state"] == "wrong" and "ssl = on" in clear["remedy"] and address in clear["found"]
    restarted("on")
    good, stranger = row(box.pki.ca("root")), row(box.pki.ca("other"))
    assert good["state"] == "good", good
    assert stranger["state"] == "absent" and "certificate verify failed" in stranger["why"], stranger


def test_a_database_that_is_away_is_the_first_line(sandbox):
    rows = examine(sandbox, *variant(sandbox, database__host="/nonexistent"))
    assert rows["database"]["state"] == "wrong" and "PostgreSQL" in rows["database"]["remedy"]
    assert rows["database.rls"]["state"] == "absent", "what cannot be asked is not called good"
    assert rows["trust.crl"]["state"] == "absent" and rows["ports"]["state"] == "good"


@pytest.mark.skipif(not FAKETIME.exists(), reason="this machine lacks faketime")
@FIRST_LIBRARY
@pytest.mark.parametrize("shift", ["+90", "-90"])
def test_a_clock_beside_the_databases_is_said(sandbox, shift):
    preload = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": shift + "s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    row = examine(sandbox, environment=preload)["clock"]
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
