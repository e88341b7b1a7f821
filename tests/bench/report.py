"""docs/performance.md, written anew by each full run."""
import statistics

# row → (ratio that is asked, whether less is better, unit)
GOALS = {
    "deliver 2 KiB, 8 connections, 100 BALs": (5.0, False, "messages/s"),
    "deliver 2 KiB, 8 connections, one BAL": (4.0, False, "messages/s"),
    "deliver 2 KiB, new connection each": (2.0, False, "messages/s"),
    "deliver 50 KiB, 8 connections": (4.0, False, "messages/s"),
    "deliver 20 MiB, 2 connections (MB/s)": (1.2, False, "MB/s"),
    "SELECT 100k (ms)": (1.0, True, "ms"),
    "FETCH 1:* (FLAGS UID) 100k (ms)": (3.0, True, "ms"),
    "FETCH 1:* ENVELOPE 100k, first (ms)": (5.0, True, "ms"),
    "BODY.PEEK[] 1,000 x 50 KiB (ms)": (1.0, True, "ms"),
    "STORE 1:10000 +FLAGS (ms)": (1.0, True, "ms"),
    "1,000 idle TLS sessions, PSS (MiB)": (1.0, True, "MiB"),
}
HEAD = """# Performance

Written by `make bench` on {machine}; {rounds} rounds, medians. Both sides keep what they accept (PostgreSQL: fsync and
synchronous commit on; Dovecot: LMTP with fsync), speak TLS, and ask for client certificates; neither scans for viruses
here. "Delivered" means accepted
**and visible in the mailbox**. The ratio is against the better of maildir and mdbox; above 1 we are better.

| work | Caducée | Postfix + Dovecot, maildir | mdbox | ratio | asked |
|---|---:|---:|---:|---:|---:|
"""


def figure(values) -> str:
    if not values:
        return "–"
    value = statistics.median(values)
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def row_text(row: str, sides: dict) -> str:
    goal, less, _ = GOALS.get(row, (None, True, ""))
    ours, rivals = sides.get("caducee", []), [v for name, v in sides.items() if name != "caducee" and v]
    ratio = ""
    if ours and rivals:
        mine, best = statistics.median(ours), (min if less else max)(statistics.median(v) for v in rivals)
        ratio = f"{best / mine if less else mine / best:.2f}"
    asked = f"≥ {goal:g}" if goal else ""
    return (f"| {row} | {figure(ours)} | {figure(sides.get('maildir'))} | {figure(sides.get('mdbox'))} "
            f"| {ratio} | {asked} |")


def write_report(results: dict, options, machine: str):
    text = HEAD.format(machine=machine, rounds=options.rounds)
    text += "\n".join(row_text(row, sides) for row, sides in results.items()) + "\n"
    print("\n" + text)
    if options.only:
        return
    old = options.report.read_text() if options.report.exists() else ""
    _, mark, kept = old.partition("\n## ")  # what people wrote below the table stays
    options.report.write_text(text + (mark + kept if mark else ""))
