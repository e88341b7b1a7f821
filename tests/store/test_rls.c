/* Row-level security, by trying: each role on each table, with the variable unset, on another BAL, and grants that must
 * not be. Two BALs hold one row in each table; whoever acts on the second must never see or touch the first's. */
#include "tests/store/fixture.h"

#include "lib/store/sql.h"

#include <stdio.h>
#include <string.h>

static struct db *admin, *mx, *imap;
static PGconn *super;
static struct test_bal ours, other;
enum { TABLES_MAX = 64 };
static char tables[TABLES_MAX][64];
static char rows[TABLES_MAX][16384]; /* a row of `ours`, as JSON */
static size_t table_count;

static const char *const roles[] = {"mx",      "submission", "relay",   "imapd",     "webmail",  "keyd",
                                    "fetcher", "sealer",     "sweeper", "retention", "reminder", "notifier",
                                    "sync",    "admin",      "auditor", "backup"};

/* Under which roles a policy shows all BALs, and of which tables: nothing else may. */
static bool sees_all(const char *role, const char *table)
{
    static const char *const allowed[][2] = {{"sweeper", "blob"},
                                             {"sweeper", "blob_chunk"},
                                             {"sweeper", "message"},
                                             {"sweeper", "draft_part"},
                                             {"notifier", "folder"}};
    for (size_t i = 0; i < COUNT(allowed); i++)
        if (strcmp(role, allowed[i][0]) == 0 && strcmp(table, allowed[i][1]) == 0)
            return true;
    return strcmp(role, "backup") == 0;
}

/* Tries a statement as a role, in a transaction that is undone. Returns rows touched or counted, -1 when refused. */
static char state_of_last[6];
static long attempt(const char *role, int64_t bal, const char *text)
{
    char set[128];
    snprintf(set, sizeof(set), "SET SESSION AUTHORIZATION caducee_%s", role);
    PQclear(PQexec(super, set));
    PQclear(PQexec(super, "BEGIN"));
    if (bal) {
        snprintf(set, sizeof(set), "SELECT set_config('caducee.bal', '%lld', true)", (long long)bal);
        PQclear(PQexec(super, set));
    }
    PGresult *r = PQexec(super, text);
    long touched = -1;
    if (PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1 && PQnfields(r) == 1)
        sscanf(PQgetvalue(r, 0, 0), "%ld", &touched);
    else if (PQresultStatus(r) == PGRES_COMMAND_OK)
        sscanf(PQcmdTuples(r), "%ld", &touched);
    const char *sqlstate = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    snprintf(state_of_last, sizeof(state_of_last), "%s", sqlstate ? sqlstate : "00000");
    PQclear(r);
    PQclear(PQexec(super, "ROLLBACK"));
    PQclear(PQexec(super, "RESET SESSION AUTHORIZATION"));
    return touched;
}

