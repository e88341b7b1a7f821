"""Clients that others wrote, against our IMAP."""
import subprocess

import pytest
from sandbox.people import PROFESSIONALS

from conftest import LAB, letter
from sandbox.refusals import connect, deliver

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
    (tmp_path / "mail/INBOX/new/local.1").write_bytes(letter("montant").replace(b"\r\n", b"\n"))
    here()[0].unlink()
    sync()
    subjects = [m for m in bal.messages() if b"Subject: montant" in m]
    assert len(subjects) == 1 and len(bal.messages()) == 30
