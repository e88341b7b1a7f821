"""What each worker has given up, read from the kernel: its seccomp filter itself is asked, not our sources."""
import ctypes
import mmap
import os
import socket
import struct

import pytest

KILL, ERRNO, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
X86_64 = 0xC000003E
SOCKET, EXECVE, PTRACE, FORK = 41, 59, 101, 57
MMAP, MPROTECT, CLONE, OPENAT, UNLINK, LISTEN, PRCTL, IO_URING_SETUP = 9, 10, 56, 257, 87, 50, 157, 425
CLONE_THREAD, SIGCHLD, SET_DUMPABLE = 0x10000, 17, 4
UNIX_ALONE = {socket.AF_UNIX}
ANY = {socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK}
# daemon → role → the families its workers may open sockets of, with the database on this machine
ROLES = {
    "keyd": {"keyd": UNIX_ALONE},
    "smtpd": {"mx": UNIX_ALONE, "submission": UNIX_ALONE, "relay": ANY, "parse": UNIX_ALONE, "metrics": UNIX_ALONE},
    "imapd": {"imap": UNIX_ALONE, "parse": UNIX_ALONE},
    "directoryd": {"fetcher": ANY, "sealer": UNIX_ALONE, "sweeper": UNIX_ALONE, "retention": UNIX_ALONE,
                   "reminder": UNIX_ALONE, "notifier": UNIX_ALONE, "sync": ANY, "publisher": ANY},
    "webmail": {"web": ANY, "parse": UNIX_ALONE},
}


def filter_of(pid: int) -> list:
    """The filter as the kernel runs it (PTRACE_SECCOMP_GET_FILTER)."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    libc.ptrace.restype = ctypes.c_long
    seize, interrupt, detach, get_filter = 0x4206, 0x4207, 17, 0x420C
    room = ctypes.create_string_buffer(8 * 4096)
    if libc.ptrace(seize, pid, None, None) != 0:
        pytest.skip(f"this machine does not let root trace: {os.strerror(ctypes.get_errno())}")
    try:
        libc.ptrace(interrupt, pid, None, None)
        os.waitpid(pid, 0x40000000)  # __WALL
        count = libc.ptrace(get_filter, pid, None, room)
        if count < 0:
            pytest.skip(f"this machine does not show filters: {os.strerror(ctypes.get_errno())}")
        return [struct.unpack_from("HBBI", room, 8 * i) for i in range(count)]
    finally:
        libc.ptrace(detach, pid, None, None)


def verdict(program: list, call: int, *arguments) -> int:
    """Classic BPF, as much of it as seccomp filters use, over struct seccomp_data."""
    data = struct.pack("iIQ6Q", call, X86_64, 0, *(list(arguments) + [0] * 6)[:6])
    at, a = 0, 0
    while True:
        code, yes, no, k = program[at]
        at += 1
        if code == 0x20:
            a = struct.unpack_from("I", data, k)[0]
        elif code == 0x06:
            return k
        elif code == 0x05:
            at += k
        elif code == 0x54:
            a &= k
        elif code & 0x07 == 0x05:
            true = {0x10: a == k, 0x20: a > k, 0x30: a >= k, 0x40: bool(a & k)}[code & 0xF0]
            at += yes if true else no
        else:
            raise AssertionError(f"an instruction of another kind: {code:#x}")


def confined(pids):
    """The first of the processes, when it has given up what it does not need; None while it still prepares."""
    try:
        lines = open(f"/proc/{pids[0]}/status").read().splitlines()
    except (IndexError, FileNotFoundError, ProcessLookupError):
        return None
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    return pids[0] if (status["NoNewPrivs"], status["Seccomp"], int(status["CapEff"], 16)) == ("1", "2", 0) else None


@pytest.mark.needs("root")
@pytest.mark.parametrize("daemon,role", [(daemon, role) for daemon, roles in ROLES.items() for role in roles])
def test_a_worker_opens_no_socket_it_has_no_use_for(sandbox, daemon, role):
    if "asan" in os.environ.get("BUILD", ""):
        pytest.skip("builds with sanitizers run without a filter")
    pid = sandbox.wait_until(lambda: confined(sandbox.processes.workers(daemon, role)))
    program = filter_of(pid)
    families = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET, 40)  # 40: AF_VSOCK
    allowed = {family for family in families if verdict(program, SOCKET, family, socket.SOCK_STREAM) == ALLOW}
    assert allowed == ROLES[daemon][role]
    assert verdict(program, SOCKET, socket.AF_PACKET) & 0xFFFF0000 == ERRNO
    for call in (EXECVE, PTRACE, FORK, IO_URING_SETUP):
        assert verdict(program, call) == KILL
    assert (verdict(program, CLONE, CLONE_THREAD), verdict(program, CLONE, SIGCHLD)) == (ALLOW, KILL)
    assert verdict(program, MMAP, 0, 4096, mmap.PROT_WRITE | mmap.PROT_EXEC) == KILL
    assert verdict(program, MPROTECT, 0, 4096, mmap.PROT_EXEC) == KILL
    loads_code = verdict(program, MMAP, 0, 4096, mmap.PROT_EXEC) == ALLOW
    assert loads_code == (ROLES[daemon][role] == ANY)  # the resolver's modules, where a name is asked for
    writes = verdict(program, OPENAT, 0, 0, os.O_WRONLY | os.O_APPEND) == ALLOW
    assert writes == (role == "keyd")  # its journal of erasures
    for call, *arguments in ((UNLINK,), (LISTEN,), (PRCTL, SET_DUMPABLE, 1)):
        assert verdict(program, call, *arguments) & 0xFFFF0000 == ERRNO
