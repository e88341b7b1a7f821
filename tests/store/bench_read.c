/* What readers meet in a folder of 100,000: figures for docs/performance, by lib/store alone. Not a test.
 * usage: bench_read [messages]
 */
#include "tests/store/fixture.h"

#include "lib/base/clock.h"
#include "lib/store/order.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static struct db *imap, *mx;
static struct test_bal bal;
static struct mailbox *m;
static struct folder inbox;
static uint64_t started, started_cpu;

/* Of this process alone: on a machine that others keep busy it says more than the time. */
static uint64_t cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void begin(void)
{
    started = clock_us();
    started_cpu = cpu_us();
}

static void say(const char *what, uint64_t count)
{
    uint64_t us = clock_us() - started, cpu = cpu_us() - started_cpu;
    printf("%-46s %10.2f ms, %8.2f of it ours  (%.2f µs each)\n", what, (double)us / 1000, (double)cpu / 1000,
           count ? (double)us / (double)count : 0.0);
}

static uint32_t *uids_to(uint32_t n, uint32_t step)
{
    uint32_t *uids = xcalloc(n, sizeof(*uids));
    for (uint32_t i = 0; i < n; i++)
        uids[i] = 1 + i * step;
    return uids;
}

static void fill(uint32_t want)
{
    struct delivery_keys *keys = delivery_keys_new();
    copied_list copied = {0};
    uint32_t validity, have = 500;
    for (uint32_t i = 0; i < have; i++)
        if (test_deliver(mx, keys, &bal, i, 50 << 10, NULL) != STORE_OK)
            abort();
    while (have < want) {
        uint32_t n = have < want - have ? have : want - have, *uids = uids_to(n, 1);
        if (messages_copy(imap, m, inbox.id, inbox.id, uids, n, false, &copied, &validity) != STORE_OK)
            abort();
        have += n;
        xfree(&uids);
    }
    vec_free(&copied);
    delivery_keys_destroy(&keys);
}

static bool count_bytes(const struct message_facts *f, void *arg)
{
    *(uint64_t *)arg += f->structure.n + f->text.n;
    return true;
}

static void states(uint32_t n)
{
    state_list list = {0};
    for (unsigned i = 0; i < 3; i++) {
        begin();
        folder_states(imap, m, inbox.id, 1, UINT32_MAX, 0, &list);
        say("states of all", n);
    }
    folder_by_id(imap, m, inbox.id, &inbox);
    begin();
    folder_states(imap, m, inbox.id, 1, UINT32_MAX, inbox.highestmodseq, &list);
    say("states changed since now", 0);
    vec_free(&list);
}

static void stream(uint32_t n, unsigned want, const char *what)
{
    uint32_t *uids = uids_to(n, 1);
    uint64_t bytes = 0;
    begin();
    if (messages_each(imap, m, inbox.id, uids, n, want, count_bytes, &bytes) != STORE_OK)
        abort();
    say(what, n);
    xfree(&uids);
}

/* The first round leaves its blocks behind. */
static void order(uint32_t n, unsigned kinds, const char *what)
{
    uint32_t *uids = uids_to(n, 1);
    for (unsigned i = 0; i < 3; i++) {
        struct order found = {0};
        struct imap_sort sort = {.keys = {{.by = SORT_SUBJECT}}, .count = 1};
        begin();
        if (messages_order(imap, m, inbox.id, uids, n, n, kinds, &found) != STORE_OK)
            abort();
        say(what, n);
        begin();
        imap_sort_order(uids, found.items.items, found.items.len, &sort);
        say("  and sorted by subject", n);
        order_free(&found);
        for (uint32_t j = 0; j < n; j++)
            uids[j] = j + 1;
    }
    xfree(&uids);
}

static void store(uint32_t n, uint32_t step, enum flag_change change, const char *what)
{
    struct flag_result r = {0};
    uint32_t *uids = uids_to(n, step);
    begin();
    if (messages_store_flags(imap, m, inbox.id, uids, n, change, FLAG_FLAGGED, UINT64_MAX, &r) != STORE_OK)
        abort();
    say(what, n);
    vec_free(&r.changed);
    vec_free(&r.refused);
    xfree(&uids);
}

