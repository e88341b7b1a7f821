/* What is stored opens in its place and nowhere else: rows swapped, moved, cut and flipped by one who has the database. */
#include "tests/store/fixture.h"

#include "lib/base/num.h"

static struct db *admin, *mx, *imap;
static struct delivery_keys *keys;
static struct test_bal bal, other;
static struct mailbox *m;
static int64_t inbox;
static long long a, b; /* two blobs of `bal` */

static enum store_status read_back(int64_t blob)
{
    struct str out;
    str_init(&out, 64 << 20);
    struct mailbox *fresh = mailbox_open(&bal.bal, &bal.keys, 0, false);
    enum store_status status = message_read(imap, fresh, blob, 0, UINT64_MAX, &out);
    mailbox_close(&fresh);
    str_free(&out);
    return status;
}

static bool note_damage(const struct message_facts *f, void *arg)
{
    *(unsigned *)arg += f->damaged ? 1 : 0;
    return true;
}

static unsigned damaged_summaries(void)
{
    static const uint32_t uids[] = {1, 2};
    unsigned count = 0;
    assert_int_equal(messages_each(imap, m, inbox, uids, 2, WANT_SUMMARY | WANT_TEXT, note_damage, &count), STORE_OK);
    return count;
}

/* Each row: what is done, and what then does not open. All is put back from copies. */
static const struct {
    const char *change;
    enum store_status first;
    unsigned summaries;
} table[] = {
    /* chunks of two blobs exchanged */
    {"UPDATE blob_chunk c SET data = o.data FROM kept_blob_chunk o WHERE c.seq = 0 AND o.seq = 0 AND c.blob_id = "
     "%1$lld AND "
     "o.blob_id = %2$lld",
     STORE_DAMAGED, 0},
    /* two chunks of one blob exchanged */
    {"UPDATE blob_chunk c SET data = o.data FROM kept_blob_chunk o WHERE c.blob_id = %1$lld AND o.blob_id = %1$lld AND "
     "c.seq + o.seq = 1",
     STORE_DAMAGED, 0},
    /* the last chunk gone, and the size made to fit: the last-flag tells */
    {"WITH d AS (DELETE FROM blob_chunk WHERE blob_id = %1$lld AND seq = 2) UPDATE blob SET size = 524288 WHERE "
     "blob_id = %1$lld",
     STORE_DAMAGED, 0},
    {"DELETE FROM blob_chunk WHERE blob_id = %1$lld AND seq = 1", STORE_DAMAGED, 0},
    {"UPDATE blob_chunk SET data = set_byte(data, 40, get_byte(data, 40) # 1) WHERE blob_id = %1$lld AND seq = 0",
     STORE_DAMAGED, 0},
    {"UPDATE blob SET compressed = NOT compressed WHERE blob_id = %1$lld", STORE_DAMAGED, 0},
    {"UPDATE blob SET size = size - 1 WHERE blob_id = %1$lld", STORE_DAMAGED, 0},
    /* the other blob's key, with its chunks: all moves together, and the id tells */
    {"UPDATE blob SET wrapped = o.wrapped FROM kept_blob o WHERE blob.blob_id = %1$lld AND o.blob_id = %2$lld",
     STORE_DAMAGED, 0},
    /* a delivery key that somebody else has sealed to this BAL */
    {"UPDATE delivery_key SET sealed = set_byte(sealed, 60, get_byte(sealed, 60) # 1)", STORE_DAMAGED, 2},
    {"UPDATE message SET structure = o.structure FROM kept_message o WHERE message.blob_id = %1$lld AND o.blob_id = "
     "%2$lld",
     STORE_OK, 1},
    {"UPDATE message SET search_text = o.search_text FROM kept_message o WHERE message.blob_id = %1$lld AND o.blob_id "
     "= %2$lld",
     STORE_OK, 1},
    {"UPDATE message SET search_text = structure WHERE blob_id = %1$lld", STORE_OK, 1},
};

static void put_back(void)
{
    test_sql("DELETE FROM blob_chunk WHERE bal_id = %lld", (long long)bal.bal.id);
    test_sql("INSERT INTO blob_chunk SELECT * FROM kept_blob_chunk");
    test_sql("UPDATE blob SET size = k.size, compressed = k.compressed, wrapped = k.wrapped FROM kept_blob k WHERE "
             "k.blob_id = blob.blob_id");
    test_sql("UPDATE message SET structure = k.structure, search_text = k.search_text FROM kept_message k WHERE k.uid "
             "= message.uid AND "
             "k.bal_id = message.bal_id");
    test_sql("UPDATE delivery_key d SET sealed = k.sealed FROM kept_delivery_key k WHERE d.delivery_key_id = "
             "k.delivery_key_id");
}

