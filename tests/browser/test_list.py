"""The list: its order, its conversations, its filters, what is done to many; the person's choice is kept."""
import os
import signal

import pytest

from sandbox import documents, people

from webmail import CLAIRE, LUCIE, PAUL, SOINS, message, sql

ELSEWHERE = "a@lab.autre-operateur.mssante.fr"


def threaded():
    """Two conversations and one message alone, mixed."""
    return [message(f"Zoé <{ELSEWHERE}>", PAUL.address, "Demande", "un", Message_ID2="x"),
            message(ELSEWHERE, PAUL.address, "Autre chose", "deux"),
            message(f"Abel <{ELSEWHERE}>", PAUL.address, "Re: Demande", "trois", In_Reply_To="<demande@essai.exemple>"),
            message(ELSEWHERE, PAUL.address, "Bilan", "quatre" * 3000),
            message(f"Zoé <{ELSEWHERE}>", PAUL.address, "Re: Demande", "cinq", References="<demande@essai.exemple>")]


@pytest.fixture
def box(browser, mail):
    mail.empty(PAUL, PAUL.address)
    letters = threaded()
    own = letters[0].split(b"\r\n")
    letters[0] = b"\r\n".join(b"Message-ID: <demande@essai.exemple>" if line.startswith(b"Message-ID:") else line for line in own)
    mail.put(PAUL, PAUL.address, *letters)

    def open_box(**how):
        b = browser(**how)
        b.log_in(PAUL)
        b.row("Demande")
        return b

    return open_box


def view(b, shape, order):
    def choose():  # a poll may put a fresh list in place of the one that was looked at
        if not b.all(".view[open]"):
            b.one(".view summary").click()
        b.one(f"input[name=forme][value={shape}]").click()
        b.driver.execute_script("document.getElementById('tri').value = arguments[0]", order)
        b.one(".view form button").click()
        return True

    b.wait(choose, "view")
    b.wait(lambda: b.one(".list").get_attribute("data-view") == f"{shape} {order}", order)


def act(b, subject, what):
    def tick_and_press():
        box = b.row(subject).find_element("css selector", "input[name=uid]")
        if not box.is_selected():
            box.click()
        b.one(f".acts button[value={what}]").click()
        return True

    b.wait(tick_and_press, what)


def subjects(b):
    return [row.text for row in b.all(".row .subject")]


@pytest.mark.parametrize("scripts", [True, False], ids=["avec-scripts", "sans-scripts"])
def test_orders_and_conversations_are_kept(box, scripts):
    b = box(scripts=scripts)
    view(b, "liste", "objet")
    b.wait(lambda: subjects(b) == ["Autre chose", "Bilan", "Re: Demande", "Re: Demande", "Demande"])
    view(b, "liste", "taille")
    b.wait(lambda: subjects(b)[0] == "Bilan")
    view(b, "liste", "anciens")
    b.wait(lambda: subjects(b)[0] == "Demande")
    view(b, "liste", "correspondant")
    b.wait(lambda: b.all(".row .from")[-1].text == "Zoé" and "Abel" in [r.text for r in b.all(".row .from")][:4])
    view(b, "conversations", "recents")
    b.wait(lambda: len(b.all(".row")) == 3)
    assert "3" in b.row("Demande").find_element("css selector", ".count").text
    b.go("/")
    b.wait(lambda: len(b.all(".row")) == 3)
    b.row("Demande").find_element("css selector", "a").click()
    b.wait(lambda: len(b.all(".thread li")) == 3)
    b.all(".thread a")[0].click()
    b.wait_text("un", ".body-text")
    b.go("/")
    b.wait(lambda: len(b.all(".row")) == 3)
    act(b, "Demande", "archiver")
    b.wait(lambda: len(b.all(".row")) == 2)
    b.click(".notice button")
    b.wait(lambda: len(b.all(".row")) == 3)
    view(b, "liste", "recents")
    b.wait(lambda: len(b.all(".row")) == 5)


