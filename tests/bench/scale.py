"""Rows of size: a queue of a million, 800 structures, ten million traces. The figures are the `caducee` command's, whole."""
import os
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from sandbox.place import SOURCE, build_folder

from .side import HOLDERS, OURS, BenchError, Side

STRUCTURES, BALS_EACH = 800, 100
FILL_SECONDS = 120
MONTHS = 10  # traces are spread over so many
QUEUE = ("queue of 1,000,000: claim, mean (ms)", "queue of 1,000,000: summary (ms)")
INSTALLATION = [("800 x 100 BALs: structure list (ms)", ["structure", "list"]),
                ("800 x 100 BALs: status (ms)", ["status"]),
                ("800 x 100 BALs: indicators of a month (ms)", ["indicators", "show"])]
TRACES = ["10,000,000 traces: by BAL, 100 rows (ms)", "10,000,000 traces: by person, 100 rows (ms)"]
MAKE_STRUCTURES = f"""
INSERT INTO structure (structure_id, name, siret) SELECT 1000 + n, 'ESSMS ' || n, 90000000000000 + n
  FROM generate_series(1, {STRUCTURES}) n;
INSERT INTO domain (name, structure_id) SELECT 's' || n || '.charge.mssante.fr', 1000 + n FROM generate_series(1, {STRUCTURES}) n;
INSERT INTO bal (bal_id, structure_id, domain, address, kind, public_half)
  SELECT 100000 + n, 1001 + n / {BALS_EACH}, 's' || 1 + n / {BALS_EACH} || '.charge.mssante.fr',
         'b' || n || '@s' || 1 + n / {BALS_EACH} || '.charge.mssante.fr', (ARRAY['PER', 'ORG', 'APP'])[1 + n % 3],
         decode(repeat('ab', 32), 'hex') FROM generate_series(0, {STRUCTURES * BALS_EACH - 1}) n;
INSERT INTO bal_quota (bal_id) SELECT bal_id FROM bal WHERE bal_id >= 100000 ON CONFLICT DO NOTHING;
ANALYZE structure, domain, bal, bal_quota
"""
# One month's traces: what mx writes for a message, spread over the BALs of all structures.
MAKE_TRACES = """
INSERT INTO trace (retention, at, trace_id, action, answer, session, peer, actor_kind, actor, person_id, bal_id, structure_id,
                   counterpart, direction, bytes, has_cda, ins_qualified, product)
  SELECT 1, {month}::timestamptz + make_interval(secs => n * 2400000.0 / {rows}), n, 'mx.accept', '250 2.0.0', 's' || n, '192.0.2.1', 'operator',
         'CN=mx.autre-operateur.mssante.fr,O=AUTRE', n % 50000, 100000 + n * 7919 % 80000, 1001 + n * 7919 % 80000 / 100,
         'd' || n % 400 || '.mssante.fr', 'in', 20000 + n % 50000, n % 2 = 0, n % 3 = 0, 'LOGICIEL-' || n % 40
  FROM generate_series(1::bigint, {rows}) n
"""


def queue(bench, side: Side):
    if not bench.wanted(*QUEUE):
        return
    build = build_folder()

    def measure():
        line = [SOURCE / "tests/store/with-postgres", build, build / "tests/store/bench_queue", "1000000"]
        done = subprocess.run([str(w) for w in line], capture_output=True, text=True, cwd=SOURCE, timeout=300)
        claim = re.search(r"^claim of 20 messages among .*: ([0-9.]+) ms", done.stdout, re.M)
        summaries = re.findall(r"^summary of .*: ([0-9.]+) ms", done.stdout, re.M)
        if not claim or not summaries:
            raise BenchError(f"bench_queue: {done.stdout} {done.stderr}")
        return [float(claim[1]), sorted(map(float, summaries))[len(summaries) // 2]]

    bench.rows(QUEUE, side, measure)


def timed(side: Side, words) -> float:
    begin = time.monotonic()
    side.sandbox.caducee.command(*words, check=False)  # `status` ends with 1 where there is an alarm
    return (time.monotonic() - begin) * 1000


def installation(bench, side: Side):
    """Last of all: the daemons are down, so that nobody seals or fetches meanwhile."""
    names = [name for name, _ in INSTALLATION] + TRACES
    if not bench.wanted(*names):
        return
    box, query = side.sandbox, side.sandbox.postgres.query
    for daemon in ("webmail", "imapd", "smtpd", "directoryd"):
        box.processes.stop(daemon)
    bench.say("filling: 800 structures, 80,000 BALs")
    query(MAKE_STRUCTURES)
    fill_traces(bench, query)
    for _ in range(max(2, bench.options.rounds)):
        for name, words in INSTALLATION:
            bench.row(name, side, lambda: timed(side, words))
        bench.row(TRACES[0], side, lambda: timed(side, ["trace", "list", "--bal", "b7919@s80.charge.mssante.fr", "--limit", "100"]))
        bench.row(TRACES[1], side, lambda: timed(side, ["trace", "list", "--person", HOLDERS[0].national_id, "--limit", "100"]))


def fill_traces(bench, query):
    """As many months, each a partition of its own; a quick run has a tenth."""
    rows = (1000000 if not bench.options.quick else 100000)
    bench.say(f"filling: {MONTHS} x {rows} traces")
    begin = time.monotonic()
    months = [f"(date_trunc('month', now() AT TIME ZONE 'UTC') - interval '{back} month')" for back in range(MONTHS)]
    for month in months[1:]:
        name = query(f"SELECT 'trace_functional_' || to_char({month}, 'YYYY_MM')")
        ends = query(f"SELECT ({month})::date || ' ' || ({month} + interval '1 month')::date").split()
        query(f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF trace_functional FOR VALUES FROM ('{ends[0]}') TO ('{ends[1]}')")

    def fill(month) -> int:
        if time.monotonic() - begin > FILL_SECONDS:
            return 0
        query(MAKE_TRACES.format(month=month, rows=rows))
        return rows

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # a month is a partition: no two wait for each other
        made = sum(pool.map(fill, months))
    if made < MONTHS * rows:
        bench.say(f"only {made} traces: the time is over")
    query("ANALYZE trace")


def once(bench, side: Side):
    assert side.name == OURS
    queue(bench, side)
    installation(bench, side)
