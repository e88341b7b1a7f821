"""The webmail as a program sees it: pages over HTTPS, no browser."""
from tests.bench.browser import Browser


def log_in(sandbox, person) -> Browser:
    """Logged in by the sandbox's Pro Santé Connect: `base`, `bal`, `inbox` (an address) and `csrf` are known then."""
    browser, url = Browser(), sandbox.psc.webmail_url
    page = browser.get(url + "/connexion")
    if "name=person" in page.text:
        page = browser.post(page.url, {"acr": "eidas1", "person": person.national_id})
    browser.base = url
    browser.bal = browser.get(url + "/").find(r"/b/([0-9]+)")
    inbox = browser.get(f"{url}/b/{browser.bal}")
    browser.page, browser.inbox, browser.csrf = inbox, inbox.url.split("?")[0], inbox.field("csrf")
    return browser
