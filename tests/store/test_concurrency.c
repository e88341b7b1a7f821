/* The lock rules, under load: no update is lost, no deadlock is seen, UIDs and MODSEQs become visible in order; and what a
 * killed database had answered "committed" is there exactly once. */
#include "tests/store/fixture.h"

#include "lib/base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { WRITERS = 6, MESSAGES = 130 };

static struct db *admin, *mx;
static struct delivery_keys *keys;
static struct test_bal bal;
static int64_t inbox, archive;
static atomic_bool stop_now;
static atomic_int failures;

static struct mailbox *open_bal(void)
{
    return mailbox_open(&bal.bal, &bal.keys, 0, false);
}

static void count_failure(enum store_status status)
{
    if (status != STORE_OK)
        atomic_fetch_add(&failures, 1);
}

static void fresh(void)
{
    struct db *db = db_new(test_conf(), "caducee_imapd", "test");
    struct folder f;
    test_bal_new(admin, &bal, BAL_PER);
    struct mailbox *m = open_bal();
    assert_int_equal(folder_by_name(db, m, "INBOX", &f), STORE_OK);
    inbox = f.id;
    assert_int_equal(folder_by_name(db, m, "Archive", &f), STORE_OK);
    archive = f.id;
    for (unsigned i = 1; i <= MESSAGES; i++)
        assert_int_equal(test_deliver(mx, keys, &bal, i, 300, NULL), STORE_OK);
    mailbox_close(&m);
    db_destroy(&db);
    atomic_store(&failures, 0);
    atomic_store(&stop_now, false);
}

/* Each writer sets a bit of its own on each message, one message a STORE: all bits must be there. */
static void *set_own_bit(void *arg)
{
    struct db *db = db_new(test_conf(), "caducee_imapd", "test");
    struct mailbox *m = open_bal();
    struct flag_result r = {0};
    uint64_t bit = 1ULL << (8 + (uintptr_t)arg);
    for (uint32_t i = 0; i < MESSAGES; i++) {
        uint32_t uid = (i * 37 + (uint32_t)(uintptr_t)arg * 11) % MESSAGES + 1;
        count_failure(messages_store_flags(db, m, inbox, &uid, 1, FLAGS_ADD, bit, UINT64_MAX, &r));
    }
    vec_free(&r.changed);
    vec_free(&r.refused);
    mailbox_close(&m);
    db_destroy(&db);
    return NULL;
}

