/* Delivery: what is stored, what is refused, and that nothing of a refused delivery stays. */
#include "tests/store/fixture.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct db *admin, *mx;
static struct delivery_keys *keys;

static void one_message(void **state UNUSED)
{
    struct test_bal bal;
    int64_t uid = 0;
    test_bal_new(admin, &bal, BAL_APP);
    for (unsigned i = 1; i <= 3; i++) {
        assert_int_equal(test_deliver(mx, keys, &bal, i, 2048, &uid), STORE_OK);
        assert_int_equal(uid, i);
    }
    long long id = (long long)bal.bal.id;
    assert_string_equal(
        test_sql("SELECT uidnext || ' ' || highestmodseq || ' ' || messages || ' ' || unseen || ' ' || bytes "
                 "FROM folder WHERE bal_id = %lld AND special_use = 'INBOX'",
                 id),
        "4 4 3 3 6237");
    assert_string_equal(test_sql("SELECT used_bytes || ' ' || messages FROM bal_quota WHERE bal_id = %lld", id),
                        "6237 3");
    assert_string_equal(test_sql("SELECT count(*) FROM trace WHERE bal_id = %lld AND bytes = 2079", id), "3");
    assert_string_equal(test_sql("SELECT count(*) FROM delivery_key WHERE bal_id = %lld", id), "1");
}

static void refused_whole(void **state UNUSED)
{
    static const struct {
        const char *change;
        enum store_status want;
    } rows[] = {
        {"UPDATE bal SET state = 'closed' WHERE bal_id = %lld", STORE_REFUSED},
        {"UPDATE bal_quota SET limit_bytes = 2000 WHERE bal_id = %lld", STORE_OVER_QUOTA},
        {"DELETE FROM folder WHERE bal_id = %lld", STORE_NOT_FOUND},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct test_bal good, bad;
        test_bal_new(admin, &good, BAL_PER);
        test_bal_new(admin, &bad, BAL_PER);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        test_sql(rows[i].change, (long long)bad.bal.id);
#pragma GCC diagnostic pop
        struct delivery_target targets[2] = {{.bal = &bad.bal}, {.bal = &good.bal}};
        struct delivery d = {
            .body = test_message(1, 2048), .summary = test_summary(1), .targets = targets, .target_count = 2};
        assert_int_equal(deliver(mx, keys, &d), rows[i].want);
        assert_int_equal(targets[0].status, rows[i].want);
        assert_int_equal(targets[1].status, STORE_OK);
        assert_string_equal(test_sql("SELECT count(*) FROM blob WHERE bal_id IN (%lld, %lld)", (long long)good.bal.id,
                                     (long long)bad.bal.id),
                            "0");
        assert_string_equal(test_sql("SELECT count(*) FROM message WHERE bal_id IN (%lld, %lld)",
                                     (long long)good.bal.id, (long long)bad.bal.id),
                            "0");
    }
}

static void a_suspended_bal_receives(void **state UNUSED)
{
    struct test_bal bal;
    test_bal_new(admin, &bal, BAL_PER);
    test_sql("UPDATE bal SET state = 'suspended' WHERE bal_id = %lld", (long long)bal.bal.id);
    assert_int_equal(test_deliver(mx, keys, &bal, 1, 500, NULL), STORE_OK);
}

static void several_bals_in_one_transaction(void **state UNUSED)
{
    struct test_bal a, b;
    test_bal_new(admin, &a, BAL_PER);
    test_bal_new(admin, &b, BAL_ORG);
    struct delivery_target targets[3] = {
        {.bal = &b.bal}, {.bal = &a.bal, .folder = "Sent", .flags = "\\Seen"}, {.bal = &a.bal}};
    struct delivery d = {
        .body = test_message(1, 900 << 10), .summary = test_summary(1), .targets = targets, .target_count = 3};
    assert_int_equal(deliver(mx, keys, &d), STORE_OK);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(targets[i].uid, 1);
    assert_string_equal(
        test_sql("SELECT count(DISTINCT xmin::text) || ' ' || count(*) FROM message WHERE bal_id IN (%lld, %lld)",
                 (long long)a.bal.id, (long long)b.bal.id),
        "1 3");
    assert_string_equal(
        test_sql("SELECT unseen FROM folder WHERE bal_id = %lld AND special_use = '\\Sent'", (long long)a.bal.id), "0");
    assert_string_equal(test_sql("SELECT count(*) FROM blob_chunk WHERE bal_id = %lld", (long long)b.bal.id), "4");
}

/* A daemon of another version than its schema ends, with EX_SOFTWARE; one that is away is only "temporary". */
static void another_schema_ends_the_program(void **state UNUSED)
{
    static const char *const changes[] = {"UPDATE schema_version SET version = version - 100",
                                          "UPDATE schema_version SET serves_from = 99"};
    for (size_t i = 0; i < COUNT(changes); i++) {
        test_sql("CREATE TABLE kept_version AS SELECT * FROM schema_version");
        test_sql("%s", changes[i]);
        pid_t child = fork();
        if (child == 0) {
            struct bal bal;
            struct db *db = db_new(test_conf(), "caducee_mx", "test");
            dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), 2);
            _exit((int)bal_by_id(db, 1, &bal));
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        test_sql("DELETE FROM schema_version");
        test_sql("INSERT INTO schema_version SELECT * FROM kept_version");
        test_sql("DROP TABLE kept_version");
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 70);
    }
}

static int start(void **state UNUSED)
{
    admin = db_new(test_conf(), "caducee_admin", "test");
    mx = db_new(test_conf(), "caducee_mx", "test");
    keys = delivery_keys_new();
    return 0;
}

static int stop(void **state UNUSED)
{
    db_destroy(&admin);
    db_destroy(&mx);
    delivery_keys_destroy(&keys);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_message),
        cmocka_unit_test(refused_whole),
        cmocka_unit_test(another_schema_ends_the_program),
        cmocka_unit_test(a_suspended_bal_receives),
        cmocka_unit_test(several_bals_in_one_transaction),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