static void opens_in_its_place_only(void **state UNUSED)
{
    assert_int_equal(read_back(a), STORE_OK);
    for (size_t i = 0; i < COUNT(table); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
        test_sql(table[i].change, a, b);
#pragma GCC diagnostic pop
        mailbox_close(&m); /* forget keys opened before */
        m = mailbox_open(&bal.bal, &bal.keys, 0, false);
        enum store_status status = read_back(a);
        unsigned summaries = damaged_summaries();
        if (status != table[i].first || summaries != table[i].summaries)
            fail_msg("%s: %s, %u summaries", table[i].change, store_status_name(status), summaries);
        put_back();
    }
    assert_int_equal(read_back(a), STORE_OK);
    assert_int_equal(read_back(b), STORE_OK);
}

/* A whole message, with key, chunks and delivery key, carried into another BAL: nothing of it opens there. */
static void not_in_another_bal(void **state UNUSED)
{
    long long from = (long long)bal.bal.id, to = (long long)other.bal.id;
    struct str out;
    str_init(&out, 64 << 20);
    test_sql("INSERT INTO delivery_key SELECT %lld, delivery_key_id, sealed, writer, created FROM delivery_key WHERE "
             "bal_id = %lld",
             to, from);
    test_sql("INSERT INTO blob SELECT %lld, blob_id, delivery_key_id, wrapped, size, compressed, created FROM blob "
             "WHERE bal_id = %lld",
             to, from);
    test_sql("INSERT INTO blob_chunk SELECT %lld, blob_id, seq, data FROM blob_chunk WHERE bal_id = %lld", to, from);
    struct mailbox *there = mailbox_open(&other.bal, &other.keys, 0, false);
    assert_int_equal(message_read(imap, there, a, 0, UINT64_MAX, &out), STORE_DAMAGED);
    mailbox_close(&there);
    /* even with the first BAL's private half: the BAL's id is bound in */
    there = mailbox_open(&other.bal, &bal.keys, 0, false);
    assert_int_equal(message_read(imap, there, a, 0, UINT64_MAX, &out), STORE_DAMAGED);
    mailbox_close(&there);
    str_free(&out);
}

static long long number(const char *text)
{
    int64_t n = 0;
    assert_true(num_i64(span_of(text), &n));
    return n;
}

static int start(void **state UNUSED)
{
    struct folder f;
    admin = db_new(test_conf(), "caducee_admin", "test");
    mx = db_new(test_conf(), "caducee_mx", "test");
    imap = db_new(test_conf(), "caducee_imapd", "test");
    keys = delivery_keys_new();
    test_bal_new(admin, &bal, BAL_PER);
    test_bal_new(admin, &other, BAL_PER);
    m = mailbox_open(&bal.bal, &bal.keys, 0, false);
    assert_int_equal(test_deliver(mx, keys, &bal, 1, 600000, NULL), STORE_OK);
    assert_int_equal(test_deliver(mx, keys, &bal, 2, 600000, NULL), STORE_OK);
    assert_int_equal(folder_by_name(imap, m, "INBOX", &f), STORE_OK);
    inbox = f.id;
    a = number(test_sql("SELECT blob_id FROM message WHERE bal_id = %lld AND uid = 1", (long long)bal.bal.id));
    b = number(test_sql("SELECT blob_id FROM message WHERE bal_id = %lld AND uid = 2", (long long)bal.bal.id));
    static const char *const names[] = {"blob", "blob_chunk", "message", "delivery_key"};
    for (size_t i = 0; i < COUNT(names); i++) {
        test_sql("DROP TABLE IF EXISTS kept_%s", names[i]);
        test_sql("CREATE TABLE kept_%s AS SELECT * FROM %s WHERE bal_id = %lld", names[i], names[i],
                 (long long)bal.bal.id);
    }
    return 0;
}

static int stop(void **state UNUSED)
{
    test_sql("DROP TABLE kept_blob, kept_blob_chunk, kept_message, kept_delivery_key");
    mailbox_close(&m);
    db_destroy(&admin);
    db_destroy(&mx);
    db_destroy(&imap);
    delivery_keys_destroy(&keys);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_in_its_place_only),
        cmocka_unit_test(not_in_another_bal),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
