"""The whole tour by the keyboard alone: no element is ever clicked, and what has the focus shows it. (Behind the tests of the list:
what is sent here arrives at Paul ten seconds later.)"""
from selenium.webdriver import ActionChains

from sandbox import documents, people

from webmail import CLAIRE, PAUL, SOINS, Keys, message, usual_mail

RING = """const e = document.activeElement, s = getComputedStyle(e), p = getComputedStyle(e.closest(".attach")?.querySelector(".label") ?? e.closest("label, summary, li, .row") ?? e);
return s.outlineStyle !== "none" || s.boxShadow !== "none" || p.outlineStyle !== "none";"""


def tab_to(b, selector, most=120):
    """TAB until the element that is meant has the focus; each one on the way says that it has it."""
    for _ in range(most):
        ActionChains(b.driver).send_keys(Keys.TAB).perform()  # to whatever has the focus: a field for files would take it as a path
        here = b.driver.switch_to.active_element
        if here.tag_name not in ("body", "html", "iframe"):
            assert b.driver.execute_script(RING), here.get_attribute("outerHTML")[:200]
        if b.driver.execute_script("return document.activeElement.matches(arguments[0])", selector):
            return here
    raise AssertionError(f"the keyboard does not reach {selector}")


def opened(b):
    panes = b.all(".reading[data-uid]")
    return panes[0].get_attribute("data-uid") if panes else None


def test_the_whole_tour(browser, mail):
    mail.empty(CLAIRE, CLAIRE.address)
    mail.put(CLAIRE, CLAIRE.address, *usual_mail(CLAIRE.address))
    b = browser()
    b.go("/")
    b.one("a[href='/connexion']")
    tab_to(b, "a[href='/connexion']").send_keys(Keys.ENTER)
    b.wait(lambda: not b.driver.current_url.startswith(b.url) and b.all("button[name=person]"))
    for _ in range(40):  # Pro Santé Connect's own page
        b.press(Keys.TAB)
        if CLAIRE.family in b.driver.switch_to.active_element.text:
            break
    b.press(Keys.ENTER)
    b.wait(lambda: b.driver.current_url.startswith(b.url))
    b.row("Pansement")
    # from message to message, follow, archive, bring back
    b.press("j")
    first = b.wait(lambda: opened(b))
    b.press("j")
    b.wait(lambda: opened(b) not in (None, first))
    b.press("k")
    b.wait(lambda: opened(b) == first)
    count = len(b.all(".row"))
    b.press("s")
    b.one(f".row[data-uid='{first}'] .star-on")
    b.press("e")
    b.wait(lambda: len(b.all(".row")) == count - 1 and b.all(".notice"))
    b.press("z")
    b.wait(lambda: len(b.all(".row")) == count)
    # search, and open what is found
    b.press("/")
    b.press("pansement", Keys.ENTER)
    b.wait(lambda: b.all(".list[data-search] .row") and not b.all("form.more"))
    tab_to(b, ".row > a").send_keys(Keys.ENTER)
    b.wait_text("la plaie est propre", ".reading")
    # answer
    b.press("r")
    b.wait_text("Répondre", "h1")
    b.wait(lambda: b.driver.switch_to.active_element.get_attribute("id") == "champ-texte")
    b.press("Réponse au clavier.")
    b.press(Keys.CONTROL, Keys.ENTER)
    b.wait_text("Message envoyé")
    # write: completion, then the fields, then the button
    b.press("c")
    b.wait_text("Nouveau message", "h1")
    b.wait(lambda: b.driver.switch_to.active_element.get_attribute("id") == "champ-a")
    b.press("dur")
    b.wait_text("DURAND", ".suggest")
    b.press(Keys.ARROW_DOWN, Keys.ENTER)
    b.wait(lambda: PAUL.address in b.one("#champ-a").get_attribute("value"))
    tab_to(b, "#champ-objet").send_keys("Au clavier")
    tab_to(b, "#champ-texte").send_keys("Tout va bien.")
    tab_to(b, "button[value=envoyer]").send_keys(Keys.ENTER)
    b.wait_text("Message envoyé")
    # a menu opens, is walked through, and closes; then out
    tab_to(b, ".person > summary").send_keys(Keys.ENTER)
    b.wait(lambda: b.all(".person[open]"))
    b.press(Keys.ESCAPE)
    b.wait(lambda: not b.all(".person[open]"))
    b.press(Keys.ENTER)
    tab_to(b, ".person a[href$='/contacts']", 20).send_keys(Keys.ENTER)
    b.wait_text("Contacts", "h1")
    tab_to(b, ".person > summary").send_keys(Keys.ENTER)
    tab_to(b, "form[action='/deconnexion'] button", 20).send_keys(Keys.ENTER)
    b.wait(lambda: "Au clavier" not in b.driver.page_source and b.all("a[href='/connexion']") or not b.driver.current_url.startswith(b.url))
    assert b.driver.execute_script("return true")


