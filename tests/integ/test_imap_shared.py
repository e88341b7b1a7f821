"""Shared BALs over IMAP: who sees what, \\Seen per person, what a membre expunges, work states, ends of shares."""
import os
import time

import psycopg2
import psycopg2.errors
import pytest
from sandbox.people import PROFESSIONALS, T
from sandbox.refusals import context_for

from imap_transcript import Connection
from test_imap_hostile import answers

CLAIRE, PAUL, SAMIA, LUCIE = PROFESSIONALS[:4]
SOINS = f"soins@{T}"
INBOX = f"Partages/{SOINS}/INBOX"
MESSAGE = b"Subject: resultat\r\n\r\nlu par l'un, nouveau pour l'autre\r\n"


@pytest.fixture
def person(sandbox):
    """A maker of sessions by token: person(CLAIRE) is in her own BAL."""
    import base64

    made = []

    def make(who, bal=None):
        place = sandbox.place
        connection = Connection(place.host, place.port("imaps"), context_for(sandbox, None))
        made.append(connection)
        token = sandbox.psc.token(who.national_id)
        words = f"n,a={bal or who.address},\x01auth=Bearer {token}\x01\x01".encode()
        answers(connection, b"AUTHENTICATE OAUTHBEARER " + base64.b64encode(words))
        return connection

    yield make
    for connection in made:
        connection.close()


def folder_of(connection, name):
    """A fresh folder of the shared BAL, made by its gestionnaire."""
    full = f"Partages/{SOINS}/{name}".encode()
    answers(connection, b"CREATE " + full)
    return full


def append(connection, folder: bytes):
    answers(connection, b"APPEND %s {%d+}\r\n%s" % (folder, len(MESSAGE), MESSAGE))


def test_what_each_sees(person):
    names = "\n".join(answers(person(CLAIRE), b'LIST "" *'))
    assert INBOX in names and names.count(" Sent") == 1
    assert "Partages" not in "\n".join(answers(person(PAUL), b'LIST "" *'))
    assert "Partages" not in "\n".join(answers(person(LUCIE, SOINS), b'LIST "" *'))
    answers(person(PAUL), b"SELECT " + INBOX.encode(), " NO [NONEXISTENT]")


def test_rights_are_those_of_the_role(person):
    assert answers(person(CLAIRE), b"MYRIGHTS " + INBOX.encode()) == [f"* MYRIGHTS {INBOX} lrswikxteacd"]
    samia = person(SAMIA)
    assert answers(samia, b"MYRIGHTS " + INBOX.encode()) == [f"* MYRIGHTS {INBOX} lrswited"]
    trash = INBOX.replace("INBOX", "Trash")
    assert answers(samia, b"MYRIGHTS " + trash.encode()) == [f"* MYRIGHTS {trash} lrswitd"]
    answers(samia, b"CREATE " + INBOX.replace("INBOX", "Interdit").encode(), " NO [NOPERM]")
    answers(samia, b"GETACL " + INBOX.encode(), " NO [NOPERM]")


def test_seen_is_each_ones_own(person):
    claire, samia = person(CLAIRE), person(SAMIA)
    folder = folder_of(claire, "Vus")
    append(claire, folder)
    answers(claire, b"SELECT " + folder)
    answers(samia, b"SELECT " + folder)
    answers(samia, b"FETCH 1 BODY[TEXT]")
    assert "\\Seen" in answers(samia, b"FETCH 1 FLAGS")[0]
    answers(claire, b"STORE 1 -FLAGS (\\Seen)")
    answers(claire, b"NOOP")
    assert "\\Seen" not in answers(claire, b"FETCH 1 FLAGS")[0]
    assert "\\Seen" in answers(samia, b"FETCH 1 FLAGS")[0]
    assert answers(claire, b"SEARCH UNSEEN") == ["* SEARCH 1"]
    assert answers(samia, b"SEARCH UNSEEN") == ["* SEARCH"]
    answers(samia, b"STORE 1 +FLAGS (\\Flagged)")
    answers(claire, b"NOOP")
    assert "\\Flagged" in answers(claire, b"FETCH 1 FLAGS")[0]
    answers(claire, b"DELETE " + folder)


