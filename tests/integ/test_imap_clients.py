"""Clients that others wrote, against our IMAP."""
import hashlib
import mailbox
import os
import pty
import re
import select
import subprocess

import pytest
from sandbox.people import PROFESSIONALS

from conftest import LAB, letter
from sandbox.imap_client import Dui
from sandbox.refusals import connect, context_for, deliver
from test_imap_hostile import answers, open_session  # noqa: F401 (a fixture)

DOCTOR = PROFESSIONALS[0]


def curl(sandbox, path, *options, port="imap", scheme="imap"):
    place = sandbox.place
    to = f"imap.caducee.mssante.fr:143:{place.host}:{place.port(port)}"
    return subprocess.run(["curl", "-sS", "--ssl-reqd", "--cacert", sandbox.pki.bundle, "--connect-to", to, "--max-time",
                           "30", *options, f"{scheme}://imap.caducee.mssante.fr:143/{path}"], capture_output=True)


@pytest.mark.needs("curl")
@pytest.mark.parametrize("mechanism", ["OAUTHBEARER", "XOAUTH2"])
def test_curl_with_a_token(sandbox, mechanism):
    message = letter(f"curl {mechanism}")
    with connect(sandbox) as smtp:
        assert deliver(smtp, LAB, [DOCTOR.address], message).code == 250
    token = sandbox.psc.token(DOCTOR.national_id)
    login = ["--login-options", f"AUTH={mechanism}", "--oauth2-bearer", token, "--user", f"{DOCTOR.address}:"]
    done = curl(sandbox, "INBOX;MAILINDEX=*", *login)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(message)


@pytest.mark.needs("curl")
def test_curl_with_a_certificate(sandbox, bal):
    message = letter("curl EXTERNAL")
    bal.deliver(message)
    done = curl(sandbox, "INBOX;MAILINDEX=1", "--cert", sandbox.pki.cert("dui2"), "--key", sandbox.pki.key("dui2"),
                "--login-options", "AUTH=EXTERNAL", "--user", f"{bal.address}:")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(message)


MBSYNC = """IMAPAccount caducee
Host {host}
Port {port}
SSLType STARTTLS
CertificateFile {ca}
ClientCertificate {cert}
ClientKey {key}
AuthMechs EXTERNAL
User {user}
Pass none

IMAPStore far
Account caducee

MaildirStore near
Path {folder}/
Inbox {folder}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns INBOX
Create Both
Expunge Both
SyncState *
"""


