"""An XSS corpus in real Chromium: nothing fires, nothing loads from anywhere but our own server."""
import pytest
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import urlsplit

import hostile
from webmail import SAMIA, message

BATCH = 12


def batches(bodies):
    return ["<hr>".join(bodies[i:i + BATCH]) for i in range(0, len(bodies), BATCH)]


def raw(charset, content) -> bytes:
    head = (f"From: a@lab.autre-operateur.mssante.fr\r\nTo: {SAMIA.address}\r\nSubject: Charset {charset[:12]!r}\r\n"
            "Date: Fri, 20 Nov 2026 09:30:00 +0100\r\nMessage-ID: <1@x>\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: text/html; charset=\"{charset}\"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n")
    return head.encode() + content.replace(b"\n", b"\r\n").replace(b"\x00", b"") + b"\r\n"


def corpus() -> list:
    sender = "a@lab.autre-operateur.mssante.fr"
    out = [message(sender, SAMIA.address, f"Lot {i}", "texte", html) for i, html in enumerate(batches(hostile.html_bodies()))]
    out += [message(sender, SAMIA.address, "Lignes", "\n".join(hostile.LINES))]
    for line in hostile.LINES:
        one = EmailMessage(policy=SMTP.clone(max_line_length=998))
        one["From"] = f'"{line[:40]}" <{sender}>' if '"' not in line[:40] else sender
        one["To"], one["Subject"], one["Date"] = SAMIA.address, line, "Fri, 20 Nov 2026 09:30:00 +0100"
        one.set_content(line)
        out.append(one.as_bytes())
    out += [raw(charset, content) for charset, content in hostile.charset_tricks()]
    for name in hostile.NAMES:
        safe = name.replace("\r", "").replace("\n", "").replace("\x00", "")
        out.append(message(sender, SAMIA.address, "Pièce", "x", None, [(safe, "text/html", b"<script>top.canary=1</script>"),
                                                                        (safe, "image/svg+xml", b"<svg onload='top.canary=1'/>")]))
    out.append(message(sender, SAMIA.address, "TNEF", "x", None, [("winmail.dat", "application/ms-tnef", b"\x78\x9f\x3e\x22" + b"A" * 200)]))
    return out


def foreign(browser, requests):
    ours = urlsplit(browser.url).netloc
    return [url for url in requests if urlsplit(url).scheme in ("http", "https", "ws", "wss") and urlsplit(url).netloc != ours]


def test_nothing_fires_and_nothing_loads(browser, mail):
    messages = corpus()
    mail.empty(SAMIA, SAMIA.address)
    mail.put(SAMIA, SAMIA.address, *messages)
    b = browser(height=1400)
    b.log_in(SAMIA)
    b.wait(lambda: b.all(".row"))
    b.requests()
    links = [link.get_attribute("href") for link in b.all(".row > a")]
    while more := [a for a in b.all("a[data-key=older]")]:
        b.driver.get(more[0].get_attribute("href"))
        links += [link.get_attribute("href") for link in b.all(".row > a")]
    assert len(links) == len(messages)
    for link in links:
        b.driver.get(link)
        b.one(".reading h1")
        for frame in b.all("iframe.cage"):
            b.driver.switch_to.frame(frame)
            assert b.driver.find_elements("css selector", "script, iframe, object, embed, form, style:not([nonce]), link, svg, math, "
                                          "meta:not([charset])") == [], link
            b.driver.switch_to.default_content()
        assert b.driver.execute_script("return window.canary") is None, link
        assert b.driver.execute_script("return document.querySelectorAll('.reading script, .reading [onerror]').length") == 0, link
        assert foreign(b, b.requests()) == [], link


@pytest.mark.parametrize("name", ["text/html", "image/svg+xml", "text/xml", "application/xhtml+xml"])
def test_what_could_run_is_only_saved(browser, mail, name):
    mail.empty(SAMIA, SAMIA.address)
    mail.put(SAMIA, SAMIA.address, message("a@lab.autre-operateur.mssante.fr", SAMIA.address, "Pièce", "x", None,
                                           [("x.bin", name, b"<script>top.canary=1</script>")]))
    b = browser()
    b.log_in(SAMIA)
    b.open_message("Pièce")
    path = b.one(".part a").get_attribute("href").replace("?enregistrer=1", "")
    answer = b.driver.execute_async_script(
        "const done = arguments[1]; fetch(arguments[0]).then((a) => done([a.headers.get('content-type'), "
        "a.headers.get('content-disposition'), a.headers.get('x-content-type-options'), a.headers.get('content-security-policy')]));", path)
    assert answer[0] == "application/octet-stream"
    assert answer[1].startswith("attachment")
    assert answer[2] == "nosniff"
    assert "default-src 'none'" in answer[3]
