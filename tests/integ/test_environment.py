"""Test and production never mix."""


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


def test_a_crl_is_prolonged_for_72_hours_at_most(sandbox):
    run = sandbox.caducee.command
    assert run("trust", "crl", "extend", "ORGANISATIONS", "--hours", "73", "--reason", "x", check=False).returncode == 64
    assert run("trust", "crl", "extend", "ORGANISATIONS", "--hours", "2", check=False).returncode == 64
    assert run("trust", "crl", "extend", "AUCUNE", "--hours", "2", "--reason", "x", check=False).returncode == 66
    assert run("trust", "crl", "extend", "ORGANISATIONS", "--hours", "2", "--reason", "panne de l'autorité").returncode == 0
    traces = run("--json", "trace", "list", "--action", "trust.crl-extend").stdout
    assert "panne de l'autorité" in traces
