"""Driving the webmail as a person does, and putting mail into mailboxes as other people do."""
import contextlib
import imaplib
import json
import os
import ssl
import subprocess
import time
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from sandbox import documents, people

WAIT_S = int(os.environ.get("CADUCEE_PATIENCE", "120"))  # shorter while one writes a test
CLAIRE, PAUL, SAMIA, LUCIE, JEAN = people.PROFESSIONALS
SIZES = {"bureau": (1440, 900), "telephone": (390, 844)}
SOINS = "soins@tilleuls.caducee.mssante.fr"


def sql(sandbox, text) -> list:
    """The database, asked as its superuser: one string a row (columns separated by '|')."""
    who = {"user": sandbox.place.account.pw_uid} if sandbox.place.is_root else {}
    done = subprocess.run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", text], check=True, capture_output=True,
                          text=True, env=sandbox.caducee.environment(), **who)
    return done.stdout.splitlines()


@contextlib.contextmanager
def exceptional_access(sandbox, reason):
    """Paul may read Claire's mailbox for two days; it is over when the block ends."""
    sandbox.caducee.command("bal", "exceptional-access", CLAIRE.address, "--person", PAUL.national_id, "--second",
                            SAMIA.national_id, "--reason", reason, "--until", "+2d")
    try:
        yield
    finally:
        sql(sandbox, "DELETE FROM membership WHERE reason IS NOT NULL")


class Mail:
    """Messages come in by IMAP, as a mail client would bring them: what they hold is the test's."""

    def __init__(self, sandbox):
        self.sandbox = sandbox

    def session(self, who, address):
        token = self.sandbox.psc.token(who.national_id)
        context = ssl._create_unverified_context()  # the sandbox's own certificate, on loopback
        until = time.monotonic() + WAIT_S
        while True:
            imap = imaplib.IMAP4_SSL(self.sandbox.place.host, self.sandbox.place.port("imaps"), ssl_context=context)
            try:
                imap.authenticate("XOAUTH2", lambda _: f"user={address}\x01auth=Bearer {token}\x01\x01".encode())
                return imap
            except imaplib.IMAP4.error as refusal:  # keys may still be on their way to a sandbox that has just risen
                if "UNAVAILABLE" not in str(refusal) or time.monotonic() > until:
                    raise
                time.sleep(0.2)

    def put(self, who, address, *messages, folder="INBOX"):
        imap = self.session(who, address)
        for message in messages:
            status, words = imap.append(folder, None, None, message)
            assert status == "OK", words
        imap.logout()

    def empty(self, who, address, folder="INBOX"):
        imap = self.session(who, address)
        imap.select(folder)
        imap.uid("STORE", "1:*", "+FLAGS.SILENT", "(\\Deleted)")  # by UID: "1:*" by number is BAD where nothing is
        imap.expunge()
        imap.logout()

    def subjects(self, who, address, folder="INBOX"):
        imap = self.session(who, address)
        imap.select(folder, readonly=True)
        _, answer = imap.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        imap.logout()
        raw = b"\n".join(part[1] for part in answer if isinstance(part, tuple)).decode()
        return str(make_header(decode_header(raw)))


def message(sender, to, subject, text, html=None, files=(), **fields) -> bytes:
    out = EmailMessage(policy=SMTP)
    out["From"], out["To"], out["Subject"] = sender, to, subject
    out["Message-ID"] = f"<{time.time_ns()}@essai.exemple>"
    out["Date"] = "Fri, 20 Nov 2026 09:30:00 +0100"
    for name, value in fields.items():
        out[name.replace("_", "-")] = value
    out.set_content(text)
    if html is not None:
        out.add_alternative(html, subtype="html")
    for name, kind, content in files:
        out.add_attachment(content, maintype=kind.split("/")[0], subtype=kind.split("/")[1], filename=name)
    return out.as_bytes()


def usual_mail(address) -> list:
    """A morning's mail, oldest first."""
    patient = people.patient(3)
    return [
        message("Paul DURAND <paul.durand@ch-demo.caducee.mssante.fr>", address, "Pansement de Mme L., chambre 12",
                "Bonjour,\n\nLe pansement a été refait ce matin, la plaie est propre.\nProchaine réfection vendredi. "
                "Protocole : https://intranet.ch-demo.example/protocoles/42\n\nBien à vous,\nPaul Durand, infirmier"),
        message("Secrétariat de cardiologie <cardio@lab.autre-operateur.mssante.fr>", address, "Rendez-vous du 3 décembre",
                "Le rendez-vous est confirmé.",
                "<h1>Rendez-vous confirmé</h1><p>Bonjour Docteur,</p><p>Le rendez-vous de votre patiente est "
                "<b>confirmé</b> le <i>jeudi 3 décembre à 14 h 30</i>.</p><table><tr><th>Examen</th><th>Heure</th></tr>"
                "<tr><td>ECG</td><td>14 h 30</td></tr><tr><td>Échographie</td><td>15 h</td></tr></table>"
                "<p><a href='https://chu.example/plan'>Plan d’accès</a></p>"),
        message("Jean PETIT <jean.petit@ch-demo.caducee.mssante.fr>", address, "Compte rendu de rééducation",
                "Chère consœur,\n\nVoici le compte rendu.\n", None,
                [("compte rendu rééducation.pdf", "application/pdf",
                  documents.pdf("Compte rendu", ["Rééducation de la marche", "12 séances"]))]),
        message(f'"{patient.given.title()} {patient.family}" <{patient.address}>', address, "Re: votre ordonnance",
                "Bonjour docteur,\n\nLa pharmacie me demande une précision sur la durée du traitement.\nMerci !"),
        documents.message(people.patient(2), "resultats@lab.autre-operateur.mssante.fr", [address], 2, "34133-9", 3),
        documents.message(people.patient(1), "resultats@lab.autre-operateur.mssante.fr", [address], 1, "11502-2", 1),
    ]


