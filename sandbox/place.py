"""Where a sandbox keeps its things, on which ports, and as whom its servers run."""
import hashlib
import json
import os
import pwd
import random
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
USER = "caducee-sandbox"
PORTS = (
    "mx submission submissions imap imaps metrics metrics_imapd metrics_directoryd metrics_keyd "
    "postfix_mx postfix_inject http https dns ldap ldaps fhir psc webmail webmail_admin ocsp"
).split()
RESERVED_SECONDS = 3 * 3600
PORT_RANGE = (10240, 32768)  # net.ipv4.ip_local_port_range begins at 32768
# A Unix socket's path holds 107 bytes; the longest name that our daemons put in the run folder takes some 40 of them.
RUN_PATH_MAX = 60


class SandboxError(Exception):
    """Something a person can act on: printed as it is, without a traceback."""


def default_folder() -> Path:
    """Beside the source; where root's servers, which run as an account of their own, could not walk to it: in /var/tmp."""
    named = os.environ.get("CADUCEE_SANDBOX")
    if named:
        return Path(named)
    if os.geteuid() == 0 and closed_parent(SOURCE / ".sandbox"):
        return Path("/var/tmp/caducee-sandbox-" + hashlib.sha256(str(SOURCE).encode()).hexdigest()[:8])
    return SOURCE / ".sandbox"


def closed_parent(folder: Path):
    """The first folder above that others may not enter; None when the way is open."""
    return next((parent for parent in reversed(folder.parents) if not parent.stat().st_mode & 0o001), None)


def build_folder() -> Path:
    return (SOURCE / os.environ.get("BUILD", "build")).resolve()


def require(program: str) -> str:
    """The path of a program of Debian's, also where PATH lacks the sbin folders."""
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin")
    if not path:
        raise SandboxError(f"{program} is not installed: run `make deps`")
    return path


def missing(*programs: str) -> list:
    """Which of these programs this machine lacks."""
    out = []
    for program in programs:
        try:
            require(program)
        except SandboxError:
            out.append(program)
    return out


