"""A private PostgreSQL, durable as in production: fsync on, synchronous commit on."""
import subprocess
from pathlib import Path

from .place import Place, SandboxError
from .processes import Processes

ROLES = "mx submission relay imapd webmail keyd fetcher sealer sweeper retention reminder notifier sync admin auditor backup".split()
CONF = """# A sandbox's PostgreSQL. What the guide asks of a production server is asked here too.
listen_addresses = ''
unix_socket_directories = '{run}'
max_connections = 200
shared_buffers = 128MB
wal_compression = lz4
max_wal_size = 1GB
log_destination = stderr
log_line_prefix = '%m [%p] %q%u '
# No value of a statement may reach the log: mail and identities are among them.
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
"""


class Postgres:
    def __init__(self, place: Place, processes: Processes):
        self.place, self.processes = place, processes
        self.data = place.path("postgresql")

    @property
    def program(self) -> Path:
        """Debian keeps each version's programs in a folder of its own; the newest is taken."""
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parent.parent.name))
        if not found:
            raise SandboxError("PostgreSQL is not installed: run `make deps`")
        return found[-1].parent

    @property
    def conninfo(self) -> str:
        return f"host={self.place.run} port=5432 dbname=caducee user=postgres"

    def start(self):
        if not (self.data / "PG_VERSION").exists():
            self.initialise()
        self.processes.start("postgresql", [self.program / "postgres", "-D", self.data])
        self.processes.wait("postgresql", self.ready)
        self.create_database()

    def ready(self) -> bool:
        """After a crash the socket answers before recovery has ended."""
        return subprocess.run([self.program / "pg_isready", "-q", "-h", self.place.run]).returncode == 0

    def initialise(self):
        self.place.make_folder(self.data, 0o700)
        self.as_account([self.program / "initdb", "-D", self.data, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
                         "--auth=peer", "--no-sync", "--data-checksums"])
        self.place.write(self.data / "postgresql.conf", CONF.format(run=self.place.run), 0o600)
        self.place.write(self.data / "pg_hba.conf", "local all all peer map=caducee\n", 0o600)
        accounts = sorted({self.place.account.pw_name, "root"})
        roles = ["postgres", "caducee_owner"] + [f"caducee_{role}" for role in ROLES]
        self.place.write(self.data / "pg_ident.conf",
                         "".join(f"caducee {a} {r}\n" for a in accounts for r in roles), 0o600)

    def create_database(self):
        """The owner of the schema; `caducee db migrate` makes the other roles, one a process."""
        if self.query("SELECT 1 FROM pg_database WHERE datname = 'caducee'", "postgres"):
            return
        self.query("CREATE ROLE caducee_owner LOGIN CREATEROLE", "postgres")
        self.query("CREATE DATABASE caducee OWNER caducee_owner", "postgres")

    def query(self, sql: str, database="caducee") -> str:
        """One statement as the superuser; for setting up only."""
        return self.as_account(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", self.place.run, "-U", "postgres",
                                "-d", database, "-c", sql]).strip()

    def as_account(self, command) -> str:
        account = self.place.account
        who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if self.place.is_root else {}
        done = subprocess.run([str(c) for c in command], capture_output=True, text=True, cwd=self.place.folder, **who)
        if done.returncode:
            raise SandboxError(f"{command[0]}: {done.stderr.strip()}")
        return done.stdout