static void no_row_of_another(void **state UNUSED)
{
    char text[20000];
    unsigned seen = 0, written = 0;
    for (size_t r = 0; r < COUNT(roles); r++)
        for (size_t t = 0; t < table_count; t++) {
            if (sees_all(roles[r], tables[t]))
                continue;
            snprintf(text, sizeof(text), "SELECT count(bal_id) FROM %s", tables[t]);
            if (attempt(roles[r], 0, text) >= 0) /* unset is an error, not all rows, nor none */
                fail_msg("%s reads %s with the variable unset", roles[r], tables[t]);
            seen += attempt(roles[r], ours.bal.id, text) > 0;
            snprintf(text, sizeof(text), "SELECT count(bal_id) FROM %s WHERE bal_id = %lld", tables[t],
                     (long long)ours.bal.id);
            if (attempt(roles[r], other.bal.id, text) > 0)
                fail_msg("%s sees another BAL's %s", roles[r], tables[t]);
            snprintf(text, sizeof(text), "DELETE FROM %s WHERE bal_id = %lld", tables[t], (long long)ours.bal.id);
            if (attempt(roles[r], other.bal.id, text) > 0)
                fail_msg("%s deletes another BAL's %s", roles[r], tables[t]);
            snprintf(text, sizeof(text), "DELETE FROM %s", tables[t]);
            if (attempt(roles[r], 0, text) > 0)
                fail_msg("%s deletes %s with the variable unset", roles[r], tables[t]);
            snprintf(text, sizeof(text), "UPDATE %s SET bal_id = bal_id WHERE bal_id = %lld", tables[t],
                     (long long)ours.bal.id);
            if (attempt(roles[r], other.bal.id, text) > 0)
                fail_msg("%s updates another BAL's %s", roles[r], tables[t]);
            snprintf(text, sizeof(text), "INSERT INTO %s SELECT * FROM json_populate_record(NULL::%s, $json$%s$json$)",
                     tables[t], tables[t], rows[t]);
            attempt(roles[r], other.bal.id, text);
            if (strcmp(state_of_last, "42501") != 0)
                fail_msg("%s into another BAL's %s: %s", roles[r], tables[t], state_of_last);
            attempt(roles[r], ours.bal.id,
                    text); /* the same row in its own BAL: a duplicate, where it may insert at all */
            written += strcmp(state_of_last, "23505") == 0;
        }
    assert_true(seen > 30); /* the test sees what it must: nothing above passed for want of rows */
    assert_true(written > 30);
}

/* A row moved into another BAL, from inside one's own. */
static void no_row_moves(void **state UNUSED)
{
    char text[512];
    for (size_t r = 0; r < COUNT(roles); r++)
        for (size_t t = 0; t < table_count; t++) {
            snprintf(text, sizeof(text), "UPDATE %s SET bal_id = %lld", tables[t], (long long)other.bal.id);
            if (attempt(roles[r], ours.bal.id, text) > 0)
                fail_msg("%s moves rows of %s", roles[r], tables[t]);
        }
}

static void every_table_is_under_it(void **state UNUSED)
{
    /* Tables with a bal_id that are no mail: each has its reason in schema/. */
    assert_string_equal(
        test_sql(
            "SELECT coalesce(string_agg(c.relname, ' ' ORDER BY c.relname), '') FROM pg_class c JOIN pg_attribute a ON "
            "a.attrelid = c.oid AND a.attname = 'bal_id' AND NOT a.attisdropped WHERE c.relkind IN ('r', 'p') AND NOT "
            "c.relispartition AND c.relnamespace = 'public'::regnamespace AND NOT c.relrowsecurity"),
        "bal bal_key bal_quota blob_candidate certificate_binding correspondent erasure exceptional_request "
        "header_mismatch "
        "indicator_bal membership "
        "publication "
        "queue_history "
        "queue_message send_rate trace web_setting");
    assert_string_equal(test_sql("SELECT count(*) FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity"),
                        "0");
    assert_string_equal(test_sql("SELECT count(*) FROM pg_policy WHERE pg_get_expr(polqual, polrelid) NOT IN ('true', "
                                 "'(bal_id = (current_setting(''caducee.bal''::text))::bigint)') AND "
                                 "polrelid::regclass::text NOT LIKE 'web\\_%%' AND polname <> 'own_person'"),
                        "0");
    assert_string_equal(
        test_sql(
            "SELECT coalesce(string_agg(relname, ' '), '') FROM pg_class WHERE relkind IN ('v', 'm') AND "
            "relnamespace = 'public'::regnamespace AND NOT coalesce(reloptions @> '{security_invoker=true}', false)"),
        "");
}

static void every_table_says_what_it_is(void **state UNUSED)
{
    assert_string_equal(
        test_sql(
            "SELECT coalesce(string_agg(c.relname, ' ' ORDER BY c.relname), '') FROM pg_class c WHERE c.relkind IN "
            "('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace AND "
            "coalesce(length(obj_description(c.oid)), 0) < 20"),
        "");
}

