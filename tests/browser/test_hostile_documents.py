"""tests/data/xdm_hostile in real Chromium: what renders of these archives does nothing and loads nothing, and what is odd about
them is said. (What the reader owes each of them is tests/unit/test_xdm_hostile.c's.)"""
from pathlib import Path

import pytest

from test_hostile_mail import foreign
from webmail import SAMIA, message, sql

FOLDER = Path(__file__).resolve().parent.parent / "data" / "xdm_hostile"
ROWS = [line.split("\t") for line in (FOLDER / "expected.tsv").read_text().splitlines()]
RENDERED = [row[0] for row in ROWS if row[6] != "none"]
SAID = {  # what the page around the document must say
    "two-documents-of-one-name": "portent le même nom", "two-metadata": "portent le même nom", "two-sets": "plusieurs lots",
    "climbing-member": "nom interdit", "two-patients": "plusieurs identités", "two-matricules": "plusieurs identités",
    "metadata-other-birth": "ne désignent pas le même patient", "metadata-hash-of-another": "Modifié depuis son envoi",
    "metadata-laughs": "DOCTYPE", "laughs": "Document illisible", "false-key": "", "title-markup": "<script>", "name-markup": "<script>",
    "metadata-markup-as-text": "", "body-html-called-pdf": "", "hostile-index": ""}
# Each view in a frame as the message's page makes it; the page that holds them waits for all.
FRAMES = """const done = arguments[1];
Promise.all(arguments[0].map((src) => new Promise((loaded) => {
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
    frame.className = "cage essai";
    frame.onload = () => loaded(src);
    frame.src = src;
    document.body.append(frame);
}))).then((all) => done(all.length));"""


@pytest.fixture(scope="module")
def paths(sandbox, mail):
    """The archive's name → its message's address."""
    names = [row[0] for row in ROWS if row[0] in RENDERED or row[0] in SAID]
    mail.empty(SAMIA, SAMIA.address)
    mail.put(SAMIA, SAMIA.address, *[message("resultats@lab.autre-operateur.mssante.fr", SAMIA.address, f"Archive {name}", "x", None, [
        ("IHE_XDM.ZIP", "application/zip", (FOLDER / f"{name}.zip").read_bytes())]) for name in names])
    found = sql(sandbox, "SELECT format('/b/%s/d/%s/m/%s', m.bal_id, m.folder_id, m.uid) FROM message m JOIN folder f USING (bal_id, folder_id) "
                         f"JOIN bal b ON b.bal_id = m.bal_id WHERE b.address = '{SAMIA.address}' AND f.name = 'INBOX' ORDER BY m.uid DESC LIMIT {len(names)}")
    return dict(zip(reversed(names), found))


def test_no_view_of_a_document_runs_or_loads_anything(browser, paths):
    b = browser()
    b.log_in(SAMIA)
    b.go(paths["hostile-index"])
    b.one(".document")
    b.requests()
    views = [f"{paths[name]}/x/0/vue" for name in RENDERED]
    b.driver.set_script_timeout(120)
    assert b.driver.execute_async_script(FRAMES, views) == len(RENDERED) > 50
    for frame in b.all("iframe.essai"):
        src = frame.get_attribute("src")
        b.driver.switch_to.frame(frame)
        assert b.driver.find_element("tag name", "body").text.strip(), src
        assert b.driver.find_elements("css selector", "script, iframe, object, embed, form, style:not([nonce]), link, svg, math, "
                                      "meta:not([charset]), [onerror], [onclick], [onload], [style], a[href^=javascript]") == [], src
        assert "root:x:0" not in b.driver.page_source, src
        b.driver.switch_to.default_content()
    assert b.driver.execute_script("return window.canary") is None
    assert foreign(b, b.requests()) == []


def test_what_is_odd_is_said_and_markup_is_text(browser, paths):
    b = browser()
    b.log_in(SAMIA)
    b.requests()
    for name, words in SAID.items():
        b.go(paths[name])
        b.one(".reading h1")
        assert words in b.text(".reading"), name
        assert b.driver.execute_script("return window.canary") is None, name
        assert b.driver.execute_script("return document.querySelectorAll('.reading script, .reading [onerror]').length") == 0, name
        assert foreign(b, b.requests()) == [], name


def test_a_body_that_is_no_pdf_is_only_saved(browser, paths):
    b = browser()
    b.log_in(SAMIA)
    for name in ("body-html-called-pdf", "body-html"):
        answer = b.driver.execute_async_script(
            "const done = arguments[1]; fetch(arguments[0]).then((a) => done(Object.fromEntries(a.headers)));", paths[name] + "/x/0")
        assert answer["content-type"] == "application/octet-stream" and answer["content-disposition"].startswith("attachment"), name
        assert answer["x-content-type-options"] == "nosniff", name
