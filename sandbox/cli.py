"""The command line of the sandbox."""
import argparse
import json
import os
import shutil
import signal
import smtplib
import sys

from . import documents, people
from .annuaire import Annuaire
from .antivirus import Antivirus
from .caducee import DAEMONS, Caducee
from .dns import Dns
from .pki import Pki
from .patience import SECONDS, until
from .ocsp import Ocsp
from .place import Place, SandboxError, default_folder
from .postfix import OtherOperator
from .postgres import Postgres
from .processes import Processes
from .prosante import MAIL_CLIENT, ProSanteConnect
from .publication import Publication
from .status import status
from .web import Web
from .whitelist import OUR_DOMAINS, PEER_DOMAIN, Whitelist


class Sandbox:
    """One sandbox, whole: its place and its servers."""

    def __init__(self, folder=None):
        self.place = Place(folder or default_folder())
        self.processes = Processes(self.place)
        if self.place.state.get("listen"):
            self.place.take_new_ports()
            self.assemble()

    def assemble(self):
        place, processes = self.place, self.processes
        self.pki = Pki(place)
        self.whitelist = Whitelist(place, self.pki)
        self.postgres = Postgres(place, processes)
        self.dns = Dns(place, processes)
        self.web = Web(place, processes, self.pki)
        self.ocsp = Ocsp(place, processes, self.pki)
        self.postfix = OtherOperator(place, processes, self.pki)
        self.psc = ProSanteConnect(place, processes, self.pki)
        self.annuaire = Annuaire(place, processes, self.pki)
        self.publication = Publication(place, processes, self.pki)
        self.antivirus = Antivirus(place, processes)
        self.caducee = Caducee(self)

    @property
    def exists(self) -> bool:
        return "listen" in self.place.state

    def up(self, listen="127.0.0.1", whitelist_size=400, say=lambda line: None, us=True):
        """Brings everything up; what runs already is left alone. `us=False`: the world alone, for an installation elsewhere
        on this machine."""
        self.place.create(listen, whitelist_size)
        self.processes = Processes(self.place)
        self.assemble()
        say("PKI")
        self.pki.make()
        if not self.whitelist.file.exists():
            self.whitelist.publish()
        self.place.copy_python()
        if us:
            self.caducee.copy_programs()
            self.caducee.write_configuration()
        for name, server in (("PostgreSQL", self.postgres), ("DNS", self.dns), ("whitelist and CRLs", self.web),
                             ("OCSP", self.ocsp),
                             ("Pro Santé Connect", self.psc),
                             ("the Annuaire (slapd)", self.annuaire), ("publication (FHIR)", self.publication),
                             ("antivirus (clamd)", self.antivirus),
                             ("the other operator (Postfix)", self.postfix)):
            if us or server is not self.postgres:
                say(name)
                server.start()
        if us:
            self.up_ours(say)

    def up_ours(self, say):
        say("schema")
        self.caducee.migrate()
        self.caducee.start("keyd")
        say("structures, BALs")
        self.caducee.provision()
        for name in DAEMONS:
            say(f"caducee-{name}")
            self.caducee.start(name)
        self.wait_until(self.psc_is_known)

    def psc_is_known(self) -> bool:
        """The fetcher has brought what tokens are judged by; before that they meet a temporary answer."""
        return self.postgres.query("SELECT count(*) FROM oidc_document") == "2"

    def wait_until(self, condition, seconds=SECONDS):
        """For what has no wake-up of its own (a maildir, another process's snapshot): looked at until the deadline."""
        return until(condition, seconds)

    def kill(self, pid: int):
        """kill -9, as a fault would."""
        os.kill(pid, signal.SIGKILL)

    def down(self):
        self.processes.stop_all()

    def status(self) -> dict:
        return status(self)

    def send(self, recipients, number=1, code="11502-2", level=1, sender=f"resultats@{PEER_DOMAIN}") -> bytes:
        """A document of a synthetic patient goes out from the other operator's lab, by Postfix."""
        message = documents.message(people.patient(number), sender, recipients, number, code, level)
        with smtplib.SMTP(self.place.host, self.place.port("postfix_inject"), timeout=120) as smtp:
            smtp.sendmail(sender, recipients, message, ["BODY=8BITMIME"])
        return message


def running(arguments) -> Sandbox:
    sandbox = Sandbox(arguments.dir)
    if not sandbox.exists:
        raise SandboxError(f"no sandbox in {sandbox.place.folder}: run `sandbox up`")
    return sandbox