def test_a_subscription_is_each_ones_own_even_of_a_folder_that_was_deleted(person):
    claire, samia = person(CLAIRE), person(SAMIA)
    folder = folder_of(claire, "Abonnes")

    def subscribed(who):
        return answers(who, b'LIST (SUBSCRIBED) "" ' + folder)

    answers(samia, b"SUBSCRIBE " + folder)
    answers(claire, b"DELETE " + folder)
    assert subscribed(claire) == []
    assert subscribed(samia) == [f'* LIST (\\HasNoChildren \\NonExistent \\Noselect \\Subscribed) "/" {folder.decode()}']
    folder_of(claire, "Abonnes")
    assert subscribed(claire) == []
    assert subscribed(samia) == [f'* LIST (\\HasNoChildren \\Subscribed) "/" {folder.decode()}']
    answers(claire, b"DELETE " + folder)
    answers(claire, b"UNSUBSCRIBE " + folder, " NO [NONEXISTENT]")
    answers(samia, b"UNSUBSCRIBE " + folder)
    assert subscribed(samia) == []


def test_keywords_that_find_no_room_in_another_bal_are_a_limit(person):
    claire = person(CLAIRE)
    folder = folder_of(claire, "Mots")
    append(claire, folder)
    answers(claire, b"SELECT " + folder)
    answers(claire, b"STORE 1 +FLAGS (%s)" % b" ".join(b"k%d" % i for i in range(58)))
    answers(claire, b"CREATE Mots")
    answers(claire, b"APPEND Mots (k58) {%d+}\r\n%s" % (len(MESSAGE), MESSAGE))
    answers(claire, b"SELECT Mots")
    answers(claire, b"COPY 1 " + folder, " NO [LIMIT]")
    answers(claire, b"MOVE 1 " + folder, " NO [LIMIT]")
    assert answers(claire, b"SEARCH KEYWORD k58") == ["* SEARCH 1"]
    assert answers(claire, b"STATUS " + folder + b" (MESSAGES)") == [f"* STATUS {folder.decode()} (MESSAGES 1)"]
    answers(claire, b"STORE 1 FLAGS (k57)")
    answers(claire, b"COPY 1 " + folder)
    for name in (b"Mots", folder):
        answers(claire, b"DELETE " + name)


def test_a_lecteur_changes_nothing_that_others_see(person, sandbox):
    """RFC 4314 4, 5.1.1, 5.2: \\Seen is one's own; flags that are not one's to set are not taken away by FLAGS either."""
    claire = person(CLAIRE)
    folder = folder_of(claire, "Lecture")
    answers(claire, b"APPEND %s (\\Flagged $MSS-EnCours) {%d+}\r\n%s" % (folder, len(MESSAGE), MESSAGE))
    answers(claire, b"SELECT " + folder)  # else the first to look would have it \\Recent
    answers(claire, f"SETACL {INBOX} {PAUL.national_id} lrs".encode())
    try:
        paul = person(PAUL)
        paul.say(b"SELECT " + folder)
        said = []
        while not (line := paul.line()).startswith(paul.tag.decode() + " "):
            said.append(line)
        assert " OK [READ-ONLY] " in line
        assert "* OK [PERMANENTFLAGS (\\Seen)] Flags kept." in said
        for command in (b"STORE 1 FLAGS (\\Seen)", b"STORE 1 FLAGS (\\Seen $MSS-Traite \\Deleted)"):
            answers(paul, command)
            assert "FLAGS (\\Seen \\Flagged $MSS-EnCours" in answers(paul, b"FETCH 1 FLAGS")[0]
        for command in (b"STORE 1 -FLAGS (\\Flagged)", b"STORE 1 +FLAGS (neuf)", b"STORE 1 FLAGS (\\Flagged)"):
            answers(paul, command, " NO [NOPERM]")
        answers(paul, b"STORE 1 FLAGS ()")
        assert "FLAGS (\\Flagged $MSS-EnCours" in answers(paul, b"FETCH 1 FLAGS")[0]
        with psycopg2.connect(sandbox.postgres.conninfo) as c, c.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM message_work w JOIN folder f USING (bal_id, folder_id) "
                           "WHERE f.name = 'Lecture' AND w.state = 'traite'")
            assert cursor.fetchone() == (0,)
        answers(paul, b"EXPUNGE", " NO [NOPERM]")
        answers(paul, b"COPY 1 " + folder, " NO [NOPERM]")
    finally:
        answers(claire, f"DELETEACL {INBOX} {PAUL.national_id}".encode())
    assert "neuf" not in " ".join(answers(claire, b"NOOP"))
    assert all(flag in answers(claire, b"FETCH 1 FLAGS")[0] for flag in ("\\Flagged", "$MSS-EnCours"))
    answers(claire, b"DELETE " + folder)


