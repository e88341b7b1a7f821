"""What the retention job erases stands in the journal beside the keys before it is gone: a restore forgets it again."""
import os

import psycopg2
from sandbox.people import CHDEMO, luhn
from sandbox.whitelist import OUR_DOMAINS


def query(sandbox, statement, *arguments):
    with psycopg2.connect(sandbox.postgres.conninfo) as connection, connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return cursor.fetchall() if cursor.description else []


def restart(sandbox, name):
    sandbox.processes.stop(name)
    sandbox.caducee.start(name)


def test_retention_journals_then_erases(sandbox):
    address, person = f"depart.journal-{os.getpid()}@{OUR_DOMAINS[1]}", luhn(f"89970077{os.getpid() % 1000:03}")
    command = sandbox.caducee.command
    command("person", "add", "--given", "Jean", "--family", "DEPART", "--national-id", person)
    command("bal", "add", address, "--kind", "PER", "--structure", CHDEMO, "--person", person)
    command("bal", "close", address, "--reason", "essai")
    number, half = query(sandbox, "SELECT bal_id, public_half FROM bal WHERE address = %s", address)[0]
    journal = sandbox.place.path("keys", "erasures")
    line = f"{number} "
    sandbox.processes.stop("keyd")
    query(sandbox, "UPDATE bal SET state_since = now() - interval '400 days' WHERE bal_id = %s", number)
    restart(sandbox, "directoryd")  # a round begins at its start
    sandbox.wait_until(lambda: query(sandbox, "SELECT 1 FROM erasure WHERE bal_id = %s", number))
    assert query(sandbox, "SELECT 1 FROM bal_key WHERE bal_id = %s", number), "erased without a line in the journal"
    assert command("bal", "resume", address, "--reason", "essai", check=False).returncode != 0, "what is meant to go does not open again"
    sandbox.caducee.start("keyd")
    sandbox.wait_until(lambda: not query(sandbox, "SELECT 1 FROM bal WHERE bal_id = %s", number))
    written = [text for text in journal.read_text().splitlines() if text.startswith(line)]
    assert written and written[0].endswith(bytes(half).hex())
