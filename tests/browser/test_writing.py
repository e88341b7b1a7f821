"""Writing with scripts: completion, autosave, files; and large ones."""
import hashlib

from webmail import CLAIRE, PAUL, Keys


def write(browser):
    b = browser()
    b.log_in(CLAIRE)
    b.click("a[data-key=c]")
    b.one("#champ-a")
    return b


def test_an_address_is_completed_from_the_directory(browser):
    b = write(browser)
    b.one("#champ-a").send_keys("dur")
    b.wait_text("DURAND", ".suggest")
    b.press(Keys.ARROW_DOWN, Keys.ENTER)
    assert PAUL.address in b.one("#champ-a").get_attribute("value")
    assert b.all(".suggest") == []
    # a domain outside the trust space is said at once, before anything is sent, and no more when it is taken away
    b.fill("#champ-a", "quelquun@gmail.com")
    b.press(Keys.TAB)
    b.wait_text("quelquun@gmail.com", ".line .refused")
    assert b.one("#champ-a").get_attribute("aria-invalid") == "true"
    b.fill("#champ-a", PAUL.address)
    b.press(Keys.TAB)
    b.wait(lambda: not b.all(".line .refused") and b.one("#champ-a").get_attribute("aria-invalid") is None)
    b.driver.execute_script("window.onbeforeunload = null")


def test_a_draft_saves_itself(browser):
    b = write(browser)
    b.fill("#champ-objet", "Gardé tout seul")
    b.one("#champ-texte").send_keys("Un début")
    b.wait_text("Brouillon enregistré", "#enregistre")
    b.driver.execute_script("window.onbeforeunload = null")
    b.go("/")
    b.click(".folders a[title=Brouillons]")
    b.row("Gardé tout seul")


def test_a_large_file_goes_up_and_comes_down_whole(browser, sandbox, tmp_path):
    content = bytes(range(256)) * 4 * 1024 * 20  # 20 MiB
    (tmp_path / "grand.bin").write_bytes(content)
    b = write(browser)
    b.fill("#champ-objet", "Grand fichier")
    b.one("input[type=file]").send_keys(str(tmp_path / "grand.bin"))
    b.wait_text("grand.bin", "#pieces")
    b.fill("#champ-a", PAUL.address)
    b.click("button[value=envoyer]")
    b.wait_text("Message envoyé")
    b.click(".folders a[title=Envoyés]")
    b.open_message("Grand fichier")
    link = b.one(".part a").get_attribute("href")
    digest = b.driver.execute_async_script(
        "const done = arguments[1]; fetch(arguments[0]).then((a) => a.arrayBuffer()).then((b) => crypto.subtle.digest('SHA-256', b))"
        ".then((d) => done([...new Uint8Array(d)].map((x) => x.toString(16).padStart(2, '0')).join('')));", link)

    assert digest == hashlib.sha256(content).hexdigest()
