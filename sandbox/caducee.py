"""Our own daemons on top of the sandbox: configuration, start, and what they hold (structures, BALs, bindings)."""
import filecmp
import os
import shutil
import subprocess

from .people import CHDEMO, PROFESSIONALS, TILLEULS
from .pki import SIRET
from .place import SandboxError, build_folder
from .prosante import MAIL_CLIENT, WEBMAIL_CLIENT
from .postgres import ROLES
from .publication import API_KEY
from .whitelist import OUR_DOMAINS

PROGRAMS = "caducee caducee-keyd caducee-parse caducee-directoryd caducee-smtpd caducee-imapd caducee-webmail".split()
# Order matters: who hands out keys first, who listens to the outside last.
DAEMONS = ("keyd", "directoryd", "smtpd", "imapd", "webmail")
# port of the sandbox → daemon, and the setting that tells it to listen there
LISTENERS = {
    "mx": ("smtpd", "mx", "listen"), "submission": ("smtpd", "submission", "listen"),
    "submissions": ("smtpd", "submission", "listen_tls"), "metrics": ("smtpd", "smtpd", "metrics"),
    "imap": ("imapd", "imapd", "imap_listen"), "imaps": ("imapd", "imapd", "imaps_listen"),
    "metrics_imapd": ("imapd", "imapd", "metrics_listen"), "metrics_directoryd": ("directoryd", "directoryd", "metrics_listen"),
    "metrics_keyd": ("keyd", "keyd", "metrics"),
}
STRUCTURES = {TILLEULS: ("tilleuls", OUR_DOMAINS[0]), CHDEMO: ("chdemo", OUR_DOMAINS[1])}
# address → kind, structure, certificates bound to it
BALS = {
    f"dui@{OUR_DOMAINS[0]}": ("APP", TILLEULS, ["dui"]),
    f"labo@{OUR_DOMAINS[1]}": ("APP", CHDEMO, ["dui2"]),
    f"imagerie@{OUR_DOMAINS[1]}": ("APP", CHDEMO, ["dui2"]),
    f"soins@{OUR_DOMAINS[0]}": ("ORG", TILLEULS, []),
}