@pytest.mark.needs("mbsync")
def test_mbsync_both_ways(sandbox, bal, tmp_path):
    """Two-way: what comes in goes down, what is written there comes up, what is deleted there goes."""
    place, pki = sandbox.place, sandbox.pki
    for number in range(30):
        assert bal.deliver(letter(f"m{number}")).code == 250
    # mbsync has no name of its own for SNI: it checks the certificate against Host.
    config = tmp_path / "mbsyncrc"
    config.write_text(MBSYNC.format(host="localhost", port=place.port("imap"), ca=pki.bundle, cert=pki.cert("dui2"),
                                    key=pki.key("dui2"), user=bal.address, folder=tmp_path / "mail"))
    (tmp_path / "mail").mkdir()

    def sync():
        done = subprocess.run(["mbsync", "-c", config, "all"], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr

    def here() -> list:
        return [p for sub in ("new", "cur") for p in (tmp_path / "mail/INBOX" / sub).iterdir()]

    sync()
    assert len(here()) == 30
    here()[0].unlink()
    (tmp_path / "mail/INBOX/new/local.1").write_bytes(letter("montant").replace(b"\r\n", b"\n"))
    sync()
    subjects = [m for m in bal.messages() if b"Subject: montant" in m]
    assert len(subjects) == 1 and len(bal.messages()) == 30


def mbsync(sandbox, bal, folder):
    """A maker of runs: each brings both sides together."""
    place, pki = sandbox.place, sandbox.pki
    config = folder / "mbsyncrc"
    config.write_text("FSync no\n\n" + MBSYNC.format(host="localhost", port=place.port("imap"), ca=pki.bundle,
                                                     cert=pki.cert("dui2"), key=pki.key("dui2"), user=bal.address,
                                                     folder=folder / "mail"))
    (folder / "mail").mkdir()

    def sync():
        done = subprocess.run(["mbsync", "-c", config, "all"], capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr

    return sync


def digest(message: bytes) -> str:
    """Of what was written: without the line ends' form, and the mark that mbsync adds to what it sends up."""
    return hashlib.sha256(re.sub(rb"X-TUID: .*\n", b"", message.replace(b"\r\n", b"\n"))).hexdigest()


def near(folder) -> list:
    """(digest, flags) of each message of a maildir."""
    out = []
    for sub in ("new", "cur"):
        for path in (folder / "mail/INBOX" / sub).iterdir():
            flags = path.name.partition(":2,")[2]
            out.append((digest(path.read_bytes()), "".join(sorted(set(flags) & set("FRS")))))
    return sorted(out)


def far(session) -> list:
    letters = {"\\Seen": "S", "\\Answered": "R", "\\Flagged": "F"}
    out = []
    for line in answers(session, b"FETCH 1:* (FLAGS BODY.PEEK[])"):
        flags = re.search(r"FLAGS \(([^)]*)\)", line)[1].split()
        text = re.search(r"BODY\[\] \{\d+\}(.*)\)$", line, re.DOTALL)[1]
        out.append((digest(text.encode()), "".join(sorted(letters[f] for f in flags if f in letters))))
    return sorted(out)


@pytest.mark.long
@pytest.mark.needs("mbsync")
def test_five_thousand_both_ways(sandbox, bal, tmp_path, open_session):  # noqa: F811
    """Both sides change between two runs; afterwards they are equal, message by message and flag by flag."""
    session = open_session()
    for start in range(0, 5000, 100):
        many = b"".join(b" {%d+}\r\n%s" % (len(m), m) for m in (letter(f"s{start + n}") for n in range(100)))
        answers(session, b"APPEND INBOX" + many)
    sync = mbsync(sandbox, bal, tmp_path)
    sync()
    answers(session, b"NOOP")
    assert len(near(tmp_path)) == 5000 and near(tmp_path) == far(session)
    answers(session, b"STORE 1:500 +FLAGS.SILENT (\\Seen \\Flagged)")
    answers(session, b"STORE 501:700 +FLAGS.SILENT (\\Deleted)")
    answers(session, b"EXPUNGE")
    here = sorted((tmp_path / "mail/INBOX/new").iterdir()) + sorted((tmp_path / "mail/INBOX/cur").iterdir())
    plain = [path for path in here if path.name.endswith(":2,") or ":2," not in path.name]
    for path in plain[-300:-200]:
        path.unlink()
    for path in plain[-200:]:
        path.rename(tmp_path / "mail/INBOX/cur" / (path.name.partition(":2,")[0] + ":2,RS"))
    for number in range(300):
        (tmp_path / f"mail/INBOX/new/local.{number}").write_bytes(letter(f"montant-{number}").replace(b"\r\n", b"\n"))
    sync()
    sync()
    answers(session, b"NOOP")
    assert near(tmp_path) == far(session)
    assert 4700 < len(near(tmp_path)) < 5300 and any(flags == "RS" for _, flags in near(tmp_path))


def in_terminal(command: list, environment: dict, seconds=120) -> int:
    """Runs a program that wants a terminal; gives its exit code. What it draws is thrown away."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(command[0], [str(word) for word in command], {**os.environ, **environment})
    while select.select([terminal], [], [], seconds)[0]:
        try:
            if not os.read(terminal, 65536):
                break
        except OSError:
            break
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.needs("neomutt")
def test_neomutt_with_a_token(sandbox, tmp_path):
    """It opens INBOX by XOAUTH2, its token from a script, and copies messages out of it into a file."""
    place = sandbox.place
    subjects = [f"neomutt-{os.getpid()}-{n}" for n in range(3)]
    with connect(sandbox) as smtp:
        for subject in subjects:
            assert deliver(smtp, LAB, [DOCTOR.address], letter(subject)).code == 250
    script = tmp_path / "token"
    script.write_text(f"#!/bin/sh\necho {sandbox.psc.token(DOCTOR.national_id)}\n")
    script.chmod(0o700)
    lines = [f'set imap_user = "{DOCTOR.address}"', 'set imap_authenticators = "xoauth2"',
             f'set imap_oauth_refresh_command = "{script}"', f'set ssl_ca_certificates_file = "{sandbox.pki.bundle}"',
             f'set certificate_file = "{tmp_path}/certs"', f'set folder = "imaps://localhost:{place.port("imaps")}/"',
             'set spool_file = "+INBOX"', "set mbox_type = mbox", "set confirm_append = no", "set confirm_create = no",
             "set quit = yes", "set move = no", "set wait_key = no",
             f'push "<tag-pattern>~s neomutt-{os.getpid()}<enter><tag-prefix><copy-message>{tmp_path}/out<enter><quit>"']
    (tmp_path / "muttrc").write_text("\n".join(lines) + "\n")
    assert in_terminal(["neomutt", "-n", "-F", tmp_path / "muttrc"], {"TERM": "xterm", "HOME": str(tmp_path)}) == 0
    assert sorted(m["Subject"] for m in mailbox.mbox(tmp_path / "out")) == subjects


OFFLINEIMAP = """[general]
accounts = c
metadata = {folder}/state
ui = quiet
[Account c]
localrepository = near
remoterepository = far
[Repository near]
type = Maildir
localfolders = {folder}/mail
[Repository far]
type = IMAP
remotehost = localhost
remoteport = {port}
remoteuser = {user}
ssl = yes
sslcacertfile = {ca}
auth_mechanisms = XOAUTH2
oauth2_access_token_eval = open("{folder}/token").read()
folderfilter = lambda name: name == "{name}"
"""


@pytest.mark.needs("offlineimap")
def test_offlineimap_both_ways(sandbox, tmp_path):
    place, name = sandbox.place, f"Offline{os.getpid()}"
    (tmp_path / "token").write_text(sandbox.psc.token(DOCTOR.national_id))
    (tmp_path / "offlineimaprc").write_text(OFFLINEIMAP.format(folder=tmp_path, port=place.port("imaps"),
                                                               user=DOCTOR.address, ca=sandbox.pki.bundle, name=name))
    client = Dui(place.host, place.port("imap"), context_for(sandbox, None))
    client.authenticate("XOAUTH2", lambda _: f"user={DOCTOR.address}\x01auth=Bearer "
                        f"{sandbox.psc.token(DOCTOR.national_id)}\x01\x01".encode())
    client.create(name)
    for number in range(40):
        client.append(name, None, None, letter(f"o{number}"))

    def sync():
        done = subprocess.run(["offlineimap", "-o", "-c", tmp_path / "offlineimaprc"], capture_output=True, text=True,
                              timeout=300, env={**os.environ, "HOME": str(tmp_path)})
        assert done.returncode == 0, done.stdout + done.stderr

    def here() -> list:
        return [path for sub in ("new", "cur") for path in (tmp_path / "mail" / name / sub).iterdir()]

    sync()
    assert len(here()) == 40
    next(path for path in here() if ",U=1," in path.name).unlink()
    (tmp_path / "mail" / name / "new/local.1").write_bytes(letter("montant").replace(b"\r\n", b"\n"))
    client.select(name)
    client.uid("STORE", "40", "+FLAGS", "(\\Seen)")
    sync()
    client.noop()
    subjects = client.uid("SEARCH", None, "SUBJECT", "montant")[1][0].split()
    assert len(subjects) == 1 and len(client.uid("SEARCH", None, "ALL")[1][0].split()) == 40
    client.logout()
    assert len(here()) == 40 and sum("S" in path.name.partition(":2,")[2] for path in here()) == 1
