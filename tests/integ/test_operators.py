"""Roles of named persons: who may do what, on whose BALs; the life of a BAL by the command alone."""
import json
import os
import pwd
import re
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest

from sandbox.people import CHDEMO, TILLEULS
from sandbox.place import SOURCE
from sandbox.whitelist import OUR_DOMAINS

T, C = OUR_DOMAINS


@pytest.fixture
def run(sandbox):
    def run(*words, who=None, check=False):
        return sandbox.caducee.command(*words, *(["--as", who] if who else []), check=check)
    return run


@pytest.fixture
def roles(sandbox, run):
    """An exploitant, an administrateur of one structure, an auditeur; gone after the test, as roles would bind the others."""
    given = [("exploitante", "exploitant", []), ("adele", "administrateur", ["--structure", TILLEULS]),
             ("auguste", "auditeur", []), ("olga", "officier", [])]
    account = sandbox.place.account.pw_name if sandbox.place.is_root else pwd.getpwuid(os.getuid()).pw_name
    run("operator", "add", account, "--name", "bac à sable", "--role", "exploitant", check=True)
    for login, role, more in given:
        run("operator", "add", login, "--name", login.capitalize(), "--role", role, *more, check=True)
    yield
    for login, role, _ in given:
        run("operator", "end", login, "--role", role, check=True)
    run("operator", "end", account, "--role", "exploitant", check=True)


def test_root_is_nobody(run):
    done = run("operator", "add", "root", "--name", "Root", "--role", "exploitant")
    assert done.returncode == 77


# Who may run what: roles by command, by hand from the issue of operations. A command that is not here fails the test: its row
# is to be thought about. "*": everybody, named or not.
E, A, U, O = "exploitant", "administrateur", "auditeur", "officier"
MAY = {
    "*": "status doctor retention dns 'operator rights' 'audit rules' 'db status' 'key status' 'whitelist status' 'whitelist history' 'whitelist diff' "
         "'whitelist explain' 'trust list' 'trust explain' 'directory status' 'directory search'",
    (A,): "'bal share' 'bal bind-cert' 'bal exceptional-access' 'bal export' 'person add' 'person merge'",
    (E, A): "'bal add' 'bal list' 'bal show' 'bal unshare' 'bal headers' 'bal flagged' 'bal unbind-cert' 'bal suspend' 'bal resume' "
            "'bal close' 'bal import' 'bal quota' 'bal redlist' 'bal legal-hold' 'bal delete' 'person list' 'person report' "
            "'person erase'",
    (E,): "init 'db migrate' 'whitelist import' 'whitelist fetch' 'whitelist rollback' 'trust import-ca' 'trust remove-ca' "
          "'trust import-crl' 'trust crl' 'trust client-eku' 'structure add' 'domain add' 'trace resume' 'indicators transmit' "
          "'queue retry' 'queue hold' 'queue release' 'queue drop' 'directory sync' 'directory accept' 'directory refuse' "
          "'publication retry' 'publication reconcile' 'operator add' 'operator end' 'operator bind-cert' "
          "'operator unbind-cert'",
    (E, U): "'trace list' 'trace export' 'trace verify' incident 'queue summary' 'queue list' 'queue show' 'queue doubtful' "
            "'queue watch' 'directory diff' 'directory proposals' 'directory orphans' 'publication list' 'publication csv'",
    (E, A, U): "'indicators show' 'indicators export'",
    (E, A, U, O): "'structure list' 'domain list'",
    (E, U, O): "'operator list'",
    (O,): "'key init' 'key rotate' 'key destroy' 'key export' 'key verify' 'key import'",
}
LOGINS = {E: "exploitante", A: "adele", U: "auguste", O: "olga", None: "inconnue"}


def test_every_command_asks_for_its_role(run, roles):
    """The table that decides is the one above, and it decides: each command is refused to a role that may not, in turn, and to
    somebody who has none. An unknown option keeps one that may from doing anything."""
    may = {command: set() if roles_of == "*" else set(roles_of) for roles_of, names in MAY.items() for command in shlex.split(names)}
    told = {row["command"]: set(row["roles"].split()) for row in json.loads(run("--json", "operator", "rights").stdout)}
    assert {command: roles - {"everybody", "tous"} for command, roles in told.items()} == may
    asked = []
    for n, command in enumerate(command for command in may if may[command]):
        others = sorted({E, A, U, O} - may[command]) or [None]
        asked.append((command, others[n % len(others)]))
    asked += [(command, None) for command in ("queue list", "bal list", "indicators show", "key rotate", "person report")]

    def refused(pair):
        return run(*pair[0].split(), "--n-existe-pas", who=LOGINS[pair[1]]).returncode == 77

    with ThreadPoolExecutor(4) as pool:
        assert [pair for pair, no in zip(asked, pool.map(refused, asked)) if not no] == []
    for role in (E, A, U, O):
        command = next(command for command, roles in may.items() if roles == {role} or roles == {E, A, U, O})
        assert run(*command.split(), "--n-existe-pas", who=LOGINS[role]).returncode == 64, (command, role)


