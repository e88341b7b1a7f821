"""docs/performance.md: the table is written anew by each full run; what people wrote below it stays."""
import statistics

from .rows import ROWS

HEAD = """# Performance

Written by `make bench` on {machine}; {rounds} round(s), medians. Both sides keep what they accept (PostgreSQL: fsync and
synchronous commit on; Dovecot: LMTP with fsync), speak TLS, and ask for client certificates; neither scans for viruses here.
"Delivered" means accepted **and visible in the mailbox**; "submitted" means accepted, ours with its copy in Sent; "relayed" is
counted where it arrives. The ratio is against the better of maildir and mdbox, or Roundcube; above 1 we are better.

| work | Caducée | maildir | mdbox | Roundcube | ratio | asked | met |
|---|---:|---:|---:|---:|---:|---:|---|
"""


def figure(values) -> str:
    if not values:
        return "–"
    value = statistics.median(values)
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def row_text(row, sides: dict) -> str:
    ours, rivals = sides.get("caducee", []), [v for name, v in sides.items() if name != "caducee" and v]
    ratio = None
    if ours and rivals:
        mine, best = statistics.median(ours), (min if row.less else max)(statistics.median(v) for v in rivals)
        ratio = (best / mine if row.less else mine / best) if mine and best else None
    met = row.met(statistics.median(ours), ratio) if ours else ""
    cells = [row.name, *(figure(sides.get(name)) for name in ("caducee", "maildir", "mdbox", "roundcube")),
             f"{ratio:.2f}" if ratio is not None else "", row.asked(), met]
    return "| " + " | ".join(cells) + " |"


def table(results: dict) -> str:
    return "\n".join(row_text(row, results[row.name]) for row in ROWS if row.name in results) + "\n"


def write_report(results: dict, options, machine: str):
    text = HEAD.format(machine=machine, rounds=options.rounds) + table(results)
    print("\n" + text, flush=True)
    if options.only or not options.report:
        return
    old = options.report.read_text() if options.report.exists() else ""
    _, mark, kept = old.partition("\n## ")
    options.report.write_text(text + (mark + kept if mark else ""))
    print(f"written: {options.report}", flush=True)
