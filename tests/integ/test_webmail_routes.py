"""The webmail's whole table of routes (routes.def), row by row: headers of each answer, changes by POST alone and from our own
pages alone, nothing to learn about mailboxes that are not one's own. A route that is added is tested by standing there."""
import contextlib
import re
import socket
import struct
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import psycopg2
import pytest

from sandbox.people import PROFESSIONALS
from sandbox.refusals import LAB, connect, deliver
from tests.bench.browser import Browser
from tests.integ.webmail import log_in

LETTER = (f"From: {LAB}\r\nTo: {PROFESSIONALS[0].address}\r\nSubject: Route\r\nMIME-Version: 1.0\r\n"
          "Content-Type: text/html; charset=utf-8\r\n\r\n<p>texte</p>\r\n")
SOURCE = Path(__file__).resolve().parent.parent.parent
CLAIRE, PAUL = PROFESSIONALS[0], PROFESSIONALS[1]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ROUTES = re.findall(r'^ROUTE\((GET|POST), "([^"]+)", (\w+), (\w+), ([^,]+),', (SOURCE / "webmail-cgi/routes.def").read_text(), re.M)
# What a look at a page may not change. Not here: what says that it was looked at (traces, \Seen, sessions), and what other
# daemons move by themselves (the queue, the inbox).
KEPT = ("bal", "membership", "certificate_binding", "bal_document", "bal_rule", "bal_absence", "message_work", "patient_register",
        "structure", "operator_role", "draft", "web_setting",
        "(SELECT m.* FROM message m JOIN folder f USING (bal_id, folder_id) WHERE f.special_use IS DISTINCT FROM 'INBOX')")


@pytest.fixture(scope="module")
def web(sandbox):
    """Claire, logged in, with a message to open; and Paul's mailbox, which is not hers."""
    with connect(sandbox) as smtp:
        assert deliver(smtp, LAB, [CLAIRE.address], LETTER.encode()).code == 250
    browser = log_in(sandbox, CLAIRE)
    browser.uid = browser.page.find(r'data-uid="?([0-9]+)')
    browser.folder = browser.inbox.rsplit("/", 1)[1]
    with psycopg2.connect(sandbox.postgres.conninfo) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT bal_id FROM bal WHERE address = %s", (PAUL.address,))
        browser.foreign = str(cursor.fetchone()[0])
    yield browser
    browser.close()


def path_of(web, pattern, bal=None) -> str:
    words = {"bal": bal or web.bal, "folder": web.folder, "uid": web.uid, "part": "0", "document": "0", "envoi": "1", "boite": web.bal,
             "version": "0", "file": "app.css", "vue": "traces"}
    return re.sub(r"[:*](\w+)", lambda found: words[found[1]], pattern)


def test_the_table_is_read_whole():
    assert len(ROUTES) == (SOURCE / "webmail-cgi/routes.def").read_text().count("\nROUTE(") > 60


