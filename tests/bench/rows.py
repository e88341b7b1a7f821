"""Every row of the table: its unit, whether less is better, and what is asked of it. The order is the report's."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    name: str
    less: bool = False  # is less better?
    ratio: float = 0  # asked of the ratio to the better rival; 0: none
    limit: float = 0  # asked of our own figure: at most (less) or at least

    def asked(self) -> str:
        words = [f"≥ {self.ratio:g} ×"] if self.ratio else []
        if self.limit:
            words.append(f"{'≤' if self.less else '≥'} {self.limit:g}")
        return ", ".join(words)

    def met(self, ours: float, ratio) -> str:
        if not (self.ratio or self.limit) or (self.ratio and ratio is None and not self.limit):
            return ""
        good = not (self.ratio and ratio is not None and ratio < self.ratio)
        if self.limit:
            good = good and (ours <= self.limit if self.less else ours >= self.limit)
        return "yes" if good else "no"


ROWS = [
    Row("deliver 2 KiB, 8 connections, 100 BALs (/s)", ratio=5),
    Row("deliver 2 KiB, 8 connections, one BAL (/s)", ratio=4),
    Row("deliver 2 KiB, new connection each (/s)", ratio=2),
    Row("deliver 50 KiB, 8 connections (/s)", ratio=4),
    Row("deliver 20 MiB, 2 connections (MB/s)", ratio=1.2),
    Row("submit 2 KiB with a token (/s)", ratio=3),
    Row("relay 2 KiB over mutual TLS (/s)", ratio=3),
    Row("submit 50 KiB with a token (/s)", ratio=2),
    Row("submit 2 KiB, its copy in Sent (/s)"),
    Row("submit 50 KiB, its copy in Sent (/s)"),
    Row("relay 50 KiB over mutual TLS (/s)", ratio=2),
    Row("log-in with a certificate (/s)", ratio=1),
    Row("log-in with a token (/s)", ratio=1),
    Row("SELECT 100k (ms)", less=True, ratio=1, limit=0.7),
    Row("STATUS of 100 folders (ms)", less=True, ratio=1),
    Row("FETCH 1:* (FLAGS UID) 100k (ms)", less=True, ratio=3),
    Row("FETCH 1:* ENVELOPE 100k, first (ms)", less=True, ratio=5),
    Row("BODY.PEEK[] 1,000 x 50 KiB (ms)", less=True, ratio=1),
    Row("one 2 KiB body, more than its flags (ms)", less=True, limit=1),  # the trace of the reading is in it
    Row("STORE 1:10000 +FLAGS (ms)", less=True, ratio=1),
    Row("STORE 1:10000 +FLAGS, flushed (ms)", less=True, ratio=1),
    Row("APPEND 2 KiB, 1 connection (/s)", ratio=1),
    Row("APPEND 2 KiB, 8 connections (/s)", ratio=1),
    Row("SEARCH TEXT 10,000 x 2 KiB (ms)", less=True, ratio=1),
    Row("SEARCH TEXT 10,000 x 50 KiB (ms)", less=True, ratio=1),
    Row("SORT (DATE) 100k (ms)", less=True, ratio=1),
    Row("SORT (SUBJECT) 100k (ms)", less=True, ratio=1),
    Row("THREAD REFERENCES 100k (ms)", less=True, ratio=1),
    Row("IDLE, 250 to EXISTS, p50 (ms)", less=True, ratio=1),
    Row("IDLE, 250 to EXISTS, p99 (ms)", less=True, ratio=1, limit=10),
    Row("80,000 SELECT/min, 500 sessions, p50 (ms)", less=True),
    Row("80,000 SELECT/min, 500 sessions, p99 (ms)", less=True, ratio=1, limit=20),
    Row("1,000 idle TLS sessions, PSS (MiB)", less=True, ratio=1, limit=40),
    Row("10,000 idle TLS sessions, KiB each", less=True, ratio=1, limit=30),
    Row("single \\Seen: WAL bytes each", less=True),
    Row("single \\Seen: table growth (MiB)", less=True),
    Row("smtpd worker, peak resident (MiB)", less=True, limit=64 + 3 * 2 * 20),  # 64, and 3 × what is in flight: 2 × 20 MiB
    Row("web list 100k, 50 users, p50 (ms)", less=True, ratio=1),
    Row("web list 100k, 50 users, p95 (ms)", less=True, ratio=1, limit=15),
    Row("web list 100k, CPU of the service (ms)", less=True),
    Row("web open a message, p95 (ms)", less=True, ratio=1),
    Row("web search of 100k, to its end (ms)", less=True, ratio=1),
    Row("web first view, over the wire (kB)", less=True, ratio=1, limit=150),
    Row("web list as CGI, more than FastCGI (ms)", less=True),
    Row("web 25 MB attachment up (ms)", less=True),
    Row("web 25 MB attachment down (ms)", less=True),
    Row("web worker, peak resident after 25 MB (MiB)", less=True),
    Row("queue of 1,000,000: claim, mean (ms)", less=True, limit=10),
    Row("queue of 1,000,000: summary (ms)", less=True, limit=200),
    Row("800 x 100 BALs: structure list (ms)", less=True, limit=1000),
    Row("800 x 100 BALs: status (ms)", less=True, limit=1000),
    Row("800 x 100 BALs: indicators of a month (ms)", less=True, limit=1000),
    Row("10,000,000 traces: by BAL, 100 rows (ms)", less=True),
    Row("10,000,000 traces: by person, 100 rows (ms)", less=True),
]
BY_NAME = {row.name: row for row in ROWS}
