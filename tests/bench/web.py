"""Rows of the webmail, and of Debian's Roundcube on Dovecot."""
import os
import statistics
import subprocess
import time
from urllib.parse import urlsplit

from sandbox.whitelist import PEER_DOMAIN

from .browser import Browser
from .rival import descendants
from .roundcube import Roundcube, php_fpm
from .side import BIG, HOLDERS, ROUNDCUBE, Side

USERS, RATE = 50, 50  # each user asks once a second
LIST = ("web list 100k, 50 users, p50 (ms)", "web list 100k, 50 users, p95 (ms)", "web list 100k, CPU of the service (ms)")
OPEN, SEARCH = "web open a message, p95 (ms)", "web search of 100k, to its end (ms)"
VIEW, CGI = "web first view, over the wire (kB)", "web list as CGI, more than FastCGI (ms)"
FILES = ("web 25 MB attachment up (ms)", "web 25 MB attachment down (ms)", "web worker, peak resident after 25 MB (MiB)")
ALL = (*LIST, OPEN, SEARCH, VIEW, CGI, *FILES)
ABSENT = "introuvable-4711"


def log_in(side: Side, browser=None) -> Browser:
    """By the sandbox's Pro Santé Connect, as the holder of the folder of 100,000."""
    browser, url = browser or Browser(), side.sandbox.psc.webmail_url
    page = browser.get(url + "/connexion")
    if "name=person" in page.text:
        page = browser.post(page.url, {"acr": "eidas1", "person": HOLDERS[0].national_id})
    browser.bal = browser.get(url + "/").find(r"/b/([0-9]+)")
    browser.inbox = f"{url}/b/{browser.bal}/d/" + browser.get(f"{url}/b/{browser.bal}").url.rsplit("/", 1)[1]
    return browser


def cpu_ms(pids) -> float:
    ticks = 0
    for pid in pids:
        try:
            fields = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks * 1000 / os.sysconf("SC_CLK_TCK")


def paced(side: Side, url, cookies, mark, seconds, pids):
    """p50, p95 in ms and the service's CPU a request, of a page asked for by 50 users, and never wrong."""
    parts = urlsplit(url)
    path = parts.path + ("?" + parts.query if parts.query else "")
    before = cpu_ms(pids)
    done = side.load(parts.port, ("-", "-"), "none", "http", USERS, RATE, seconds, side.lines("cookies", cookies), path, mark)
    if int(done[1][0]):
        raise LookupError(f"{done[1][0]} of {done[0][1]} answers are wrong: {url}")
    return int(done[0][2]) / 1000, int(done[0][3]) / 1000, (cpu_ms(pids) - before) / int(done[0][1])


def ours(bench, side: Side):
    if not bench.wanted(*ALL):
        return
    seconds = 6 if bench.options.quick else 8
    pids = descendants(side.sandbox.processes.pid("webmail"))
    browser = log_in(side)
    cookies = [log_in(side).cookie(browser.inbox) for _ in range(USERS)] if bench.wanted(*LIST, OPEN) else []
    for _ in range(bench.options.rounds):
        bench.rows(LIST, side, lambda: paced(side, browser.inbox, cookies, "data-uid", seconds, pids))
        bench.row(OPEN, side, lambda: paced(side, f"{browser.inbox}/m/4711", cookies, "data-uid", seconds, pids)[1])
        bench.row(SEARCH, side, lambda: search(browser))
    bench.row(VIEW, side, lambda: browser.view_bytes(browser.inbox) / 1000)
    bench.row(CGI, side, lambda: cgi(side, browser))
    bench.rows(FILES, side, lambda: attachment(side, browser, pids))
    browser.close()


def search(browser) -> float:
    """A word that nobody wrote, through all folders: the answers come in steps, the last one counts."""
    url, begin = browser.inbox.split("/d/")[0] + "/recherche", time.monotonic()
    fields = {"csrf": browser.get(browser.inbox).field("csrf"), "mots": ABSENT}
    for _ in range(1000):
        page = browser.post(url, fields)
        if 'class="more"' not in page.text and "class=more" not in page.text:
            return (time.monotonic() - begin) * 1000
        fields |= {"dossier": page.field("dossier"), "avant": page.field("avant")}
    raise LookupError("the search does not end")


