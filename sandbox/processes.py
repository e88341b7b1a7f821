"""Starting servers as the sandbox's account, waiting until they answer, ending exactly those."""
import contextlib
import os
import resource
import select
import signal
import socket
import subprocess
import time
from pathlib import Path

from .place import Place, SandboxError

START_SECONDS = 120  # a loaded machine, a sanitizer: only what never comes is given up
STOP_SECONDS = 60


def started_at(pid: int):
    """When a process began, in clock ticks; None when there is none. With the pid it names a process for good."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else int(fields[19])


class Processes:
    """The servers of one sandbox; their pids are kept in the sandbox's state."""

    def __init__(self, place: Place):
        self.place = place
        place.state.setdefault("processes", {})

    def running(self, name: str) -> bool:
        known = self.place.state["processes"].get(name)
        # no start: it had ended before anybody could look
        return bool(known) and known["start"] is not None and started_at(known["pid"]) == known["start"]

    def pid(self, name: str) -> int:
        return self.place.state["processes"][name]["pid"]

    def workers(self, name: str, role=None) -> list:
        """The pids that a daemon's supervisor has started, of one role or of all; one that ends meanwhile is left out."""
        parent, out = self.pid(name), []
        for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if role is None or (b"--role" in words and role.encode() == words[words.index(b"--role") + 1]):
                out.append(int(pid))
        return out

    def start(self, name: str, command: list, environment=None, as_root=False):
        """Starts a server that stays in the foreground, detached from our terminal, its words in logs/NAME.log."""
        if self.running(name):
            return
        log = self.place.logs / f"{name}.log"
        who = {}
        if self.place.is_root and not as_root:
            account = self.place.account
            who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        with open(log, "ab") as out:
            self.place.own(log, mode=0o644)
            process = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                cwd=self.place.folder, start_new_session=True, preexec_fn=raise_descriptor_limit,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", **(environment or {})},
                **who)
        self.adopt(name, process.pid)

    def start_python(self, name: str, module: str, *words):
        """One of the sandbox's own servers."""
        self.start(name, ["/usr/bin/python3", "-m", module, *words],
                   {"PYTHONPATH": str(self.place.python), "PYTHONDONTWRITEBYTECODE": "1"})

    def adopt(self, name: str, pid: int):
        """Remembers a server that another command has started (Postfix's master, PostgreSQL)."""
        self.place.state["processes"][name] = {"pid": pid, "start": started_at(pid)}
        self.place.save()

    def wait(self, name: str, *targets):
        """Waits until each target answers: (host, port), the path of a Unix socket, or a function. Its end is an error."""
        deadline = time.monotonic() + START_SECONDS
        for target in targets:
            while not answers(target):
                if not self.running(name):
                    raise SandboxError(f"{name} ended while it started:\n{self.tail(name)}")
                if time.monotonic() > deadline:
                    raise SandboxError(f"{name} does not answer on {target}:\n{self.tail(name)}")
                select.select([], [], [], 0.02)

    def tail(self, name: str, lines=15) -> str:
        log = self.place.logs / f"{name}.log"
        text = log.read_text(errors="replace").splitlines()[-lines:] if log.exists() else []
        return "\n".join(f"  {line}" for line in text) + f"\n  ({log})"

    def stop(self, name: str, how=signal.SIGTERM):
        """Ends a server and waits for its end; whoever does not listen is killed."""
        if self.running(name):
            pid = self.pid(name)
            with contextlib.suppress(ProcessLookupError):  # it ends by itself just now
                os.kill(pid, how)
                if not wait_end(pid, STOP_SECONDS):
                    os.killpg(pid, signal.SIGKILL)
                    wait_end(pid, STOP_SECONDS)
        self.place.state["processes"].pop(name, None)
        self.place.save()

    def stop_all(self):
        for name in reversed(list(self.place.state["processes"])):
            # PostgreSQL's "fast" shutdown: sessions are ended, nothing is lost.
            self.stop(name, signal.SIGINT if name == "postgresql" else signal.SIGTERM)


def raise_descriptor_limit():
    """As many open files as the machine allows: thousands of idle sessions are among the tests."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def wait_end(pid: int, seconds: float) -> bool:
    """True when the process ends in that time. A pidfd becomes readable at the end: no polling."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([fd], [], [], seconds)[0])
    finally:
        os.close(fd)
        try:
            os.waitpid(pid, os.WNOHANG)  # a child of this very process would stay as a zombie
        except ChildProcessError:
            pass


def answers(target) -> bool:
    """Does somebody accept connections there?"""
    if callable(target):
        return target()
    if isinstance(target, tuple):
        family = socket.AF_INET6 if ":" in target[0] else socket.AF_INET
    else:
        family, target = socket.AF_UNIX, str(target)
    with socket.socket(family) as s:
        s.settimeout(2)
        try:
            s.connect(target)
            return True
        except OSError:
            return False
