/* What SORT and THREAD compare is the same from the blocks that are kept as from the summaries themselves: after EXPUNGE, COPY,
 * MOVE, APPEND and renaming, of several readers at once, and whatever somebody did to the blocks. */
#include "tests/store/fixture.h"

#include "lib/proto/charset.h"
#include "lib/store/expunge.h"
#include "lib/store/order.h"

#include <pthread.h>
#include <string.h>

enum { KINDS = ORDER_FACTS | ORDER_PEOPLE | ORDER_THREAD, APPENDED = 64, MESSAGES = 5000, BLOCKS = 2 };

static struct db *admin, *imap, *second;
static struct test_bal bal;
static struct mailbox *m;
static struct folder folder;
static unsigned names;

static struct summary summary_of(unsigned n, struct str *structure)
{
    struct str words;
    str_init(&words, 4096);
    str_init(structure, SUMMARY_MAX);
    summary_begin(structure);
    if (n % 7)
        summary_put_dates(structure, 1763650000 - (int64_t)n * 977, 60);
    str_addf(&words, "<%u@b.mssante.fr>", n);
    summary_put(structure, SUMMARY_MESSAGE_ID, str_span(&words));
    if (n % 3 == 0) {
        str_clear(&words);
        str_addf(&words, "<%u@b.mssante.fr>", n / 3);
        summary_put(structure, n % 2 ? SUMMARY_IN_REPLY_TO : SUMMARY_REFERENCES, str_span(&words));
    }
    str_clear(&words);
    str_addf(&words, "compte rendu %u", n * 37 % 41);
    summary_put(structure, SUMMARY_BASE_SUBJECT, n % 11 ? str_span(&words) : SPAN_NONE);
    if (n % 5 == 0)
        summary_put(structure, SUMMARY_IS_REPLY, SPAN_LIT("1"));
    str_clear(&words);
    str_addf(&words, "expediteur-%u", n % 13);
    summary_put(structure, SUMMARY_SORT_FROM, str_span(&words));
    summary_put(structure, SUMMARY_SORT_TO, SPAN_LIT("dr"));
    summary_put(structure, SUMMARY_DISPLAY_FROM, n % 2 ? SPAN_LIT("Éléonore MARTIN") : SPAN_LIT("Paul"));
    str_free(&words);
    return (struct summary){.structure = str_span(structure), .text = SPAN_LIT("a\n\0b")};
}

/* A folder of its own for each test: MESSAGES of them, that is two blocks and the beginning of a third. */
static void new_folder(void)
{
    char name[32];
    struct append appends[APPENDED];
    struct str structures[APPENDED];
    copied_list copied = {0};
    uint32_t uids[APPENDED], validity;
    snprintf(name, sizeof(name), "Ordre-%u", ++names);
    assert_int_equal(folder_create(imap, m, name, NULL, &folder), STORE_OK);
    for (unsigned i = 0; i < APPENDED; i++) {
        appends[i] = (struct append){.bytes = SPAN_LIT("Subject: a\r\n\r\nb\r\n"),
                                     .summary = summary_of(i, &structures[i]),
                                     .folder = name,
                                     .internal_date = 1763650000 + i};
        uids[i] = i + 1;
    }
    assert_int_equal(messages_append(imap, m, appends, APPENDED, NULL), STORE_OK);
    for (unsigned had = APPENDED; had < MESSAGES; had += APPENDED)
        assert_int_equal(messages_copy(imap, m, folder.id, folder.id, uids, APPENDED, false, &copied, &validity),
                         STORE_OK);
    for (unsigned i = 0; i < APPENDED; i++)
        str_free(&structures[i]);
    vec_free(&copied);
}

struct reading {
    const struct order *order;
    size_t at;
};

static void same_text(struct span a, struct span b)
{
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.n ? a.p : "", b.n ? b.p : "", a.n);
}

static void same_fold(struct span a, struct span written)
{
    struct str folded;
    str_init(&folded, 4096);
    charset_fold(&folded, written);
    same_text(a, str_span(&folded));
    str_free(&folded);
}