def command_up(arguments):
    sandbox = Sandbox(arguments.dir)
    sandbox.up(arguments.listen, arguments.whitelist_size, lambda line: print(f"  {line}", flush=True))
    if not sandbox.postfix.available:
        print("  no other operator: Postfix's master needs root")
    print(f"The sandbox is up in {sandbox.place.folder}; `sandbox status` lists its endpoints.")


def command_down(arguments):
    running(arguments).down()


def command_reset(arguments):
    """Ends everything and forgets it; the next `up` starts from nothing."""
    sandbox = Sandbox(arguments.dir)
    if sandbox.exists:
        sandbox.down()
        if sandbox.place.run.parent != sandbox.place.folder:
            shutil.rmtree(sandbox.place.run, ignore_errors=True)
        shutil.rmtree(sandbox.place.folder)


def command_status(arguments):
    found = running(arguments).status()
    if arguments.json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
        return
    for name, value in found.items():
        if isinstance(value, dict) and set(value) == {"host", "port"}:
            print(f"{name:12} {value['host']}:{value['port']}")
        elif value is None or isinstance(value, str):
            print(f"{name:12} {value or 'absent'}")


def command_exec(arguments):
    sandbox = running(arguments)
    if not arguments.command:
        raise SandboxError("exec needs a command")
    environment = sandbox.caducee.environment()
    os.environ["PATH"] = f"{sandbox.place.programs}:{os.environ.get('PATH', '')}"
    try:
        os.execvpe(arguments.command[0], arguments.command, {**environment, "PATH": os.environ["PATH"]})
    except FileNotFoundError:
        raise SandboxError(f"{arguments.command[0]}: no such program") from None


def command_token(arguments):
    sandbox = running(arguments)
    if not sandbox.processes.running("psc"):
        raise SandboxError("no token: the sandbox's Pro Santé Connect does not run")
    print(sandbox.psc.token(arguments.national_id, arguments.client))


def command_annuaire(arguments):
    sandbox = running(arguments)
    sandbox.annuaire.reload(arguments.size)
    print(f"the Annuaire holds ours and {arguments.size} generated entries: {sandbox.annuaire.url}")


def command_send(arguments):
    sandbox = running(arguments)
    if not sandbox.processes.running("postfix"):
        raise SandboxError("the other operator does not run")
    message = sandbox.send(arguments.recipient or [f"dui@{OUR_DOMAINS[0]}"], arguments.number, arguments.code,
                           arguments.level)
    print(f"{len(message)} bytes handed to the other operator")


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="sandbox", description="A whole trust space on one machine.")
    top.add_argument("--dir", help="its folder ($CADUCEE_SANDBOX, or .sandbox)")
    commands = top.add_subparsers(dest="name", required=True, metavar="COMMAND")

    def add(name, run, words):
        sub = commands.add_parser(name, help=words, description=words)
        sub.add_argument("--dir", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        sub.set_defaults(run=run)
        return sub

    up = add("up", command_up, "start everything")
    up.add_argument("--listen", default="127.0.0.1", metavar="ADDRESS", help="address that all servers listen on")
    up.add_argument("--whitelist-size", type=int, default=400, metavar="N", help="entries of the whitelist")
    add("down", command_down, "end everything, keep its data")
    add("reset", command_reset, "end everything and forget it")
    add("status", command_status, "where things are").add_argument("--json", action="store_true")
    add("exec", command_exec, "run a command with the sandbox's configuration").add_argument(
        "command", nargs=argparse.REMAINDER)
    token = add("token", command_token, "an access token of a synthetic professional")
    token.add_argument("national_id", help="type digit and number, as `status --json` lists them")
    token.add_argument("--client", default=MAIL_CLIENT[0], help="the client product that the token names")
    add("annuaire", command_annuaire, "load another Annuaire").add_argument("--size", type=int, default=1000)
    send = add("send", command_send, "a document from the other operator's lab")
    send.add_argument("recipient", nargs="*", help="addresses of ours (default: the first DUI's)")
    send.add_argument("--number", type=int, default=1, help="which synthetic patient")
    send.add_argument("--code", default="11502-2", choices=sorted(documents.KINDS), help="LOINC code of the document")
    send.add_argument("--level", type=int, default=1, choices=(1, 3), help="level of the CDA")
    return top


def main(words) -> int:
    arguments = parser().parse_args(words)
    try:
        arguments.run(arguments)
    except SandboxError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    return 0
