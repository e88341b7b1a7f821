"""An XSS corpus in real Chromium: nothing fires, nothing loads from anywhere but our own server."""
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import urlsplit

import hostile
from webmail import SAMIA, Keys, message, sql

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
    out += [message(sender, SAMIA.address, "TNEF", "x", None, [("winmail.dat", "application/ms-tnef", content)]) for content in hostile.tnefs()]
    out += [with_header(line) for line in hostile.header_lines()]
    return out


def with_header(line) -> bytes:
    """A message of one hostile field, in the place of ours of that name."""
    fields = {"From": "a@lab.autre-operateur.mssante.fr", "To": SAMIA.address, "Subject": "Champ", "Date": "Fri, 20 Nov 2026 09:30:00 +0100",
              "Message-ID": "<1@x>", "Content-Type": "text/html; charset=utf-8"}
    name, value = line.split(": ", 1)
    text = "".join(f"{key}: {field}\r\n" for key, field in (fields | {name: value}).items())
    return (text + f"MIME-Version: 1.0\r\n\r\n<p>x</p><script>{hostile.RUN}</script>\r\n").encode()


def test_the_corpus_is_large_and_has_every_class():
    """SVG, MathML, CSS, mXSS, charsets, cid: and data:, TNEF, names of files, headers."""
    bodies = hostile.html_bodies()
    pieces = {"svg": [b for b in bodies if "<svg" in b], "mathml": [b for b in bodies if "<math" in b], "css": hostile.by_style(),
              "mutation": hostile.by_mutation(), "charset": hostile.charset_tricks(), "cid, data": hostile.by_content_id(),
              "tnef": hostile.tnefs(), "file name": hostile.NAMES, "header": hostile.header_lines() + hostile.LINES}
    assert all(len(found) >= 6 for found in pieces.values()), {name: len(found) for name, found in pieces.items()}
    each = [*bodies, *hostile.charset_tricks(), *hostile.tnefs(), *hostile.NAMES, *hostile.header_lines(), *hostile.LINES]
    assert len(set(each)) >= 400


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


# What people, the Annuaire and other servers write, in the places where our own pages show it.
POST = """const done = arguments[2], body = new URLSearchParams({csrf: document.body.dataset.csrf});
for (const [name, value] of Object.entries(arguments[1])) body.set(name, value);
fetch(arguments[0], {method: "POST", body}).then((answer) => done(answer.status));"""


def post(b, path, **fields):
    return b.driver.execute_async_script(POST, path, fields)


def nothing_ran(b, where):
    assert b.driver.execute_script("return window.canary || [...document.querySelectorAll('*')].flatMap((e) => e.getAttributeNames())"
                                   ".find((name) => name.startsWith('on')) || null") is None, where
    assert b.driver.execute_script("return document.querySelectorAll('script:not([nonce]), img[src=x], svg[onload], a[href^=javascript]').length") == 0, where
    assert foreign(b, b.requests()) == [], where