/* The summary says what the item must hold. */
static bool compare(const struct message_facts *f, void *arg)
{
    struct reading *r = arg;
    struct summary_view v;
    assert_true(r->at < r->order->items.len);
    const struct imap_sort_item *item = &r->order->items.items[r->at++];
    assert_true(summary_open(&v, f->structure));
    assert_int_equal(item->uid, f->uid);
    assert_int_equal(item->arrival, f->internal_date);
    assert_int_equal(item->sent, v.has_date ? v.sent : f->internal_date);
    assert_int_equal(item->size, f->size);
    assert_int_equal(item->reply, v.field[SUMMARY_IS_REPLY].n > 0);
    same_text(item->subject, v.field[SUMMARY_BASE_SUBJECT]);
    same_text(item->from, v.field[SUMMARY_SORT_FROM]);
    same_text(item->to, v.field[SUMMARY_SORT_TO]);
    same_text(item->cc, v.field[SUMMARY_SORT_CC]);
    same_fold(item->display_from, v.field[SUMMARY_DISPLAY_FROM]);
    same_fold(item->display_to, v.field[SUMMARY_DISPLAY_TO]);
    same_text(item->id, v.field[SUMMARY_MESSAGE_ID]);
    same_text(item->references, v.field[v.field[SUMMARY_REFERENCES].n ? SUMMARY_REFERENCES : SUMMARY_IN_REPLY_TO]);
    return true;
}

static void read_order(struct db *db, struct mailbox *reader, unsigned step, struct order *out, uid_list *uids)
{
    state_list states = {0};
    assert_int_equal(folder_states(db, reader, folder.id, 1, UINT32_MAX, 0, &states), STORE_OK);
    assert_true(states.len > 0);
    for (size_t i = 0; i < states.len; i += step)
        vec_push(uids, states.items[i].uid);
    assert_int_equal(
        messages_order(db, reader, folder.id, uids->items, uids->len, states.items[states.len - 1].uid, KINDS, out),
        STORE_OK);
    vec_free(&states);
}

/* Every message, or every `step`th: is what messages_order() says what the messages say? */
static void right(struct db *db, struct mailbox *reader, unsigned step)
{
    uid_list uids = {0};
    struct order order = {0};
    read_order(db, reader, step, &order, &uids);
    struct reading r = {&order, 0};
    assert_int_equal(
        messages_each(db, reader, folder.id, uids.items, uids.len, WANT_SUMMARY | WANT_DATES | WANT_SIZE, compare, &r),
        STORE_OK);
    assert_int_equal(order.items.len, uids.len);
    assert_int_equal(r.at, uids.len);
    order_free(&order);
    vec_free(&uids);
}

static const char *rows(const char *where)
{
    return test_sql("SELECT count(*) FROM folder_order WHERE folder_id = %lld AND %s", (long long)folder.id, where);
}

static void kept_and_read_again(void **state UNUSED)
{
    struct order order = {0};
    uid_list uids = {0};
    new_folder();
    right(imap, m, 64); /* a few of each block: nothing is kept for them */
    assert_string_equal(rows("true"), "0");
    right(imap, m, 1);
    assert_string_equal(rows("kind = 1"), "2");
    assert_string_equal(rows("true"), "6");
    assert_string_equal(rows("block > 1"), "0"); /* not complete yet */
    right(imap, m, 1);
    right(imap, m, 3);
    right(imap, m, 64);
    /* it is the blocks that are read: without the summaries the answer is the same */
    test_sql("CREATE TABLE kept AS SELECT * FROM message WHERE folder_id = %lld", (long long)folder.id);
    test_sql("UPDATE message SET structure = '\\x00' WHERE folder_id = %lld AND uid < 4096", (long long)folder.id);
    read_order(imap, m, 1, &order, &uids);
    test_sql("UPDATE message SET structure = k.structure FROM kept k WHERE k.bal_id = message.bal_id AND k.folder_id = "
             "message.folder_id AND k.uid = message.uid");
    test_sql("DROP TABLE kept");
    struct reading r = {&order, 0};
    assert_int_equal(
        messages_each(imap, m, folder.id, uids.items, uids.len, WANT_SUMMARY | WANT_DATES | WANT_SIZE, compare, &r),
        STORE_OK);
    order_free(&order);
    vec_free(&uids);
}

