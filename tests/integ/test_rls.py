"""Row-level security, by trying: each role on each table of mail; variable unset, another BAL's rows, views."""
import psycopg2
import pytest

from sandbox.postgres import ROLES

from conftest import letter

# Who reads mail tables across BALs, and why: everything else is a leak.
WHOLE = {"backup": None,  # all of it, encrypted as it is
         "sweeper": {"blob", "blob_chunk", "draft_part", "message"},  # finds blobs that nothing refers to
         "notifier": {"folder"}}  # counters that have moved
FORM = "(bal_id = (current_setting('caducee.bal'::text))::bigint)"


@pytest.fixture(scope="module")
def two(sandbox):
    """Two BALs with mail in each."""
    from conftest import new_bal

    bals = [new_bal(sandbox), new_bal(sandbox)]
    for bal in bals:
        assert bal.deliver(letter()).code == 250
    with psycopg2.connect(sandbox.postgres.conninfo) as c, c.cursor() as cursor:
        cursor.execute("SELECT bal_id FROM bal WHERE address = ANY(%s) ORDER BY 1", ([b.address for b in bals],))
        return [row[0] for row in cursor.fetchall()]


def connect_as(sandbox, role):
    return psycopg2.connect(host=str(sandbox.place.run), port=5432, dbname="caducee", user=f"caducee_{role}")


def tables(sandbox) -> list:
    """Every table that holds rows of a BAL's mail."""
    with psycopg2.connect(sandbox.postgres.conninfo) as c, c.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relkind IN ('r', 'p')")
        return sorted(row[0] for row in cursor.fetchall())


def attempt(connection, statement, values=()):
    """Rows, or the error; nothing stays."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else cursor.rowcount
        except psycopg2.Error as error:
            return error
        finally:
            connection.rollback()


def may_see_all(role, table) -> bool:
    return role in WHOLE and (WHOLE[role] is None or table in WHOLE[role])


def test_every_mail_table_is_forced(sandbox):
    with psycopg2.connect(sandbox.postgres.conninfo) as c, c.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity")
        assert cursor.fetchall() == []
        assert {"message", "blob", "blob_chunk", "folder", "state_page", "delivery_key", "expunged"} <= set(tables(sandbox))
        cursor.execute("SELECT tablename, policyname, qual FROM pg_policies WHERE policyname = 'own_bal' AND qual <> %s", (FORM,))
        assert cursor.fetchall() == [], "the form that was measured is the one to use"
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'caducee%' AND (rolbypassrls OR rolsuper)")
        assert cursor.fetchall() == []


@pytest.mark.parametrize("role", ROLES)
def test_variable_unset(sandbox, two, role):
    connection = connect_as(sandbox, role)
    for table in tables(sandbox):
        found = attempt(connection, f"SELECT bal_id FROM {table}")
        if not may_see_all(role, table):
            assert isinstance(found, psycopg2.Error) or found == [], (table, found)
    if role in ("imapd", "webmail"):
        assert isinstance(attempt(connection, "SELECT bal_id FROM message"), psycopg2.Error), "unset must be an error"
    connection.close()


@pytest.mark.parametrize("role", ROLES)
def test_another_bals_rows(sandbox, two, role):
    connection = connect_as(sandbox, role)
    for table in tables(sandbox):
        for statement in (f"SELECT bal_id FROM {table}", f"SELECT bal_id FROM {table} WHERE bal_id = {two[1]}"):
            found = attempt(connection, f"SET LOCAL caducee.bal = '{two[0]}'; {statement}")
            if not may_see_all(role, table) and not isinstance(found, psycopg2.Error):
                assert {row[0] for row in found} <= {two[0]}, table
    connection.close()


@pytest.mark.parametrize("role", [r for r in ROLES if r not in ("sweeper", "backup")])
def test_another_bals_rows_cannot_be_changed(sandbox, two, role):
    connection = connect_as(sandbox, role)
    for table in tables(sandbox):
        for statement in (f"DELETE FROM {table} WHERE bal_id = {two[1]}",
                          f"UPDATE {table} SET bal_id = {two[0]} WHERE bal_id = {two[1]}",
                          f"UPDATE {table} SET bal_id = {two[1]} WHERE bal_id = {two[0]}"):
            done = attempt(connection, f"SET LOCAL caducee.bal = '{two[0]}'; {statement}")
            assert isinstance(done, psycopg2.Error) or done == 0, (table, statement)
    connection.close()


def test_views_are_their_readers(sandbox):
    """A view without security_invoker shows all rows to everybody."""
    with psycopg2.connect(sandbox.postgres.conninfo) as c, c.cursor() as cursor:
        cursor.execute("""SELECT relname FROM pg_class WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace
                          AND NOT coalesce(reloptions @> ARRAY['security_invoker=true'], false)
                          AND NOT coalesce(reloptions @> ARRAY['security_invoker=on'], false)""")
        assert cursor.fetchall() == []


@pytest.mark.parametrize("role", ROLES)
def test_key_material_is_keyds(sandbox, role):
    """The wrapped keys of BALs open nothing without the master key; still only who works with them reads them."""
    found = attempt(connect_as(sandbox, role), "SELECT * FROM bal_key")
    if role in ("mx", "submission", "relay", "imapd", "webmail", "notifier", "sealer", "fetcher", "auditor"):
        assert isinstance(found, psycopg2.Error), found


# table, column → who may read it beside the owner and the backup: what opens a session, or a BAL
SECRETS = {("bal_key", "wrapped"): {"keyd"}, ("delivery_key", "sealed"): {"imapd", "webmail"},
           ("web_session", "session_hash"): {"keyd", "webmail"}, ("web_session", "refresh"): {"keyd", "webmail"},
           ("web_session", "csrf"): {"keyd", "webmail"}, ("web_session", "id_token"): {"keyd", "webmail"},
           ("web_login", "verifier"): {"webmail"}, ("web_login", "nonce"): {"webmail"}}
# table → who may insert, change or take away rows by itself beside the owner: what decides who is trusted and who reads what
DECISIVE = {"setting": {"admin", "fetcher"}, "membership": {"admin", "keyd", "sync"}, "certificate_binding": {"admin", "keyd"},
            "ca": {"admin"}, "operator_role": {"admin"}, "web_session": {"keyd", "webmail", "retention", "admin"},
            "whitelist_entry": {"admin", "fetcher"}, "whitelist_generation": {"admin", "fetcher"}, "crl": {"admin", "fetcher"},
            "trust_state": {"admin", "fetcher"}, "ocsp_answer": {"admin", "fetcher"}, "trace_seal": {"sealer"}, "schema_version": set()}


def test_what_opens_is_read_by_few_and_what_decides_is_written_by_few(sandbox):
    def roles(statement, *values):
        with psycopg2.connect(sandbox.postgres.conninfo) as c, c.cursor() as cursor:
            cursor.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'caducee\\_%%' AND rolname <> 'caducee_owner' AND "
                           + statement, values)
            return {row[0].removeprefix("caducee_") for row in cursor.fetchall()}
    for (table, column), who in SECRETS.items():
        assert roles("has_column_privilege(oid, %s::regclass, %s, 'SELECT')", table, column) == who | {"backup"}, (table, column)
    for table, who in DECISIVE.items():
        may = "has_any_column_privilege(oid, %s::regclass, 'INSERT') OR has_table_privilege(oid, %s::regclass, 'DELETE')"
        assert roles(f"({may})", table, table) <= who, table
