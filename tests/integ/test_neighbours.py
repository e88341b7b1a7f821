"""The administrator of a structure tries everything on another's: every command, every page and form of the administration part. To her a
BAL, a person, a certificate from there does not exist, what she is shown names nothing of it, and nothing there has changed. Then root tries
to read a doctor's mail with the tools given."""
import imaplib
import json
import os
import re
import shlex
import subprocess

import pytest

from conftest import letter
from sandbox.imap_client import Dui
from sandbox.people import CHDEMO, PROFESSIONALS, TILLEULS
from sandbox.place import SOURCE
from sandbox.refusals import LAB, connect, context_for, deliver
from sandbox.whitelist import OUR_DOMAINS
from test_certificate_login import Browser, samia, settled  # noqa: F401 - a fixture
from test_operators import LOGINS, MAY, A, roles, run  # noqa: F401 - fixtures

T, C = OUR_DOMAINS
CLAIRE, PAUL, SAMIA = PROFESSIONALS[:3]
MINE, THEIRS, ID = f"dui@{T}", f"labo@{C}", "899700000013"
WHY = "--reason essai"
# What she may run at all, tried on what is theirs: not found, or refused.
TRIED = {
    "bal share": f"{THEIRS} --person {ID} --role lecteur", "bal bind-cert": f"{THEIRS} CERT --mandate x --until +30d",
    "bal exceptional-access": f"{THEIRS} --person {ID} --second 899700000021 {WHY} --until +1d", "bal export": f"{THEIRS} /tmp/x --to CERT --token-file /dev/null",
    "person add": "--national-id {alone} --national-id 0123456789", "person merge": "{alone} 899700000021 " + WHY,
    "bal add": f"chez.eux@{C} --kind ORG --structure '{CHDEMO}'", "bal show": THEIRS, "bal unshare": f"{THEIRS} --person {ID}",
    "bal unbind-cert": f"{THEIRS} 1", "bal suspend": f"{THEIRS} {WHY}", "bal resume": THEIRS, "bal close": f"{THEIRS} {WHY}",
    "bal import": f"{THEIRS} --mbox /dev/null", "bal quota": f"{THEIRS} 1G", "bal redlist": f"{THEIRS} on", "bal legal-hold": f"{THEIRS} on {WHY}",
    "bal delete": f"{THEIRS} {WHY}", "person report": "{alone}", "person erase": "{alone} " + WHY,
}
# What shows lists: of her structure alone, whatever she asks for.
SHOWN = {
    "bal list": ["", f"--structure '{CHDEMO}'", f"--domain {C}"], "bal headers": ["", f"--structure '{CHDEMO}'"], "bal flagged": [""],
    "person list": ["", "{alone}", "SEUL"], "indicators show": ["", f"--structure '{CHDEMO}'"],
    "indicators export": [f"FILE --structure '{CHDEMO}'", "FILE --format json"], "structure list": [""], "domain list": [""],
}
NOT_FOUND, REFUSED = 66, 77


@pytest.fixture
def alone(sandbox):
    """Somebody whom only the other structure knows."""
    number = "899700055501"
    sandbox.postgres.query("WITH p AS (INSERT INTO person (given_name, family_name) VALUES ('Ailleurs', 'SEUL') RETURNING person_id), "
                           f"i AS (INSERT INTO person_identifier (national_id, person_id) SELECT '{number}', person_id FROM p) "
                           "INSERT INTO membership (bal_id, person_id, role, ends) SELECT (SELECT bal_id FROM bal WHERE address = "
                           f"'{THEIRS}'), person_id, 'membre', now() + interval '1 day' FROM p")
    yield number
    who = f"person_id = (SELECT person_id FROM person_identifier WHERE national_id = '{number}')"
    sandbox.postgres.query(f"DELETE FROM membership WHERE {who}; WITH gone AS (DELETE FROM person_identifier WHERE national_id = '{number}' "
                           "RETURNING person_id) DELETE FROM person WHERE person_id IN (SELECT person_id FROM gone)")


def held(sandbox) -> str:
    """All that the other structure has, but when somebody came there last."""
    theirs = f"(SELECT bal_id FROM bal JOIN structure USING (structure_id) WHERE name = '{CHDEMO}')"
    tables = ("bal", "membership", "certificate_binding", "bal_quota", "bal_key", "import_item", "exceptional_request")
    parts = [f"(SELECT string_agg(to_jsonb(t)::text, ' ' ORDER BY to_jsonb(t)::text) FROM {table} t WHERE bal_id IN {theirs})" for table in tables]
    parts += ["(SELECT string_agg(national_id || family_name || (erased IS NULL)::text, ' ' ORDER BY national_id) FROM person_identifier JOIN person "
              "USING (person_id))", "(SELECT string_agg(to_jsonb(s)::text, ' ' ORDER BY structure_id) FROM structure s)"]
    return sandbox.postgres.query("SELECT " + " || '|' || ".join(f"coalesce({part}, '')" for part in parts))