def test_the_tour_of_a_health_document(browser, mail):
    """The shared mailbox, its document, in hand, an answer that is seen delivered, a message to the patient: no mouse."""
    mail.empty(CLAIRE, SOINS)
    mail.empty(PAUL, PAUL.address)
    mail.put(CLAIRE, SOINS, message(f"Paul <{PAUL.address}>", SOINS, "Question au clavier", "x"),
             documents.message(people.patient(1), "resultats@lab.autre-operateur.mssante.fr", [SOINS], 1, "11502-2", 1))
    b = browser()
    b.log_in(CLAIRE)
    b.one(".folders")
    tab_to(b, ".switcher > summary").send_keys(Keys.ENTER)
    b.wait(lambda: b.all(".switcher[open]"))
    for _ in range(20):
        b.press(Keys.TAB)
        if SOINS in b.driver.switch_to.active_element.text:
            break
    b.press(Keys.ENTER)
    b.wait_text(SOINS, ".switcher > summary")
    b.row("Question au clavier")
    b.press("j")
    b.wait_text("CR d'examens", ".reading h1")
    b.wait_text(people.patient(1).family, ".band.patient")
    tab_to(b, ".reading .band button[value=prendre]").send_keys(Keys.ENTER)
    b.wait_text("Pris en charge par", ".reading")
    b.press("j")
    b.wait_text("Question au clavier", ".reading h1")
    b.press("r")
    b.wait(lambda: b.driver.switch_to.active_element.get_attribute("id") == "champ-texte")
    b.press("Oui.", Keys.CONTROL + Keys.ENTER)
    b.wait_text("Message envoyé")
    b.wait(lambda: "Question au clavier" in mail.subjects(PAUL, PAUL.address))
    tab_to(b, ".folders a[title=Envoyés]").send_keys(Keys.ENTER)
    b.wait(lambda: "Remis" in b.row("Re: Question au clavier").text)
    # the patient, from the document
    tab_to(b, ".folders a[title='Boîte de réception']").send_keys(Keys.ENTER)
    b.row("Question au clavier")
    b.press("j")
    b.wait_text("CR d'examens", ".reading h1")
    tab_to(b, ".band.patient a[href*='mode=patient']").send_keys(Keys.ENTER)
    b.wait_text("Nouveau message", "h1")
    tab_to(b, "#champ-objet").send_keys("Vos résultats")
    tab_to(b, "#champ-texte").send_keys("Ils sont bons.")
    tab_to(b, "button[value=envoyer]").send_keys(Keys.ENTER)
    b.wait(lambda: b.all("input[name=situation]") or b.all(".notice"))
    if b.all("input[name=situation]"):  # the first time, in this sandbox
        tab_to(b, "input[name=situation]").send_keys(Keys.SPACE)
        tab_to(b, "main button.primary").send_keys(Keys.ENTER)
    b.wait_text("Message envoyé")