@pytest.mark.long
def test_by_patient(browser, mail):
    """Documents by the patient's name, whatever has none behind them."""
    mail.empty(PAUL, PAUL.address)
    mail.put(PAUL, PAUL.address, message(ELSEWHERE, PAUL.address, "Sans patient", "x"),
             *[documents.message(people.patient(n), ELSEWHERE, [PAUL.address], n, "11502-2", n) for n in (4, 1, 2)])
    b = browser()
    b.log_in(PAUL)
    b.row("Sans patient")
    view(b, "liste", "patient")
    names = [people.patient(n).family for n in (4, 1, 2)]
    b.wait(lambda: b.all(".row .subject")[-1].text == "Sans patient")
    shown = [next(name for name in names if name in row.text) for row in b.all(".row")[:-1]]
    assert shown == sorted(names)
    view(b, "liste", "recents")


def test_many_are_moved_and_brought_back(box):
    b = box()

    def move():  # all at once: a poll may put a fresh list in place of the one that was looked at
        if not b.one("input[data-all=uid]").is_selected():
            b.one("input[data-all=uid]").click()
        if not b.all(".acts .move[open]"):
            b.one(".acts .move summary").click()
        next(button for button in b.all(".acts .move button") if "Archives" in button.text).click()
        return True

    b.wait(move, "move")
    b.wait_text("Déplacé")
    b.wait(lambda: len(b.all(".row")) == 0)
    b.click(".notice button")
    b.wait(lambda: len(b.all(".row")) == 5)


def test_what_is_done_is_not_among_what_is_to_do(browser, mail):
    mail.empty(CLAIRE, SOINS)
    mail.put(CLAIRE, SOINS, *[message(ELSEWHERE, SOINS, f"Tâche {n}", "x") for n in range(3)])
    b = browser()
    b.log_in(LUCIE)
    b.open_mailbox(SOINS)
    act(b, "Tâche 1", "traite")
    b.wait(lambda: "Traité" in b.row("Tâche 1").text)
    b.click(".chips a[href*=a-traiter]")
    b.wait(lambda: len(b.all(".row")) == 2)
    assert "Tâche 1" not in b.text(".rows")


# what is known of the recipients (address, where it stands, the server's words, our rule), and what the list then says
FATES = [
    ([], "Remis"),
    ([("a@x.fr", "delivered", "250 2.0.0 ok", None)], "Accepté par l’autre opérateur"),
    ([("a@x.fr", "delivered", None, None), ("a@x.fr", "read", None, None)], "Lu"),
    ([("a@x.fr", "delivered", None, None), ("b@x.fr", "delivered", None, None), ("A@x.fr", "read", None, None)], "Lu par 1 sur 2"),
    ([("a@x.fr", "failed", "550 5.1.1 no such user", "peer")], "Refusé : adresse inconnue"),
    ([("a@x.fr", "delivered", None, None), ("b@x.fr", "failed", None, "expired")], "Refusé par 1 sur 2 : délai dépassé"),
    ([("a@x.fr", "failed", None, "certificate.revoked")], "Refusé : le certificat est révoqué"),
    ([("a@x.fr", "delivered", None, None), ("a@x.fr", "full", "5.2.2", None)], "Refusé : boîte pleine"),
    ([("a@x.fr", "cancelled", None, None)], "Annulé"),
]


def test_the_sent_list_says_what_became_of_each(browser, mail, sandbox):
    mail.empty(PAUL, PAUL.address, "Sent")
    mail.put(PAUL, PAUL.address, *[message(PAUL.address, ELSEWHERE, f"Envoi {n}", "x") for n in range(len(FATES))], folder="Sent")
    blobs = sql(sandbox, "SELECT bal_id || ',' || blob_id FROM message JOIN folder USING (bal_id, folder_id) JOIN bal USING (bal_id) "
                         f"WHERE address = '{PAUL.address}' AND special_use = '\\Sent' ORDER BY uid")
    assert len(blobs) == len(FATES)
    quoted = lambda value: "NULL" if value is None else f"'{value}'"
    for n, (news, _) in enumerate(FATES):
        for m, (address, outcome, reply, rule) in enumerate(news):
            if outcome in ("read", "full"):
                sql(sandbox, "INSERT INTO receipt (bal_id, blob_id, kind, recipient, outcome, detail) VALUES "
                             f"({blobs[n]}, 'mdn', '{address}', '{outcome}', {quoted(reply)})")
            else:
                sql(sandbox, "INSERT INTO queue_history (recipient_id, queue_id, bal_id, blob_id, domain, address, outcome, reply, rule, attempts, created) "
                             f"VALUES ((extract(epoch FROM clock_timestamp()) * 1e6)::bigint + {m}, 1, {blobs[n]}, 'x.fr', '{address}', "
                             f"'{outcome}', {quoted(reply)}, {quoted(rule)}, 1, now())")
    b = browser()
    b.log_in(PAUL)
    b.click(".folders a[title=Envoyés]")
    b.row("Envoi 0")
    for n, (_, words) in enumerate(FATES):
        assert b.row(f"Envoi {n}").find_element("css selector", ".tags").text == words


