"""Lines for people: French first, English on demand; colour where it helps, never the only bearer of a meaning."""
import os
import shutil
import sys
import textwrap
import time


def language() -> str:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "en" if value.startswith("en") else "fr"
    return "fr"


class Terminal:
    def __init__(self):
        self.language = language()
        self.colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        sys.stdout.reconfigure(encoding="utf-8", line_buffering=True)
        self.width = max(60, min(shutil.get_terminal_size((100, 24)).columns, 120))

    def paint(self, text: str, code: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self.colour else text

    def say(self, french: str, english: str) -> str:
        return english if self.language == "en" else french

    def title(self, text: str):
        print(f"\n{self.paint(text, '1;36')}\n{self.paint('─' * len(text), '36')}")

    def step(self, text: str):
        """The beginning of a line that done() or failed() ends."""
        self.began = time.monotonic()
        if sys.stdout.isatty():
            print(f"  … {text}", end="\r", flush=True)
        self.current = text

    def done(self, detail=""):
        self.line("✔", "32", detail)

    def failed(self, detail):
        self.line("✘", "31", detail)

    def absent(self, detail):
        self.line("–", "33", detail)

    def line(self, mark, code, detail):
        seconds = f"{time.monotonic() - self.began:.1f} s".replace(".", "," if self.language == "fr" else ".")
        room = max(1, self.width - len(self.current) - len(seconds) - 6)
        print(f"  {self.paint(mark, code)} {self.current}{' ' * room}{self.paint(seconds, '2')}")
        for row in textwrap.wrap(str(detail), self.width - 6, break_long_words=False, break_on_hyphens=False):
            print(f"      {self.paint(row, '2')}")

    def table(self, rows: list):
        """Columns as wide as their longest cell; the last may wrap."""
        if not rows:
            return
        widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]) - 1)]
        indent = 2 + sum(width + 2 for width in widths)
        for row in rows:
            head = "  " + "".join(cell.ljust(width + 2) for cell, width in zip(row, widths))
            lines = textwrap.wrap(row[-1], max(30, self.width - indent), break_long_words=False,
                                  break_on_hyphens=False) or [""]
            print(head + lines[0])
            for more in lines[1:]:
                print(" " * indent + more)
