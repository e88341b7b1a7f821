/* The backup role dumps everything, row-level security notwithstanding, and what it dumped is whole. */
#include "tests/store/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int shell(const char *format, ...) PRINTF(1, 2);
static int shell(const char *format, ...)
{
    struct str text;
    va_list list;
    str_init(&text, 4096);
    va_start(list, format);
    str_vaddf(&text, format, list);
    va_end(list);
    int code = system(text.data);
    str_free(&text);
    return code;
}

/* One line a table, its rows counted and digested: two databases that print the same hold the same. */
static const char *digest(const char *database, char *out, size_t size)
{
    char command[2048];
    snprintf(command, sizeof(command),
             "psql -At -h '%s' -U postgres %s -c \"SELECT md5(string_agg(t || n || d, ' ' ORDER BY t)) FROM (SELECT "
             "relname::text AS t, "
             "(xpath('//n/text()', x))[1]::text AS n, (xpath('//d/text()', x))[1]::text AS d FROM (SELECT relname, "
             "query_to_xml('SELECT "
             "count(*) AS n, md5(string_agg(t::text, chr(10) ORDER BY t::text)) AS d FROM ' || quote_ident(relname) || "
             "' t', true, true, '') AS x "
             "FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = "
             "'public'::regnamespace AND relname NOT LIKE "
             "'directory\\_stage') y) z\"",
             getenv("CADUCEE_TEST_PG"), database);
    FILE *from = popen(command, "re");
    assert_non_null(from);
    assert_non_null(fgets(out, (int)size, from));
    assert_int_equal(pclose(from), 0);
    return out;
}

/* Twice in a row, then the whole queue's state: "t f t" = held, once. */
#define CHECK                                                                                                          \
    "psql -At -h '%s' -U caducee_relay %s -c 'SELECT queue_check_place(true)' -c 'SELECT queue_check_place(true)' -c " \
    "'SELECT held FROM queue_state' | tr '\\n' ' ' | grep -qx '%s '"

static void dump_and_restore(void **state UNUSED)
{
    struct test_bal bal;
    struct db *admin = db_new(test_conf(), "caducee_admin", "test"), *mx = db_new(test_conf(), "caducee_mx", "test");
    struct delivery_keys *keys = delivery_keys_new();
    char before[64], after[64];
    const char *place = getenv("CADUCEE_TEST_PG"), *bin = getenv("CADUCEE_TEST_PGBIN");
    test_bal_new(admin, &bal, BAL_PER);
    for (unsigned n = 0; n < 20; n++)
        assert_int_equal(test_deliver(mx, keys, &bal, n, 300000, NULL), STORE_OK);
    test_sql("SELECT queue_check_place(true)");
    test_sql(
        "INSERT INTO queue_message (queue_id, bal_id, blob_id, sealed_key, sender, size, expires) SELECT 1, bal_id, "
        "blob_id, 'x', 'a@b', 1, now() FROM blob LIMIT 1");
    test_sql("INSERT INTO queue_recipient (recipient_id, queue_id, domain, address) VALUES (1, 1, 'd.fr', 'a@d.fr')");
    assert_int_equal(
        shell("'%s/pg_dump' -h '%s' -U caducee_backup --enable-row-security --no-publications -Fc caducee > '%s/dump'",
              bin, place, place),
        0);
    test_sql("DROP DATABASE IF EXISTS restored");
    test_sql("CREATE DATABASE restored OWNER caducee_owner");
    assert_int_equal(shell("'%s/pg_restore' -h '%s' -U postgres -d restored '%s/dump' 2>'%s/restore.log' || { cat "
                           "'%s/restore.log'; false; }",
                           bin, place, place, place, place),
                     0);
    digest("caducee", before, sizeof(before));
    digest("restored", after, sizeof(after));
    assert_int_equal(strlen(before), 33);
    assert_string_equal(before, after);
    /* what waits in the restored queue is held by the first relay that comes; the original's is not */
    assert_int_equal(shell(CHECK, place, "restored", "t f t"), 0);
    assert_int_equal(shell(CHECK, place, "caducee", "f f f"), 0);
    /* without the policies of its role, a dump would have failed: it never dumps a part in silence */
    assert_int_not_equal(
        shell("'%s/pg_dump' -h '%s' -U caducee_imapd -t message --data-only caducee >/dev/null 2>&1", bin, place), 0);
    test_sql("DROP DATABASE restored");
    test_sql("DELETE FROM queue_recipient");
    test_sql("DELETE FROM queue_message");
    delivery_keys_destroy(&keys);
    db_destroy(&admin);
    db_destroy(&mx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(dump_and_restore)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
