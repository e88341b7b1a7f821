/* One order of locks for all that write mail (design: Locks): BALs by id; in each the folders by id, then its quota. Writers
 * of every kind, in all directions at once; PostgreSQL counts the deadlocks it had to end: none. */
#include "tests/store/fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WRITERS = 8, STEPS = 60, MESSAGES = 40 };

static struct db *admin, *mx;
static struct delivery_keys *keys;
static struct test_bal bals[2];
static atomic_int failures;

struct writer {
    struct db *imap, *smtp;
    struct mailbox *boxes[2];
    unsigned seed;
};
static const char *const names[] = {"INBOX", "Archive", "Sent", "arbre/un", "arbre/deux", "arbre/deux/trois"};
static int64_t folders[2][COUNT(names)];

static unsigned one_of(struct writer *w, unsigned count)
{
    return (unsigned)rand_r(&w->seed) % count;
}

static void expect(enum store_status status, enum store_status other)
{
    if (status == STORE_OK || status == other)
        return;
    fprintf(stderr, "a writer came to %s\n", store_status_name(status));
    atomic_fetch_add(&failures, 1);
}

static void copy_or_move(struct writer *w)
{
    uint32_t uids[4], validity;
    copied_list copied = {0};
    unsigned b = one_of(w, 2), from = one_of(w, COUNT(names)), to = one_of(w, COUNT(names)), first = 1 + one_of(w, 60);
    for (uint32_t i = 0; i < COUNT(uids); i++)
        uids[i] = first + 2 * i;
    expect(messages_copy(w->imap, w->boxes[b], folders[b][from], folders[b][to], uids, COUNT(uids), one_of(w, 2),
                         &copied, &validity),
           STORE_OK);
    vec_free(&copied);
}

static void flag_and_expunge(struct writer *w)
{
    struct flag_result r = {0};
    uid_list gone = {0};
    uint64_t modseq;
    uint32_t uid = 1 + one_of(w, 60);
    unsigned b = one_of(w, 2);
    int64_t folder = folders[b][one_of(w, COUNT(names))];
    expect(messages_store_flags(w->imap, w->boxes[b], folder, &uid, 1, FLAGS_ADD, FLAG_DELETED | FLAG_SEEN, UINT64_MAX,
                                &r),
           STORE_OK);
    expect(messages_expunge(w->imap, w->boxes[b], folder, NULL, 0, &gone, &modseq), STORE_OK);
    vec_free(&r.changed);
    vec_free(&r.refused);
    vec_free(&gone);
}

/* Into both BALs, or twice into one (a sender who writes to himself), by use and by a rule's folder, in any order. */
static void deliver_around(struct writer *w)
{
    struct delivery_target targets[3];
    struct delivery d = {.body = SPAN_LIT("a: b\r\n\r\nc"),
                         .summary = {.structure = SPAN_LIT("x")},
                         .targets = targets,
                         .target_count = 2 + one_of(w, 2)};
    unsigned first = one_of(w, 2);
    memset(targets, 0, sizeof(targets));
    for (unsigned i = 0; i < d.target_count; i++) {
        unsigned b = (first + one_of(w, 2)) % 2;
        targets[i].bal = &bals[b].bal;
        if (one_of(w, 2))
            targets[i].into = folders[b][one_of(w, COUNT(names))];
        else
            targets[i].folder = one_of(w, 2) ? "\\Sent" : NULL;
    }
    expect(deliver(w->smtp, keys, &d), STORE_OK);
}

static void append_some(struct writer *w)
{
    unsigned b = one_of(w, 2);
    struct append two[2] = {{.bytes = SPAN_LIT("a: b\r\n\r\nc"), .summary = {.structure = SPAN_LIT("x")}}};
    two[0].folder = names[one_of(w, 3)];
    two[0].flags = FLAG_SEEN;
    two[1] = two[0];
    expect(messages_append(w->imap, w->boxes[b], two, 2, NULL), STORE_OK);
}

