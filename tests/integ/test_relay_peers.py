"""Servers of other operators that stall, close, answer garbage, refuse, or lack something: all of it is accounted for."""
import email
import json
import os
import re
import select
import signal
import socket
import ssl
import struct
import threading
import time

import pytest
from sandbox.dns import NO_MAIL

from conftest import letter, new_bal
from test_send_rules import submit

DOMAIN = "service-%03d.autre-operateur.mssante.fr"
NUMBERS = iter(range(100, 200))
OFFER = ["PIPELINING", "SIZE 60000000", "8BITMIME", "CHUNKING", "ENHANCEDSTATUSCODES"]


class Peer(threading.Thread):
    """A server of the other operator, whose answers a test chooses: {command: [reply, reply of the next time, …]}."""

    def __init__(self, sandbox, answers=None, offer=OFFER, certificate="peer", starttls=True):
        super().__init__(daemon=True)
        self.answers, self.offer, self.starttls = {k: list(v) for k, v in (answers or {}).items()}, offer, starttls
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(sandbox.pki.cert(certificate), sandbox.pki.key(certificate))
        self.context.load_verify_locations(sandbox.pki.bundle)
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.seen, self.messages, self.open, self.clients = [], [], [], []

    def run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.open.append(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def stop(self):
        for one in [self.socket, *self.open]:
            one.close()

    def answer(self, word, usual):
        left = self.answers.get(word)
        return left.pop(0) if left and len(left) > 1 else left[0] if left else usual

    def serve(self, connection):
        try:
            self.talk(connection)
        except (OSError, ValueError, ssl.SSLError):
            pass
        finally:
            connection.close()

    def talk(self, connection):
        stream, tls = connection.makefile("rwb"), False

        def say(reply):
            if reply == "stall":
                connection.recv(1)
            if reply.startswith("wait "):  # then the usual
                select.select([], [], [], int(reply.split()[1]))
                reply = "250 2.0.0 at last"
            if reply in ("close", "stall"):
                raise ValueError
            stream.write(reply.encode() + b"\r\n")
            stream.flush()

        say(self.answer("GREETING", "220 mx.autre-operateur.mssante.fr ESMTP"))
        while True:
            line = stream.readline()
            if not line:
                return
            word = line.split()[0].decode().upper()
            self.seen.append((word, tls))
            if word == "EHLO":
                offer = ([] if tls or not self.starttls else ["STARTTLS"]) + self.offer
                say("\r\n".join(["250-peer", *(f"250-{o}" for o in offer[:-1]), f"250 {offer[-1]}"]))
            elif word == "STARTTLS":
                say("220 2.0.0 go")
                connection = self.context.wrap_socket(connection, server_side=True)
                self.clients.append({k: v for pair in connection.getpeercert()["subject"] for k, v in pair}["commonName"])
                stream, tls = connection.makefile("rwb"), True
            elif word == "DATA":
                say(self.answer("DATA", "354 go"))
                body = b""
                while not body.endswith(b"\r\n.\r\n"):
                    body += stream.readline()
                self.messages.append(body[:-3].replace(b"\r\n..", b"\r\n."))
                say(self.answer("CONTENT", "250 2.0.0 taken"))
            elif word == "BDAT":
                self.messages.append(stream.read(int(line.split()[1])))
                say(self.answer("CONTENT", "250 2.0.0 taken"))
            else:
                say(self.answer(word, "250 2.0.0 ok"))


@pytest.fixture
def peer_for(sandbox):
    """peer_for(answers…): a server, and the domain whose mail is routed to it."""
    peers, conf = [], sandbox.place.conf
    before = conf.read_text()

    def make(*args, timeout="2s", **more):
        peer, domain = Peer(sandbox, *args, **more), DOMAIN % next(NUMBERS)
        peer.start()
        peers.append(peer)
        text = before.replace("[relay]\n", f"[relay]\ntimeout = {timeout}\n")
        sandbox.place.write(conf, text + f"\n[relay.routes]\n{domain} = 127.0.0.1:{peer.port}\n", 0o644)
        reload(sandbox)
        return peer, f"quelqu-un-{time.monotonic_ns()}@{domain}"

    yield make
    for peer in peers:
        peer.stop()
    sandbox.place.write(conf, before, 0o644)
    reload(sandbox)


def reload(sandbox):
    """New workers by the new configuration; the old relay drains."""
    log = sandbox.place.logs / "smtpd.log"
    before = log.read_text().count("role=relay")
    os.kill(sandbox.processes.pid("smtpd"), signal.SIGHUP)
    sandbox.wait_until(lambda: "ev=worker.started" in log.read_text()[-20000:]
                       and log.read_text().count("role=relay") > before)


def row(sandbox, address):
    rows = json.loads(sandbox.caducee.command("queue", "list", "--json", "--limit", "10000").stdout)
    return next((r for r in rows if r["recipient"] == address), None)


def tried(sandbox, address):
    sandbox.wait_until(lambda: (row(sandbox, address) or {"reply": "gone"})["reply"])
    return row(sandbox, address)


WAITS = {
    "garbage": {"GREETING": ["hello there"]},
    "busy": {"GREETING": ["421 4.3.2 come back"]},
    "closes": {"GREETING": ["close"]},
    "stalls": {"GREETING": ["stall"]},
    "closes-at-mail": {"MAIL": ["close"]},
    "stalls-at-mail": {"MAIL": ["stall"]},
    "closes-after-content": {"CONTENT": ["close"]},
    "greylists": {"RCPT": ["451 4.7.1 later"]},
    "no-room": {"CONTENT": ["452 4.3.1 later"]},
    "takes-data-unsent": {"DATA": ["250 2.0.0 taken"]},  # and has not been sent a byte of it
}


@pytest.mark.parametrize("name", WAITS)
def test_waits(sandbox, bal, peer_for, name):
    offer = [o for o in OFFER if "DATA" not in WAITS[name] or o != "CHUNKING"]
    _, address = peer_for(WAITS[name], offer=offer)
    assert submit(sandbox, bal, [address], letter(sender=bal.address)).code == 250
    found = tried(sandbox, address)
    assert found and found["state"] in ("waiting", "claimed") and found["reply"]
    sandbox.caducee.command("queue", "drop", found["message"], check=False)


FAILS = {
    "unknown": ({"RCPT": ["550 5.1.1 no such user"]}, "n'existe pas"),
    "closed": ({"RCPT": ["550 5.2.1 closed"]}, "fermée"),
    "full": ({"RCPT": ["552 5.2.2 full"]}, "pleine"),
    "policy": ({"MAIL": ["550 5.7.1 not you"]}, "refuse ce message"),
    "too-large": ({"CONTENT": ["552 5.3.4 too big"]}, "trop gros"),
}


@pytest.mark.parametrize("name", FAILS)
def test_fails_in_words(sandbox, bal, peer_for, name):
    answers, words = FAILS[name]
    _, address = peer_for(answers)
    assert submit(sandbox, bal, [address], letter(sender=bal.address)).code == 250
    raw = bal.wait(1)[0].decode("utf-8")
    report = email.message_from_string(raw)
    assert report.get_content_type() == "multipart/report" and words in raw and "Action: failed" in raw
    assert row(sandbox, address) is None


LACKS = {
    "size": (["SIZE 10", "8BITMIME"], {}, "5.3.4"),
    "8bitmime": (["SIZE 60000000"], {"body": "é\r\n".encode()}, "5.6.3"),
    "smtputf8": (OFFER, {"Subject": "été"}, "5.6.7"),
}


@pytest.mark.parametrize("name", LACKS)
def test_what_they_lack_is_bounced(sandbox, bal, peer_for, name):
    offer, more, status = LACKS[name]
    peer, address = peer_for(offer=offer)
    options = " BODY=8BITMIME" + (" SMTPUTF8" if name == "smtputf8" else "")
    assert submit(sandbox, bal, [address], letter(sender=bal.address, **more), options).code == 250
    assert f"Status: {status}" in bal.wait(1)[0].decode("utf-8")
    assert not peer.messages


@pytest.mark.parametrize("offer", [["SIZE 60000000", "8BITMIME"], ["PIPELINING", "8BITMIME"], OFFER])
def test_bytes_arrive_whole(sandbox, bal, peer_for, offer):
    peer, address = peer_for(offer=offer)
    body = b".\r\n..\r\n.x\r\nfin\r\n"
    assert submit(sandbox, bal, [address], letter(sender=bal.address, body=body)).code == 250
    sandbox.wait_until(lambda: peer.messages)
    assert peer.messages[0].endswith(b"\r\n\r\n" + body)
    assert all(tls for word, tls in peer.seen if word in ("MAIL", "RCPT", "DATA", "BDAT"))


@pytest.mark.parametrize("more,rule", [({"starttls": False}, "tls.not_offered"), ({"certificate": "unlisted"}, ""),
                                       ({"certificate": "otherca"}, ""), ({"certificate": "expired"}, "")])
def test_never_in_clear_nor_to_strangers(sandbox, bal, peer_for, more, rule):
    peer, address = peer_for(**more)
    assert submit(sandbox, bal, [address], letter(sender=bal.address)).code == 250
    found = tried(sandbox, address)
    assert found["state"] in ("waiting", "claimed") and rule in found["trust_or_other_rule"]
    assert not [word for word, _ in peer.seen if word in ("MAIL", "RCPT", "DATA", "BDAT")]
    sandbox.caducee.command("queue", "drop", found["message"], check=False)


def test_greylisting_ends_well(sandbox, bal, peer_for):
    peer, address = peer_for({"RCPT": ["451 4.7.1 later", "250 2.1.5 now"]})
    assert submit(sandbox, bal, [address], letter(sender=bal.address)).code == 250
    sandbox.wait_until(lambda: peer.messages)
    sandbox.wait_until(lambda: row(sandbox, address) is None)


def test_a_connection_is_used_again(sandbox, peer_for):
    bal = new_bal(sandbox)
    peer, address = peer_for()
    for _ in range(12):  # one soon after the other: a connection is kept for moments only
        assert submit(sandbox, bal, [address], letter(sender=bal.address)).code == 250
    sandbox.wait_until(lambda: len(peer.messages) == 12)
    assert len(peer.open) < 12


class Gate:
    """CONTENT's answer waits until so many connections are open at once, or until the gate is let down."""

    def __init__(self, peer, count):
        self.peer, self.count, self.most, self.lock, self.open = peer, count, 0, threading.Condition(), 0

    def pop(self, _):
        with self.lock:
            self.open += 1
            self.most = max(self.most, self.open)
            self.lock.notify_all()
            self.lock.wait_for(lambda: self.most >= self.count, 60)
            self.open -= 1
        return "250 2.0.0 taken"

    def __len__(self):
        return 2


def test_connections_to_one_domain_grow_with_success(sandbox, peer_for):
    """Two at first, one more for each that was opened well, up to [relay] connections_per_domain (10): a server that answers nobody
    before six speak to it at once has its six."""
    bal = new_bal(sandbox)
    peer, address = peer_for(timeout="60s")
    gate = Gate(peer, 6)
    peer.answers["CONTENT"] = gate
    sandbox.postgres.query("UPDATE queue_state SET held = true")
    for _ in range(320):  # a claim takes fifty
        assert submit(sandbox, bal, [address], letter(sender=bal.address)).code == 250
    sandbox.postgres.query("UPDATE queue_state SET held = false")
    sandbox.wait_until(lambda: gate.most >= 6)
    sandbox.wait_until(lambda: len(peer.messages) == 320)
    assert gate.most <= 10


def test_connections_to_one_domain_shrink_with_refusals(sandbox, peer_for):
    """A server that takes two at a time and shows others the door: it is not knocked at for ever, and has everything once."""
    bal = new_bal(sandbox)
    peer, address = peer_for(timeout="60s")
    greeted, usual, inside, lock = [], peer.talk, [0], threading.Lock()

    def talk(connection):
        with lock:
            inside[0] += 1
            busy = inside[0] > 2
        greeted.append(busy)
        try:
            if busy:
                connection.sendall(b"421 4.3.2 two at a time\r\n")
            else:
                usual(connection)
        finally:
            with lock:
                inside[0] -= 1

    peer.talk = talk
    sandbox.postgres.query("UPDATE queue_state SET held = true")
    for _ in range(200):
        assert submit(sandbox, bal, [address], letter(sender=bal.address)).code == 250
    sandbox.postgres.query("UPDATE queue_state SET held = false")
    sandbox.wait_until(lambda: len(peer.messages) >= 200)
    sandbox.wait_until(lambda: row(sandbox, address) is None)
    assert len(peer.messages) == 200 and greeted.count(True) < 50, greeted.count(True)


class Resolver(threading.Thread):
    """A resolver that hands out what dnsmasq would not (aliases in a circle): {(name, type): [(type, name), …]}."""

    A, CNAME, MX, AAAA = 1, 5, 15, 28

    def __init__(self, zone):
        super().__init__(daemon=True)
        self.zone, self.asked = zone, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    @staticmethod
    def name(text):
        return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"

    def data(self, kind, value):
        return struct.pack("!H", 10) + self.name(value) if kind == self.MX else self.name(value)

    def run(self):
        while True:
            packet, client = self.socket.recvfrom(4096)
            labels, at = [], 12
            while packet[at]:
                labels.append(packet[at + 1:at + 1 + packet[at]].decode().lower())
                at += 1 + packet[at]
            name, kind = ".".join(labels), struct.unpack("!H", packet[at + 1:at + 3])[0]
            self.asked.append((name, kind))
            records = self.records(name, kind)
            head = packet[:2] + struct.pack("!HHHHH", 0x8180, 1, len(records), 0, 0)
            answer = b"".join(self.name(owner) + struct.pack("!HHIH", k, 1, 60, len(d)) + d for owner, k, d in records)
            self.socket.sendto(head + packet[12:at + 5] + answer, client)

    def records(self, name, kind):
        """As a recursive resolver does: behind each alias what it names, each alias told once."""
        out, seen = [], set()
        while name and name not in seen:
            seen.add(name)
            found = self.zone.get((name, kind)) or self.zone.get((name, self.CNAME)) or []
            out += [(name, k, self.data(k, value)) for k, value in found]
            name = found[0][1] if found and found[0][0] == self.CNAME else None
        return out


@pytest.fixture
def resolver_of(sandbox):
    """resolver_of(zone): our operator asks that one instead of dnsmasq."""
    conf = sandbox.place.conf
    before = conf.read_text()

    def make(zone):
        resolver = Resolver(zone)
        resolver.start()
        text, count = re.subn(r"(?m)^resolvers = .*$", f"resolvers = 127.0.0.1:{resolver.port}", before)
        assert count == 1
        sandbox.place.write(conf, text, 0o644)
        reload(sandbox)
        return resolver

    yield make
    sandbox.place.write(conf, before, 0o644)
    reload(sandbox)


@pytest.mark.parametrize("where,words", [("mx", "no mail server in DNS"), ("address", "has no address")])
def test_aliases_in_a_circle_make_a_message_wait(sandbox, bal, resolver_of, where, words):
    """RFC 1034 3.6.2: a loop of aliases is an error to report, not to follow: it waits with the reason, and DNS is left in peace."""
    domain = DOMAIN % next(NUMBERS)
    first, second = ("a." + domain, "b." + domain) if where == "address" else (domain, "b." + domain)
    zone = {(first, Resolver.CNAME): [(Resolver.CNAME, second)], (second, Resolver.CNAME): [(Resolver.CNAME, first)]}
    if where == "address":
        zone[domain, Resolver.MX] = [(Resolver.MX, first)]
    resolver = resolver_of(zone)
    address = f"quelqu-un-{time.monotonic_ns()}@{domain}"
    assert submit(sandbox, bal, [address], letter(sender=bal.address)).code == 250
    found = tried(sandbox, address)
    assert found["state"] in ("waiting", "claimed") and found["trust_or_other_rule"] == "dns" and words in found["reply"]
    tries = int(found["tries"])
    asked = [name for name, _ in resolver.asked if name in (first, second)]
    assert first in asked and len(asked) <= 8 * (tries + 1), "each try asks a few times, not in circles"
    sandbox.caducee.command("queue", "retry", domain)
    sandbox.wait_until(lambda: int(row(sandbox, address)["tries"]) > tries)
    assert words in row(sandbox, address)["reply"] and not bal.messages()
    sandbox.caducee.command("queue", "drop", found["message"], check=False)


def alarm(sandbox, code):
    found = json.loads(sandbox.caducee.command("--json", "status", check=False).stdout)["alarms"]
    return next((one for one in found if one["code"] == code), None)


def test_a_message_that_does_not_open_any_more_raises_an_alarm(sandbox, bal, peer_for):
    """It waits, nothing of it leaves, and whoever runs the place is told; over when no try meets one for 2 × retry_most."""
    peer, address = peer_for()
    sandbox.postgres.query("UPDATE queue_state SET held = true")
    assert submit(sandbox, bal, [address], letter(sender=bal.address)).code == 250
    sandbox.postgres.query(
        "UPDATE blob_chunk c SET data = set_byte(c.data, 40, get_byte(c.data, 40) # 1) FROM queue_message m JOIN queue_recipient r "
        f"USING (queue_id) WHERE r.address = '{address}' AND c.bal_id = m.bal_id AND c.blob_id = m.blob_id AND c.seq = 0")
    sandbox.postgres.query("UPDATE queue_state SET held = false")
    found = tried(sandbox, address)
    assert found["state"] in ("waiting", "claimed") and (found["trust_or_other_rule"], found["reply"]) == ("store", "damaged")
    sandbox.wait_until(lambda: alarm(sandbox, "relay.damaged"))
    raised = alarm(sandbox, "relay.damaged")
    assert str(found["message"]) in raised["what"] and "queue drop" in raised["remedy"]
    assert address not in json.dumps(raised) and not peer.messages
    sandbox.caducee.command("queue", "drop", found["message"])
    sandbox.wait_until(lambda: row(sandbox, address) is None)
    assert alarm(sandbox, "relay.damaged")
    sandbox.postgres.query("UPDATE alarm SET last = now() - interval '1 hour' WHERE code = 'relay.damaged'")
    sandbox.wait_until(lambda: not alarm(sandbox, "relay.damaged"))


@pytest.mark.needs("dnsmasq")
def test_null_mx_ends_at_once_in_words(sandbox, bal):
    """RFC 7505 4.1: their domain says that it takes no mail; nobody waits five days for it."""
    address = f"quelqu-un@{NO_MAIL}"
    assert submit(sandbox, bal, [address], letter(sender=bal.address)).code == 250
    report = bal.wait(1)[0].decode("utf-8")
    assert "Status: 5.1.10" in report and "déclare ne recevoir aucun message" in report
    assert row(sandbox, address) is None


def test_a_message_is_shown_by_its_number(sandbox, bal, peer_for):
    _, address = peer_for(WAITS["greylists"])
    assert submit(sandbox, bal, [address, bal.address, address.replace("@", "2@")], letter(sender=bal.address)).code == 250
    found = tried(sandbox, address)
    shown = json.loads(sandbox.caducee.command("queue", "show", found["message"], "--json").stdout)
    assert {r["recipient"] for r in shown} == {address, address.replace("@", "2@")} and {r["message"] for r in shown} == {found["message"]}
    assert sandbox.caducee.command("queue", "show", "1", check=False).returncode == 66
    sandbox.caducee.command("queue", "drop", found["message"], check=False)
