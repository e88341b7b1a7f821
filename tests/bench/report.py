"""docs/performance.md: the table is written anew by each full run; what people wrote below it stays. Figures are kept in a
file as they come, so that a run cut short is not lost, and that several make one table."""
import json
import statistics
from pathlib import Path

from .rows import BY_NAME, ROWS

HEAD = """# Performance

Written by `make bench` on {machine}; {rounds} round(s) at most, medians. Both sides keep what they accept (PostgreSQL: fsync and
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


def save(file: Path, results: dict, machine: str):
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".new")
    partial.write_text(json.dumps({"machine": machine, "rows": results}, ensure_ascii=False, indent=1))
    partial.replace(file)


def merged(files) -> tuple:
    """The rounds of several runs as those of one, and the machine of the last; a row that has been renamed is left out."""
    results, machine = {}, ""
    for file in files:
        kept = json.loads(Path(file).read_text())
        machine = kept["machine"]
        for name, sides in kept["rows"].items():
            for side, figures in sides.items() if name in BY_NAME else ():
                results.setdefault(name, {}).setdefault(side, []).extend(figures)
    return results, machine


def write_report(results: dict, file, machine: str):
    rounds = max((len(figures) for sides in results.values() for figures in sides.values()), default=0)
    text = HEAD.format(machine=machine, rounds=rounds) + table(results)
    print("\n" + text, flush=True)
    if not file:
        return
    old = file.read_text() if file.exists() else ""
    _, mark, kept = old.partition("\n## ")
    file.write_text(text + (mark + kept if mark else ""))
    print(f"written: {file}", flush=True)