def test_what_a_membre_replaces_goes_to_the_trash(person):
    """REPLACE and MOVE take away as EXPUNGE does, and never set \\Deleted (RFC 6851 3.3, RFC 8508 3.4)."""
    claire, samia = person(CLAIRE), person(SAMIA)
    folder = folder_of(claire, "Remplaces")
    append(claire, folder)
    append(claire, folder)
    trash = f"Partages/{SOINS}/Trash".encode()
    before = int(answers(claire, b"STATUS %s (MESSAGES)" % trash)[0].split()[-1].rstrip(")"))
    answers(claire, b"SELECT " + folder)
    answers(samia, b"SELECT " + folder)
    answers(samia, b"REPLACE 1 %s {%d+}\r\n%s" % (folder, len(MESSAGE), MESSAGE))
    answers(samia, b"CREATE Recu")
    answers(samia, b"MOVE 1 Recu")
    assert "Deleted" not in " ".join(answers(claire, b"NOOP"))
    assert int(answers(claire, b"STATUS %s (MESSAGES)" % trash)[0].split()[-1].rstrip(")")) == before + 2
    assert answers(claire, b"UID FETCH 1:* (FLAGS)") == ["* 1 FETCH (UID 3 FLAGS ())"]
    answers(samia, b"DELETE Recu")
    answers(claire, b"SELECT " + trash)
    answers(claire, b"STORE 1:* +FLAGS.SILENT (\\Deleted)")
    answers(claire, b"EXPUNGE")
    answers(claire, b"DELETE " + folder)


def test_what_a_membre_expunges_goes_to_the_trash(person):
    claire, samia = person(CLAIRE), person(SAMIA)
    folder = folder_of(claire, "Corbeille-d-essai")
    append(claire, folder)
    trash = f"Partages/{SOINS}/Trash".encode()
    before = int(answers(claire, b"STATUS %s (MESSAGES)" % trash)[0].split()[-1].rstrip(")"))
    answers(samia, b"SELECT " + folder)
    answers(samia, b"STORE 1 +FLAGS (\\Deleted)")
    assert "* 1 EXPUNGE" in answers(samia, b"EXPUNGE")
    assert int(answers(claire, b"STATUS %s (MESSAGES)" % trash)[0].split()[-1].rstrip(")")) == before + 1
    answers(samia, b"SELECT " + trash)
    answers(samia, b"STORE 1:* +FLAGS (\\Deleted)")
    answers(samia, b"EXPUNGE", " NO [NOPERM]")
    answers(samia, b"MOVE 1 " + folder, " NO [NOPERM]")
    answers(claire, b"SELECT " + trash)
    answers(claire, b"EXPUNGE")
    answers(claire, b"DELETE " + folder)


def test_between_two_bals(person):
    """From a shared BAL into one's own and back: by value, flags and keywords kept; moved means gone from there."""
    claire = person(CLAIRE)
    folder = folder_of(claire, "Entre-deux")
    answers(claire, b"APPEND %s (\\Flagged $mot) {%d+}\r\n%s" % (folder, len(MESSAGE), MESSAGE))
    answers(claire, b"SELECT " + folder)
    answers(claire, b"CREATE Chez-moi")
    answers(claire, b"COPY 1 Chez-moi")
    answers(claire, b"MOVE 1 Chez-moi")
    assert answers(claire, b"UID FETCH 1:* UID") == []
    answers(claire, b"SELECT Chez-moi")
    got = answers(claire, b"FETCH 1:2 (FLAGS BODY.PEEK[])")
    assert len(got) == 2 and all("\\Flagged" in one and "$mot" in one and "lu par l'un" in one for one in got)
    answers(claire, b"CLOSE")
    answers(claire, b"DELETE Chez-moi")
    answers(claire, b"DELETE " + folder)


def test_one_work_state_at_a_time(person, sandbox):
    claire, samia = person(CLAIRE), person(SAMIA)
    folder = folder_of(claire, "Travail")
    append(claire, folder)
    answers(claire, b"SELECT " + folder)
    answers(samia, b"SELECT " + folder)
    answers(claire, b"STORE 1 +FLAGS ($MSS-ATraiter)")
    assert "$MSS-EnCours" in answers(samia, b"STORE 1 +FLAGS ($MSS-EnCours)")[-1]
    state = answers(samia, b"FETCH 1 FLAGS")[0]
    assert "$MSS-EnCours" in state and "$MSS-ATraiter" not in state
    answers(claire, b"CLOSE")
    answers(claire, b"DELETE " + folder)


