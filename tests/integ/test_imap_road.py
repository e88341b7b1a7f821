"""The DUI's side of the road: who opens which BAL, and what it reads there."""
import contextlib
import imaplib
import os
from pathlib import Path

import pytest
from sandbox.imap_client import Dui
from sandbox.people import C, T
from sandbox.refusals import context_for

from conftest import letter


def login(sandbox, certificate, bal):
    place = sandbox.place
    return Dui(place.host, place.port("imap"), context_for(sandbox, certificate), bal)


def test_logindisabled_in_clear(sandbox):
    with imaplib.IMAP4(sandbox.place.host, sandbox.place.port("imap"), timeout=120) as client:
        assert {"LOGINDISABLED", "STARTTLS", "IMAP4REV1"} <= set(client.capabilities)
        assert not any(name.startswith("AUTH=") for name in client.capabilities)
        with pytest.raises(imaplib.IMAP4.error):
            client.login("a", "b")


def test_external_is_offered_inside_tls(sandbox):
    client = login(sandbox, "dui", None)
    assert "AUTH=EXTERNAL" in client.capabilities and "LOGINDISABLED" in client.capabilities
    client.shutdown()


def test_only_bal_is_chosen_by_itself(sandbox):
    client = login(sandbox, "dui", "")
    assert client.select("INBOX")[0] == "OK"
    client.logout()


def test_several_bals_are_listed(sandbox):
    """dui2 is bound to more than one: without an identity the answer is NO, with the list."""
    with pytest.raises(imaplib.IMAP4.error) as refused:
        login(sandbox, "dui2", "")
    assert f"labo@{C}" in str(refused.value) and f"imagerie@{C}" in str(refused.value)


def test_each_opens_its_own(sandbox):
    for address in (f"labo@{C}", f"imagerie@{C}"):
        login(sandbox, "dui2", address).logout()


@pytest.mark.parametrize("certificate,bal", [
    ("dui", f"labo@{C}"), ("dui2", f"dui@{T}"), ("dui", f"claire.martin@{T}"), ("peer", f"dui@{T}"),
    ("duiclone", f"dui@{T}"), ("otherca", f"dui@{T}"), ("expired", f"dui@{T}"), (None, f"dui@{T}"),
])
def test_no_other(sandbox, certificate, bal):
    with pytest.raises((imaplib.IMAP4.error, OSError)):
        login(sandbox, certificate, bal)


def test_implicit_tls(sandbox, bal):
    context = context_for(sandbox, "dui2")
    context.check_hostname = False
    with imaplib.IMAP4_SSL(sandbox.place.host, sandbox.place.port("imaps"), ssl_context=context, timeout=120) as client:
        assert "AUTH=EXTERNAL" in client.capabilities
        status, _ = client.authenticate("EXTERNAL", lambda _: bal.address.encode())
        assert status == "OK"


def test_flags_are_kept(bal):
    bal.deliver(letter())
    client = bal.imap()
    client.select("INBOX")
    client.store("1", "+FLAGS", r"(\Seen \Flagged)")
    client.logout()
    client = bal.imap()
    client.select("INBOX")
    flags = client.fetch("1", "(FLAGS)")[1][0].decode()
    assert r"\Seen" in flags and r"\Flagged" in flags
    client.logout()


def test_folders(bal):
    client = bal.imap()
    assert client.create("Dossiers")[0] == "OK"
    assert client.rename("Dossiers", "Patients")[0] == "OK"
    names = b" ".join(client.list()[1])
    assert b"Patients" in names and b"Dossiers" not in names
    assert client.delete("Patients")[0] == "OK"
    client.logout()


def test_copy_move_expunge(bal):
    message = letter()
    bal.deliver(message)
    bal.deliver(letter("deux"))
    client = bal.imap()
    client.create("Ailleurs")
    client.select("INBOX")
    assert client.copy("1", "Ailleurs")[0] == "OK"
    assert client._simple_command("MOVE", "2", "Ailleurs")[0] == "OK"
    client.store("1", "+FLAGS", r"(\Deleted)")
    assert client.expunge()[1][-1] == b"1"
    assert client.messages("INBOX") == []
    assert len(client.messages("Ailleurs")) == 2
    assert client.messages("Ailleurs")[0].endswith(message)
    client.logout()


def test_append(bal):
    client, message = bal.imap(), letter("brouillon")
    assert client.append("INBOX", r"(\Draft)", None, message)[0] == "OK"
    assert client.messages("INBOX") == [message]
    client.logout()


def test_search(bal):
    bal.deliver(letter("premier", b"mot-rare ici\r\n"))
    bal.deliver(letter("second", b"rien\r\n"))
    client = bal.imap()
    client.select("INBOX")
    assert client.search(None, "SUBJECT", "second")[1] == [b"2"]
    assert client.search(None, "BODY", '"MOT-RARE"')[1] == [b"1"]
    assert client.search(None, "UNSEEN")[1] == [b"1 2"]
    client.logout()


def test_idle_is_woken(bal):
    client = bal.imap()
    client.select("INBOX")
    tag = client._new_tag()
    client.send(tag + b" IDLE\r\n")
    assert client._get_line().startswith(b"+")
    bal.deliver(letter())
    while b"1 EXISTS" not in client._get_line():
        pass
    client.send(b"DONE\r\n")
    assert client._get_line().startswith(tag)
    client.logout()


HOSTILE = {
    "literal-4g": b"a LOGIN {4294967296}\r\n",
    "literal-huge-number": b"a LOGIN {99999999999999999999}\r\n",
    "parens": b"a FETCH 1 " + b"(" * 10_000 + b"\r\n",
    "line-1m": b"a NOOP " + b"x" * 1_000_000 + b"\r\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_before_login(sandbox, name):
    """BAD or BYE at a fixed limit."""
    client = login(sandbox, None, None)
    try:
        client.send(HOSTILE[name])
        answer = client._get_line()
        assert answer.startswith((b"a BAD", b"* BAD", b"* BYE", b"a NO")), answer
    except (OSError, imaplib.IMAP4.abort):
        pass
    finally:
        client.shutdown()


@pytest.mark.skipif("asan" in os.environ.get("BUILD", ""), reason="sanitizers take memory of their own")
def test_hostile_before_login_takes_no_memory(sandbox):
    """Each of them eight times at once: the worker's peak stays where it was, but for the limits of eight sessions."""
    workers = sandbox.processes.workers("imapd", "imap")
    before = {pid: memory_kib(pid, "VmRSS") for pid in workers}
    for pid in workers:
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak starts again from here
    for text in HOSTILE.values():
        clients = [login(sandbox, None, None) for _ in range(8)]
        for client in clients:
            with contextlib.suppress(OSError):
                client.send(text)
        for client in clients:
            with contextlib.suppress(OSError, imaplib.IMAP4.abort):
                client._get_line()
            client.shutdown()
    grown = {pid: memory_kib(pid, "VmHWM") - before[pid] for pid in workers}
    assert max(grown.values()) < 8 * 1024, grown


def memory_kib(pid, field) -> int:
    return next(int(line.split()[1]) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(field))