static void what_goes_takes_its_block_along(void **state UNUSED)
{
    static const uint32_t first[] = {3, 77, 2047}, some[] = {2048, 2050}, back[] = {1, 2};
    struct folder origin, other;
    uid_list gone = {0};
    copied_list copied = {0};
    uint64_t modseq;
    uint32_t validity;
    new_folder();
    origin = folder;
    right(imap, m, 1);
    assert_int_equal(messages_remove(imap, m, origin.id, first, 3, &gone, &modseq), STORE_OK);
    assert_string_equal(rows("block = 0"), "0");
    assert_string_equal(rows("block = 1"), "3");
    right(imap, m, 1);
    assert_string_equal(rows("true"), "6");
    new_folder();
    other = folder;
    right(imap, m, 1);
    assert_int_equal(messages_copy(imap, m, origin.id, other.id, some, 2, true, &copied, &validity), STORE_OK);
    right(imap, m, 1);
    folder = origin;
    assert_string_equal(rows("block = 1"), "0");
    right(imap, m, 1);
    assert_int_equal(messages_copy(imap, m, other.id, origin.id, back, 2, false, &copied, &validity), STORE_OK);
    assert_string_equal(rows("true"), "6");
    right(imap, m, 1);
    vec_free(&gone);
    vec_free(&copied);
}

static void goes_with_the_folder(void **state UNUSED)
{
    char from[32], to[32], under[32];
    new_folder();
    right(imap, m, 1);
    snprintf(from, sizeof(from), "Ordre-%u", names);
    snprintf(to, sizeof(to), "Autre-%u", names);
    snprintf(under, sizeof(under), "Autre-%u/x", names);
    assert_int_equal(folder_rename(imap, m, from, to), STORE_OK);
    assert_string_equal(rows("true"), "6");
    right(imap, m, 1);
    assert_int_equal(folder_create(imap, m, under, NULL, NULL), STORE_OK);
    assert_int_equal(folder_delete(imap, m, to), STORE_OK); /* its name stays, over a child */
    assert_string_equal(rows("true"), "0");
    new_folder();
    right(imap, m, 1);
    snprintf(from, sizeof(from), "Ordre-%u", names);
    assert_int_equal(folder_delete(imap, m, from), STORE_OK);
    assert_string_equal(rows("true"), "0");
}

static void a_damaged_block_is_made_again(void **state UNUSED)
{
    static const char *const changes[] = {
        "UPDATE folder_order SET data = set_byte(data, 40, get_byte(data, 40) # 1) WHERE folder_id = %lld AND block = "
        "0",
        "UPDATE folder_order SET data = substr(data, 1, 30) WHERE folder_id = %lld AND kind = 2",
        "UPDATE folder_order o SET data = x.data FROM folder_order x WHERE o.folder_id = %lld AND x.folder_id = "
        "o.folder_id AND "
        "x.kind = o.kind AND x.block + o.block = 1",
        "UPDATE folder_order o SET data = x.data FROM folder_order x WHERE o.folder_id = %lld AND x.folder_id = "
        "o.folder_id AND "
        "x.block = o.block AND o.kind = 1 AND x.kind = 4",
        "UPDATE folder_order o SET data = x.data FROM folder_order x WHERE o.folder_id = %lld AND x.folder_id <> "
        "o.folder_id AND "
        "x.block = o.block AND o.kind = x.kind",
        "DELETE FROM folder_order WHERE folder_id = %lld AND kind = 4 AND block = 1"};
    new_folder();
    right(imap, m, 1);
    new_folder();
    right(imap, m, 1);
    for (size_t i = 0; i < COUNT(changes); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        test_sql(changes[i], (long long)folder.id);
#pragma GCC diagnostic pop
        test_sql("CREATE TABLE changed AS SELECT * FROM folder_order WHERE folder_id = %lld", (long long)folder.id);
        right(imap, m, 1);
        assert_string_equal(rows("true"), "6");
        assert_string_not_equal(
            test_sql("SELECT count(*) FROM folder_order o LEFT JOIN changed c USING (bal_id, folder_id, block, "
                     "kind) WHERE folder_id = %lld AND o.data IS DISTINCT FROM c.data",
                     (long long)folder.id),
            "0");
        test_sql("DROP TABLE changed");
        right(imap, m, 1);
    }
}

