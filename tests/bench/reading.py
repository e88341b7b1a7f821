"""Rows of IMAP."""
import statistics

from .side import BALS, BIG, FIFTY, HOLDERS, LARGE, OURS, TEN, BenchError, Side

FOLDERS = 100
ABSENT = "introuvable-4711"  # a word that no message holds: everything is read


def logins(bench, side: Side):
    n = bench.count(side, 1600, 4)
    bench.row("log-in with a certificate (/s)", side, lambda: side.logins([side.login(i) for i in range(BALS)], n))
    people = range(len(HOLDERS))
    bench.row("log-in with a token (/s)", side,
              lambda: side.logins(["AUTHENTICATE XOAUTH2 " + side.xoauth2(i) for i in people], n))


def reading(bench, side: Side):
    for name, number, command in (
            ("SELECT 100k (ms)", BIG, "SELECT INBOX"),
            ("FETCH 1:* (FLAGS UID) 100k (ms)", BIG, "UID FETCH 1:* (FLAGS)"),
            ("FETCH 1:* ENVELOPE 100k, first (ms)", BIG, "FETCH 1:* (ENVELOPE)"),
            ("BODY.PEEK[] 1,000 x 50 KiB (ms)", FIFTY, "FETCH 1:1000 (BODY.PEEK[])"),
            ("SEARCH TEXT 10,000 x 2 KiB (ms)", TEN, f"SEARCH TEXT {ABSENT}"),
            ("SEARCH TEXT 10,000 x 50 KiB (ms)", LARGE, f"SEARCH TEXT {ABSENT}"),
            ("SORT (DATE) 100k (ms)", BIG, "SORT (DATE) UTF-8 ALL"),
            ("SORT (SUBJECT) 100k (ms)", BIG, "SORT (SUBJECT) UTF-8 ALL"),
            ("THREAD REFERENCES 100k (ms)", BIG, "THREAD REFERENCES UTF-8 ALL")):
        bench.row(name, side, lambda: one_command(side, name, number, command))
    bench.row("one 2 KiB body, more than its flags (ms)", side, lambda: one_body(side))
    bench.row("STORE 1:10000 +FLAGS (ms)", side, lambda: store(side))
    bench.row("STATUS of 100 folders (ms)", side, lambda: status(side))


def one_command(side: Side, name, number, command) -> float:
    """Once in a session whose folder was selected before; Dovecot's cache is forgotten where the row says "first"."""
    if side.rival and "first" in name:
        side.rival.forget_cache(f"bench-{number}")
    side.imap(number, "SELECT INBOX")
    if command == "SELECT INBOX":
        return statistics.median(side.imap(number, command)[0] for _ in range(9))
    return side.imap(number, "SELECT INBOX", command)[-1]


def one_body(side: Side) -> float:
    """What a body costs beside the round trip. With us a trace of the reading, committed before the OK, is in it: no more of
    the 1,000 x 50 KiB either, which are one command with one trace."""
    times = side.imap(TEN, "SELECT INBOX", *["FETCH 1 (FLAGS)", "FETCH 1 (BODY.PEEK[])"] * 50)[1:]
    return statistics.median(times[1::2]) - statistics.median(times[0::2])


def store(side: Side) -> float:
    turns = ["STORE 1:10000 +FLAGS.SILENT (\\Flagged)", "STORE 1:10000 -FLAGS.SILENT (\\Flagged)"] * 3
    return statistics.median(side.imap(BIG, "SELECT INBOX", *turns)[1:])


def flushed(bench, side: Side):
    """The same with Dovecot's mail_fsync = always: with `optimized` it answers a STORE that is not on the disk."""
    for _ in range(bench.options.rounds):
        bench.row("STORE 1:10000 +FLAGS, flushed (ms)", side, lambda: store(side))


def status(side: Side) -> float:
    asked = [f"STATUS dossier-{n} (MESSAGES UIDNEXT UNSEEN)" for n in range(FOLDERS)]
    return sum(side.imap(2, "NOOP", *asked)[1:])


def make_folders(side: Side):
    side.imap(2, *[f"CREATE dossier-{n}" for n in range(FOLDERS)])


def writing(bench, side: Side):
    n = bench.count(side, 2000, 2)
    bench.row("APPEND 2 KiB, 1 connection (/s)", side, lambda: side.append(1, n // 2))
    bench.row("APPEND 2 KiB, 8 connections (/s)", side, lambda: side.append(8, n))


def waiting(bench, side: Side):
    """A rival wakes in half a second: few messages tell enough."""
    bench.rows(("IDLE, 250 to EXISTS, p50 (ms)", "IDLE, 250 to EXISTS, p99 (ms)"), side,
               lambda: side.wake(20 if side.rival else 200))
    seconds = 6 if bench.options.quick else 8
    bench.rows(("80,000 SELECT/min, 500 sessions, p50 (ms)", "80,000 SELECT/min, 500 sessions, p99 (ms)"), side,
               lambda: side.poll(500, 80000 // 60, seconds))


def idle(bench, side: Side):
    def thousand():
        _, after, _ = side.idle_memory(1000, 60)
        return after / 1024

    bench.row("1,000 idle TLS sessions, PSS (MiB)", side, thousand)


def many_idle(bench, side: Side):
    """10,000, or for a rival as many as come up in the time there is: what counts is each."""
    def each():
        count, after, before = side.idle_memory(9900, 45)
        bench.say(f"{count} sessions")
        if after <= before:
            raise BenchError("memory went down while sessions came up (others were hibernated meanwhile): no figure")
        return (after - before) / count

    bench.row("10,000 idle TLS sessions, KiB each", side, each)


def single_seen(bench, side: Side):
    """WAL and table growth of single \\Seen changes, one command each."""
    count = min(bench.options.folder_size, 10000 if bench.options.quick else 20000)
    query = side.sandbox.postgres.query

    def measure():
        before, size = query("SELECT pg_current_wal_lsn()"), int(query("SELECT pg_total_relation_size('state_page')"))
        commands = [f"UID STORE {uid} +FLAGS.SILENT (\\Seen)" for uid in range(1, count + 1)]
        for start in range(0, count, 5000):
            side.imap(BIG, "SELECT INBOX", *commands[start:start + 5000])
        wal = int(query(f"SELECT pg_current_wal_lsn() - '{before}'::pg_lsn"))
        grown = int(query("SELECT pg_total_relation_size('state_page')")) - size
        return [wal / count, grown / (1 << 20)]

    if side.name == OURS:
        bench.rows(("single \\Seen: WAL bytes each", "single \\Seen: table growth (MiB)"), side, measure)
