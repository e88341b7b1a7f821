"""What a browser must fetch: scripts in all, and the first view of a mailbox."""
import gzip
from pathlib import Path

from webmail import CLAIRE

STATIC = Path(__file__).resolve().parent.parent.parent / "webmail-cgi" / "static"


def test_scripts_stay_under_60_kb():
    total = sum(len(gzip.compress(file.read_bytes(), 9)) for file in STATIC.glob("*.js"))
    assert 0 < total < 60_000


def test_the_first_view_is_under_150_kb(browser):
    b = browser()
    b.log_in(CLAIRE)
    b.one(".list")
    here = b.driver.current_url
    b.driver.execute_cdp_cmd("Network.enable", {})
    b.driver.execute_cdp_cmd("Network.clearBrowserCache", {})
    b.requests()
    b.driver.get(here)
    b.one(".list")
    b.wait(lambda: b.driver.execute_script("return document.readyState") == "complete")
    sizes = b.driver.execute_script(
        "return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map((e) => e.transferSize)")
    assert len(sizes) > 2 and 0 < sum(sizes) < 150_000
