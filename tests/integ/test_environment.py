"""Test and production never mix."""
import json
import re
import subprocess

import pytest
from sandbox.place import require


@pytest.mark.parametrize("change,words", [
    ({}, "leads to a test environment"),
    ({"localhost": "psc.example", "127.0.0.1": "liste.example"}, "CAs of the other environment are installed")])
def test_production_does_not_start_on_what_is_tests(sandbox, change, words):
    """The fetcher, which takes whitelist, CRLs and PSC's keys, ends and says why."""
    place = sandbox.place
    run, conf = place.path("run-production"), place.path("production.conf")
    place.make_folder(run)
    place.make_folder(run / "wake")
    text = place.conf.read_text().replace("environment = test", "environment = production", 1)
    lines = []
    for line in text.splitlines():
        if line.startswith(("url = https", "issuer", "discovery")):
            for was, new in change.items():
                line = line.replace(was, new)
        lines.append("" if line.startswith("metrics_listen") else line)
    place.write(conf, "\n".join(lines).replace(f"run_folder = {place.run}", f"run_folder = {run}", 1), 0o644)
    log = place.logs / "production.log"
    who = {"user": place.account.pw_uid, "group": place.account.pw_gid, "extra_groups": []} if place.is_root else {}
    sandbox.processes.stop("directoryd")  # it leads: the other one would only wait
    with open(log, "wb") as out:
        process = subprocess.Popen([str(place.programs / "caducee-directoryd"), "-c", str(conf)], stdout=out, stderr=out,
                                   cwd=place.folder, **who)
        try:
            sandbox.wait_until(lambda: words in log.read_text(errors="replace"))
        finally:
            process.terminate()
            process.wait(60)
            sandbox.caducee.start("directoryd")


def test_an_address_of_production_is_said_and_not_asked(sandbox):
    """A test operator that names the national whitelist: an alarm, nothing fetched; over when the setting is mended."""
    place, run = sandbox.place, sandbox.caducee.command

    def mixed():
        return {alarm["subject"] for alarm in json.loads(run("--json", "status", check=False).stdout)["alarms"]
                if alarm["code"] == "environment.mixed"}
    before = place.conf.read_text()
    changed = before.replace(f"url = {sandbox.whitelist.url}", "url = https://espacedeconfiance.mssante.fr/liste.xml")
    changed = changed.replace(f"issuer = {sandbox.psc.issuer}",
                              "issuer = https://auth.esw.esante.gouv.fr/auth/realms/esante-wallet")
    log = place.logs / "directoryd.log"
    try:
        sandbox.processes.stop("directoryd")
        place.write(place.conf, changed, 0o644)
        written = log.stat().st_size
        sandbox.caducee.start("directoryd")
        sandbox.wait_until(lambda: mixed() == {"whitelist.url", "psc.issuer"})
        sandbox.wait_until(lambda: "what=crl" in log.read_text()[written:])
        sandbox.postgres.query("INSERT INTO fetch_request (what, asked_by) VALUES ('crl', 'test') "
                               "ON CONFLICT (what) DO UPDATE SET asked = now(), done = NULL")
        sandbox.wait_until(lambda: log.read_text()[written:].count("what=crl") > 1)  # a whole round lies between two
        assert not re.search("what=(whitelist|jwks)", log.read_text()[written:])
    finally:
        sandbox.processes.stop("directoryd")
        place.write(place.conf, before, 0o644)
        sandbox.caducee.start("directoryd")
    sandbox.wait_until(lambda: not mixed())


def test_a_ca_of_the_other_environment_is_refused(sandbox):
    place, pki = sandbox.place, sandbox.pki
    conf = place.path("production.conf")
    place.write(conf, place.conf.read_text().replace("environment = test", "environment = production", 1), 0o644)
    words = ["trust", "import-ca", pki.ca("other"), "--sha256", pki.sha256(pki.ca("other")), "--issues", "servers"]
    refused = sandbox.caducee.command("-c", conf, *words, check=False)
    assert refused.returncode == 73, refused.stderr
    assert pki.sha256(pki.ca("other")) not in sandbox.caducee.command("--json", "trust", "list").stdout


def test_a_ca_without_its_fingerprint_is_refused(sandbox):
    pki = sandbox.pki
    wrong = pki.sha256(pki.ca("root"))
    for words, status in (([], 64), (["--sha256", "ab"], 64), (["--sha256", wrong], 65)):
        done = sandbox.caducee.command("trust", "import-ca", pki.ca("other"), *words, check=False)
        assert done.returncode == status, (words, done.stderr)
    done = sandbox.caducee.command("trust", "import-ca", pki.cert("peer"), "--sha256", pki.sha256(pki.cert("peer")),
                                   "--issues", "servers", check=False)
    assert done.returncode == 65, "not a CA"


@pytest.mark.parametrize("form", ["PEM", "DER"])
def test_a_ca_out_of_a_pkcs7_file(sandbox, form):
    """As authorities publish them: several certificates in one file; only the one whose fingerprint is given is installed."""
    pki, run = sandbox.pki, sandbox.caducee.command
    several, wanted = sandbox.place.path(f"autorites-{form}.p7b"), pki.sha256(pki.ca("other"))
    subprocess.run([require("openssl"), "crl2pkcs7", "-nocrl", "-certfile", pki.ca("public"), "-certfile", pki.ca("other"), "-outform", form,
                    "-out", several], check=True)
    several.chmod(0o644)

    def installed():
        return {row["sha256"] for row in json.loads(run("--json", "trust", "list").stdout)}
    before = installed()
    done = run("trust", "import-ca", several, "--sha256", pki.sha256(pki.ca("root")), "--issues", "root", check=False)
    assert done.returncode == 65 and installed() == before, "a fingerprint that is not in the file"
    run("trust", "import-ca", several, "--sha256", wanted, "--issues", "servers")
    try:
        assert installed() - before == {wanted}
    finally:
        run("trust", "remove-ca", wanted)
    assert installed() == before


def test_a_crl_is_prolonged_for_72_hours_at_most(sandbox):
    run = sandbox.caducee.command
    assert run("trust", "crl", "extend", "ORGANISATIONS", "--hours", "73", "--reason", "x", check=False).returncode == 64
    assert run("trust", "crl", "extend", "ORGANISATIONS", "--hours", "2", check=False).returncode == 64
    assert run("trust", "crl", "extend", "AUCUNE", "--hours", "2", "--reason", "x", check=False).returncode == 66
    assert run("trust", "crl", "extend", "ORGANISATIONS", "--hours", "2", "--reason", "panne de l'autorité").returncode == 0
    traces = run("--json", "trace", "list", "--action", "trust.crl-extend").stdout
    assert "panne de l'autorité" in traces