def test_what_waits_too_long_is_told_to_who_answers_for_it(browser, mail, sandbox):
    """Working hours pass by the dates in the database; the daemon's duty looks again when it begins anew."""
    for address in (SOINS, CLAIRE.address):
        mail.empty(CLAIRE, address)
    mail.put(CLAIRE, SOINS, message(ELSEWHERE, SOINS, "Depuis mardi", "secret"), message(ELSEWHERE, SOINS, "Pris hier", "x"))
    soins = f"(SELECT bal_id FROM bal WHERE address = '{SOINS}')"
    b = browser()
    b.log_in(LUCIE)
    b.open_mailbox(SOINS)
    b.open_message("Pris hier")
    b.click(".band button[value=prendre]")
    b.wait_text("Pris en charge par", ".reading")
    sql(sandbox, f"UPDATE message SET save_date = save_date - 20 * 86400 WHERE bal_id = {soins}")
    sql(sandbox, f"UPDATE message_work SET since = since - interval '20 days', reminded = reminded - interval '1 day' WHERE bal_id = {soins}")
    os.kill(sandbox.processes.pid("directoryd"), signal.SIGHUP)
    other = browser()
    other.log_in(CLAIRE)
    other.wait(lambda: "Rappel" in mail.subjects(CLAIRE, CLAIRE.address))
    other.go("/")
    other.open_message("Rappel")
    words = other.text(".reading")
    assert f"Dans la boîte {SOINS}, 1 message attend depuis plus de 8 h ouvrées" in words
    assert "mardi" not in words and "secret" not in words
    other.open_mailbox(SOINS)
    assert "À traiter · en retard" in other.row("Depuis mardi").text
    assert "en retard" not in other.row("Pris hier").text
    assert mail.subjects(CLAIRE, CLAIRE.address).count("Rappel") == 1


# Buttons of bands whose box lies on words of the same band that are not their own.
OVERLAPS = """const out = [];
for (const band of document.querySelectorAll(".band")) {
  const words = [], walk = document.createTreeWalker(band, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(walk.currentNode);
    if (walk.currentNode.textContent.trim()) for (const box of range.getClientRects()) words.push([walk.currentNode, box]);
  }
  for (const button of band.querySelectorAll("button, a.button")) {
    const b = button.getBoundingClientRect();
    for (const [node, box] of words)
      if (!button.contains(node) && box.left < b.right - 1 && box.right > b.left + 1 && box.top < b.bottom - 1 && box.bottom > b.top + 1)
        out.push(`${button.textContent.trim()} / ${node.textContent.trim()}`);
  }
}
if (document.documentElement.scrollWidth > innerWidth + 1) out.push(`wider than the screen: ${document.documentElement.scrollWidth}`);
return out;"""


def test_on_a_phone_no_button_lies_on_words(browser, mail):
    mail.empty(CLAIRE, SOINS)
    mail.put(CLAIRE, SOINS, documents.message(people.patient(1), ELSEWHERE, [SOINS], 1, "11502-2", 1))
    b = browser(width=390, height=844)
    b.log_in(CLAIRE)
    b.open_mailbox(SOINS)
    b.open_message("CR d'examens")
    b.one(".band.patient")
    for width in (390, 320):
        b.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": True})
        b.wait(lambda: b.driver.execute_script("return innerWidth") == width)
        assert b.driver.execute_script(OVERLAPS) == [], width