/* The next reader may be able to open it: what cannot be read is no reason to say for good that it holds nothing. */
static void a_damaged_message_is_not_kept(void **state UNUSED)
{
    struct order order = {0};
    uid_list uids = {0};
    new_folder();
    test_sql("CREATE TABLE kept AS SELECT * FROM message WHERE folder_id = %lld AND uid = 7", (long long)folder.id);
    test_sql("UPDATE message SET structure = '\\x00' WHERE folder_id = %lld AND uid = 7", (long long)folder.id);
    read_order(imap, m, 1, &order, &uids);
    assert_int_equal(order.items.len, uids.len);
    assert_int_equal(order.items.items[6].uid, 7);
    assert_int_equal(order.items.items[6].subject.n, 0);
    assert_string_equal(rows("block = 0"), "0");
    assert_string_equal(rows("block = 1"), "3");
    test_sql("UPDATE message SET structure = k.structure FROM kept k WHERE k.bal_id = message.bal_id AND k.folder_id = "
             "message.folder_id AND k.uid = message.uid");
    test_sql("DROP TABLE kept");
    right(imap, m, 1);
    assert_string_equal(rows("block = 0"), "3");
    order_free(&order);
    vec_free(&uids);
}

struct reader {
    struct db *db;
    struct mailbox *mailbox;
};

static void *read_at_once(void *arg)
{
    struct reader *reader = arg;
    for (unsigned i = 0; i < 3; i++)
        right(reader->db, reader->mailbox, 1);
    return NULL;
}

static void two_readers_at_once(void **state UNUSED)
{
    pthread_t thread;
    struct reader other = {second, mailbox_open(&bal.bal, &bal.keys, 0, false)}, mine = {imap, m};
    new_folder();
    assert_int_equal(pthread_create(&thread, NULL, read_at_once, &other), 0);
    (void)read_at_once(&mine);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_string_equal(rows("true"), "6");
    right(imap, m, 1);
    mailbox_close(&other.mailbox);
}

static void *read_once(void *arg)
{
    struct reader *reader = arg;
    struct order order = {0};
    uid_list uids = {0};
    read_order(reader->db, reader->mailbox, 1, &order, &uids);
    order_free(&order);
    vec_free(&uids);
    return NULL;
}

/* A message goes after a reader has read it, and before that reader leaves its block behind: it must not come back there. */
static void what_went_meanwhile_stays_away(void **state UNUSED)
{
    pthread_t thread;
    struct reader other = {second, mailbox_open(&bal.bal, &bal.keys, 0, false)};
    new_folder();
    test_sql("BEGIN");
    test_sql("SELECT 1 FROM folder WHERE folder_id = %lld FOR NO KEY UPDATE", (long long)folder.id);
    assert_int_equal(pthread_create(&thread, NULL, read_once, &other), 0);
    while (strcmp(test_sql("SELECT count(*) FROM pg_locks WHERE NOT granted"), "0") == 0)
        test_sql("SELECT pg_sleep(0.01)");
    test_sql("DELETE FROM message WHERE folder_id = %lld AND uid = 5", (long long)folder.id);
    test_sql("COMMIT");
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_string_equal(rows("block = 0"), "0");
    assert_string_equal(rows("block = 1"), "3");
    mailbox_close(&other.mailbox);
}

static int start(void **state UNUSED)
{
    admin = db_new(test_conf(), "caducee_admin", "essai");
    imap = db_new(test_conf(), "caducee_imapd", "essai");
    second = db_new(test_conf(), "caducee_imapd", "essai");
    test_bal_new(admin, &bal, BAL_PER);
    m = mailbox_open(&bal.bal, &bal.keys, 0, false);
    return 0;
}

static int stop(void **state UNUSED)
{
    mailbox_close(&m);
    db_destroy(&admin);
    db_destroy(&imap);
    db_destroy(&second);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_and_read_again),
        cmocka_unit_test(what_goes_takes_its_block_along),
        cmocka_unit_test(goes_with_the_folder),
        cmocka_unit_test(a_damaged_block_is_made_again),
        cmocka_unit_test(a_damaged_message_is_not_kept),
        cmocka_unit_test(two_readers_at_once),
        cmocka_unit_test(what_went_meanwhile_stays_away),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