def names_them(text) -> bool:
    return any(word in text for word in (C, CHDEMO, "SEUL"))


def test_every_command_on_another_structure(sandbox, run, roles, alone):
    hers = {command for roles_of, names in MAY.items() if roles_of != "*" and A in roles_of for command in shlex.split(names)}
    assert hers == {*TRIED, *SHOWN}, "a new command is tried here too"
    file, certificate = sandbox.place.path("spool", f"voisins-{os.getpid()}"), str(sandbox.pki.cert("dui2"))

    def ask(command, words):
        words = words.replace("{alone}", alone).replace("CERT", certificate).replace("FILE", str(file))
        return run(*command.split(), *shlex.split(words), who=LOGINS[A])

    closed = f"ferme.{os.getpid()}@{C}"
    run("bal", "add", closed, "--kind", "ORG", "--structure", CHDEMO, check=True)
    run("bal", "close", closed, "--reason", "essai", check=True)
    journal = sandbox.place.path("keys", "erasures")
    before, answers = held(sandbox), {command: ask(command, words) for command, words in TRIED.items()}
    answers["bal delete, closed"] = ask("bal delete", f"{closed} {WHY}")
    assert not journal.exists() or not re.search(rf"^{sandbox.postgres.query(f'SELECT bal_id FROM bal WHERE address = {closed!r}')} ", journal.read_text(), re.M)
    assert {command: done.returncode for command, done in answers.items() if done.returncode not in (NOT_FOUND, REFUSED)} == {}
    said = [done.stdout for done in answers.values()]
    for command, tries in SHOWN.items():
        for words in tries:
            done = ask(command, words)
            assert done.returncode in (0, NOT_FOUND), (command, words, done.stderr)
            said.append(done.stdout + (file.read_text() if file.exists() else ""))
            file.unlink(missing_ok=True)
    assert [text for text in said if names_them(text)] == []
    for command in {command for roles_of, names in MAY.items() if roles_of != "*" and A not in roles_of for command in shlex.split(names)}:
        assert ask(command, "--n-existe-pas").returncode == REFUSED, command
    assert held(sandbox) == before


# Every route of the administration part: forms sent by hand, with what is theirs.
ACTS = [{"acte": "ajouter", "identifiant": ID, "role": "lecteur"}, {"acte": "retirer", "personne": "PERSON"}, {"acte": "suspendre", "motif": "x"},
        {"acte": "reprendre"}, {"acte": "fermer", "motif": "x"}, {"acte": "liste-rouge"}, {"acte": "publier"}]
FORMS = {
    "/admin/boites": [{"structure": "STRUCTURE", "type": "ORG", "adresse": f"forme@{C}", "nom": "x"}], "/admin/boites/:boite": ACTS,
    "/admin/file": [{"acte": act, "message": "MESSAGE"} for act in ("reessayer", "retenir", "relacher", "abandonner")]
    + [{"acte": "retenir", "domaine": "autre-operateur.mssante.fr"}],
    "/admin/patients": [{"structure": "STRUCTURE", "saisie": "1", "information": "x", "urgence": "x"}],
    "/admin/listes-blanches": [{}],
}
PAGES = ["/admin", "/admin/boites", "/admin/boites?structure=STRUCTURE", f"/admin/boites?q={C}", "/admin/boites/BAL", "/admin/file", "/admin/patients"]


def test_every_page_and_form_on_another_structure(sandbox, samia, alone):
    source = (SOURCE / "webmail-cgi/routes.def").read_text()
    routes = {path for method, path in re.findall(r'ROUTE\((GET|POST), "(/admin[^"]*)"', source) if method == "POST"}
    assert routes == set(FORMS), "a new form is tried here too"
    views = re.findall(r'^\s*\{\s*"([a-z-]+)"', (SOURCE / "webmail-cgi/page_admin.c").read_text(), re.M)
    query = sandbox.postgres.query
    number = {"BAL": query(f"SELECT bal_id FROM bal WHERE address = '{THEIRS}'"), "STRUCTURE": query(f"SELECT structure_id FROM structure WHERE name = '{CHDEMO}'"),
              "PERSON": query(f"SELECT person_id FROM person_identifier WHERE national_id = '{alone}'"), "MESSAGE": "1"}

    def filled(text):
        for word, value in number.items():
            text = text.replace(word, value)
        return text

    browser, before = Browser(sandbox, "samia"), held(sandbox)
    _, _, page = settled(browser)
    token = page.split('data-csrf="')[1].split('"')[0]
    for path in [*PAGES, *(f"/admin/{view}" for view in views)]:
        status, url, text = browser.go(filled(path))
        shown = re.sub(r'value="[^"]*"', "", text)  # what she has typed herself comes back to her
        assert status in (200, 404) and not names_them(shown), path
    assert browser.go(filled("/admin/boites/BAL"))[0] == 404
    for path, forms in FORMS.items():
        for form in forms:
            target = filled(path.replace(":boite", "BAL"))
            status, _, text = browser.go(target, {"csrf": token, **{key: filled(value) for key, value in form.items()}}, Origin=browser.url,
                                         Sec_Fetch_Site="same-origin")
            assert status in (400, 403, 404, 409, 422) or (path == "/admin/boites" and not names_them(re.sub(r'value="[^"]*"', "", text))), (path, form, status)
    assert held(sandbox) == before
    assert query("SELECT count(*) FROM bal WHERE address LIKE 'forme@%'") == "0"