def check_headers(page, cage):
    head = {name.lower(): value for name, value in page.headers.items()}
    policy = head["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy, page.url
    assert re.search(r"frame-ancestors '(none|self)'", policy), page.url
    kind = head.get("content-type", "")
    if kind.startswith("text/html") and not cage:
        assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy and "form-action 'self'" in policy, page.url
        assert "require-trusted-types-for 'script'" in policy and head["x-frame-options"] == "DENY", page.url
        assert head["cross-origin-opener-policy"] == "same-origin", page.url
    if cage and kind.startswith("text/html"):
        assert policy.startswith("sandbox") and "script" not in policy and "allow-same-origin" not in policy, page.url
    assert int(re.search(r"max-age=(\d+)", head["strict-transport-security"])[1]) >= 31536000, page.url
    assert head["x-content-type-options"] == "nosniff" and head["referrer-policy"] == "no-referrer", page.url
    assert head["cross-origin-resource-policy"] == "same-origin" and "camera=()" in head["permissions-policy"], page.url
    assert head["cache-control"] == "no-store" or "/s/" in page.url, page.url


def changed(sandbox):
    with psycopg2.connect(sandbox.postgres.conninfo) as connection, connection.cursor() as cursor:
        out = {}
        for table in KEPT:
            cursor.execute(f"SELECT count(*), md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM {table} t")
            out[table] = cursor.fetchone()
        return out


def test_looking_changes_nothing_and_every_answer_is_shielded(web, sandbox):
    before, seen = changed(sandbox), 0
    for method, pattern, page, needs, flags in ROUTES:
        if method != "GET" or page in ("page_login", "page_login_return"):
            continue
        answer = web.ask("GET", web.base + path_of(web, pattern))
        assert answer.status in (200, 303, 304, 403, 404, 400), (pattern, answer.status)
        check_headers(answer, "WEB_CAGE" in flags)
        seen += answer.status == 200
    assert seen >= 20  # shown, not refused
    assert changed(sandbox) == before


@pytest.mark.parametrize("where", ["elsewhere", "same-site", "no-proof", "no-token", "other-token"])
def test_a_change_comes_from_our_own_pages_alone(web, sandbox, where):
    """Each POST of the table: foreign Origin, Sec-Fetch-Site of a sister site, neither of them, a form without its token."""
    sent = {"elsewhere": {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
            "same-site": {"Origin": "null", "Sec-Fetch-Site": "same-site"},
            "no-proof": {"Origin": ""}}.get(where, {"Sec-Fetch-Site": "same-origin"})
    fields = {"csrf": {"no-token": "", "other-token": "A" * len(web.csrf)}.get(where, web.csrf)}
    before = changed(sandbox)
    for method, pattern, _, _, _ in ROUTES:
        if method == "POST":
            answer = web.ask("POST", web.base + path_of(web, pattern), urlencode(fields), FORM | sent)
            assert answer.status == 403, (pattern, where, answer.status)
            check_headers(answer, False)
    assert changed(sandbox) == before


def test_a_change_by_get_and_a_look_by_post_are_refused(web):
    both = {pattern for method, pattern, *_ in ROUTES if method == "GET"} & {pattern for method, pattern, *_ in ROUTES if method == "POST"}
    for method, pattern, _, _, _ in ROUTES:
        if pattern in both or pattern.startswith("/admin/"):
            continue
        other = "GET" if method == "POST" else "POST"
        answer = web.ask(other, web.base + path_of(web, pattern), "" if other == "POST" else None, {"Sec-Fetch-Site": "same-origin"})
        assert answer.status == 405, (pattern, other, answer.status)
    assert web.ask("PUT", web.base + "/", "x").status == 405
    assert web.ask("GET", web.base + "/b/1/recherche?mots=x").status in (200, 400, 404)  # a word in an address looks for nothing


def test_another_s_mailbox_and_none_at_all_look_alike(web):
    """404 in the same words, whether the mailbox exists or not; without a session, log-in first, whatever is asked for."""
    nobody = Browser()
    for method, pattern, _, needs, _ in ROUTES:
        if ":bal" not in pattern or method != "GET":
            continue
        answers = [web.ask("GET", web.base + path_of(web, pattern, bal)) for bal in (web.foreign, "999999999")]
        shown = [re.sub(r'nonce="?[\w+/=-]+|value="[\w-]{30,}"|/b/\d+|<code>\w+</code>', "", answer.text) for answer in answers]
        assert [answer.status for answer in answers] == [404, 404], pattern
        assert shown[0] == shown[1], pattern
        strangers = [nobody.ask("GET", web.base + path_of(web, pattern, bal)) for bal in (web.bal, web.foreign, "999999999")]
        assert len({(answer.status, answer.headers.get("Location")) for answer in strangers}) == 1, pattern
        assert strangers[0].status in (303, 401), pattern
    nobody.close()


def fastcgi(path, peer) -> bytes:
    """One request on the service's own socket, as a web server would send it for that client."""
    def record(kind, content):
        return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content

    parameters = b"".join(struct.pack(">BB", len(k), len(v)) + k + v for k, v in (
        (b"REQUEST_METHOD", b"GET"), (b"REQUEST_URI", b"/"), (b"REMOTE_ADDR", peer)))
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as service:
        service.settimeout(120)
        service.connect(str(path))
        service.sendall(record(1, b"\0\1\0\0\0\0\0\0") + record(4, parameters) + record(4, b"") + record(5, b""))
        return service.recv(64)[8:]


def test_whoever_asks_too_fast_waits(sandbox):
    """900 a minute and process (webmail.anonymous_rate), of that address alone."""
    path = sandbox.place.run / "webmail.sock"
    for _ in range(20 * 900):
        if b"Status: 429" in (answer := fastcgi(path, b"192.0.2.7")):
            break
        assert b"Status: 200" in answer
    else:
        pytest.fail("nobody was told to wait")
    assert b"Status: 200" in fastcgi(path, b"192.0.2.8")


FRENCH = re.compile(r"\b(?:le|la|les|des|du|une|est|sont|dans|pour|par|sur|avec|sans|votre|vos|vous|cette|ce|aucun|aucune|boîte|dossier|adresse)\b|’|«")


KINDS = (SOURCE / "lib/proto/cda_kinds.def").read_text()  # a national list: its words are its own


def test_every_page_has_its_english(web, sandbox):
    """By Accept-Language: no French word is left between the tags, nor in what screen readers say."""
    left, seen = {}, 0
    for method, pattern, page, _, flags in ROUTES:
        if method != "GET" or page in ("page_login", "page_login_return") or "WEB_CAGE" in flags:
            continue
        answer = web.ask("GET", web.base + path_of(web, pattern), None, {"Accept-Language": "en"})
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        assert re.search(r"<html[^>]*lang=\"?en", answer.text) or answer.status == 303, pattern
        seen += 1
        shown = re.sub(r"<(script|style|template|textarea)\b.*?</\1>", " ", answer.text, flags=re.S)
        words = re.findall(r">([^<>]+)<", shown) + re.findall(r"(?:aria-label|title|placeholder|alt)=\"([^\"]+)", shown)
        if found := [word.strip() for word in words if FRENCH.search(unescape(word)) and unescape(word).strip() not in KINDS]:
            left[pattern] = found
    assert seen >= 25
    assert left == {}