class Caducee:
    def __init__(self, sandbox):
        self.sandbox, self.place, self.processes, self.pki = sandbox, sandbox.place, sandbox.processes, sandbox.pki
        self.whitelist, self.psc = sandbox.whitelist, sandbox.psc

    def has(self, program: str) -> bool:
        return (self.place.programs / program).exists()

    def copy_programs(self):
        """Takes what the build has made. A daemon whose program is new is ended here, and started again by `up`."""
        for name in PROGRAMS:
            built, copy = build_folder() / "bin" / name, self.place.programs / name
            if not built.exists() or (copy.exists() and filecmp.cmp(built, copy, shallow=True)):
                continue
            for daemon in DAEMONS if name == "caducee-parse" else [name.removeprefix("caducee-")]:
                self.processes.stop(daemon)
            part = copy.with_name(name + ".new")
            shutil.copy2(built, part)
            self.place.own(part, mode=0o755)
            part.replace(copy)

    # -- configuration ----------------------------------------------------------------------------------------------
    def settings(self) -> dict:
        place, pki, psc = self.place, self.pki, self.psc
        out = {
            "general": {"environment": "test", "hostname": "mx.caducee.mssante.fr", "run_folder": place.run,
                        "key_folder": place.path("keys"), "log_level": os.environ.get("CADUCEE_LOG_LEVEL", "info")},
            "database": {"host": place.run, "port": 5432, "name": "caducee"},
            "tls": {"certificate": pki.cert("operator"), "private_key": pki.key("operator"),
                    "client_ca_names": pki.bundle},
            "dns": {"resolvers": place.reach("dns")},
            "mx": {"postmaster": PROFESSIONALS[0].address},
            "relay": {"port": place.port("postfix_mx"), "retry": "5s", "retry_most": "20s", "lease": "6s"},
            "whitelist": {"url": self.whitelist.url, "ca": pki.bundle, "signer": pki.cert("signer")},
            "trust": {"ocsp": "on", "ocsp_interval": "1h"},
            "psc": {"issuer": psc.issuer, "discovery": psc.discovery, "ca": pki.ca("public")},
            "psc.accepted_clients": {MAIL_CLIENT[0]: "Logiciel du bac à sable",
                                     WEBMAIL_CLIENT[0]: "Webmail du bac à sable"},
            "directory": {"url": self.sandbox.annuaire.url, "ca": pki.bundle},
            "publication": {"mode": "fhir", "interval": "1s", "url": self.sandbox.publication.url,
                            "ca": pki.ca("public"), "api_key_file": self.api_key_file},
            "antivirus": {"socket": self.sandbox.antivirus.socket, "configuration": self.sandbox.antivirus.file},
            "imap": {"extensions": "all"},
            # One account runs them all here, whatever accounts an installation on this machine has made.
            "users.role": {role: place.account.pw_name for role in (*ROLES, "imap", "web")},
            "webmail": {"base_url": psc.webmail_url, "admin_url": psc.admin_url, "psc_client_id": WEBMAIL_CLIENT[0], "psc_ca_file": pki.ca("public"),
                        "psc_client_secret_file": self.secret_file, "product": "CADUCEE-BAC-A-SABLE"},
        }
        for port, (_, section, key) in LISTENERS.items():
            out.setdefault(section, {})[key] = place.address(port)
        return out

    @property
    def api_key_file(self):
        return self.place.path("publication.key")

    @property
    def secret_file(self):
        return self.place.path("webmail.secret")

    def write_configuration(self):
        self.place.write(self.secret_file, WEBMAIL_CLIENT[1] + "\n", 0o600)
        self.place.write(self.api_key_file, API_KEY + "\n", 0o640)
        lines = ["# The sandbox's configuration: written anew by each `sandbox up`.\n"]
        for section, values in self.settings().items():
            lines += [f"\n[{section}]\n", *(f"{key} = {value}\n" for key, value in values.items())]
        self.place.write(self.place.conf, "".join(lines), 0o644)

    # -- the `caducee` command --------------------------------------------------------------------------------------
    def command(self, *words, check=True, environment=None) -> subprocess.CompletedProcess:
        """Runs `caducee` as the servers' account, as an operator of the sandbox would."""
        account, who = self.place.account, {}
        if self.place.is_root:
            who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        line = [str(self.place.programs / "caducee"), "-c", str(self.place.conf), *map(str, words)]
        done = subprocess.run(line, capture_output=True, text=True, cwd=self.place.folder,
                              env={**self.environment(), **(environment or {})}, **who)
        if check and done.returncode:
            raise SandboxError(f"caducee {' '.join(map(str, words))}: {(done.stderr or done.stdout).strip()}")
        return done

    def environment(self) -> dict:
        path = f"{self.place.programs}:/usr/sbin:/usr/bin:/sbin:/bin"
        # Root is nobody to `caducee`: it wants a named operator, as sudo names one.
        return {"SUDO_USER": "bac-a-sable", **os.environ, "PATH": path, "CADUCEE_CONF": str(self.place.conf), "PGHOST": str(self.place.run),
                "PGPORT": "5432", "PGDATABASE": "caducee", "PGUSER": "postgres",
                "CADUCEE_SANDBOX": str(self.place.folder)}

    def migrate(self):
        if self.has("caducee"):
            self.command("db", "migrate")

    def provision(self):
        """What an operator does on the first day; nothing is done twice."""
        if not self.has("caducee") or self.place.state.get("provisioned"):
            return
        for name, what in (("root", "root"), ("servers", "servers"), ("applications", "applications"),
                           ("persons", "persons")):
            self.command("trust", "import-ca", self.pki.ca(name), "--sha256", self.pki.sha256(self.pki.ca(name)),
                         "--issues", what)
            self.command("trust", "import-crl", self.place.path("www", "crl", f"{name}.crl"))
        for name, (key, domain) in STRUCTURES.items():
            self.command("structure", "add", name, "--siret", SIRET[key])
            self.command("domain", "add", domain, "--structure", name)
        self.command("whitelist", "import", self.whitelist.file)
        for address, (kind, structure, certificates) in BALS.items():
            self.command("bal", "add", address, "--kind", kind, "--structure", structure)
            for certificate in certificates:
                self.command("bal", "bind-cert", address, self.pki.cert(certificate))
        self.provision_people()
        self.place.state["provisioned"] = True
        self.place.save()

    def provision_people(self):
        for person in PROFESSIONALS:
            ids = [word for number in person.national_ids for word in ("--national-id", number)]
            self.command("person", "add", "--title", person.title, "--given", person.given, "--family", person.family, *ids)
            if person.address:
                self.command("bal", "add", person.address, "--kind", "PER", "--structure", person.structure,
                             "--person", person.national_id)
            for address, role in person.member_of.items():
                self.command("bal", "share", address, "--person", person.national_id, "--role", role)

    # -- daemons ----------------------------------------------------------------------------------------------------
    def start(self, name: str):
        program = f"caducee-{name}"
        if not self.has(program):
            return
        self.processes.start(name, [self.place.programs / program, "-c", self.place.conf],
                             {"CADUCEE_FAULT_FILE": str(self.fault_file)})
        targets = [(self.place.host, self.place.port(port)) for port, (daemon, *_) in LISTENERS.items()
                   if daemon == name]
        if name == "keyd":
            targets.append(self.place.run / "keyd.sock")
        self.processes.wait(name, *targets)

    @property
    def fault_file(self):
        """Where a test names the point at which a process is to be killed; only builds with MODE=fault read it."""
        return self.place.make_folder(self.place.path("fault")) / "point"
