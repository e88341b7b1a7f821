"""Indicators: what ended days add once and for all is what the traces say; a month is asked for in an instant."""
import hashlib
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conftest import letter
from sandbox.patience import until


@pytest.fixture
def month(sandbox):
    return sandbox.postgres.query("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM')")


def show(sandbox, month) -> list:
    return json.loads(sandbox.caducee.command("--json", "indicators", "show", "--month", month).stdout)


def export(sandbox, month, path) -> dict:
    sandbox.caducee.command("indicators", "export", path, "--format", "json", "--month", month)
    return json.loads(path.read_text())


def test_a_day_counts_the_same_live_and_added(sandbox, bal, month):
    """The day so far is put into the tables, in two spans: the same figures, and nothing counts twice."""
    for number in range(7):
        bal.deliver_in_time(letter(f"compté {number}"))
    bal.messages()
    path = sandbox.place.path("spool") / "indicateurs.json"
    live, live_whole = show(sandbox, month), export(sandbox, month, path)
    where = sandbox.postgres.query("SELECT indicator_live(date_trunc('month', now() AT TIME ZONE 'UTC')::date)")
    now = sandbox.postgres.query("SELECT now()")
    halfway = sandbox.postgres.query(f"SELECT greatest('{where}', date_trunc('day', now())) + interval '1 microsecond'")
    for span in ((where, halfway), (halfway, now)):
        sandbox.postgres.query("SELECT indicator_add('{}', '{}')".format(*span))
    try:
        added, added_whole = show(sandbox, month), export(sandbox, month, path)
        assert added == live and sum(int(row["received"]) for row in added) >= 7
        for part in ("partners", "products", "days"):
            assert added_whole[part] == live_whole[part], part
    finally:
        sandbox.postgres.query("TRUNCATE indicator_done, indicator_bal, indicator_partner, indicator_product, indicator_day")
        path.unlink(missing_ok=True)


def test_ended_hours_are_added_once(sandbox):
    until(lambda: sandbox.postgres.query("SELECT indicators_catch_up()") == "0")
    assert sandbox.postgres.query("SELECT max(until) <= date_trunc('hour', now() - interval '1 hour') FROM indicator_done") in ("t", "")


def test_the_report_is_one_file_with_its_plots(sandbox, bal, month):
    path = sandbox.place.path("spool") / "rapport.html"
    bal.deliver_in_time(letter("tracé"))
    sandbox.caducee.command("indicators", "export", path, "--format", "html", "--month", month)
    text = path.read_text()
    path.unlink()
    assert "<svg" in text and "<script" not in text
    assert "http://" not in text.replace("http://www.w3.org/", "") and "src=" not in text, "it asks nothing of the network"


# -- transmit ------------------------------------------------------------------------------------------------------------
class Receiver:
    """Whoever receives indicators, over HTTPS: keeps what was posted, answers what it is told."""

    def __init__(self, sandbox):
        self.posted, self.status, self.receipt, self.wait = [], 201, b"", None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):  # noqa: N802  http.server's name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.posted.append((self.headers["Content-Type"], body))
                if receiver.wait:
                    receiver.wait.wait(60)
                self.send_response(receiver.status)
                self.send_header("Content-Length", str(len(receiver.receipt)))
                self.end_headers()
                self.wfile.write(receiver.receipt)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer((sandbox.place.host, 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sandbox.pki.cert("public"), sandbox.pki.key("public"))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://{sandbox.place.name}:{self.server.server_address[1]}/depot"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver(sandbox):
    receiver = Receiver(sandbox)
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.fixture
def transmit(sandbox, receiver):
    """caducee indicators transmit, with a configuration that names the receiver and the columns it wants."""
    def transmit(*words, ca="public", url=None):
        path = sandbox.place.path("transmit.conf")
        sandbox.place.write(path, sandbox.place.conf.read_text() + f"\n[indicators]\nurl = {url or receiver.url}\nca = {sandbox.pki.ca(ca)}\n"
                            "timeout = 2s\n[indicators.columns]\nsent = nb_envois\n", 0o644)
        return sandbox.caducee.command("-c", path, "indicators", "transmit", *words, check=False)
    return transmit


def last_trace(sandbox) -> dict:
    return json.loads(sandbox.caducee.command("--json", "trace", "list", "--action", "indicators.transmit", "--limit", "1").stdout)[0]


def test_what_was_transmitted_is_in_the_traces_with_its_receipt(sandbox, receiver, transmit, month):
    receiver.receipt = b'{"depot": "AR-2026-0042"}'
    done = transmit("--month", month)
    assert done.returncode == 0, done.stderr
    (kind, body), = receiver.posted
    assert kind.startswith("text/csv") and '"nb_envois"' in body.decode().splitlines()[0], "the layout is the operator's"
    trace = last_trace(sandbox)
    assert trace["answer"] == "OK" and month in trace["detail"] and hashlib.sha256(body).hexdigest() in trace["detail"]
    assert "201" in trace["detail"] and "AR-2026-0042" in trace["detail"], "what the receiver answered is the receipt"


def test_a_transmission_that_fails_is_traced_and_said(sandbox, receiver, transmit, month):
    receiver.status = 503
    for words, why in (({}, "503"), ({"ca": "root"}, "certificat"), ({"url": "https://127.0.0.1:1/"}, "")):
        done = transmit("--month", month, **words)
        assert done.returncode == 69, (words, done.stderr)
        assert why in done.stderr.replace("certificate", "certificat"), done.stderr
        assert last_trace(sandbox)["answer"] == "NO"
    receiver.wait = threading.Event()
    try:
        assert transmit("--month", month).returncode == 69, "a receiver that is silent is not waited for for ever"
    finally:
        receiver.wait.set()
    assert last_trace(sandbox)["answer"] == "NO"


def test_a_deposit_by_hand_is_noted(sandbox, month):
    sandbox.caducee.command("indicators", "transmit", "--month", month, "--by-hand", "PORTAIL-17")
    trace = last_trace(sandbox)
    assert trace["answer"] == "OK" and "PORTAIL-17" in trace["detail"] and "sha256=" in trace["detail"]
