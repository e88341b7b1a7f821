"""Indicators: what ended days add once and for all is what the traces say; a month is asked for in an instant."""
import json

import pytest

from conftest import letter
from sandbox.patience import until


@pytest.fixture
def month(sandbox):
    return sandbox.postgres.query("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM')")


def show(sandbox, month) -> list:
    return json.loads(sandbox.caducee.command("--json", "indicators", "show", "--month", month).stdout)


def export(sandbox, month, path) -> dict:
    sandbox.caducee.command("indicators", "export", path, "--format", "json", "--month", month)
    return json.loads(path.read_text())


def test_a_day_counts_the_same_live_and_added(sandbox, bal, month):
    """The day so far is put into the tables, in two spans: the same figures, and nothing counts twice."""
    for number in range(7):
        bal.deliver_in_time(letter(f"compté {number}"))
    bal.messages()
    path = sandbox.place.path("spool") / "indicateurs.json"
    live, live_whole = show(sandbox, month), export(sandbox, month, path)
    where = sandbox.postgres.query("SELECT indicator_live(date_trunc('month', now() AT TIME ZONE 'UTC')::date)")
    now = sandbox.postgres.query("SELECT now()")
    halfway = sandbox.postgres.query(f"SELECT greatest('{where}', date_trunc('day', now())) + interval '1 microsecond'")
    for span in ((where, halfway), (halfway, now)):
        sandbox.postgres.query("SELECT indicator_add('{}', '{}')".format(*span))
    try:
        added, added_whole = show(sandbox, month), export(sandbox, month, path)
        assert added == live and sum(int(row["received"]) for row in added) >= 7
        for part in ("partners", "products", "days"):
            assert added_whole[part] == live_whole[part], part
    finally:
        sandbox.postgres.query("TRUNCATE indicator_done, indicator_bal, indicator_partner, indicator_product, indicator_day")
        path.unlink(missing_ok=True)


def test_ended_hours_are_added_once(sandbox):
    until(lambda: sandbox.postgres.query("SELECT indicators_catch_up()") == "0")
    assert sandbox.postgres.query("SELECT max(until) <= date_trunc('hour', now() - interval '1 hour') FROM indicator_done") in ("t", "")


def test_the_report_is_one_file_with_its_plots(sandbox, bal, month):
    path = sandbox.place.path("spool") / "rapport.html"
    bal.deliver_in_time(letter("tracé"))
    sandbox.caducee.command("indicators", "export", path, "--format", "html", "--month", month)
    text = path.read_text()
    path.unlink()
    assert "<svg" in text and "<script" not in text
    assert "http://" not in text.replace("http://www.w3.org/", "") and "src=" not in text, "it asks nothing of the network"
