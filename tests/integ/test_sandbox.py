"""The sandbox itself: what its status promises, and that two do not meet."""
import json
import os
import subprocess
import sys
import tempfile

import pytest
from sandbox.cli import Sandbox
from sandbox.place import SOURCE
from sandbox.smtp_client import client_context

COMMAND = SOURCE / "sandbox" / "sandbox"


def run(box, *words):
    done = subprocess.run([COMMAND, "--dir", box.place.folder, *words], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_status_is_the_contract(sandbox):
    found = json.loads(run(sandbox, "status", "--json"))
    for name in ("mx", "submission", "submissions", "imap", "imaps", "metrics"):
        assert found[name] is None or set(found[name]) == {"host", "port"}
    assert {"webmail", "ca", "certs", "domains", "bals", "database", "logs"} <= set(found)
    for name in "operator peer peer2 unlisted revoked expired otherca dui dui2 duiclone".split():
        assert set(found["certs"][name]) == {"cert", "key", "dn"}
    assert found["certs"]["duiclone"]["dn"] == found["certs"]["peer"]["dn"] == found["certs"]["otherca"]["dn"]
    assert found["domains"]["ours"] and found["domains"]["peer"][0] == "lab.autre-operateur.mssante.fr"
    assert {bal["kind"] for bal in found["bals"]} == {"APP", "ORG", "PER"}
    assert all(set(bal) == {"address", "kind", "national_id", "dn"} for bal in found["bals"])


def test_road_is_open(sandbox):
    """mx and IMAP are what the first issue asks for: absent is a failure here, not a skip."""
    found = sandbox.status()
    assert found["mx"] and found["imap"] and found["imaps"] and found["database"]


def test_exec_has_the_configuration(sandbox):
    assert run(sandbox, "exec", "sh", "-c", "echo $CADUCEE_CONF").strip() == str(sandbox.place.conf)
    assert run(sandbox, "exec", "psql", "-XAtc", "SHOW fsync").strip() == "on"


def test_servers_are_not_root(sandbox):
    if os.geteuid() != 0:
        pytest.skip("started without root: nothing to drop")
    for name, pid in sandbox.status()["processes"].items():
        uid = int(next(line for line in open(f"/proc/{pid}/status") if line.startswith("Uid:")).split()[1])
        assert (uid == 0) == (name == "postfix"), name


def test_second_sandbox_beside_the_first(sandbox):
    with tempfile.TemporaryDirectory(prefix="caducee-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        other = Sandbox(folder + "/s")
        try:
            other.up(whitelist_size=500)
            mine, theirs = sandbox.place.state["ports"], other.place.state["ports"]
            assert not set(mine.values()) & set(theirs.values())
            assert other.status()["mx"]
            assert len(other.whitelist.entries()) == 500
        finally:
            other.down()
    assert sandbox.status()["mx"]


def test_whitelist_is_signed_and_served(sandbox):
    checked = subprocess.run(["xmlsec1", "--verify", "--trusted-pem", sandbox.pki.ca("root"), "--trusted-pem",
                              sandbox.pki.ca("servers"), sandbox.whitelist.file], capture_output=True)
    assert checked.returncode == 0, checked.stderr
    import urllib.request
    with urllib.request.urlopen(sandbox.whitelist.url, context=client_context(sandbox.pki.bundle)) as answer:
        assert answer.read() == sandbox.whitelist.file.read_bytes()
        assert answer.headers["ETag"]


def test_token_names_the_person(sandbox):
    import base64
    token = run(sandbox, "token", "899700000013").strip()
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert claims["preferred_username"] == "899700000013" and claims["typ"] == "Bearer"


def test_python_is_debians():
    assert sys.executable == "/usr/bin/python3"