def cgi(side: Side, browser) -> float:
    """What a process a request costs more than FastCGI: median of 40, one after the other."""
    place, path = side.sandbox.place, urlsplit(browser.inbox).path
    environment = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "REQUEST_URI": path, "REMOTE_ADDR": "127.0.0.1",
                   "CONTENT_LENGTH": "0", "HTTP_COOKIE": browser.cookie(browser.inbox), "HTTPS": "on",
                   "CADUCEE_WEBMAIL_SOCKET": str(place.run / "webmail.sock")}

    def once():
        done = subprocess.run([place.programs / "caducee-webmail"], env=environment, capture_output=True)
        if b"data-uid" not in done.stdout:
            raise LookupError(f"CGI: {done.stdout[:200]}")

    return timed(once, 40) - timed(lambda: browser.get(browser.inbox), 40)


def timed(act, count) -> float:
    figures = []
    for _ in range(count):
        begin = time.monotonic()
        act()
        figures.append((time.monotonic() - begin) * 1000)
    return statistics.median(figures)


def attachment(side: Side, browser, pids):
    """25 MB go up into a draft, and come down again."""
    url, content = browser.inbox.split("/d/")[0] + "/ecrire", os.urandom(25_000_000)
    form = browser.get(url)
    fields = {"csrf": form.field("csrf"), "acte": "joindre", "mode": "nouveau", "a": f"a@{PEER_DOMAIN}", "objet": "mesure",
              "texte": "mesure"}
    begin = time.monotonic()
    draft = browser.upload(url, fields, "fichier", content)
    up = (time.monotonic() - begin) * 1000
    uid = draft.find(r"brouillon=([0-9]+)") if "brouillon=" in draft.text else draft.url.rsplit("brouillon=", 1)[1]
    drafts = side.sandbox.postgres.query(f"SELECT folder_id FROM folder WHERE bal_id = {browser.bal} AND special_use = '\\Drafts'")
    begin = time.monotonic()
    found = browser.get(f"{browser.inbox.rsplit('/', 1)[0]}/{drafts}/m/{uid}/p/2?enregistrer=1")
    down = (time.monotonic() - begin) * 1000
    if found.body != content:
        raise LookupError(f"{len(found.body)} bytes came down of {len(content)}")
    return up, down, max(peak_kib(pid) for pid in pids) / 1024


def peak_kib(pid) -> int:
    try:
        lines = open(f"/proc/{pid}/status").read().splitlines()
    except FileNotFoundError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def roundcube(bench, side: Side):
    if not bench.wanted(*ALL):
        return
    if not php_fpm():
        bench.say("Roundcube is not installed: its figures are left out (packaging/deps bench)")
        return
    server, user = Roundcube(side.rival), f"bench-{BIG}"
    server.start()
    other = Side(ROUNDCUBE, side.sandbox, side.rival)
    try:
        bench.sandbox.wait_until(lambda: answers(server))
        browser = server.log_in(user)
        cookies = [server.log_in(user).cookie(server.url) for _ in range(USERS)] if bench.wanted(*LIST, OPEN) else []
        pids = [pid for process in server.running for pid in descendants(process.pid)]
        view, seconds = server.url + "?_task=mail&_mbox=INBOX", 6 if bench.options.quick else 8
        for _ in range(bench.options.rounds):
            bench.rows(LIST, other, lambda: paced(other, view + "&_action=list&_remote=1", cookies, "add_message_row", seconds, pids))
            bench.row(OPEN, other, lambda: paced(other, view + "&_action=show&_uid=4711", cookies, "messagebody", seconds, pids)[1])
            bench.row(SEARCH, other, lambda: timed(
                lambda: browser.get(f"{view}&_action=search&_q={ABSENT}&_headers=text&_scope=base&_remote=1"), 1))
        bench.row(VIEW, other, lambda: browser.view_bytes(view) / 1000)
    finally:
        server.stop()


def answers(server) -> bool:
    try:
        return Browser().get(server.url).status == 200
    except (OSError, LookupError):
        return False
