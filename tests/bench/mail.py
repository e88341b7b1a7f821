"""Rows of mail that moves: delivery, submission with tokens, relay over mutual TLS."""
import select
import subprocess
import time

from sandbox.whitelist import PEER_DOMAIN

from .side import LOAD, BenchError, Side

SIZES = ("2 KiB", 2048, 2), ("50 KiB", 51200, 4)  # of submission and relay; which part of the messages
START_SECONDS, SINK_SECONDS, EMPTY_SECONDS = 30, 150, 10


def deliveries(bench, side: Side):
    n = bench.count(side, bench.options.messages)
    for name, words, more in (
            ("deliver 2 KiB, 8 connections, 100 BALs (/s)", (8, n, 2048), {}),
            ("deliver 2 KiB, 8 connections, one BAL (/s)", (8, n, 2048), {"recipients": 1}),
            ("deliver 2 KiB, new connection each (/s)", (8, n // 2, 2048, "new"), {}),
            ("deliver 50 KiB, 8 connections (/s)", (8, n // 2, 51200), {})):
        bench.row(name, side, lambda: side.deliver(*words, **more))
    size = 20 << 20
    bench.row("deliver 20 MiB, 2 connections (MB/s)", side, lambda: side.deliver(2, 20, size) * size / 1e6)


class Sink:
    """The other operator's server: wants our certificate, counts, throws away."""

    def __init__(self, side: Side, count: int):
        pki, port = side.sandbox.pki, side.sandbox.place.state["rival_ports"][3]
        line = [LOAD, "127.0.0.1", port, pki.cert("peer"), pki.key("peer"), "none", "sink", pki.bundle, count]
        self.process = subprocess.Popen([str(w) for w in line], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.line(START_SECONDS)

    def line(self, seconds) -> str:
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            raise BenchError("the sink has not been given everything")
        return self.process.stdout.readline()

    def seconds(self) -> float:
        """From the first message to the last."""
        return float(self.line(SINK_SECONDS).split()[0])

    def end(self):
        self.process.kill()
        self.process.communicate()


def hold(side: Side, on: bool):
    if side.rival:
        side.rival.defer(on)
    elif on:
        side.sandbox.caducee.command("queue", "hold", "--all")
    else:
        side.sandbox.caducee.command("queue", "release", "--all")


def outward(bench, side: Side):
    """Submission fills the queue, which is held; the relay then empties it."""
    for words, size, part in SIZES:
        submit, relay = f"submit {words} with a token (/s)", f"relay {words} over mutual TLS (/s)"
        if not bench.wanted(submit, relay):
            continue
        count = bench.count(side, bench.options.messages) // part
        sink = Sink(side, count)
        try:
            hold(side, True)
            accepted = bench.row(submit, side, lambda: side.submit(count, size), also=relay)
            hold(side, False)
            if accepted:
                bench.row(relay, side, lambda: count / sink.seconds(), also=submit)
        finally:
            empty(side)
            sink.end()
    for words, size, part in SIZES:
        kept(bench, side, f"submit {words}, its copy in Sent (/s)", bench.count(side, bench.options.messages) // part, size)


def kept(bench, side: Side, name, count, size):
    """The same work on both sides: Postfix accepts a message and its client then puts the copy into Sent over an open IMAP session, as
    clients do; our server leaves it there in the transaction that accepts. What waits is thrown away."""
    if not bench.wanted(name):
        return
    hold(side, True)
    try:
        bench.row(name, side, lambda: side.submit(count, size, sent=True))
    finally:
        forget(side)
        hold(side, False)


def empty(side: Side):
    """What the sink has counted but not yet answered would wait in the queue for ever, and for the next rows."""
    end = time.monotonic() + EMPTY_SECONDS
    while side.rival and side.rival.queued() and time.monotonic() < end:
        select.select([], [], [], 0.05)
    forget(side)


def forget(side: Side):
    if side.rival:
        side.rival.forget_queue()
    else:
        side.sandbox.caducee.command("queue", "drop", PEER_DOMAIN, check=False)
