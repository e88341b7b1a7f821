"""Each row of `caducee retention`: set otherwise than by default, shown, and applied by the job to what is older and to nothing that is
younger. On a sandbox of its own: other tests' rows are not to be of an age."""
import json
import os

import pytest

from conftest import letter, new_bal
from sandbox.patience import again
from sandbox.people import CHDEMO, luhn
from sandbox.whitelist import OUR_DOMAINS
from test_doctor import added
from test_drills import box  # noqa: F401 - a sandbox of its own

# days that are not the default's: what is older goes, though the default would keep it
SET = {"trace_functional": 31, "trace_connection": 32, "trace_queue": 33, "queue_history": 2, "trash": 3, "closed_bal": 5, "expunged": 4,
       "backup": 11, "whitelist": 6}
TRACES = ("functional", "connection", "queue")
MONTHS_AGO = "date_trunc('month', now()) - interval '{} months'"


def make_partitions(box):
    """Of the month before last's: it ended more than 33 days ago, and less than the 90 that the shortest default keeps — or nearly so."""
    for kind in TRACES:
        name = box.postgres.query(f"SELECT 'trace_{kind}_' || to_char({MONTHS_AGO.format(3)}, 'YYYY_MM')")
        first, last = (box.postgres.query(f"SELECT to_char({MONTHS_AGO.format(n)}, 'YYYY-MM-DD')") for n in (3, 2))
        box.postgres.query(f"CREATE TABLE {name} PARTITION OF trace_{kind} FOR VALUES FROM ('{first}') TO ('{last}')")
        yield name, f"trace_{kind}_" + box.postgres.query("SELECT to_char(now(), 'YYYY_MM')")


def make_history(box):
    for number, days in ((-1, 3), (-2, 1)):
        box.postgres.query(f"INSERT INTO queue_history (recipient_id, queue_id, domain, address, outcome, attempts, created, ended) VALUES "
                           f"({number}, {number}, 'x', 'x', 'delivered', 1, now(), now() - interval '{days} days')")


def make_mail(box, bal):
    """Two in the Trash, of four days and of two; two expunges, of five days and of three."""
    for number in range(4):
        bal.deliver_in_time(letter(f"numero {number}"))
    client = again(bal.imap, lambda _: False)
    client.select("INBOX")
    client.create("Trash")
    assert client.copy("1:2", "Trash")[0] == "OK"
    for number in ("3", "3"):
        client.store(number, "+FLAGS", "\\Deleted")
        client.expunge()
    client.logout()
    which = f"(SELECT bal_id FROM bal WHERE address = '{bal.address}')"
    trash = f"bal_id = {which} AND folder_id = (SELECT folder_id FROM folder WHERE bal_id = {which} AND special_use = '\\Trash')"
    box.postgres.query(f"UPDATE message SET save_date = save_date - CASE uid WHEN 1 THEN 4 ELSE 2 END * 86400 WHERE {trash}")
    box.postgres.query(f"UPDATE expunged SET gone = now() - CASE WHEN modseq = (SELECT min(modseq) FROM expunged WHERE bal_id = {which}) "
                       f"THEN interval '5 days' ELSE interval '3 days' END WHERE bal_id = {which}")
    return (lambda: box.postgres.query(f"SELECT string_agg(uid::text, ' ') FROM message WHERE {trash}"),
            lambda: box.postgres.query(f"SELECT count(*) FROM expunged WHERE bal_id = {which} AND gone < now() - interval '1 day'"))


def make_closed(box):
    out = []
    for days in (6, 4):
        person, address = luhn(f"89970066{days:03}"), f"ferme.{days}.{os.getpid()}@{OUR_DOMAINS[1]}"
        box.caducee.command("person", "add", "--given", "Luc", "--family", f"FERME{days}", "--national-id", person)
        box.caducee.command("bal", "add", address, "--kind", "PER", "--structure", CHDEMO, "--person", person)
        box.caducee.command("bal", "close", address, "--reason", "essai")
        box.postgres.query(f"UPDATE bal SET state_since = now() - interval '{days} days' WHERE address = '{address}'")
        out.append(address)
    return out


def make_whitelists(box):
    """Twelve that were replaced: the ten newest stay however old they are, and of the others those that are young."""
    box.postgres.query("INSERT INTO whitelist_generation (generation, generated, imported, source, digest, entries, document) OVERRIDING SYSTEM "
                       "VALUE SELECT -n, now(), now() - CASE n WHEN 12 THEN interval '5 days' ELSE interval '7 days' END, 'essai', '\\x00', 0, '\\x00' "
                       "FROM generate_series(1, 12) n")


def test_each_duration_is_shown_and_applied(box):
    bal = new_bal(box)
    trash, expunged = make_mail(box, bal)
    partitions, (old, young) = list(make_partitions(box)), make_closed(box)
    make_history(box)
    make_whitelists(box)
    box.processes.stop("directoryd")
    with added(box, "retention", "\n".join(f"{name} = {days}d" for name, days in SET.items())):
        shown = {row["setting"]: row["days"] for row in json.loads(box.caducee.command("--json", "retention").stdout)}
        assert shown == {f"retention.{name}": days for name, days in SET.items()}, "each is shown, as it is set"
        box.caducee.start("directoryd")  # its rounds begin when it starts
        exists = "SELECT count(*) FROM pg_class WHERE relname = '{}'"
        box.wait_until(lambda: all(box.postgres.query(exists.format(gone)) == "0" for gone, _ in partitions))
        assert all(box.postgres.query(exists.format(kept)) == "1" for _, kept in partitions)
        box.wait_until(lambda: box.postgres.query("SELECT string_agg(recipient_id::text, ' ') FROM queue_history WHERE recipient_id < 0") == "-2")
        box.wait_until(lambda: trash() == "2")
        box.wait_until(lambda: expunged() == "1")
        box.wait_until(lambda: box.postgres.query(f"SELECT count(*) FROM bal WHERE address = '{old}'") == "0")
        assert box.postgres.query(f"SELECT state FROM bal WHERE address = '{young}'") == "closed"
        # the fetcher forgets old lists when it has taken a new one
        box.whitelist.publish()
        box.caducee.command("whitelist", "fetch")
        there = "SELECT count(*) FROM whitelist_generation WHERE generation IN ({})"
        box.wait_until(lambda: box.postgres.query(there.format("-11")) == "0")
        assert box.postgres.query(there.format("-1, -5, -12")) == "3", "among the last ten, or young"
        said = box.caducee.command("bal", "delete", young, "--reason", "essai").stdout
        assert box.postgres.query("SELECT to_char(now() + interval '11 days', 'YYYY-MM-DD')") in said, "backups"


@pytest.mark.parametrize("line", ["trace_functional = 10d", "queue_history = 1h", "backup = 0"])
def test_a_duration_under_its_bound_is_refused(sandbox, line):
    with added(sandbox, "retention", line):
        done = sandbox.caducee.command("retention", check=False)
    assert done.returncode == 78 and line.split(" ")[0] in done.stderr