def reserve(port: int) -> bool:
    """False when another sandbox has taken the number lately: its server may not have bound it yet."""
    folder = Path(tempfile.gettempdir(), f"caducee-ports-{os.geteuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    mark = folder / str(port)
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        if time.time() - mark.stat().st_mtime < RESERVED_SECONDS:
            return False
        mark.touch()
    return True


def free_ports(address: str, count: int) -> list:
    """`count` TCP ports that are free on the address, all held at once, so that no number comes twice. They lie below the
    range of outgoing connections: else a client's own port could take one before its server binds it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    held, draw = [], random.SystemRandom()
    try:
        while len(held) < count:
            one = socket.socket(family)
            held.append(one)
            try:
                one.bind((address, draw.randrange(*PORT_RANGE)))
            except OSError:
                held.pop().close()
                continue
            if not reserve(one.getsockname()[1]):
                held.pop().close()
        return [s.getsockname()[1] for s in held]
    finally:
        for s in held:
            s.close()


def bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


class Place:
    """One sandbox. What is decided once (ports, addresses, sizes) stands in state.json and survives a restart."""

    def __init__(self, folder):
        self.folder = Path(folder).absolute()
        self.state_file = self.folder / "state.json"
        self.state = json.loads(self.state_file.read_text()) if self.state_file.exists() else {}

    # -- who --------------------------------------------------------------------------------------------------------
    @property
    def is_root(self) -> bool:
        return os.geteuid() == 0

    @property
    def account(self) -> pwd.struct_passwd:
        """The account that the servers run as: ours alone when root, else the caller."""
        if not self.is_root:
            return pwd.getpwuid(os.geteuid())
        try:
            return pwd.getpwnam(USER)
        except KeyError:
            subprocess.run(
                [require("useradd"), "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
                 "--shell", "/usr/sbin/nologin", USER],
                check=True, capture_output=True,
            )
            return pwd.getpwnam(USER)

    # -- where ------------------------------------------------------------------------------------------------------
    def path(self, *parts) -> Path:
        return self.folder.joinpath(*parts)

    @property
    def run(self) -> Path:
        """Sockets. A long folder name would not fit in a socket's address: then it stands in /tmp, behind a link."""
        straight = self.folder / "run"
        if len(str(straight)) <= RUN_PATH_MAX:
            return straight
        return Path("/tmp/caducee-sandbox-" + hashlib.sha256(str(self.folder).encode()).hexdigest()[:12])

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def pki(self) -> Path:
        return self.folder / "pki"

    @property
    def conf(self) -> Path:
        return self.folder / "caducee.conf"

    @property
    def programs(self) -> Path:
        """Our programs, copied: the account of the servers may have no way into the folder they were built in."""
        return self.folder / "bin"

    @property
    def python(self) -> Path:
        """Our own servers in Python, copied for the same reason; the folder to put into PYTHONPATH."""
        return self.folder / "python"

    def copy_python(self):
        shutil.copytree(SOURCE / "sandbox", self.python / "sandbox", dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("__pycache__"))

    def own(self, *paths, mode=None):
        """Gives files to the servers' account."""
        for path in paths:
            if self.is_root:
                os.chown(path, self.account.pw_uid, self.account.pw_gid)
            if mode is not None:
                os.chmod(path, mode)

    def make_folder(self, path: Path, mode=0o755) -> Path:
        path.mkdir(parents=True, exist_ok=True)
        self.own(path, mode=mode)
        return path

    def write(self, path: Path, text, mode=0o640) -> Path:
        """Writes a configuration file whole or not at all."""
        part = path.with_name(path.name + ".new")
        part.write_bytes(text if isinstance(text, bytes) else text.encode())
        self.own(part, mode=mode)
        part.replace(path)
        return path

    # -- on what ----------------------------------------------------------------------------------------------------
    @property
    def listen(self) -> str:
        return self.state["listen"]

    def port(self, name: str) -> int:
        return self.state["ports"][name]

    @property
    def host(self) -> str:
        """Where clients connect: the address, or the loopback of its family when servers listen on all."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.listen, self.listen)

    @property
    def name(self) -> str:
        """The host as browsers are given it, in URLs."""
        return "localhost" if self.host in ("127.0.0.1", "::1") else bracketed(self.host)

    def address(self, name: str) -> str:
        """What a server listens on."""
        return f"{bracketed(self.listen)}:{self.port(name)}"

    def reach(self, name: str) -> str:
        """What its clients connect to."""
        return f"{bracketed(self.host)}:{self.port(name)}"

    def create(self, listen: str, whitelist_size: int):
        """Makes the folders and takes the ports; what exists is kept."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.check_reachable()
        self.own(self.folder, mode=0o755)
        for sub in ("logs", "pki", "www", "bin", "keys", "spool"):
            self.make_folder(self.folder / sub, 0o700 if sub == "keys" else 0o755)
        self.make_folder(self.run)
        self.make_folder(self.run / "wake")
        if self.run.parent != self.folder and not (self.folder / "run").is_symlink():
            (self.folder / "run").symlink_to(self.run)
        if "listen" not in self.state:
            ports = dict(zip(PORTS, free_ports(listen, len(PORTS))))
            self.state |= {"listen": listen, "whitelist_size": whitelist_size, "ports": ports}
            self.save()

    def take_new_ports(self):
        """For a sandbox that an older source has made."""
        new = [name for name in PORTS if name not in self.state["ports"]]
        if new:
            self.state["ports"] |= dict(zip(new, free_ports(self.state["listen"], len(new))))
            self.save()

    def check_reachable(self):
        """The servers' account must be able to walk down to the folder."""
        closed = self.is_root and closed_parent(self.folder)
        if closed:
            raise SandboxError(f"{closed} is closed to the account {USER}, which runs the servers.\n"
                               f"Choose another folder: CADUCEE_SANDBOX=/var/tmp/caducee-sandbox")

    def save(self):
        self.write(self.state_file, json.dumps(self.state, indent=1) + "\n", 0o644)