@pytest.mark.parametrize("change", ["ended", "taken back", "less", "suspended"])
def test_a_right_that_changes_under_a_session_in_ones_own_bal(person, sandbox, change):
    """What a session has opened under Partages/ is judged again each second like its own BAL: no right outlives itself."""
    claire, who, patience = person(CLAIRE), PAUL.national_id, 10  # a second, and a loaded machine
    answers(claire, f"SETACL {INBOX} {who} lrswite".encode())
    paul = person(PAUL)
    try:
        answers(paul, b"SELECT " + INBOX.encode())
        answers(paul, b"NOOP")
        paul.say(b"IDLE")
        assert paul.line().startswith("+")
        begun = time.monotonic()
        if change == "ended":
            sandbox.postgres.query("UPDATE membership SET starts = now() - interval '1 day', ends = now() WHERE person_id = (SELECT "
                                   f"person_id FROM person_identifier WHERE national_id = '{who}') AND role = 'membre'")
        elif change == "suspended":
            sandbox.caducee.command("bal", "suspend", SOINS, "--reason", "essai")
        else:
            word = f"SETACL {INBOX} {who} lrs" if change == "less" else f"DELETEACL {INBOX} {who}"
            answers(claire, word.encode())
        assert paul.line().startswith("* BYE") and time.monotonic() - begun < patience
    finally:
        if change == "suspended":
            sandbox.caducee.command("bal", "resume", SOINS)
        sandbox.caducee.command("bal", "unshare", SOINS, "--person", who, check=False)
    answers(person(PAUL), b"SELECT " + INBOX.encode(), " NO [NONEXISTENT]")


def test_a_share_that_ends_ends_the_session(person, sandbox):
    lucie = person(LUCIE, SOINS)
    answers(lucie, b"SELECT INBOX")
    lucie.say(b"IDLE")
    assert lucie.line().startswith("+")
    sandbox.caducee.command("bal", "unshare", SOINS, "--person", LUCIE.national_id)
    try:
        assert lucie.line().startswith("* BYE")
    finally:
        sandbox.caducee.command("bal", "share", SOINS, "--person", LUCIE.national_id, "--role", "membre")


# -- SETACL: rights are roles, and keyd writes the share

def acl(connection, name=INBOX) -> dict:
    words = answers(connection, b"GETACL " + name.encode())[0].split()[3:]
    return dict(zip(words[::2], words[1::2]))


def share_of(sandbox, person, address=SOINS):
    """role, may_send, days left, who granted it."""
    with psycopg2.connect(sandbox.postgres.conninfo) as c, c.cursor() as cursor:
        cursor.execute("SELECT m.role, m.may_send, extract(day FROM m.ends - now())::int, g.national_id FROM membership m "
                       "JOIN bal b USING (bal_id) JOIN person_identifier i ON i.person_id = m.person_id LEFT JOIN "
                       "person_identifier g ON g.person_id = m.granted_by WHERE b.address = %s AND i.national_id = %s",
                       (address, person.national_id))
        return cursor.fetchone()


@pytest.mark.parametrize("rights,role,sends", [("lrs", "lecteur", False), ("lrswite", "membre", True),
                                               ("lrswited", "membre", True), ("lrswitekxa", "gestionnaire", True),
                                               ("lrswicda", "gestionnaire", True)])
def test_setacl_gives_a_role(person, sandbox, rights, role, sends):
    claire, who = person(CLAIRE), PAUL.national_id
    answers(claire, f"SETACL {INBOX} {who} {rights}".encode())
    try:
        assert share_of(sandbox, PAUL)[:2] == (role, sends)
        assert share_of(sandbox, PAUL)[2] in (364, 365, 366) and share_of(sandbox, PAUL)[3] == CLAIRE.national_id
        expected = {"lecteur": "lrs", "membre": "lrswited", "gestionnaire": "lrswikxteacd"}[role]
        assert acl(claire)[who] == expected
        paul = person(PAUL)
        assert answers(paul, b"MYRIGHTS " + INBOX.encode()) == [f"* MYRIGHTS {INBOX} {expected}"]
    finally:
        answers(claire, f"DELETEACL {INBOX} {who}".encode())
    assert share_of(sandbox, PAUL) is None and who not in acl(claire)


def test_setacl_adds_and_takes_away(person, sandbox):
    claire, who = person(CLAIRE), PAUL.national_id
    answers(claire, f"SETACL {INBOX} {PAUL.address} +lrs".encode())  # by the address of his own BAL
    answers(claire, f"SETACL {INBOX} {who} +wite".encode())
    assert share_of(sandbox, PAUL)[0] == "membre"
    answers(claire, f"SETACL {INBOX} {who} -wite".encode())
    assert share_of(sandbox, PAUL)[0] == "lecteur"
    answers(claire, f"SETACL {INBOX} {who} -lrs".encode())
    assert share_of(sandbox, PAUL) is None


