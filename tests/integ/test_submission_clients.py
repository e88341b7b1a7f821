"""Real clients hand their mail over: with a token of Pro Santé Connect, or with an application's certificate."""
import smtplib
import ssl
import subprocess

import pytest
from sandbox import people

from conftest import letter

DOCTOR = people.PROFESSIONALS[0]


def run(command, message=b"", **more):
    return subprocess.run([str(word) for word in command], input=message, capture_output=True, timeout=120, **more)


def smtplib_session(sandbox, certificate=None) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=sandbox.pki.bundle)
    if certificate:
        context.load_cert_chain(sandbox.pki.cert(certificate), sandbox.pki.key(certificate))
    smtp = smtplib.SMTP(sandbox.place.host, sandbox.place.port("submission"), "poste.example", timeout=120)
    smtp.starttls(context=context)
    smtp.ehlo()
    return smtp


@pytest.mark.parametrize("mechanism,form", [("XOAUTH2", "user={}\x01auth=Bearer {}\x01\x01"),
                                            ("OAUTHBEARER", "n,a={},\x01auth=Bearer {}\x01\x01")])
def test_smtplib_with_a_token(sandbox, bal, mechanism, form):
    with smtplib_session(sandbox) as smtp:
        answer = form.format(DOCTOR.address, sandbox.psc.token(DOCTOR.national_id))
        assert smtp.auth(mechanism, lambda challenge=None: answer)[0] == 235
        assert smtp.sendmail(DOCTOR.address, [bal.address], letter(sender=DOCTOR.address)) == {}
    assert b"bonjour" in bal.wait(1)[0]


def test_smtplib_with_a_certificate(sandbox, bal):
    with smtplib_session(sandbox, "dui2") as smtp:
        assert smtp.auth("EXTERNAL", lambda challenge=None: bal.address)[0] == 235
        assert smtp.sendmail(bal.address, [bal.address], letter(sender=bal.address)) == {}
    assert len(bal.wait(1)) == 1


def test_smtplib_is_told_of_a_refused_token(sandbox):
    with smtplib_session(sandbox) as smtp, pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        wrong = f"user={DOCTOR.address}\x01auth=Bearer {sandbox.psc.token(DOCTOR.national_id, expired=True)}\x01\x01"
        smtp.auth("XOAUTH2", lambda challenge=None: wrong if challenge is None else "")
    assert refused.value.smtp_code == 535


@pytest.mark.needs("msmtp")
@pytest.mark.parametrize("mechanism", ["oauthbearer", "xoauth2"])
def test_msmtp_with_a_token(sandbox, bal, tmp_path, mechanism):
    place = sandbox.place
    (tmp_path / "token").write_text(sandbox.psc.token(DOCTOR.national_id))
    done = run(["msmtp", "--file=/dev/null", f"--host={place.host}", f"--port={place.port('submission')}", "--tls=on",
                "--tls-starttls=on", f"--tls-trust-file={sandbox.pki.bundle}", "--tls-host-override=smtp.caducee.mssante.fr",
                f"--auth={mechanism}", f"--user={DOCTOR.address}", f"--passwordeval=cat {tmp_path / 'token'}",
                f"--from={DOCTOR.address}", bal.address], letter(sender=DOCTOR.address))
    assert done.returncode == 0, done.stderr
    assert b"bonjour" in bal.wait(1)[0]


NEOMUTT = """set smtp_url = "smtp://{user}@{host}:{port}/"
set smtp_authenticators = "{mechanism}"
set smtp_oauth_refresh_command = "cat {token}"
set ssl_starttls = yes
set ssl_force_tls = yes
set ssl_ca_certificates_file = "{bundle}"
set certificate_file = "{bundle}"
set from = "{address}"
set use_from = yes
set copy = no
set sendmail = ""
set hostname = "poste.example"
"""


@pytest.mark.needs("neomutt")
def test_neomutt_with_a_token(sandbox, bal, tmp_path):
    """By XOAUTH2: its OAUTHBEARER says of any real token that it is too big (NeoMutt 2022)."""
    place = sandbox.place
    (tmp_path / "token").write_text(sandbox.psc.token(DOCTOR.national_id))
    (tmp_path / "muttrc").write_text(NEOMUTT.format(
        user=DOCTOR.address.replace("@", "%40"), host=place.host, port=place.port("submission"), mechanism="xoauth2",
        token=tmp_path / "token", bundle=sandbox.pki.bundle, address=DOCTOR.address))
    done = run(["neomutt", "-n", "-F", tmp_path / "muttrc", "-s", "de neomutt", "--", bal.address], b"bonjour\n",
               env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "TERM": "dumb"})
    assert done.returncode == 0, done.stderr + done.stdout
    assert b"Subject: de neomutt" in bal.wait(1)[0]


@pytest.mark.needs("curl")
def test_curl_with_a_certificate(sandbox, bal, tmp_path):
    place, pki = sandbox.place, sandbox.pki
    (tmp_path / "m").write_bytes(letter(sender=bal.address))
    done = run(["curl", "-sS", "--ssl-reqd", "--cacert", pki.bundle, "--cert", pki.cert("dui2"), "--key", pki.key("dui2"),
                "--connect-to", f"smtp.caducee.mssante.fr:587:{place.host}:{place.port('submission')}",
                "smtp://smtp.caducee.mssante.fr:587/poste.example", "--login-options", "AUTH=EXTERNAL", "--user",
                f"{bal.address}:", "--mail-from", bal.address, "--mail-rcpt", bal.address, "--upload-file", tmp_path / "m"])
    assert done.returncode == 0, done.stderr
    assert b"bonjour" in bal.wait(1)[0]