def test_the_database_holds_the_same_line(sandbox, roles):
    """A command that forgot to ask, or a statement typed as caducee_admin: PostgreSQL refuses what is not of the operator's role."""
    def connect(login):
        return psycopg2.connect(host=str(sandbox.place.run), port=5432, dbname="caducee", user="caducee_admin",
                                options=f"-c caducee.operator={login}" if login else "")

    def refused(connection, statement) -> bool:
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
            return False
        except psycopg2.errors.InsufficientPrivilege as error:
            assert "operator's role" in str(error), error
            return True
        finally:
            connection.rollback()

    here, there = (f"(SELECT bal_id FROM bal WHERE address = '{address}')" for address in (f"soins@{T}", f"labo@{C}"))
    who = "(SELECT person_id FROM person_identifier WHERE national_id = '899700000021')"
    share = "INSERT INTO membership (bal_id, person_id, role, ends) VALUES ({}, " + who + ", 'gestionnaire', now() + interval '1 day')"
    longer = "UPDATE membership SET ends = now() + interval '9 years', may_send = true WHERE role <> 'titulaire' AND bal_id = {}"
    bind = "INSERT INTO certificate_binding (bal_id, issuer, subject) VALUES ({}, 'x', 'y')"
    bal = "UPDATE bal SET state = 'suspended' WHERE bal_id = {}"
    table = [  # statement, who may
        (share.format(here), {"adele"}), (share.format(there), set()), (bind.format(here), {"adele"}), (bind.format(there), set()),
        (longer.format(here), {"adele"}),
        ("INSERT INTO membership (bal_id, person_id, role, ends, second_by) VALUES (" + here + ", " + who + ", 'lecteur', now() + "
         "interval '1 day', " + who + ")", set()),  # an exceptional access takes two persons
        (f"DELETE FROM membership WHERE role <> 'titulaire' AND bal_id = {here}", {"adele", "exploitante"}),
        (f"DELETE FROM certificate_binding WHERE bal_id = {there}", {"exploitante"}),
        (bal.format(here), {"adele", "exploitante"}), (bal.format(there), {"exploitante"}),
        (f"UPDATE bal SET structure_id = (SELECT structure_id FROM bal WHERE address = 'soins@{T}') WHERE bal_id = {there}", set()),
        (f"UPDATE bal_quota SET limit_bytes = 1 WHERE bal_id = {there}", {"exploitante"}),
        (f"DELETE FROM bal_key WHERE bal_id = {there}", {"exploitante"}),
        ("INSERT INTO operator_role (login, name, role) VALUES ('x', 'x', 'exploitant')", {"exploitante"}),
        ("UPDATE operator_role SET ends = NULL WHERE login = 'adele'", {"exploitante"}),
        ("INSERT INTO structure (name) VALUES ('x')", {"exploitante"}), ("UPDATE domain SET name = name", {"exploitante"}),
        ("UPDATE queue_state SET held = true", {"exploitante"}), ("UPDATE trust_state SET whitelist = NULL", {"exploitante"}),
        ("UPDATE ca SET removed = now()", {"exploitante"}), ("UPDATE trust_state SET generation = generation", set(LOGINS.values()) | {""}),
        ("INSERT INTO setting (name, value) VALUES ('trust.x', 'x')", {"exploitante"}),
        ("INSERT INTO setting (name, value) VALUES ('key.x', 'x')", {"olga"}),
        (f"INSERT INTO person_identifier (national_id, person_id) VALUES ('0990000001', {who})", set()),
        ("UPDATE person SET given_name = 'x'", {"exploitante", "adele"}),
    ]
    for login in (*LOGINS.values(), ""):
        connection = connect(login)
        wrong = [statement for statement, may in table if refused(connection, statement) == (login in may)]
        connection.close()
        assert wrong == [], login


