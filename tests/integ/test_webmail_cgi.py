"""The webmail's program as a CGI: the thin client of its service."""
import subprocess

import pytest


@pytest.fixture
def cgi(sandbox):
    program = sandbox.place.programs / "caducee-webmail"
    if not program.exists():
        pytest.skip("this build lacks caducee-webmail")

    def call(path, method="GET", body=b"", socket=sandbox.place.run / "webmail.sock", **more):
        environment = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": method, "REQUEST_URI": path, "REMOTE_ADDR": "127.0.0.1",
                       "CONTENT_LENGTH": str(len(body)), "CADUCEE_WEBMAIL_SOCKET": str(socket), **more}
        done = subprocess.run([program], input=body, capture_output=True, env=environment, timeout=120)
        head, _, rest = done.stdout.partition(b"\r\n\r\n")
        return head.decode().split("\r\n"), rest, done.returncode

    return call


def test_a_page_comes_through(cgi):
    head, body, status = cgi("/")
    assert status == 0 and head[0] == "Status: 200 OK"
    assert b"Pro Sant\xc3\xa9 Connect" in body


def test_security_headers_are_on_every_answer(cgi):
    for path in ("/", "/nulle-part", "/b/1", "/s/0/app.css"):
        head, _, _ = cgi(path)
        names = {line.split(":")[0]: line for line in head}
        assert "default-src 'none'" in names["Content-Security-Policy"] and "unsafe-inline" not in names["Content-Security-Policy"]
        for name in ("Strict-Transport-Security", "X-Content-Type-Options", "Referrer-Policy", "Permissions-Policy",
                     "Cross-Origin-Resource-Policy", "Cache-Control"):
            assert name in names, (path, name)


def test_no_change_by_get_and_none_from_elsewhere(cgi):
    form = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}
    assert cgi("/verrou", "POST", b"", **form)[0][0].startswith("Status: 4")
    assert cgi("/b/1/ecrire", "DELETE")[0][0] == "Status: 405 Method Not Allowed"
    assert cgi("/b/1/patients", "POST", b"acte=rouvrir", HTTP_ORIGIN="https://evil.example", **form)[0][0].startswith("Status: 4")


def test_hostile_addresses_are_answered(cgi):
    for path in ("/%", "//", "/../../etc/passwd", "/b/99999999999999999999", "/b/1%00", "/" + "a" * 5000, "/s/x/../app.css", "/?" + "a&" * 3000):
        head, _, status = cgi(path)
        assert status == 0 and head[0].split()[1] in ("200", "303", "400", "404", "413"), path


def test_without_the_service_it_says_so(cgi, tmp_path):
    head, body, status = cgi("/", socket=tmp_path / "nobody.sock")
    assert status == 1 and head[0] == "Status: 503 Service Unavailable"
    assert "indisponible" in body.decode()


def test_autoconfiguration(cgi):
    head, body, _ = cgi("/mail/config-v1.1.xml?emailaddress=x@y", HTTP_HOST="autoconfig.tilleuls.caducee.mssante.fr")
    assert head[1].startswith("Content-Type: text/xml")
    assert b"<domain>tilleuls.caducee.mssante.fr</domain>" in body and b"OAuth2" in body
