"""The work that belongs to no session has one leader among all hosts, and another takes over when it goes."""
import re
import subprocess

import psycopg2
import pytest

FETCHER = 0x41440001  # the low half of its advisory lock (lib/store/lead.h)


def leader(sandbox):
    """The PostgreSQL backend that holds the fetcher's lock."""
    with psycopg2.connect(sandbox.postgres.conninfo) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND granted", (FETCHER,))
        rows = cursor.fetchall()
    assert len(rows) <= 1, "two leaders"
    return rows[0][0] if rows else None


@pytest.fixture
def second(sandbox, tmp_path_factory):
    """Another host's caducee-directoryd: a run folder of its own, the same database."""
    place = sandbox.place
    run = place.path("run-two")
    place.make_folder(run)
    place.make_folder(run / "wake")
    text = place.conf.read_text()
    text = text.replace(f"run_folder = {place.run}", f"run_folder = {run}", 1)
    text = re.sub(r"(\[directoryd\]\n(?:.*\n)*?)metrics_listen = .*\n", r"\1", text)
    conf = place.path("second.conf")
    place.write(conf, text, 0o644)
    who = {"user": place.account.pw_uid, "group": place.account.pw_gid, "extra_groups": []} if place.is_root else {}
    with open(place.logs / "second-directoryd.log", "wb") as log:
        process = subprocess.Popen([str(place.programs / "caducee-directoryd"), "-c", str(conf)], stdout=log, stderr=log,
                                   cwd=place.folder, **who)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(120)


def test_one_leads_and_the_other_takes_over(sandbox, second):
    sandbox.wait_until(lambda: leader(sandbox))
    first = leader(sandbox)
    sandbox.processes.stop("directoryd")
    try:
        sandbox.wait_until(lambda: leader(sandbox) not in (None, first))
    finally:
        sandbox.caducee.start("directoryd")
    assert second.poll() is None


def test_the_bound_of_ten_seconds_cannot_be_set_away(sandbox):
    """PostgreSQL gives a dead host up after 3 + 2 × 2 s (lib/store/db_connect.c); then a follower asks within directoryd.takeover."""
    place = sandbox.place
    conf = place.path("takeover.conf")
    for words, good in (("3s", True), ("4s", False)):
        text = place.conf.read_text().replace("[directoryd]\n", f"[directoryd]\ntakeover = {words}\n", 1)
        place.write(conf, text, 0o644)
        done = sandbox.caducee.command("-c", conf, "status", check=False)
        assert ("takeover" not in done.stderr) == good, done.stderr


def test_a_leader_that_is_killed_comes_back(sandbox):
    sandbox.wait_until(lambda: leader(sandbox))
    first = leader(sandbox)
    with psycopg2.connect(sandbox.postgres.conninfo) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", (first,))
    sandbox.wait_until(lambda: leader(sandbox) not in (None, first))