static void single_seen(uint32_t n)
{
    struct flag_result r = {0};
    test_sql("CREATE TABLE IF NOT EXISTS lsn AS SELECT pg_current_wal_lsn() AS at, "
             "pg_total_relation_size('state_page') AS size");
    test_sql("UPDATE lsn SET at = pg_current_wal_lsn(), size = pg_total_relation_size('state_page')");
    begin();
    for (uint32_t i = 0; i < n; i++) {
        uint32_t uid = 1 + i * 7919 % inbox.messages;
        messages_store_flags(imap, m, inbox.id, &uid, 1, FLAGS_ADD, FLAG_SEEN, UINT64_MAX, &r);
    }
    say("single \\Seen, durable", n);
    printf("  WAL each: %s bytes; ", test_sql("SELECT ((pg_current_wal_lsn() - at) / %u)::bigint FROM lsn", n));
    printf("state_page grew by %s bytes; ", test_sql("SELECT pg_total_relation_size('state_page') - size FROM lsn"));
    test_sql("SELECT pg_stat_force_next_flush()");
    printf(
        "HOT: %s %%\n",
        test_sql("SELECT round(100.0 * n_tup_hot_upd / nullif(n_tup_upd, 0)) FROM pg_stat_user_tables WHERE relname = "
                 "'state_page'"));
    vec_free(&r.changed);
    vec_free(&r.refused);
}

static void bodies(void)
{
    struct str out;
    VEC(int64_t) blobs = {0};
    str_init(&out, 64 << 20);
    for (unsigned i = 0; i < 500; i++)
        vec_push(&blobs, strtoll(test_sql("SELECT blob_id FROM message WHERE bal_id = %lld AND uid = %u",
                                          (long long)bal.bal.id, i + 1),
                                 NULL, 10));
    begin();
    vec_each (&blobs, b) {
        str_clear(&out);
        message_read(imap, m, *b, 0, UINT64_MAX, &out);
    }
    say("whole bodies of 50 KiB", 500);
    vec_free(&blobs);
    str_free(&out);
}

int main(int argc, char **argv)
{
    uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 100000;
    struct db *admin = db_new(test_conf(), "caducee_admin", "bench");
    imap = db_new(test_conf(), "caducee_imapd", "bench");
    mx = db_new(test_conf(), "caducee_mx", "bench");
    test_bal_new(admin, &bal, BAL_PER);
    m = mailbox_open(&bal.bal, &bal.keys, 0, false);
    folder_by_name(imap, m, "INBOX", &inbox);
    begin();
    fill(n);
    say("fill by copies", n);
    begin();
    folder_tidy(imap, m, inbox.id);
    say("pages of all, once", n);
    test_sql("VACUUM ANALYZE");
    for (unsigned i = 0; i < 3; i++) {
        begin();
        folder_by_name(imap, m, "INBOX", &inbox);
        say("SELECT's row", 0);
    }
    states(n);
    stream(n, WANT_SIZE, "facts of all");
    stream(n, WANT_SUMMARY, "summaries of all, first time");
    stream(n, WANT_SUMMARY, "summaries of all, again");
    order(n, ORDER_FACTS, "keys of SORT");
    order(n, ORDER_FACTS | ORDER_THREAD, "keys of THREAD");
    stream(10000, WANT_TEXT, "texts of 10,000");
    for (unsigned i = 0; i < 3; i++) {
        store(10000, 1, FLAGS_ADD, "STORE on 10,000 in a row");
        store(10000, 1, FLAGS_REMOVE, "STORE on 10,000 in a row");
        store(10000, n / 10000, FLAGS_ADD, "STORE on 10,000 far apart");
        store(10000, n / 10000, FLAGS_REMOVE, "STORE on 10,000 far apart");
    }
    bodies();
    single_seen(2000);
    mailbox_close(&m);
    db_destroy(&admin);
    db_destroy(&imap);
    db_destroy(&mx);
    return 0;
}