# -- root --------------------------------------------------------------------------------------------------------------
SECRET = "diagnostic-de-monsieur-x"


@pytest.fixture
def racine(sandbox):
    """Root under a name that has every role, at the doctor's own structure."""
    for role in ("exploitant", "administrateur", "auditeur", "officier"):
        sandbox.postgres.query(f"INSERT INTO operator_role (login, name, role, structure_id) SELECT 'racine', 'Racine', '{role}', CASE '{role}' WHEN "
                               f"'administrateur' THEN structure_id END FROM bal WHERE address = '{CLAIRE.address}'")
    yield "racine"
    sandbox.postgres.query("DELETE FROM operator_role WHERE login = 'racine'")


@pytest.mark.needs("root")
def test_root_reads_no_doctor_s_mail(sandbox, racine):
    """With the command under every role, with the database as its superuser, with the files: refused and traced, or nothing but ciphers."""
    with connect(sandbox) as smtp:
        assert deliver(smtp, LAB, [CLAIRE.address], letter(SECRET, SECRET.encode() + b"\r\n")).code == 250
    place, token = sandbox.place, sandbox.place.path("spool", "faux-jeton")
    place.write(token, "eyJhbGciOiJub25lIn0.e30.", 0o600)
    environment = {**sandbox.caducee.environment(), "SUDO_USER": racine}

    def as_root(*words):
        return subprocess.run([place.programs / "caducee", "-c", place.conf, *words], capture_output=True, text=True, env=environment)

    out = place.path("spool", "volee.p7m")
    tries = {
        "bal export": as_root("bal", "export", CLAIRE.address, out, "--to", sandbox.pki.cert("dui"), "--token-file", token),
        "bal share": as_root("bal", "share", CLAIRE.address, "--person", PAUL.national_id, "--role", "gestionnaire"),
        "bal bind-cert": as_root("bal", "bind-cert", CLAIRE.address, sandbox.pki.cert("dui")),
    }
    assert {command: done.returncode for command, done in tries.items()} == dict.fromkeys(tries, REFUSED) and not out.exists()
    traced = {action: json.loads(as_root("--json", "trace", "list", "--action", action, "--since", "-1h").stdout)
              for action in ("keyd.token", "operator.refused")}
    assert any(row["answer"] == "NO" for row in traced["keyd.token"]), "the token is nobody's"
    # every command that root may run without a word from the holder says nothing of it
    told = [as_root("--json", *words.split()).stdout for words in (f"bal show {CLAIRE.address}", f"trace list --bal {CLAIRE.address}", "queue list",
                                                                  f"person report {CLAIRE.national_id}", "status", "doctor")]
    assert not any(SECRET in text for text in told)
    # the whole database as its superuser, and every file that we write
    dump = subprocess.run(["pg_dump", "-h", place.run, "-U", "postgres", "--inserts", "caducee"], capture_output=True).stdout
    assert len(dump) > 100_000
    for form in (SECRET.encode(), SECRET.encode().hex().encode()):
        assert form not in dump
        for file in [*place.logs.iterdir(), *place.path("keys").rglob("*")]:
            assert not file.is_file() or form not in file.read_bytes(), file
    # a binding that the superuser writes opens no PER BAL either: keyd looks at its kind
    sandbox.postgres.query("INSERT INTO certificate_binding (bal_id, issuer, subject, subject_shown, key_sha256, not_after) SELECT (SELECT bal_id FROM bal "
                           f"WHERE address = '{CLAIRE.address}'), issuer, subject, subject_shown, key_sha256, not_after FROM certificate_binding c JOIN bal b "
                           f"USING (bal_id) WHERE b.address = '{MINE}' LIMIT 1")
    try:
        with pytest.raises(imaplib.IMAP4.error):
            Dui(place.host, place.port("imap"), context_for(sandbox, "dui"), CLAIRE.address, patience=0)
    finally:
        sandbox.postgres.query(f"DELETE FROM certificate_binding USING bal b WHERE b.bal_id = certificate_binding.bal_id AND b.address = '{CLAIRE.address}'")