/* The tree goes to and fro under everybody's hands: its folders keep their ids. */
static void rename_the_tree(struct writer *w)
{
    struct mailbox *m = w->boxes[one_of(w, 2)];
    bool away = one_of(w, 2);
    enum store_status status =
        folder_rename(w->imap, m, away ? "arbre" : "ailleurs/arbre", away ? "ailleurs/arbre" : "arbre");
    expect(status == STORE_EXISTS ? STORE_OK : status, STORE_NOT_FOUND);
}

static void make_and_delete(struct writer *w)
{
    char name[32];
    struct folder made;
    uint32_t uids[] = {1, 2, 3}, validity;
    copied_list copied = {0};
    unsigned b = one_of(w, 2);
    snprintf(name, sizeof(name), "passage-%u", one_of(w, 1U << 30));
    expect(folder_create(w->imap, w->boxes[b], name, NULL, &made), STORE_OK);
    expect(messages_copy(w->imap, w->boxes[b], folders[b][0], made.id, uids, COUNT(uids), false, &copied, &validity),
           STORE_OK);
    expect(folder_delete(w->imap, w->boxes[b], name), STORE_OK);
    vec_free(&copied);
}

static void *write_all_kinds(void *arg)
{
    static void (*const kinds[])(struct writer *) = {copy_or_move, flag_and_expunge, deliver_around,
                                                     append_some,  rename_the_tree,  make_and_delete};
    struct writer w = {.imap = db_new(test_conf(), "caducee_imapd", "test"),
                       .smtp = db_new(test_conf(), "caducee_mx", "test"),
                       .seed = (unsigned)(uintptr_t)arg + 1};
    for (unsigned b = 0; b < 2; b++)
        w.boxes[b] = mailbox_open(&bals[b].bal, &bals[b].keys, 1, b == 1); /* the second: \Seen per person */
    for (unsigned step = 0; step < STEPS; step++)
        kinds[one_of(&w, COUNT(kinds))](&w);
    for (unsigned b = 0; b < 2; b++)
        mailbox_close(&w.boxes[b]);
    db_destroy(&w.imap);
    db_destroy(&w.smtp);
    return NULL;
}

static void make_folders(unsigned b)
{
    struct db *db = db_new(test_conf(), "caducee_imapd", "test");
    struct folder f;
    test_bal_new(admin, &bals[b], b ? BAL_ORG : BAL_PER);
    struct mailbox *m = mailbox_open(&bals[b].bal, &bals[b].keys, 1, b == 1);
    for (size_t i = COUNT(names); i-- > 0;) /* the deepest first: parents are made on the way */
        (void)!folder_create(db, m, names[i], NULL, NULL);
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_int_equal(folder_by_name(db, m, names[i], &f), STORE_OK);
        folders[b][i] = f.id;
    }
    mailbox_close(&m);
    db_destroy(&db);
    for (unsigned i = 1; i <= MESSAGES; i++)
        assert_int_equal(test_deliver(mx, keys, &bals[b], i, 300, NULL), STORE_OK);
}

/* Counted when a backend ends: those of the writers have gone. */
static long deadlocks(void)
{
    while (strcmp(test_sql("SELECT count(*) FROM pg_stat_activity WHERE usename IN ('caducee_imapd', 'caducee_mx')"),
                  "0") != 0)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    return strtol(test_sql("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"), NULL, 10);
}

static void no_writer_waits_in_a_ring(void **state UNUSED)
{
    pthread_t threads[WRITERS];
    make_folders(0);
    make_folders(1);
    db_destroy(&mx);
    long before = deadlocks();
    for (unsigned i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_all_kinds, (void *)(uintptr_t)i), 0);
    for (unsigned i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&failures), 0);
    assert_int_equal(deadlocks() - before, 0);
    for (unsigned b = 0; b < 2; b++)
        assert_string_equal(
            test_sql(
                "SELECT (SELECT used_bytes || ' ' || messages FROM bal_quota WHERE bal_id = %lld) = (SELECT sum(bytes) "
                "|| ' ' || sum(messages) FROM folder WHERE bal_id = %lld)",
                (long long)bals[b].bal.id, (long long)bals[b].bal.id),
            "t");
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
    delivery_keys_destroy(&keys);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_writer_waits_in_a_ring)};
    return cmocka_run_group_tests(tests, start, stop);
}