def test_a_person_does_not_become_another_by_saying_so(sandbox):
    """--as is for who has no name of their own: root at a console, a service. sudo's user has one."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    line = [str(sandbox.place.programs / "caducee"), "-c", str(sandbox.place.conf), "--as", "adele", "structure", "add", "Empruntée"]
    done = subprocess.run(line, capture_output=True, text=True, env={**os.environ, "SUDO_USER": "marie"})
    assert done.returncode == 77 and "marie" in done.stderr
    assert sandbox.postgres.query("SELECT count(*) FROM structure WHERE name = 'Empruntée'") == "0"


def test_an_administrators_lists_are_of_their_structures(run, roles):
    for words, column in ((["structure", "list"], "name"), (["domain", "list"], "structure"), (["indicators", "show"], "structure")):
        seen = {row[column] for row in json.loads(run("--json", *words, who="adele").stdout)}
        assert seen == {TILLEULS}, words
        assert len({row[column] for row in json.loads(run("--json", *words, who="auguste").stdout)}) > 1
    assert json.loads(run("--json", "indicators", "show", "--structure", CHDEMO, who="adele").stdout) == []


def test_each_role_has_its_part(run, roles):
    assert run("structure", "add", "Nouvelle", who="exploitante").returncode == 0
    for who in ("adele", "auguste", "olga", "inconnue"):
        assert run("structure", "add", "Interdite", who=who).returncode == 77, who
        assert run("whitelist", "rollback", "1", "--reason", "x", who=who).returncode == 77, who
    assert run("trace", "list", who="auguste").returncode == 0
    assert run("trace", "list", who="adele").returncode == 77
    refused = json.loads(run("--json", "trace", "list", "--action", "operator.refused", who="auguste").stdout)
    assert {"adele", "inconnue"} <= {row["actor"] for row in refused}, "a refusal leaves a trace with its name"


def test_a_structures_administrator_sees_no_other_structure(run, roles):
    seen = {row["address"] for row in json.loads(run("--json", "bal", "list", who="adele").stdout)}
    assert f"dui@{T}" in seen and not any(address.endswith("@" + C) for address in seen)
    other = f"labo@{C}"
    for words in (["show", other], ["suspend", other, "--reason", "x"], ["close", other, "--reason", "x"],
                  ["quota", other, "1G"], ["redlist", other, "on"], ["legal-hold", other, "on", "--reason", "x"],
                  ["share", other, "--person", "899700000013", "--role", "lecteur"],
                  ["unshare", other, "--person", "899700000013"], ["unbind-cert", other, "1"],
                  ["exceptional-access", other, "--person", "899700000013", "--second", "899700000021", "--reason", "x",
                   "--until", "+1d"]):
        assert run("bal", *words, who="adele").returncode == 66, words
    for words in (["add", "--national-id", "899700000021", "--national-id", "0123456789"], ["report", "899700000021"],
                  ["erase", "899700000021", "--reason", "x"], ["merge", "899700000013", "899700000021", "--reason", "x"]):
        assert run("person", *words, who="adele").returncode == 66, words
    people = json.loads(run("--json", "person", "list", who="adele").stdout)
    assert people and not any(C in row["bals"] for row in people), "whoever is only elsewhere is not shown, nor what they hold there"
    assert run("bal", "add", f"chez.eux@{C}", "--kind", "ORG", "--structure", CHDEMO, who="adele").returncode == 66
    assert run("bal", "add", f"chez.nous@{T}", "--kind", "ORG", "--structure", TILLEULS, who="adele").returncode == 0


def test_an_exploitant_opens_no_bal_to_anybody(sandbox, run, roles):
    """Who runs the installation gives no right on a BAL, to themselves neither: refused, and traced under their name."""
    address = f"soins@{T}"
    for words in (["share", address, "--person", "899700000021", "--role", "gestionnaire"],
                  ["bind-cert", f"dui@{T}", sandbox.pki.cert("dui2")],
                  ["exceptional-access", address, "--person", "899700000021", "--second", "899700000039", "--reason", "x", "--until",
                   "+1d"],
                  ["export", address, "/tmp/x", "--to", sandbox.pki.cert("dui"), "--token-file", "/dev/null"]):
        assert run("bal", *words, who="exploitante").returncode == 77, words
    refused = json.loads(run("--json", "trace", "list", "--action", "operator.refused", who="auguste").stdout)
    assert {"bal share", "bal bind-cert", "bal exceptional-access", "bal export"} <= {
        row["detail"] for row in refused if row["actor"] == "exploitante"}
    assert run("bal", "suspend", address, "--reason", "x", who="exploitante").returncode == 0
    assert run("bal", "resume", address, who="exploitante").returncode == 0
    assert run("bal", "share", address, "--person", "899700000021", "--role", "lecteur", who="adele").returncode == 0
    assert run("bal", "unshare", address, "--person", "899700000021", who="adele").returncode == 0


def test_an_exceptional_access_takes_two_persons(sandbox, run, roles):
    """One asks, another approves under an account of their own; nobody is both, and what opens is what was asked for."""
    reader, second = "899700000039", "899700000021"
    address = sandbox.postgres.query("SELECT b.address FROM bal b JOIN membership m USING (bal_id) JOIN person_identifier i USING (person_id) "
                                     "WHERE m.role = 'titulaire' AND i.national_id = '899700000013'")
    asking = ["bal", "exceptional-access", address, "--person", reader, "--second", second, "--reason", "décès", "--until", "+7d"]
    approving = ["bal", "exceptional-access", address, "--person", reader, "--approve"]
    opened = f"""SELECT count(*) FROM membership m JOIN bal b USING (bal_id) JOIN person_identifier i USING (person_id)
                 WHERE b.address = '{address}' AND i.national_id = '{reader}' AND m.second_by IS NOT NULL AND m.ends > now()"""
    sandbox.postgres.query(f"DELETE FROM membership USING bal b WHERE b.bal_id = membership.bal_id AND b.address = '{address}' AND second_by IS NOT NULL")
    assert run(*asking, who="adele").returncode == 77, "the second person has no role of an administrateur"
    run("operator", "add", "sonia", "--name", "Sonia", "--role", "administrateur", "--structure", TILLEULS, "--person", second, check=True)
    try:
        assert run(*approving, who="sonia").returncode == 66, "nothing was asked"
        assert run(*asking, who="adele").returncode == 0
        assert sandbox.postgres.query(opened) == "0", "asked for, not open"
        assert run(*approving, who="adele").returncode == 66, "who asked does not approve"
        assert run(*approving, who="exploitante").returncode == 77
        done = run(*approving, who="sonia")
        assert done.returncode == 0 and "décès" in done.stdout and sandbox.postgres.query(opened) == "1"
        assert run(*approving, who="sonia").returncode == 66, "once"
        acts = {(row["action"], row["actor"]) for row in json.loads(run("--json", "trace", "list", "--bal", address, who="auguste").stdout)}
        assert {("bal.exceptional-request", "adele"), ("bal.exceptional-access", "sonia")} <= acts
        assert run(*asking, who="sonia").returncode == 77, "nobody names themselves"
    finally:
        run("operator", "end", "sonia", "--role", "administrateur", check=True)
        sandbox.postgres.query(f"DELETE FROM membership USING bal b WHERE b.bal_id = membership.bal_id AND b.address = '{address}' AND second_by IS NOT NULL")


@pytest.mark.parametrize("words, status", [
    (["bal", "share", f"claire.martin@{T}", "--person", "899700000021", "--role", "lecteur"], 77),
    (["bal", "bind-cert", f"claire.martin@{T}", "DUI"], 77),
    (["bal", "bind-cert", f"dui@{T}", "OTHER"], 65),
    (["bal", "bind-cert", f"dui@{T}", "SERVER"], 65),
    (["bal", "bind-cert", f"dui@{T}", "EDITOR"], 65),
    (["bal", "bind-cert", f"dui@{T}", "EDITOR", "--mandate", "contrat 12", "--until", "+90d"], 0),
    (["bal", "bind-cert", f"dui@{T}", "EDITOR", "--mandate", "sans fin"], 64),
    (["bal", "add", f"sans.titulaire@{T}", "--kind", "PER", "--structure", TILLEULS], 64),
    (["bal", "add", f"secretaire@{T}", "--kind", "PER", "--structure", TILLEULS, "--person", "3999900017/0012"], 65),
    (["bal", "add", "quelqu-un@ailleurs.mssante.fr", "--kind", "ORG", "--structure", TILLEULS], 66),
    (["bal", "exceptional-access", f"claire.martin@{T}", "--person", "899700000021", "--second", "899700000021", "--reason",
      "décès", "--until", "+7d"], 77),
    (["bal", "exceptional-access", f"claire.martin@{T}", "--person", "899700000021", "--second", "899700000039", "--reason",
      "décès", "--until", "+365d"], 64),
    (["bal", "exceptional-access", f"claire.martin@{T}", "--person", "899700000021", "--second", "899700000039", "--reason",
      "décès", "--until", "+7d"], 0),
])
def test_what_is_refused_says_so(sandbox, run, words, status):
    files = {"DUI": "dui", "OTHER": "otherca", "SERVER": "peer", "EDITOR": "dui2"}
    words = [str(sandbox.pki.cert(files[word])) if word in files else word for word in words]
    done = run(*words)
    assert done.returncode == status, done.stderr
    assert status == 0 or done.stderr.startswith("caducee: ")


def test_two_records_of_one_person_become_one(run):
    for number, family in (("0999911111", "DOUBLE"), ("899700077777", "DOUBLE")):
        assert run("person", "add", "--family", family, "--given", "Dora", "--national-id", number).returncode == 0
    assert run("person", "merge", "0999911111", "899700077777", "--reason", "ADELI vers RPPS").returncode == 0
    rows = json.loads(run("--json", "person", "list", "0999911111").stdout)
    assert rows[0]["ids"].split() == ["0999911111", "899700077777"]


def test_dns_records_are_printed_and_checked(run):
    done = run("dns", T, "--check")
    assert done.returncode == 0 and "MX" in done.stdout and f"_imaps._tcp.{T}." in done.stdout
    assert run("dns", "pas un domaine").returncode == 64
