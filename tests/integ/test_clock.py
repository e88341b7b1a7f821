"""A wall clock that jumps under our daemons: mail flows, who is connected stays, nothing is doubled, and doctor says what is wrong.

The machine's clock is not a test's to set, and a library that reads a file at each look at the time dies under seccomp: ours maps one
word before the confinement is put on, and adds it to what the kernel says.
"""
import email.utils
import os
import re
import struct
import subprocess
import time

import pytest

from sandbox.whitelist import PEER_DOMAIN

from conftest import letter
from test_doctor import FIRST_LIBRARY, examine, reachable
from test_imap_hostile import answers, open_session  # noqa: F401 (a fixture)
from test_relay import send

SHIFTED = r"""#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static const volatile long *shift;
static int (*kernel)(clockid_t, struct timespec *);
__attribute__((constructor)) static void map_shift(void)
{
    int fd = open(getenv("CLOCK_SHIFT"), O_RDONLY | O_CLOEXEC);
    void *at = mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        abort();
    close(fd);
    shift = at;
}
int clock_gettime(clockid_t clock, struct timespec *now)
{
    if (!kernel)
        *(void **)&kernel = dlsym(RTLD_NEXT, "clock_gettime");
    int answer = kernel(clock, now);
    if (answer == 0 && shift && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += *shift;
    return answer;
}
time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return out ? *out = now.tv_sec : now.tv_sec;
}
int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *out = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}
"""
DAEMONS = ("directoryd", "smtpd", "imapd")
HOUR = 3600


class Clock:
    """The wall clock of our daemons, and of nobody else."""

    def __init__(self, sandbox, folder):
        folder.chmod(0o755)
        library, word = folder / "horloge.so", folder / "decalage"
        subprocess.run(["gcc", "-shared", "-fPIC", "-x", "c", "-", "-o", library], input=SHIFTED, text=True, check=True)
        word.write_bytes(bytes(8))
        self.word = reachable(sandbox, word)
        self.environment = {"LD_PRELOAD": str(reachable(sandbox, library)), "CLOCK_SHIFT": str(self.word)}

    def jump(self, to: int):
        with open(self.word, "r+b") as file:
            os.pwrite(file.fileno(), struct.pack("l", to), 0)


@pytest.fixture
def clock(sandbox, tmp_path, monkeypatch):
    clock = Clock(sandbox, tmp_path)
    processes, start = sandbox.processes, sandbox.processes.start

    def restart():
        for name in DAEMONS:
            processes.stop(name)
            sandbox.caducee.start(name)

    with monkeypatch.context() as shifted:
        shifted.setattr(processes, "start",
                        lambda name, command, environment=None, **how: start(name, command, {**(environment or {}), **clock.environment}, **how))
        restart()
    yield clock
    restart()


def told(session, count: int):
    """An idle session is told, whatever the time is said to be."""
    while (line := session.line()) != f"* {count} EXISTS":
        assert line.startswith("* ") and not line.startswith("* BYE"), line


def received_at(message: bytes) -> float:
    """When mx says that it has received a message."""
    field = re.search(rb"^Received:.*?;\s*([^;]+?)\r?\n(?![ \t])", message, re.S | re.M)
    return email.utils.parsedate_to_datetime(field[1].decode()).timestamp()


@FIRST_LIBRARY
@pytest.mark.needs("root", "postfix")
def test_a_clock_that_jumps_ends_nothing_and_doubles_nothing(sandbox, clock, bal, open_session):  # noqa: F811
    idle, outward = open_session(), []
    idle.say(b"IDLE")
    assert idle.line().startswith("+")
    for count, (at, state) in enumerate([(0, "good"), (2 * HOUR, "wrong"), (-HOUR, "wrong"), (0, "good")]):
        clock.jump(at)
        assert bal.deliver(letter(f"heure {count}")).code == 250
        told(idle, 2 * count + 1)
        outward.append(f"heure-{count}-{time.monotonic_ns()}@{PEER_DOMAIN}")
        send(sandbox, bal, [outward[-1]], letter(sender=bal.address))
        told(idle, 2 * count + 2)  # the report of success: the relay's clock jumps too
        arrived = next(message for message in bal.messages() if f"Subject: heure {count}\r\n".encode() in message)
        assert abs(received_at(arrived) - time.time() - at) < HOUR / 2, "the daemons did not see the jump"
        assert examine(sandbox, environment=clock.environment)["clock"]["state"] == state
    idle.socket.sendall(b"DONE\r\n")
    assert f"* STATUS INBOX (MESSAGES {2 * len(outward)})" in answers(idle, b"STATUS INBOX (MESSAGES)")
    assert [len(sandbox.postfix.maildir(address)) for address in outward] == [1] * len(outward)