static void roles_are_small(void **state UNUSED)
{
    assert_string_equal(
        test_sql("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'caducee\\_%%' AND rolname <> 'caducee_owner' AND "
                 "(rolsuper OR rolbypassrls OR rolinherit OR rolcreaterole OR rolcreatedb OR rolreplication)"),
        "0");
    assert_string_equal(
        test_sql("SELECT count(*) FROM pg_auth_members WHERE member IN (SELECT oid FROM pg_roles WHERE rolname "
                 "LIKE 'caducee\\_%%')"),
        "0");
    assert_string_equal(test_sql("SELECT count(*) FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = "
                                 "'public'::regnamespace AND a.grantee = 0 AND c.relname <> 'schema_version'"),
                        "0");
}

/* The grants that the design's sentences stand on. */
static void grants(void **state UNUSED)
{
    static const struct {
        const char *question, *who;
    } table[] = {
        {"has_column_privilege(r, 'bal_key', 'wrapped', 'SELECT')", "backup keyd"},
        {"has_table_privilege(r, 'web_session', 'INSERT')", "keyd"},
        {"has_column_privilege(r, 'message', 'structure', 'SELECT')", "backup imapd webmail"},
        {"has_column_privilege(r, 'message', 'search_text', 'SELECT')", "backup imapd webmail"},
        {"has_table_privilege(r, 'blob_chunk', 'SELECT')", "backup imapd relay webmail"},
        {"has_column_privilege(r, 'delivery_key', 'sealed', 'SELECT')", "backup imapd webmail"},
        {"has_any_column_privilege(r, 'trace', 'UPDATE')", ""},
        {"has_table_privilege(r, 'trace', 'DELETE')", ""},
        {"has_any_column_privilege(r, 'trace_seal', 'UPDATE')", ""},
        {"has_table_privilege(r, 'trace_seal', 'INSERT')", "sealer"},
        {"has_any_column_privilege(r, 'ca', 'INSERT')", "admin"},
        /* who may open what: by an operator, by keyd for a manager, by the Annuaire's first holders */
        {"has_any_column_privilege(r, 'membership', 'INSERT')", "admin keyd sync"},
        {"has_table_privilege(r, 'membership', 'UPDATE')", "admin keyd"},
        {"has_any_column_privilege(r, 'certificate_binding', 'INSERT')", "admin keyd"},
        {"has_any_column_privilege(r, 'message', 'UPDATE')", ""},
        {"has_any_column_privilege(r, 'blob', 'UPDATE')", ""},
        {"has_any_column_privilege(r, 'blob_chunk', 'UPDATE')", ""},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        const char *found = test_sql(
            "SELECT coalesce(string_agg(substr(r, 9), ' ' ORDER BY r), '') FROM (SELECT rolname::text AS r FROM "
            "pg_roles WHERE rolname LIKE 'caducee\\_%%' AND rolname <> 'caducee_owner') x WHERE %s",
            table[i].question);
        if (strcmp(found, table[i].who) != 0)
            fail_msg("%s: %s (expected: %s)", table[i].question, found, table[i].who);
    }
}

/* A view that somebody forgets to make security_invoker would show all rows: the check above is what finds it. */
static void a_careless_view_is_found(void **state UNUSED)
{
    test_sql("CREATE VIEW careless AS SELECT * FROM message");
    test_sql("GRANT SELECT ON careless TO caducee_imapd");
    assert_true(attempt("imapd", other.bal.id, "SELECT count(*) FROM careless") > 0);
    test_sql("ALTER VIEW careless SET (security_invoker = true)");
    assert_int_equal(attempt("imapd", other.bal.id, "SELECT count(*) FROM careless"), 0);
    test_sql("DROP VIEW careless");
}

