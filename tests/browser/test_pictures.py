"""Every page of the webmail, pictured: desktop and phone, light and dark, with an index to leaf through.

The list of pages is the routing table's: a page that nobody pictures fails the test.
"""
import html
import re

import pytest

from conftest import SOURCE
from webmail import CLAIRE, LUCIE, PAUL, SIZES, SOINS, Keys, sql, usual_mail

ADMIN = ("structures", "domaines", "boites", "personnes", "file", "patients", "listes-blanches", "autorites", "annuaire",
         "indicateurs", "ecarts", "alarmes")
# What answers a GET and is no page of its own.
NOT_PAGES = {
    "page_static", "page_favicon", "page_autoconfig", "page_poll",  # files, settings of mail clients, news for scripts
    "page_login", "page_login_return", "page_certificate_login", "page_bal",  # they lead elsewhere
    "page_cage_html", "page_document", "page_document_view", "page_part",  # shown inside a message
    "page_source",  # a message as it came: text
    "page_exceptional",  # shown only to whom something is to be told: test_session pictures it
}


def pages() -> list:
    """(pattern of its address, page) of each page that a person looks at."""
    text = (SOURCE / "webmail-cgi" / "routes.def").read_text()
    found = re.findall(r'ROUTE\(GET, "([^"]+)", (\w+),', text)
    return [(re.compile(re.sub(r":\w+", r"\\d+", re.sub(r"\*\w+", r"[\\w.-]+", path))), page)
            for path, page in found if page not in NOT_PAGES]


class Album:
    """Pictures of where a browser stands, and which pages they are of."""

    def __init__(self, folder):
        self.folder, self.names, self.seen = folder, [], set()

    def take(self, b, name):
        path = b.driver.current_url.removeprefix(b.url).partition("?")[0].partition("#")[0]
        self.seen |= {page for pattern, page in pages()[::-1] if pattern.fullmatch(path)}
        name = f"{len(self.names) + 1:02d}-{name}"
        self.names.append(name)
        b.pictures(self.folder, name)

    def visit(self, b, path, name, awaited="h1"):
        b.go(path)
        b.one(awaited)
        self.take(b, name)

    def write_index(self):
        """One page with all of them, in the order of the day."""
        kinds = [f"{size}-{theme}" for size in SIZES for theme in ("clair", "sombre")]
        rows = "".join(f"<h2>{html.escape(name)}</h2><p>" + "".join(
            f'<a href="{kind}-{name}.png"><img loading="lazy" alt="{kind}" src="{kind}-{name}.png"></a>' for kind in kinds)
            for name in self.names)
        (self.folder / "index.html").write_text(
            '<!doctype html><html lang="fr"><meta charset="utf-8"><title>Caducée : le webmail en images</title>'
            "<style>body{font:16px sans-serif;margin:2em}p{display:flex;gap:1em;align-items:flex-start;flex-wrap:wrap}"
            f"img{{max-height:26em;border:1px solid #999}}</style><h1>Le webmail en images</h1>{rows}</html>")


def reading(b, album):
    for number, subject in enumerate(("CR d'examens", "Synthèse", "Rendez-vous", "Re: votre ordonnance", "Compte rendu de")):
        b.open_message(subject)
        album.take(b, f"message-{number}")


def writing(b, album, home):
    b.go("/")
    b.open_message("Pansement")
    b.click("a[data-key=r]")
    b.one("#champ-texte")
    album.take(b, "repondre")
    album.visit(b, f"{home}/ecrire", "ecrire", "#champ-texte")
    album.visit(b, f"{home}/document", "envoyer-un-document", "#pdf")


def beside(b, album, home):
    for page in ("dossiers", "contacts", "modeles", "regles", "absence", "envois", "lectures", "telecharger", "patients",
                 "patients/nouveau"):
        album.visit(b, f"{home}/{page}", page.replace("/", "-"))
    album.visit(b, f"{home}/recherche", "recherche", "form")
    b.fill(".search input", "rééducation")
    b.one(".search input").send_keys(Keys.ENTER)
    b.row("Compte rendu de rééducation")
    album.take(b, "recherche-resultats")
    for page in ("reglages", "sessions", "aide"):
        album.visit(b, f"/{page}", page)


def shared(b, album):
    b.go("/")
    b.open_mailbox(SOINS)
    b.row("Pansement")
    album.take(b, "boite-partagee")
    b.open_message("Compte rendu de")
    b.click("button[value=prendre]")
    b.wait_text("Pris en charge par", ".reading")
    album.take(b, "pris-en-charge")
    album.visit(b, b.driver.current_url.removeprefix(b.url).partition("/d/")[0] + "/gestion", "gestion")


def locked(b, album):
    b.click(".person > summary")
    b.click("form[action='/verrou'] button")
    b.wait_text("Session verrouillée")
    album.visit(b, "/verrou", "verrou")


def administration(browser, album, sandbox):
    b = browser()
    b.log_in(PAUL)
    album.visit(b, "/admin", "administration")
    for screen in ADMIN:
        album.visit(b, f"/admin/{screen}", f"administration-{screen}", ".tabs")
    number = sql(sandbox, f"SELECT bal_id FROM bal WHERE address = '{SOINS}'")[0]
    album.visit(b, f"/admin/boites/{number}", "administration-boite")
    auditor = browser()
    auditor.log_in(LUCIE)
    album.visit(auditor, "/admin/traces", "administration-traces", ".tabs")
    return b.complaints() + auditor.complaints()


@pytest.fixture
def typing(sandbox):
    """A structure that lets identities be typed has one page more."""
    before = sql(sandbox, "SELECT structure_id FROM structure WHERE patient_typing")
    sql(sandbox, "UPDATE structure SET patient_typing = true WHERE name = 'EHPAD Les Tilleuls'")
    yield
    sql(sandbox, f"UPDATE structure SET patient_typing = structure_id IN ({', '.join(before) or 'NULL'}) IS TRUE")


@pytest.mark.long
def test_every_page_in_pictures(browser, mail, roles, typing, sandbox, shots):
    for address in (CLAIRE.address, SOINS):
        mail.empty(CLAIRE, address)
        mail.put(CLAIRE, address, *usual_mail(address))
    b, album = browser(), Album(shots)
    album.visit(b, "/", "connexion", "a[href='/connexion']")
    b.log_in(CLAIRE)
    b.row("Pansement")
    album.take(b, "liste")
    home = b.driver.current_url.removeprefix(b.url).partition("/d/")[0]
    reading(b, album)
    writing(b, album, home)
    beside(b, album, home)
    shared(b, album)
    locked(b, album)
    complaints = b.complaints() + administration(browser, album, sandbox)
    album.write_index()
    assert {page for _, page in pages()} - album.seen == set(), "pages that nobody has pictured"
    assert complaints == []
