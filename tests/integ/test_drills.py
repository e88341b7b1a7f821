"""Drills on a sandbox of their own: a backup that must say nothing any more, a restore to a moment on another cluster, a clock
that jumps under PostgreSQL, a database that migrates while daemons serve."""
import json
import os
import re
import signal
import tempfile
import time
from pathlib import Path

import pytest

from conftest import letter, new_bal
from sandbox.cli import Sandbox
from sandbox.patience import again
from sandbox.place import SOURCE
from sandbox.whitelist import PEER_DOMAIN
from test_operations import REASON, caducee, opens
from test_relay import send

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


@pytest.fixture
def box():
    with tempfile.TemporaryDirectory(prefix="caducee-drill-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        own = Sandbox(Path(folder) / "s")
        try:
            own.up()
            yield own
        finally:
            own.down()


def messages(bal) -> list:
    """As soon as keyd, imapd and the database are all there again."""
    return again(bal.messages, lambda _: False)


def test_a_destroyed_epoch_makes_every_older_backup_unreadable(box):
    """Backup, delete a BAL, rotate, destroy, restore: nothing of that backup opens, even with the journal of erasures lost."""
    erased, kept = new_bal(box), new_bal(box)
    for bal in (erased, kept):
        bal.deliver_in_time(letter("avant la sauvegarde"))
    assert messages(erased) and messages(kept)
    dump = box.place.path("spool", "avant.dump")
    box.postgres.as_account(["pg_dump", "-Fc", "-h", box.place.run, "-U", "postgres", "-f", dump, "caducee"])
    caducee(box, "bal", "close", erased.address, *REASON)
    said = caducee(box, "bal", "delete", erased.address, *REASON).stdout
    day = box.postgres.query("SELECT to_char(now() + interval '35 days', 'YYYY-MM-DD')")
    assert day in said, "the date from which backups say nothing either is printed"
    caducee(box, "key", "rotate")
    caducee(box, "key", "destroy", "1", "--early")
    assert len(again(kept.messages, lambda _: False)) == 1, "what lives has been re-wrapped"
    box.down()
    box.place.path("keys", "erasures").unlink()
    box.postgres.start()
    box.postgres.query("DROP DATABASE caducee", "postgres")
    box.postgres.as_account(["pg_restore", "-h", box.place.run, "-U", "postgres", "-C", "-d", "postgres", dump])
    box.caducee.start("keyd")
    box.caducee.start("imapd")
    assert not opens(erased) and not opens(kept)
    reasons = box.postgres.query("SELECT string_agg(DISTINCT rule, ' ') FROM trace WHERE action = 'keyd.certificate' AND answer = 'NO'")
    assert "bal.key_unreadable" in reasons


def archive(box) -> Path:
    """Continuous archiving, as the guide asks of a production server."""
    folder = box.place.make_folder(box.place.path("wal"))
    box.down()
    with open(box.postgres.data / "postgresql.conf", "a") as conf:
        conf.write(f"archive_mode = on\narchive_command = 'test ! -f {folder}/%f && cp %p {folder}/%f'\n")
    with open(box.postgres.data / "pg_hba.conf", "a") as hba:
        hba.write("local replication all peer map=caducee\n")
    box.up()
    return folder


@pytest.mark.needs("root", "postfix")
def test_a_restore_to_a_moment_says_what_may_leave_twice(box):
    wal, base = archive(box), box.place.path("base")
    box.postgres.as_account([box.postgres.program / "pg_basebackup", "-h", box.place.run, "-U", "postgres", "-D", base, "-X", "fetch"])
    bal, address = new_bal(box), f"deux-fois-{time.monotonic_ns()}@{PEER_DOMAIN}"
    bal.deliver_in_time(letter("avant le moment"))
    caducee(box, "queue", "hold", "--all")
    send(box, bal, [address], letter(sender=bal.address))
    box.postgres.query("SELECT pg_create_restore_point('ici')")
    caducee(box, "queue", "release", "--all")
    box.wait_until(lambda: box.postfix.maildir(address))
    bal.deliver_in_time(letter("après le moment"))
    last = box.postgres.query("SELECT pg_walfile_name(pg_switch_wal())")
    box.wait_until(lambda: (wal / last).exists())
    box.down()
    # another cluster, from the base backup and the archive
    box.postgres.data.rename(box.place.path("perdu"))
    base.rename(box.postgres.data)
    with open(box.postgres.data / "postgresql.conf", "a") as conf:
        conf.write(f"archive_mode = off\nrestore_command = 'cp {wal}/%f %p'\nrecovery_target_name = 'ici'\n"
                   "recovery_target_action = 'promote'\n")
    (box.postgres.data / "recovery.signal").touch()
    box.place.own(box.postgres.data / "recovery.signal")
    box.postgres.start()
    box.wait_until(lambda: box.postgres.query("SELECT pg_is_in_recovery()") == "f")
    # before any daemon: the queue is held, and what may leave twice is said
    caducee(box, "queue", "hold", "--all")
    doubtful = caducee(box, "--json", "queue", "doubtful", check=False)
    rows = json.loads(doubtful.stdout)
    assert doubtful.returncode == 1 and [row["recipient"] for row in rows] == [address]
    known = json.loads(caducee(box, "--json", "queue", "doubtful", "--log", box.place.logs / "smtpd.log", check=False).stdout)
    assert known[0]["handed_over"] == 1 and "drop" in known[0]["advice"]
    caducee(box, "queue", "drop", known[0]["message"])
    box.up()
    caducee(box, "queue", "release", "--all")
    texts = [m for m in messages(bal) if b"le moment" in m]
    assert len(texts) == 1 and "avant le moment".encode() in texts[0]
    assert len(box.postfix.maildir(address)) == 1
    bal.deliver_in_time(letter("après la restauration"))


@pytest.mark.skipif(not FAKETIME.exists(), reason="this machine lacks faketime")
@pytest.mark.needs("root", "postfix")
def test_a_clock_that_jumps_loses_and_doubles_nothing(box):
    """PostgreSQL's clock (leases, sessions, dates of traces, partitions) goes two hours ahead, then three days back."""
    bal, moment = new_bal(box), box.place.path("spool", "heure")
    box.place.write(moment, "+0", 0o644)
    box.processes.stop("postgresql", signal.SIGINT)
    box.processes.start("postgresql", [box.postgres.program / "postgres", "-D", box.postgres.data],
                        {"LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(moment), "FAKETIME_NO_CACHE": "1",
                         "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
    box.processes.wait("postgresql", box.postgres.ready)
    # rights that began a month ago: one that begins tomorrow rightly opens nothing today
    box.postgres.query("UPDATE certificate_binding SET starts = now() - interval '30 days'")
    real = time.time()
    open_session = again(bal.imap, lambda _: False)
    addresses = [f"horloge-{n}-{time.monotonic_ns()}@{PEER_DOMAIN}" for n in range(3)]
    for jump, address in zip(("+0", "+2h", "-3d"), addresses):
        box.place.write(moment, jump, 0o644)
        shift = float(box.postgres.query("SELECT extract(epoch FROM clock_timestamp())")) - real
        assert {"+0": shift < 3600, "+2h": shift > 3600, "-3d": shift < -86400}[jump], shift
        bal.deliver_in_time(letter(f"saut {jump}"))
        send(box, bal, [address], letter(sender=bal.address))
        box.wait_until(lambda: box.postfix.maildir(address))  # noqa: B023
    assert len([m for m in open_session.messages() if b"Subject: saut" in m]) == 3, "an open session lives through it"
    open_session.logout()
    assert [len(box.postfix.maildir(address)) for address in addresses] == [1, 1, 1]
    clock = next(row for row in json.loads(caducee(box, "--json", "doctor", check=False).stdout) if row["code"] == "clock")
    assert clock["state"] == "wrong", "doctor names it"
    box.place.write(moment, "+0", 0o644)
    box.wait_until(lambda: sealed(box))


def sealed(box) -> bool:
    done = caducee(box, "--json", "trace", "verify", check=False)
    return done.returncode == 0 and json.loads(done.stdout)["pending"] == 0


# -- migrations --------------------------------------------------------------------------------------------------------
def test_each_migration_says_whether_one_can_go_back(sandbox):
    for file in sorted((SOURCE / "schema").glob("[0-9]*.sql")):
        if int(file.name[:4]) >= 10:
            first = file.read_text().partition("\n")[0]
            assert re.match(r"-- Back: (yes|no)\b", first), f"{file.name}: {first}"
    rows = json.loads(sandbox.caducee.command("--json", "db", "status").stdout)
    assert all(row["applied"] and not row["altered"] for row in rows)
    assert all(row["back"] is not None for row in rows if row["number"] >= 10)


def test_a_migration_waits_for_a_lock_without_holding_mail_up(sandbox, bal):
    """Somebody holds a table that a migration wants: mail goes on, and the migration comes when the table is free."""
    import psycopg2
    import subprocess

    last = sandbox.postgres.query("SELECT max(version) FROM schema_version")
    with psycopg2.connect(sandbox.postgres.conninfo) as holder, holder.cursor() as cursor:
        cursor.execute("LOCK TABLE schema_version IN ROW EXCLUSIVE MODE; LOCK TABLE indicator_day IN ACCESS SHARE MODE")
        line = [str(sandbox.place.programs / "caducee"), "-c", str(sandbox.place.conf), "db", "migrate"]
        who = {"user": sandbox.place.account.pw_uid, "group": sandbox.place.account.pw_gid, "extra_groups": []} if sandbox.place.is_root else {}
        running = subprocess.Popen(line, env=sandbox.caducee.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                   cwd=sandbox.place.folder, **who)
        bal.deliver_in_time(letter("pendant la migration"))
        assert len(bal.messages()) == 1
        holder.rollback()
        assert running.wait(timeout=300) == 0, running.stdout.read()
        running.stdout.close()
    assert sandbox.postgres.query("SELECT max(version) FROM schema_version") == last