static void run(void *(*body)(void *), unsigned count)
{
    pthread_t threads[16];
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, body, (void *)(uintptr_t)i), 0);
    for (unsigned i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

static void no_update_is_lost(void **state UNUSED)
{
    struct db *db = db_new(test_conf(), "caducee_imapd", "test");
    state_list states = {0};
    fresh();
    run(set_own_bit, WRITERS);
    assert_int_equal(atomic_load(&failures), 0);
    struct mailbox *m = open_bal();
    assert_int_equal(folder_states(db, m, inbox, 1, UINT32_MAX, 0, &states), STORE_OK);
    assert_int_equal(states.len, MESSAGES);
    vec_each (&states, s)
        assert_int_equal(s->flags, ((1ULL << WRITERS) - 1) << 8);
    struct folder f;
    assert_int_equal(folder_by_id(db, m, inbox, &f), STORE_OK);
    assert_int_equal(f.highestmodseq,
                     1 + MESSAGES + MESSAGES * WRITERS); /* one step a change: none was merged or lost */
    vec_free(&states);
    mailbox_close(&m);
    db_destroy(&db);
}

/* Copies both ways, moves, flags, expunges and deliveries into two BALs in both orders. */
static void *stir(void *arg)
{
    unsigned me = (unsigned)(uintptr_t)arg, seed = me + 1;
    struct db *db = db_new(test_conf(), "caducee_imapd", "test");
    struct mailbox *m = open_bal();
    struct flag_result r = {0};
    copied_list copied = {0};
    uid_list gone = {0};
    uint64_t modseq;
    uint32_t uids[20], validity;
    for (unsigned step = 0; step < 60; step++) {
        int64_t from = rand_r(&seed) % 2 ? inbox : archive, to = from == inbox ? archive : inbox;
        uint32_t first = 1 + (uint32_t)rand_r(&seed) % 200;
        for (uint32_t i = 0; i < COUNT(uids); i++)
            uids[i] = first + i * 3;
        switch (rand_r(&seed) % 4) {
        case 0:
            count_failure(messages_copy(db, m, from, to, uids, 5, rand_r(&seed) % 2, &copied, &validity));
            break;
        case 1:
            count_failure(
                messages_store_flags(db, m, from, uids, COUNT(uids), FLAGS_ADD, FLAG_DELETED, UINT64_MAX, &r));
            break;
        case 2:
            count_failure(messages_expunge(db, m, from, uids, 4, &gone, &modseq));
            break;
        default: {
            struct append a = {
                .bytes = SPAN_LIT("a: b\r\n\r\nc"), .summary = {.structure = SPAN_LIT("x")}, .folder = "Archive"};
            count_failure(messages_append(db, m, &a, 1, NULL));
        }
        }
    }
    vec_free(&r.changed);
    vec_free(&r.refused);
    vec_free(&copied);
    vec_free(&gone);
    mailbox_close(&m);
    db_destroy(&db);
    return NULL;
}

static void no_deadlock_is_seen(void **state UNUSED)
{
    fresh();
    run(stir, WRITERS);
    assert_int_equal(atomic_load(&failures), 0);
    assert_string_equal(
        test_sql("SELECT bool_and(f.messages = n AND f.bytes = b) FROM (SELECT folder_id, messages, bytes, (SELECT "
                 "count(*) FROM message m WHERE m.bal_id = f.bal_id AND m.folder_id = f.folder_id) AS n, (SELECT "
                 "coalesce(sum(size), 0) FROM message m WHERE m.bal_id = f.bal_id AND m.folder_id = f.folder_id) AS b "
                 "FROM folder f WHERE bal_id = %lld) f",
                 (long long)bal.bal.id),
        "t");
}

struct snapshot {
    struct folder folder;
    state_list states;
    struct mailbox *mailbox;
};

static enum store_status look(struct db *db, void *arg)
{
    struct snapshot *s = arg;
    enum store_status status = folder_by_id(db, s->mailbox, inbox, &s->folder);
    return status == STORE_OK ? folder_states(db, s->mailbox, inbox, 1, UINT32_MAX, 0, &s->states) : status;
}

/* Nothing may appear later that is not younger than what has been seen: neither a UID nor a MODSEQ. */
static void check_order(const struct snapshot *before, const struct snapshot *now)
{
    size_t b = 0;
    vec_each (&now->states, s) {
        while (b < before->states.len && before->states.items[b].uid < s->uid)
            b++;
        bool old = b < before->states.len && before->states.items[b].uid == s->uid;
        bool same = old && before->states.items[b].modseq == s->modseq;
        if ((!old && s->uid < before->folder.uidnext) || (!same && s->modseq <= before->folder.highestmodseq) ||
            s->modseq > now->folder.highestmodseq || s->uid >= now->folder.uidnext)
            atomic_fetch_add(&failures, 1);
    }
}

static void *watch(void *arg UNUSED)
{
    struct db *db = db_new(test_conf(), "caducee_imapd", "test");
    struct snapshot two[2] = {{.mailbox = open_bal()}, {.mailbox = open_bal()}};
    bool any = false;
    for (unsigned turn = 0; !atomic_load(&stop_now); turn++) {
        struct snapshot *now = &two[turn % 2], *before = &two[(turn + 1) % 2];
        if (db_transaction(db, DB_READ, bal.bal.id, look, now) != STORE_OK)
            atomic_fetch_add(&failures, 1);
        if (any)
            check_order(before, now);
        any = true;
    }
    for (unsigned i = 0; i < 2; i++) {
        vec_free(&two[i].states);
        mailbox_close(&two[i].mailbox);
    }
    db_destroy(&db);
    return NULL;
}

static void *pour(void *arg)
{
    struct db *db = db_new(test_conf(), "caducee_mx", "test");
    struct delivery_target target = {.bal = &bal.bal};
    struct delivery d = {.body = SPAN_LIT("a: b\r\n\r\nc"),
                         .summary = {.structure = SPAN_LIT("x")},
                         .targets = &target,
                         .target_count = 1};
    for (unsigned i = 0; i < 300; i++)
        count_failure(deliver(db, keys, &d));
    (void)arg;
    db_destroy(&db);
    return NULL;
}

static void visible_in_order(void **state UNUSED)
{
    pthread_t watcher, storer;
    fresh();
    pthread_create(&watcher, NULL, watch, NULL);
    pthread_create(&storer, NULL, set_own_bit, NULL);
    run(pour, 4);
    pthread_join(storer, NULL);
    atomic_store(&stop_now, true);
    pthread_join(watcher, NULL);
    assert_int_equal(atomic_load(&failures), 0);
}

/* PostgreSQL killed again and again under deliveries. */
enum { TRIES = 4000 };
static atomic_uint next_number;
static char answered[TRIES + 1];

static void *deliver_numbers(void *arg UNUSED)
{
    struct db *db = db_new(test_conf(), "caducee_mx", "test");
    unsigned n;
    while (!atomic_load(&stop_now) && (n = atomic_fetch_add(&next_number, 1)) <= TRIES) {
        char id[32];
        struct str structure;
        snprintf(id, sizeof(id), "<n%u@b>", n);
        str_init(&structure, 4096);
        summary_begin(&structure);
        summary_put(&structure, SUMMARY_MESSAGE_ID, span_of(id));
        struct delivery_target target = {.bal = &bal.bal,
                                         .trace = {.action = "mx.accept", .actor_kind = TRACE_OPERATOR}};
        struct delivery d = {
            .body = span_of(id), .summary = {.structure = str_span(&structure)}, .targets = &target, .target_count = 1};
        answered[n] = deliver(db, keys, &d) == STORE_OK;
        if (!answered[n]) /* as a peer would: it comes back */
            nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        str_free(&structure);
    }
    db_destroy(&db);
    return NULL;
}

static void restart_postgres(void)
{
    char command[512];
    snprintf(command, sizeof(command),
             "%s '%s/pg_ctl' -D '%s/data' -l '%s/data/log' -m immediate -w restart >/dev/null 2>&1",
             geteuid() == 0 ? "runuser -u \"$(stat -c %U \"$CADUCEE_TEST_PG\")\" --" : "", getenv("CADUCEE_TEST_PGBIN"),
             getenv("CADUCEE_TEST_PG"), getenv("CADUCEE_TEST_PG"));
    assert_int_equal(system(command), 0);
}

static void answered_is_there_once(void **state UNUSED)
{
    pthread_t threads[4];
    fresh();
    atomic_store(&next_number, 1);
    for (unsigned i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, deliver_numbers, NULL);
    for (unsigned i = 0; i < 2; i++) {
        unsigned from = atomic_load(&next_number); /* kill it in the middle of work, wherever that is */
        while (atomic_load(&next_number) < from + 150 && atomic_load(&next_number) <= TRIES)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        restart_postgres();
    }
    atomic_store(&stop_now, true);
    for (unsigned i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    test_reconnect();
    unsigned yes = 0;
    for (unsigned n = 1; n < atomic_load(&next_number) && n <= TRIES; n++)
        yes += answered[n] == 1;
    /* Bodies are encrypted: the hash of the Message-ID tells them apart. */
    assert_string_equal(
        test_sql("SELECT count(*) - count(DISTINCT msgid_hash) FROM message WHERE bal_id = %lld AND uid > %d",
                 (long long)bal.bal.id, MESSAGES),
        "0");
    unsigned long stored = strtoul(
        test_sql("SELECT count(*) FROM message WHERE bal_id = %lld AND uid > %d", (long long)bal.bal.id, MESSAGES),
        NULL, 10);
    assert_true(yes > 200);
    assert_true(stored >= yes);
    print_message("%u answered, %lu stored\n", yes, stored);
    for (unsigned n = 1; n < atomic_load(&next_number) && n <= TRIES; n++)
        if (answered[n]) {
            char id[32];
            snprintf(id, sizeof(id), "<n%u@b>", n);
            assert_string_equal(test_message_count(&bal, id), "1");
        }
    assert_string_equal(
        test_sql("SELECT count(*) FROM message m WHERE bal_id = %lld AND NOT EXISTS (SELECT FROM blob_chunk c WHERE "
                 "c.bal_id = m.bal_id AND c.blob_id = m.blob_id)",
                 (long long)bal.bal.id),
        "0");
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
        cmocka_unit_test(no_update_is_lost),
        cmocka_unit_test(no_deadlock_is_seen),
        cmocka_unit_test(visible_in_order),
        cmocka_unit_test(answered_is_there_once),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