class Browser:
    def __init__(self, sandbox, width=1440, height=900, dark=False, scripts=True):
        self.sandbox, self.url = sandbox, sandbox.psc.webmail_url
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for word in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--ignore-certificate-errors",
                     "--hide-scrollbars", "--accept-lang=fr-FR", "--lang=fr", f"--window-size={width},{height}"):
            options.add_argument(word)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        if not scripts:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver", env={**os.environ, "LANGUAGE": "fr"}))
        self.look = (width, height, dark)
        self.look_as(*self.look)

    def close(self):
        self.driver.quit()

    # -- looking ----------------------------------------------------------------------------------------------------
    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.wait(lambda: next((e for e in self.all(selector) if e.is_displayed()), None), selector)

    def wait(self, condition, what=""):
        return WebDriverWait(self.driver, WAIT_S, poll_frequency=0.05,
                             ignored_exceptions=[Exception]).until(lambda _: condition(), what)

    def text(self, selector="body"):
        return self.one(selector).text

    def wait_text(self, words, selector="body"):
        return self.wait(lambda: words in self.driver.find_element(By.CSS_SELECTOR, selector).text, words)

    def settle(self):
        """What stands in a cage is there (a PDF is its viewer's own affair)."""
        for frame in self.all("iframe.cage"):
            if "#view" in frame.get_attribute("src"):
                continue
            self.driver.switch_to.frame(frame)
            self.wait(lambda: self.driver.find_element(By.TAG_NAME, "body").text.strip(), "cage")
            self.driver.switch_to.default_content()

    def shot(self, folder, name):
        self.settle()
        self.driver.save_screenshot(str(folder / f"{name}.png"))

    def look_as(self, width, height, dark):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def pictures(self, folder, name):
        """Of the page as it stands, in each size and theme."""
        for size, (width, height) in SIZES.items():
            for dark in (False, True):
                self.look_as(width, height, dark)
                self.shot(folder, f"{size}-{'sombre' if dark else 'clair'}-{name}")
        self.look_as(*self.look)

    def complaints(self):
        """What the console says that our pages caused: a blocked load, an error of a script."""
        lines = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
        return [line for line in lines if "favicon" not in line]

    def requests(self):
        """Addresses that this browser has asked for since the last call."""
        out = []
        for entry in self.driver.get_log("performance"):
            event = json.loads(entry["message"])["message"]
            if event["method"] == "Network.requestWillBeSent":
                out.append(event["params"]["request"]["url"])
        return out

    # -- acting -----------------------------------------------------------------------------------------------------
    def go(self, path):
        self.driver.get(self.url + path)

    def log_in(self, who, page="/"):
        self.go(page)
        self.one("a[href='/connexion']").click()
        self.choose_at_psc(who)

    def choose_at_psc(self, who):
        self.wait(lambda: not self.driver.current_url.startswith(self.url), "PSC")
        for button in self.all("button[name=person]"):
            if who.family in button.text:
                button.click()
                break
        self.wait(lambda: self.driver.current_url.startswith(self.url), "back from PSC")

    def open_mailbox(self, address):
        def choose():
            if not self.all(".switcher[open]"):
                self.one(".switcher > summary").click()
            next(link for link in self.all(".switcher .sheet a") if address in link.text).click()
            return True

        self.wait(choose, address)
        self.wait_text(address, ".switcher > summary")

    def row(self, subject):
        return self.wait(lambda: next((r for r in self.all(".row") if subject in r.text), None), subject)

    def click(self, selector):
        def click():
            self.one(selector).click()
            return True

        self.wait(click, selector)

    def open_message(self, subject):
        def click():  # a poll may put a fresh list in place of the one that was looked at
            link = self.row(subject).find_element(By.CSS_SELECTOR, "a")
            self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", link)
            link.click()
            return True

        self.wait(click, subject)
        self.wait_text(subject, ".reading h1")

    def fill(self, selector, words):
        field = self.one(selector)
        field.clear()
        field.send_keys(words)

    def press(self, *keys):
        self.driver.switch_to.active_element.send_keys(*keys)


__all__ = ["Browser", "Mail", "message", "usual_mail", "sql", "exceptional_access", "Keys", "CLAIRE", "PAUL", "SAMIA", "LUCIE", "JEAN", "SIZES", "SOINS"]