def test_what_is_written_beside_mail_is_text(browser, mail, sandbox):
    """Contacts, templates, rules, folders, signature, out-of-office, words searched for, file names in lists, the Annuaire's
    values, a colleague's name, another server's words: each as hostile as a message."""
    mail.empty(SAMIA, SAMIA.address)
    mail.empty(SAMIA, SAMIA.address, "Sent")
    line = hostile.LINES[1]
    mail.put(SAMIA, SAMIA.address, message("a@lab.autre-operateur.mssante.fr", SAMIA.address, "Nom de pièce", "x", None,
                                           [(hostile.NAMES[0], "application/pdf", b"%PDF-1.4")]))
    mail.put(SAMIA, SAMIA.address, message(SAMIA.address, "a@x.fr", "Refusé", "x"), folder="Sent")
    b = browser()
    b.log_in(SAMIA)
    b.row("Nom de pièce")
    bal = b.driver.current_url.split("/")[4]
    quoted = line.replace("'", "''")
    sql(sandbox, f"INSERT INTO queue_history (recipient_id, queue_id, bal_id, blob_id, domain, address, outcome, reply, rule, attempts, created) "
                 f"SELECT (extract(epoch FROM clock_timestamp()) * 1e6)::bigint, 1, m.bal_id, m.blob_id, 'x.fr', '{quoted}', 'failed', '{quoted}', "
                 f"'peer', 1, now() FROM message m JOIN folder f USING (bal_id, folder_id) WHERE m.bal_id = {bal} AND f.special_use = '\\Sent'")
    sql(sandbox, "INSERT INTO directory_entry (source_key, address, kind, title, given_name, family_name, profession, role, structure, town, fold, digest, pass) "
                 f"VALUES ('hostile', 'zz@x.fr', 'PER', '{quoted}', '{quoted}', '{quoted}', '{quoted}', '{quoted}', '{quoted}', '{quoted}', 'zzannuaire', '', 0)")
    sql(sandbox, f"UPDATE person SET family_name = family_name || ' {quoted}' WHERE family_name LIKE '{SAMIA.family}%'")
    try:
        for text in hostile.LINES:
            assert post(b, f"/b/{bal}/contacts", acte="garder", nom=text, adresses="a@lab.autre-operateur.mssante.fr", note=text) == 200
            assert post(b, f"/b/{bal}/modeles", acte="garder", nom=text, objet=text, texte=text) == 200
            assert post(b, f"/b/{bal}/regles", acte="ajouter", nom=text, champ="objet", valeur=text, vers="0") == 200
            post(b, f"/b/{bal}/dossiers", acte="creer", nom=text.replace("/", ""))
        all_lines = "\n".join(hostile.LINES)
        assert post(b, "/reglages", boite=bal, signature=all_lines) == 200
        assert post(b, f"/b/{bal}/absence", acte="garder", du="2031-01-01", au="2031-01-02", objet=line, texte=all_lines, patients=all_lines) == 200
        b.requests()
        for page in ("contacts", "modeles", "regles", "dossiers", "absence", "lectures", "ecrire", "envois", "gestion", "patients"):
            b.go(f"/b/{bal}/{page}")
            b.one("h1")
            nothing_ran(b, page)
            assert page not in ("contacts", "modeles", "regles") or line in b.text("main"), page
        b.go(f"/b/{bal}/ecrire")
        assert line in b.one("#champ-texte").get_attribute("value")
        b.one("#champ-a").send_keys("script")  # a contact's name, completed
        b.wait(lambda: b.all(".suggest li"))
        nothing_ran(b, "completion")
        b.fill("#champ-a", "zzannuaire")  # what another operator has put into the Annuaire
        b.wait(lambda: "zz@x.fr" in b.text(".suggest") and line in b.text(".suggest"))
        nothing_ran(b, "directory")
        b.press(Keys.ARROW_DOWN, Keys.ENTER)
        b.wait(lambda: "zz@x.fr" in b.one("#champ-a").get_attribute("value"))
        nothing_ran(b, "directory, taken")
        b.driver.execute_script("window.onbeforeunload = null")
        b.go("/reglages")
        nothing_ran(b, "reglages")
        b.go(f"/b/{bal}")
        b.click(".folders a[title=Envoyés]")
        b.open_message("Refusé")
        b.wait_text("onerror", ".fates")
        nothing_ran(b, "sent")
        for text in (*hostile.LINES, hostile.NAMES[0]):
            b.go(f"/b/{bal}/recherche")
            b.one(".find")
            for name in ("mots", "piece", "de"):
                b.driver.execute_script("document.querySelector(`.find input[name=${arguments[0]}]`).value = arguments[1]", name, text[:200])
            b.click(".find button")
            b.wait(lambda: b.all(".list[data-search] .empty, .list[data-search] .row"))
            nothing_ran(b, text)
    finally:
        sql(sandbox, f"UPDATE person SET family_name = '{SAMIA.family}' WHERE family_name LIKE '{SAMIA.family}%'")
        sql(sandbox, "DELETE FROM directory_entry WHERE source_key = 'hostile'")
        sql(sandbox, f"DELETE FROM bal_document WHERE bal_id = {bal}")
        sql(sandbox, f"DELETE FROM bal_rule WHERE bal_id = {bal}")
        sql(sandbox, f"DELETE FROM bal_absence WHERE bal_id = {bal}")
        sql(sandbox, f"DELETE FROM web_setting WHERE bal_id = {bal} AND name = 'signature'")
        sql(sandbox, f"DELETE FROM folder WHERE bal_id = {bal} AND special_use IS NULL AND messages = 0")


def test_what_could_run_is_only_saved(browser, mail):
    kinds = ["text/html", "image/svg+xml", "text/xml", "application/xhtml+xml"]
    mail.empty(SAMIA, SAMIA.address)
    mail.put(SAMIA, SAMIA.address, *[message("a@lab.autre-operateur.mssante.fr", SAMIA.address, f"Pièce {kind}", "x", None,
                                             [("x.bin", kind, b"<script>top.canary=1</script>")]) for kind in kinds])
    b = browser()
    b.log_in(SAMIA)
    for kind in kinds:
        b.open_message(f"Pièce {kind}")
        path = b.one(".part a").get_attribute("href").replace("?enregistrer=1", "")
        answer = b.driver.execute_async_script(
            "const done = arguments[1]; fetch(arguments[0]).then((a) => done([a.headers.get('content-type'), "
            "a.headers.get('content-disposition'), a.headers.get('x-content-type-options'), a.headers.get('content-security-policy')]));", path)
        assert answer[0] == "application/octet-stream", kind
        assert answer[1].startswith("attachment"), kind
        assert answer[2] == "nosniff", kind
        assert "default-src 'none'" in answer[3], kind


def test_what_is_safe_opens_in_place(browser, mail):
    """A PDF, a picture, a text: their own type, inline, framed by our pages alone, in a frame of their own for a PDF; and to be
    saved when that is asked for (test_pdf.py looks at the pixels)."""
    kinds = {"application/pdf": b"%PDF-1.4\n%%EOF\n", "image/png": b"\x89PNG\r\n\x1a\n", "text/plain": b"<script>top.canary=1</script>"}
    mail.empty(SAMIA, SAMIA.address)
    mail.put(SAMIA, SAMIA.address, *[message("a@lab.autre-operateur.mssante.fr", SAMIA.address, f"Sûr {kind}", "x", None,
                                             [(f"nom {hostile.NAMES[8]}", kind, content)]) for kind, content in kinds.items()])
    b = browser()
    b.log_in(SAMIA)
    for kind in kinds:
        b.open_message(f"Sûr {kind}")
        path = b.one(".part a").get_attribute("href").replace("?enregistrer=1", "")
        for query, how in (("", "inline"), ("?enregistrer=1", "attachment")):
            answer = b.driver.execute_async_script(
                "const done = arguments[1]; fetch(arguments[0]).then((a) => done(Object.fromEntries(a.headers)));", path + query)
            assert answer["content-disposition"].startswith(how + ";") and "\n" not in answer["content-disposition"], kind
            assert answer["content-type"].startswith(kind if not query else "application/octet-stream"), kind
            assert answer["x-content-type-options"] == "nosniff" and answer["cache-control"] == "no-store", kind
            assert "default-src 'none'" in answer["content-security-policy"] and "frame-ancestors 'self'" in answer["content-security-policy"]
        assert b.driver.execute_script("return window.canary") is None
