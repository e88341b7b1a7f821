#include "tests/store/fixture.h"

#include "lib/base/log.h"
#include "lib/store/message_write.h"
#include "lib/store/sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const struct conf *test_conf(void)
{
    static struct conf conf;
    static bool loaded;
    if (!loaded) {
        struct str error;
        str_init(&error, 4096);
        log_setup("store-test", "test", LOG_ERROR);
        const char *path = getenv("CADUCEE_TEST_CONF");
        if (!path || !conf_load(&conf, path, &error))
            fail_msg("run me by tests/store/with-postgres: %s", error.data);
        str_free(&error);
        loaded = true;
    }
    return &conf;
}

static PGconn *dial(const char *role)
{
    const char *keys[] = {"host", "dbname", "user", NULL};
    const char *values[] = {test_conf()->database_host, "caducee", role, NULL};
    PGconn *conn = PQconnectdbParams(keys, values, 0);
    if (PQstatus(conn) != CONNECTION_OK)
        fail_msg("%s", PQerrorMessage(conn));
    return conn;
}

static PGconn *superuser;

void test_reconnect(void)
{
    PQfinish(superuser);
    superuser = NULL;
}

const char *test_message_count(const struct test_bal *bal, const char *message_id)
{
    uint8_t hash[16];
    struct str hex;
    str_init(&hex, 64);
    message_id_hash(hash, bal->bal.id, span_of(message_id));
    for (size_t i = 0; i < sizeof(hash); i++)
        str_addf(&hex, "%02x", hash[i]);
    const char *count = test_sql("SELECT count(*) FROM message WHERE bal_id = %lld AND msgid_hash = '\\x%s'",
                                 (long long)bal->bal.id, hex.data);
    str_free(&hex);
    return count;
}

const char *test_sql(const char *format, ...)
{
    static char first[16384];
    struct str text;
    va_list list;
    if (!superuser)
        superuser = dial("postgres");
    PGconn *conn = superuser;
    str_init(&text, 1 << 20);
    va_start(list, format);
    str_vaddf(&text, format, list);
    va_end(list);
    PGresult *r = PQexec(conn, text.data);
    if (PQresultStatus(r) != PGRES_TUPLES_OK && PQresultStatus(r) != PGRES_COMMAND_OK)
        fail_msg("%s: %s", text.data, PQerrorMessage(conn));
    snprintf(first, sizeof(first), "%s", PQntuples(r) ? PQgetvalue(r, 0, 0) : "");
    PQclear(r);
    str_free(&text);
    return first;
}

const char *test_sqlstate(const char *role, int64_t bal, const char *statement)
{
    static char state[6];
    PGconn *conn = dial(role);
    char set[96];
    snprintf(set, sizeof(set), bal ? "SELECT set_config('caducee.bal', '%lld', true)" : "SELECT %lld", (long long)bal);
    PQclear(PQexec(conn, "BEGIN"));
    PQclear(PQexec(conn, set));
    PGresult *r = PQexec(conn, statement);
    const char *found = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    snprintf(state, sizeof(state), "%s", found ? found : "00000");
    PQclear(r);
    PQfinish(conn);
    return state;
}

static enum store_status make_folders(struct db *db, void *arg)
{
    return bal_make_folders(db, *(int64_t *)arg);
}

void test_bal_new(struct db *admin, struct test_bal *out, enum bal_kind kind)
{
    static unsigned count;
    char address[64];
    struct str hex;
    count++;
    test_sql("INSERT INTO structure (structure_id, name) VALUES (1, 'Essai') ON CONFLICT DO NOTHING");
    test_sql("INSERT INTO domain (name, structure_id) VALUES ('test.mssante.fr', 1) ON CONFLICT DO NOTHING");
    key_pair_new(&out->keys);
    str_init(&hex, 64);
    for (size_t i = 0; i < KEY_BYTES; i++)
        str_addf(&hex, "%02x", out->keys.public_half.b[i]);
    snprintf(address, sizeof(address), "bal%u.%d@test.mssante.fr", count, (int)getpid());
    test_sql(
        "WITH b AS (INSERT INTO bal (structure_id, domain, address, kind, public_half) VALUES (1, 'test.mssante.fr', "
        "'%s', '%s', '\\x%s') RETURNING bal_id) INSERT INTO bal_quota (bal_id) SELECT bal_id FROM b",
        address, bal_kind_name(kind), hex.data);
    str_free(&hex);
    assert_int_equal(bal_by_address(admin, span_of(address), &out->bal), STORE_OK);
    int64_t id = out->bal.id;
    assert_int_equal(db_transaction(admin, DB_WRITE, id, make_folders, &id), STORE_OK);
}

struct span test_message(unsigned n, size_t size)
{
    static struct str text;
    if (!text.max)
        str_init(&text, 64 << 20);
    str_clear(&text);
    str_addf(&text, "From: a@b.mssante.fr\r\nTo: c@test.mssante.fr\r\nSubject: essai %u\r\nMessage-ID: <%u@b>\r\n\r\n",
             n, n);
    uint32_t chance = n * 2654435761U + 1;
    while (text.len < size) { /* half of it shrinks, like mail does */
        chance = chance * 1664525U + 1013904223U;
        str_addf(&text, "ligne %08x du message\r\n", chance);
    }
    str_truncate(&text, size > 100 ? size : text.len);
    return str_span(&text);
}

struct summary test_summary(unsigned n)
{
    static struct str structure, words;
    if (!structure.max) {
        str_init(&structure, SUMMARY_MAX);
        str_init(&words, 4096);
    }
    str_clear(&words);
    str_addf(&words, "<%u@b>", n);
    str_clear(&structure);
    summary_begin(&structure);
    summary_put(
        &structure, SUMMARY_ENVELOPE,
        SPAN_LIT("(\"Fri, 20 Nov 2026 17:00:00 +0100\" \"essai\" ((NIL NIL \"a\" \"b.mssante.fr\")) NIL NIL ((NIL "
                 "NIL \"c\" \"test.mssante.fr\")) NIL NIL NIL \"<x@b>\")"));
    summary_put(&structure, SUMMARY_MESSAGE_ID, str_span(&words));
    summary_put(&structure, SUMMARY_BASE_SUBJECT, (struct span){words.data + 1, words.len - 2});
    return (struct summary){.structure = str_span(&structure), .text = SPAN_LIT("subject: essai\n\0ligne du message")};
}

enum store_status test_deliver(struct db *db, struct delivery_keys *keys, const struct test_bal *to, unsigned n,
                               size_t size, int64_t *uid)
{
    struct delivery_target target = {.bal = &to->bal,
                                     .head = SPAN_LIT("Return-Path: <a@b.mssante.fr>\r\n"),
                                     .trace = {.action = "mx.accept",
                                               .answer = "250 2.0.0",
                                               .session = "TEST",
                                               .actor_kind = TRACE_OPERATOR,
                                               .actor = "CN=essai",
                                               .direction = "in"}};
    struct delivery d = {.body = test_message(n, size),
                         .summary = test_summary(n),
                         .internal_date = 1763650000,
                         .targets = &target,
                         .target_count = 1};
    enum store_status status = deliver(db, keys, &d);
    if (uid)
        *uid = target.uid;
    return status;
}
