"""keyd on its own socket and behind the servers: who may speak to it, when it hands a key out, what it leaves behind."""
import imaplib
import os
import signal
import socket
import subprocess

import pytest
from sandbox import people
from sandbox.place import build_folder
from sandbox.psc import tokens
from sandbox.refusals import context_for
from sandbox.smtp_client import Smtp

from conftest import letter, new_bal

DOCTOR = people.PROFESSIONALS[0]


def sql(sandbox, statement: str) -> list:
    import psycopg2

    place = sandbox.place
    with psycopg2.connect(host=str(place.run), port=5432, dbname="caducee", user="caducee_auditor") as db:
        with db.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()


def is_cut_off(uid: int, path) -> bool:
    """A process of that user connects to keyd: refused by the file's mode, or hung up on before a word."""
    said = subprocess.run(
        ["/usr/bin/python3", "-c",
         "import socket,sys\n"
         "s=socket.socket(socket.AF_UNIX); s.settimeout(120)\n"
         "try:\n s.connect(sys.argv[1]); s.sendall(b'\\0\\0\\0\\2\\0\\6'); print(len(s.recv(100)))\n"
         "except (PermissionError, ConnectionError): print(0)", str(path)],
        user=uid, group=uid, extra_groups=[], capture_output=True, text=True, check=True)
    return said.stdout.strip() == "0"


@pytest.mark.skipif(os.geteuid() != 0, reason="root: becomes other users")
@pytest.mark.parametrize("uid", [0, 65534])
def test_other_users_are_cut_off(sandbox, uid):
    """Request 6 is the queue's key: nobody but relay's user hears an answer, root neither."""
    assert is_cut_off(uid, sandbox.place.run / "keyd.sock")


@pytest.mark.parametrize("frame", [
    b"", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\2\0\0", b"\0\0\0\2\0\x63", b"\0\0\0\3\0\1\0",
    b"\0\0\0\x0a\0\1\0\1\0\0\0\x09\0\0", b"GET / HTTP/1.1\r\n\r\n"])
def test_nonsense_is_hung_up_on(sandbox, frame):
    """By the right user; keyd goes on."""
    account = sandbox.place.account if sandbox.place.is_root else None
    who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    said = subprocess.run(
        ["/usr/bin/python3", "-c",
         "import socket,sys\n"
         "s=socket.socket(socket.AF_UNIX); s.settimeout(120); s.connect(sys.argv[1])\n"
         "s.sendall(bytes.fromhex(sys.argv[2])); s.shutdown(socket.SHUT_WR)\n"
         "try: print(len(s.recv(100)))\nexcept ConnectionError: print(0)", str(sandbox.place.run / "keyd.sock"), frame.hex()],
        capture_output=True, text=True, check=True, **who)
    assert said.stdout.strip() == "0"
    assert new_bal(sandbox).messages() == []


def test_each_grant_is_traced(sandbox, bal):
    bal.imap().logout()
    rows = sql(sandbox, "SELECT answer, actor_kind, actor, session FROM trace JOIN bal USING (bal_id) "
                        f"WHERE address = '{bal.address}' AND action = 'keyd.certificate'")
    assert len(rows) == 1
    answer, kind, actor, session = rows[0]
    assert (answer, kind) == ("OK", "certificate") and actor.startswith("CN=DPI CH DE DEMONSTRATION") and session


def test_suspended_bal_is_closed_to_its_software(sandbox, bal):
    assert bal.deliver(letter()).code == 250
    sandbox.caducee.command("bal", "suspend", bal.address, "--reason", "essai")
    with pytest.raises(imaplib.IMAP4.error):
        bal.imap()
    sandbox.caducee.command("bal", "resume", bal.address)
    assert len(bal.messages()) == 1


class From(Smtp):
    """A session from another of the loopback's addresses."""

    def __init__(self, source, host, port):
        self.socket = socket.create_connection((host, port), 30, (source, 0))
        self.pending = b""
        self.banner = self.read()


def test_token_from_many_addresses(sandbox):
    token = sandbox.psc.token(DOCTOR.national_id)

    def code(source):
        with From(source, sandbox.place.host, sandbox.place.port("submission")) as smtp:
            smtp.ehlo("poste.example")
            smtp.starttls(context_for(sandbox, None), "smtp.caducee.mssante.fr")
            smtp.ehlo("poste.example")
            return smtp.oauthbearer(DOCTOR.address, token).code

    assert [code("127.0.0.1"), code("127.0.0.2"), code("127.0.0.3"), code("127.0.0.1")] == [235, 235, 535, 235]
    assert sql(sandbox, "SELECT count(*) FROM alarm WHERE code = 'token.spread' AND cleared IS NULL")[0][0] == 1


def test_open_sessions_outlive_keyd(sandbox, bal):
    """Without keyd: no new session ([UNAVAILABLE]), the open ones go on; with it again, all is as before."""
    client = bal.imap()
    bal.deliver(letter())
    sandbox.processes.stop("keyd", signal.SIGKILL)
    try:
        assert len(client.messages()) == 1
        with pytest.raises(Exception, match="UNAVAILABLE"):
            bal.imap(patience=0)
    finally:
        sandbox.caducee.start("keyd")
    bal.imap().logout()
    client.logout()


def test_production_makes_no_keys_by_itself(sandbox):
    """An empty key folder in production is an error with what to do, not a new installation."""
    place = sandbox.place
    folder = place.folder / "production"
    folder.mkdir()
    conf = folder / "caducee.conf"
    conf.write_text(f"[general]\nenvironment = production\nhostname = x.example\nrun_folder = {folder}\n"
                    f"key_folder = {folder}/keys\n[database]\nhost = {place.run}\nname = caducee\n")
    account = place.account if place.is_root else None
    who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    said = subprocess.run([place.programs / "caducee-keyd", "-c", conf], capture_output=True, text=True, timeout=120, **who)
    assert said.returncode == 78
    assert "caducee key init" in said.stderr + said.stdout
    assert not (folder / "keys").exists()


@pytest.mark.parametrize("hostile", [{"alg": "none"}, {"expired": True}, {"azp": "inconnu"}])
def test_refused_token_leaves_a_trace_without_it(sandbox, hostile):
    token = tokens.forged(tokens.Keys(sandbox.psc.folder), sandbox.psc.issuer, "lps-sandbox", DOCTOR, hostile)
    before = sql(sandbox, "SELECT count(*) FROM trace WHERE action = 'keyd.token' AND answer = 'NO'")[0][0]
    with Smtp(sandbox.place.host, sandbox.place.port("submission")) as smtp:
        smtp.ehlo("poste.example")
        smtp.starttls(context_for(sandbox, None), "smtp.caducee.mssante.fr")
        smtp.ehlo("poste.example")
        assert smtp.oauthbearer(DOCTOR.address, token).code == 535
    assert sql(sandbox, "SELECT count(*) FROM trace WHERE action = 'keyd.token' AND answer = 'NO'")[0][0] == before + 1
    secret = token.rpartition(".")[2] or token.split(".")[1]
    for log in sandbox.place.logs.iterdir():
        assert secret[:40].encode() not in log.read_bytes(), log
