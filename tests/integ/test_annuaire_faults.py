"""Trouble in the middle of a pass over the Annuaire: slow, cut, half an answer, bounded, killed, restarted. A pass is applied
whole or not at all; what is wrong is said by an alarm; the next whole pass brings what was missed."""
import hashlib
import json
import os
import signal
import socket
import threading

import psycopg2
import pytest
from sandbox.annuaire import BALS, ldif

FOLLOW = ("auto", "paged")
ENTRIES = 120
NUMBERS = iter(range(1, 1000))


class Proxy(threading.Thread):
    """Between directoryd and slapd. `plan`: how many bytes of the server's go through, then what: cut, stall, or slow (a few
    bytes at a time); None: everything."""

    def __init__(self, sandbox, address=None):
        super().__init__(daemon=True)
        self.target = (sandbox.place.host, sandbox.place.port("ldap"))
        self.plan, self.reached = None, threading.Event()
        self.server = socket.create_server((address or sandbox.place.host, 0))
        self.port = self.server.getsockname()[1]
        self.start()

    def run(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            server = socket.create_connection(self.target, 20)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        threading.Thread(target=self.up, args=(client, server), daemon=True).start()
        self.down(client, server)

    @staticmethod
    def up(client, server):
        try:
            while data := client.recv(65536):
                server.sendall(data)
        except OSError:
            pass
        close(server)

    def down(self, client, server):
        passed = 0
        try:
            while data := server.recv(4096):
                plan = self.plan
                if plan and passed + len(data) > plan[0]:
                    client.sendall(data[:max(0, plan[0] - passed)])
                    self.reached.set()
                    self.trouble(plan[1], client, server)
                    return
                passed += len(data)
                client.sendall(data)
        except OSError:
            pass
        close(client)

    def trouble(self, how, client, server):
        if how == "slow":
            while data := server.recv(8):
                client.sendall(data)
                threading.Event().wait(0.2)
        elif how == "stall":
            while server.recv(65536):  # read and kept, until one side ends
                pass
        close(client)
        close(server)


def close(sock):
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    sock.close()


def query(sandbox, statement):
    with psycopg2.connect(sandbox.postgres.conninfo) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def mirror(sandbox) -> str:
    rows = query(sandbox, "SELECT source_key, digest FROM directory_entry ORDER BY 1")
    return hashlib.sha256(repr([(key, bytes(digest)) for key, digest in rows]).encode()).hexdigest()


def holds(sandbox, address) -> bool:
    return bool(query(sandbox, f"SELECT 1 FROM directory_entry WHERE address = '{address}'"))


def dropped(sandbox) -> int:
    """Passes that ended and were not applied."""
    return query(sandbox, "SELECT count(*) FROM directory_pass WHERE ended IS NOT NULL AND applied IS NULL")[0][0]


def alarms(sandbox) -> set:
    return {alarm["code"] for alarm in json.loads(sandbox.caducee.command("--json", "status", check=False).stdout)["alarms"]}


def other(name) -> dict:
    return {"mail": f"{name}@ailleurs.mssante.fr", "TypeBAL": "ORG", "o": "UN AUTRE", "TypeIdentifiantPM": "SIRET",
            "IdentifiantPM": "99900000000000", "l": "LOIN", "description": "x" * 200}


@pytest.fixture(scope="module")
def filled(sandbox):
    """Entries enough that a pass has a middle."""
    sandbox.annuaire.modify("".join(ldif(other(f"masse-{n}")).replace("\nobjectClass", "\nchangetype: add\nobjectClass", 1)
                                    for n in range(ENTRIES)))
    sandbox.caducee.command("directory", "sync", check=False)  # a pass refused in an earlier test waits a minute by itself
    sandbox.wait_until(lambda: holds(sandbox, f"masse-{ENTRIES - 1}@ailleurs.mssante.fr"))
    yield
    sandbox.annuaire.modify("\n".join(f"dn: mail=masse-{n}@ailleurs.mssante.fr,{BALS}\nchangetype: delete\n"
                                      for n in range(ENTRIES)))
    sandbox.caducee.command("directory", "sync", "--force", "--reason", "fin du test")


def restart(sandbox):
    sandbox.processes.stop("directoryd")
    sandbox.caducee.start("directoryd")


class Trouble:
    """directoryd behind the proxy; a change that waits in the Annuaire, and whether it has come."""

    def __init__(self, sandbox, follow):
        self.sandbox, self.follow, self.proxy = sandbox, follow, Proxy(sandbox)
        self.conf = sandbox.place.conf
        self.before_text = self.conf.read_text()
        self.name = f"attend-{next(NUMBERS)}"

    def configure(self, **settings):
        lines = {"follow": self.follow, "page_size": 7, "pass_time": "2s", **settings}
        text = self.before_text.replace(f"url = {self.sandbox.annuaire.url}", f"url = ldap://127.0.0.1:{self.proxy.port}")
        text = text.replace("[directory]\n", "[directory]\n" + "".join(f"{k} = {v}\n" for k, v in lines.items()))
        self.sandbox.place.write(self.conf, text, 0o644)

    def begin(self, plan, **settings):
        """A change waits in slapd while nobody follows; then directoryd starts a pass over everything through the proxy."""
        self.sandbox.processes.stop("directoryd")
        self.sandbox.annuaire.add(other(self.name))
        query(self.sandbox, "UPDATE directory_pass SET cookie = ''")  # all of it again, not what changed since
        self.held, self.drops = mirror(self.sandbox), dropped(self.sandbox)
        self.configure(**settings)
        self.proxy.plan = plan
        self.sandbox.caducee.start("directoryd")
        if self.follow == "paged":
            self.sandbox.caducee.command("directory", "sync", "--wait", "0", check=False)

    def ends_in_nothing(self):
        self.sandbox.wait_until(lambda: dropped(self.sandbox) > self.drops)
        assert mirror(self.sandbox) == self.held, "a pass that was cut has changed the mirror"
        self.sandbox.wait_until(lambda: "annuaire.unreachable" in alarms(self.sandbox))

    def heal(self):
        self.proxy.plan = None
        self.configure(pass_time="10m")
        restart(self.sandbox)
        address = f"{self.name}@ailleurs.mssante.fr"
        if self.follow == "paged":
            self.sandbox.caducee.command("directory", "sync")
        self.sandbox.wait_until(lambda: holds(self.sandbox, address))
        self.sandbox.wait_until(lambda: "annuaire.unreachable" not in alarms(self.sandbox))

    def over(self):
        self.proxy.server.close()
        self.sandbox.place.write(self.conf, self.before_text, 0o644)
        if not self.sandbox.processes.running("slapd"):
            self.sandbox.annuaire.start()
        restart(self.sandbox)
        self.sandbox.annuaire.remove(f"{self.name}@ailleurs.mssante.fr")


@pytest.fixture(params=FOLLOW)
def trouble(sandbox, filled, request):
    made = Trouble(sandbox, request.param)
    yield made
    made.over()


MIDDLE = 30000  # past the handshake, before the end


@pytest.mark.parametrize("how", ["cut", "stall", "slow"])
def test_an_answer_that_stops_in_the_middle(trouble, how):
    """Cut; silent until the pass's time is over; a few bytes at a time until then."""
    trouble.begin((MIDDLE, how))
    trouble.ends_in_nothing()
    trouble.heal()


@pytest.mark.parametrize("again", [False, True], ids=["killed", "restarted"])
def test_a_server_that_dies_in_the_middle(sandbox, trouble, again):
    trouble.begin((MIDDLE, "stall"), pass_time="60s")
    assert trouble.proxy.reached.wait(120)
    os.kill(sandbox.processes.pid("slapd"), signal.SIGKILL)
    sandbox.wait_until(lambda: not sandbox.processes.running("slapd"))
    if again:
        trouble.proxy.plan = (MIDDLE, "cut")
        sandbox.annuaire.start()
    trouble.ends_in_nothing()
    if not again:
        sandbox.annuaire.start()
    trouble.heal()


def test_a_server_that_bounds_its_answer(sandbox, trouble):
    """sizeLimitExceeded: what came is not the whole, and is not taken for it."""
    conf = sandbox.annuaire.file
    sandbox.processes.stop("slapd")
    whole = conf.read_text()
    sandbox.annuaire.start()
    bounded = whole.replace("sizelimit unlimited", "sizelimit size.soft=30 size.hard=30 size.prtotal=30")
    assert bounded != whole
    restart_slapd(sandbox, bounded)
    trouble.begin(None)
    trouble.ends_in_nothing()
    restart_slapd(sandbox, whole)
    trouble.heal()


def restart_slapd(sandbox, text, listen=None):
    """By that configuration; annuaire.start() alone would write its own."""
    annuaire = sandbox.annuaire
    sandbox.processes.stop("slapd")
    configure, annuaire.configure = annuaire.configure, lambda: sandbox.place.write(annuaire.file, text, 0o644)
    try:
        annuaire.start(listen=listen)
    finally:
        annuaire.configure = configure


def test_slow_erosion_is_seen_as_one_loss(sandbox):
    """One entry after the other: the sixth of a structure is refused, whoever takes them one by one."""
    from test_annuaire import Operator, entry

    operator = Operator(sandbox)
    names = [f"erosion-{number}" for number in range(7)]
    for name in names:
        sandbox.annuaire.add(entry(name))
    sandbox.wait_until(lambda: len(operator.found("erosion-")) == len(names))
    operator.run("directory", "sync", "--force", "--reason", "départ net")
    for left in range(6, 1, -1):
        sandbox.annuaire.remove(f"{names[left]}@{entry('x')['mail'].partition('@')[2]}")
        sandbox.wait_until(lambda: len(operator.found("erosion-")) == left)
    assert "annuaire.vanishing" not in operator.alarms()
    sandbox.annuaire.add(entry(names[6]))  # one that came back is no loss
    sandbox.wait_until(lambda: len(operator.found("erosion-")) == 3)
    sandbox.annuaire.remove(f"{names[1]}@{entry('x')['mail'].partition('@')[2]}")
    sandbox.wait_until(lambda: len(operator.found("erosion-")) == 2)
    sandbox.annuaire.remove(f"{names[0]}@{entry('x')['mail'].partition('@')[2]}")
    sandbox.wait_until(lambda: "annuaire.vanishing" in operator.alarms())
    assert len(operator.found("erosion-")) == 2
    operator.run("directory", "sync", "--force", "--reason", "fermeture du service")
    sandbox.wait_until(lambda: len(operator.found("erosion-")) == 1)
    sandbox.wait_until(lambda: "annuaire.vanishing" not in operator.alarms())
    sandbox.annuaire.remove(f"{names[6]}@{entry('x')['mail'].partition('@')[2]}")
    sandbox.wait_until(lambda: not operator.found("erosion-"))