/* One row in each table for `ours`; what delivery and readers do not make is put there by hand. */
static void fill(void)
{
    struct delivery_keys *keys = delivery_keys_new();
    struct folder inbox;
    struct flag_result r = {0};
    uid_list gone = {0};
    uint64_t modseq;
    unsigned bit;
    uint32_t uid = 1;
    long long id = (long long)ours.bal.id;
    struct mailbox *m = mailbox_open(&ours.bal, &ours.keys, 5, true);
    for (unsigned n = 1; n <= 3; n++)
        assert_int_equal(test_deliver(mx, keys, &ours, n, 2000, NULL), STORE_OK);
    assert_int_equal(folder_by_name(imap, m, "INBOX", &inbox), STORE_OK);
    assert_int_equal(folder_keyword_bit(imap, m, inbox.id, "$mot", &bit), STORE_OK);
    assert_int_equal(
        messages_store_flags(imap, m, inbox.id, &uid, 1, FLAGS_ADD, FLAG_DELETED | FLAG_SEEN, UINT64_MAX, &r),
        STORE_OK);
    assert_int_equal(messages_expunge(imap, m, inbox.id, NULL, 0, &gone, &modseq), STORE_OK);
    long long folder = (long long)inbox.id;
    test_sql("INSERT INTO person (person_id) VALUES (5) ON CONFLICT DO NOTHING");
    test_sql("INSERT INTO message_work (bal_id, folder_id, uid, state) VALUES (%lld, %lld, 2, 'en-cours')", id, folder);
    test_sql(
        "INSERT INTO bal_rule (bal_id, place, name, field, value, action) VALUES (%lld, 1, 'x', 'from', 'x', 'flag')",
        id);
    test_sql("INSERT INTO subscription VALUES (%lld, 0, 'Partis', true)", id);
    test_sql("INSERT INTO annotation VALUES (%lld, %lld, 0, '/shared/comment', 'x')", id, folder);
    test_sql(
        "INSERT INTO receipt (bal_id, blob_id, kind, recipient, outcome) VALUES (%lld, 1, 'dsn', 'x', 'delivered')",
        id);
    vec_free(&r.changed);
    vec_free(&r.refused);
    vec_free(&gone);
    mailbox_close(&m);
    delivery_keys_destroy(&keys);
}

static int start(void **state UNUSED)
{
    admin = db_new(test_conf(), "caducee_admin", "test");
    mx = db_new(test_conf(), "caducee_mx", "test");
    imap = db_new(test_conf(), "caducee_imapd", "test");
    test_bal_new(admin, &ours, BAL_ORG);
    test_bal_new(admin, &other, BAL_ORG);
    fill();
    const char *keys[] = {"host", "dbname", "user", NULL},
               *values[] = {test_conf()->database_host, "caducee", "postgres", NULL};
    super = PQconnectdbParams(keys, values, 0);
    PGresult *r = PQexec(
        super, "SELECT relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'bal_id' "
               "WHERE relrowsecurity AND relkind = 'r' ORDER BY 1");
    for (int i = 0; i < PQntuples(r) && table_count < TABLES_MAX; i++, table_count++) {
        snprintf(tables[table_count], sizeof(tables[0]), "%s", PQgetvalue(r, i, 0));
        const char *row = test_sql("SELECT row_to_json(t) FROM %s t WHERE bal_id = %lld LIMIT 1", tables[table_count],
                                   (long long)ours.bal.id);
        if (*row)
            snprintf(rows[table_count], sizeof(rows[0]), "%s", row);
        else
            snprintf(rows[table_count], sizeof(rows[0]), "{\"bal_id\": %lld}", (long long)ours.bal.id);
    }
    PQclear(r);
    assert_true(table_count >= 15);
    return 0;
}

static int stop(void **state UNUSED)
{
    PQfinish(super);
    db_destroy(&admin);
    db_destroy(&mx);
    db_destroy(&imap);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_row_of_another),           cmocka_unit_test(no_row_moves),
        cmocka_unit_test(every_table_is_under_it),     cmocka_unit_test(roles_are_small),
        cmocka_unit_test(every_table_says_what_it_is), cmocka_unit_test(grants),
        cmocka_unit_test(a_careless_view_is_found),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