def test_setacl_that_is_no_role_or_not_ones_right(person, sandbox):
    claire, samia, who = person(CLAIRE), person(SAMIA), PAUL.national_id
    for line, wanted in [(f"{who} lr", " NO [CANNOT]"), (f"{who} lrsa", " NO [CANNOT]"), (f"{who} lrsz", " BAD"),
                         (f"-{who} lrs", " NO [CANNOT]"), ("anyone lrs", " NO [CANNOT]"),
                         ("899799999999 lrs", " NO [CANNOT]"), (f"{CLAIRE.national_id} lrs", " NO [CANNOT]")]:
        answers(claire, f"SETACL {INBOX} {line}".encode(), wanted)
    answers(samia, f"SETACL {INBOX} {who} lrs".encode(), " NO [NOPERM]")
    answers(samia, f"DELETEACL {INBOX} {CLAIRE.national_id}".encode(), " NO [NOPERM]")
    answers(claire, f"DELETEACL {INBOX} {who}".encode(), " NO [CANNOT]")
    answers(claire, f"DELETEACL INBOX {CLAIRE.national_id}".encode(), " NO [CANNOT]")  # the titulaire of a BAL
    assert share_of(sandbox, PAUL) is None
    assert answers(claire, f"LISTRIGHTS {INBOX} {who}".encode()) == [f'* LISTRIGHTS {INBOX} {who} "" lrs wited kxac']


def test_shares_are_traced_and_imapd_writes_none_by_itself(person, sandbox):
    claire = person(CLAIRE)
    answers(claire, f"SETACL {INBOX} {PAUL.national_id} lrs".encode())
    answers(claire, f"DELETEACL {INBOX} {PAUL.national_id}".encode())
    with psycopg2.connect(sandbox.postgres.conninfo) as c, c.cursor() as cursor:
        cursor.execute("SELECT t.action, t.detail FROM trace t JOIN bal b USING (bal_id) JOIN person_identifier i ON "
                       "i.person_id = t.person_id WHERE b.address = %s AND i.national_id = %s AND t.action LIKE "
                       "'bal.%%share' ORDER BY t.trace_id DESC LIMIT 2", (SOINS, CLAIRE.national_id))
        assert sorted(cursor.fetchall()) == [("bal.share", "lecteur"), ("bal.unshare", None)]
    with psycopg2.connect(host=str(sandbox.place.run), port=5432, dbname="caducee", user="caducee_imapd") as c:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            c.cursor().execute("DELETE FROM membership")


# -- an ORG BAL by a certificate that its responsible person has bound

def test_an_org_bal_by_certificate(sandbox):
    """Several sessions at once, \\Seen of its own, no right to share; unbound, they end."""
    place, certificate = sandbox.place, sandbox.pki.cert("dui2")
    address = f"org-{os.getpid()}@{T}"
    sandbox.caducee.command("bal", "add", address, "--kind", "ORG", "--structure", "EHPAD Les Tilleuls")
    sandbox.caducee.command("bal", "bind-cert", address, certificate, "--mandate", "essai", "--until", "2099-01-01")
    sessions = []
    for _ in range(5):
        sessions.append(Connection(place.host, place.port("imaps"), context_for(sandbox, "dui2")))
        sessions[-1].login(address)
        answers(sessions[-1], b"SELECT INBOX")
    append(sessions[0], b"INBOX")
    for session in sessions:
        answers(session, b"NOOP")
        assert answers(session, b"SEARCH UNSEEN") == ["* SEARCH 1"]
    answers(sessions[1], b"FETCH 1 BODY[]")
    answers(sessions[2], b"NOOP")
    assert answers(sessions[2], b"SEARCH UNSEEN") == ["* SEARCH"]
    assert answers(sessions[2], b"MYRIGHTS INBOX") == ["* MYRIGHTS INBOX lrswikxtecd"]
    answers(sessions[2], f"SETACL INBOX {PAUL.national_id} lrs".encode(), " NO [NOPERM]")
    sandbox.caducee.command("bal", "unbind-cert", address, certificate)
    for session in sessions:
        session.say(b"IDLE")
        with pytest.raises((EOFError, OSError)):
            while True:
                session.line()
        session.close()
