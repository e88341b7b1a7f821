/* What nobody asks for and must be done: seals and their verification, the sweeper, retention. */
#include "tests/store/fixture.h"

#include "lib/store/retention.h"
#include "lib/store/sealer.h"
#include "lib/store/sweeper.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct db *admin, *mx, *imap, *sealer, *auditor, *sweeper, *retention;
static struct delivery_keys *keys;
static struct key mac;

struct heard {
    unsigned count[SEAL_CUT + 1];
    int64_t trace_id;
};

static void hear(const struct seal_finding *f, void *arg)
{
    struct heard *h = arg;
    h->count[f->fault]++;
    h->trace_id = f->trace_id;
}

static struct heard verify(const struct seal_checkpoint *checkpoints, size_t count)
{
    struct heard h = {0};
    struct seal_tally tally;
    assert_int_equal(trace_verify(auditor, &mac, checkpoints, count, hear, &h, &tally), STORE_OK);
    return h;
}

/* A transaction of another (autovacuum) may hold the horizon back for a moment: what it holds is sealed when it has ended. */
static void seal_all(void)
{
    bool more;
    for (unsigned tries = 0; tries < 1200; tries++) {
        assert_int_equal(trace_seal_beat(sealer, &mac, &more), STORE_OK);
        if (!more && verify(NULL, 0).count[SEAL_UNSEALED] == 0)
            return;
        if (!more)
            usleep(100000);
    }
    fail_msg("traces that are never sealed");
}

static void expect(enum seal_fault fault, unsigned times, int64_t trace_id)
{
    struct heard h = verify(NULL, 0);
    for (unsigned i = 0; i <= SEAL_CUT; i++)
        assert_int_equal(h.count[i], i == fault ? times : 0);
    if (times == 1 && trace_id)
        assert_int_equal(h.trace_id, trace_id);
}

static void write_trace(const char *action)
{
    struct trace t = {.action = action, .answer = "OK", .actor_kind = TRACE_SYSTEM, .detail = "essai"};
    assert_int_equal(trace_write(mx, &t), STORE_OK);
}

static bool take_functional(const struct seal_checkpoint *c, void *arg)
{
    struct seal_checkpoint *out = arg;
    if (strncmp(c->part, "trace_functional_2", 18) == 0)
        *out = *c;
    return true;
}

static void seals(void **state UNUSED)
{
    struct seal_checkpoint end = {0};
    for (unsigned i = 0; i < 50; i++) {
        write_trace(i % 2 ? "bal.essai" : "session.open");
        if (i % 10 == 0)
            seal_all();
    }
    seal_all();
    expect(SEAL_ALTERED, 0, 0);
    assert_int_equal(trace_checkpoints(auditor, take_functional, &end), STORE_OK);
    assert_true(end.seq >= 5);
    int64_t id = 0;
    sscanf(test_sql("SELECT trace_id FROM trace WHERE action = 'bal.essai' ORDER BY trace_id OFFSET 7 LIMIT 1"), "%ld",
           &id);
    test_sql("UPDATE trace SET answer = 'NO' WHERE trace_id = %ld", id);
    expect(SEAL_ALTERED, 1, id);
    test_sql("UPDATE trace SET answer = 'OK' WHERE trace_id = %ld", id);
    expect(SEAL_ALTERED, 0, 0);
    test_sql("CREATE TABLE stolen AS SELECT * FROM trace WHERE trace_id = %ld", id);
    test_sql("DELETE FROM trace WHERE trace_id = %ld", id);
    expect(SEAL_MISSING, 1, id);
    test_sql("INSERT INTO trace SELECT * FROM stolen");
    expect(SEAL_MISSING, 0, 0);
    test_sql("UPDATE stolen SET trace_id = 99");
    test_sql("INSERT INTO trace SELECT * FROM stolen");
    expect(SEAL_SLIPPED, 1, 99);
    test_sql("DELETE FROM trace WHERE trace_id = 99");
    /* A seal taken out of the middle; the whole end of a chain. */
    test_sql("CREATE TABLE seals AS SELECT * FROM trace_seal");
    test_sql("DELETE FROM trace_seal WHERE part = '%s' AND seq = 2", end.part);
    assert_true(verify(NULL, 0).count[SEAL_BROKEN] >= 1);
    test_sql("INSERT INTO trace_seal SELECT * FROM seals WHERE part = '%s' AND seq = 2", end.part);
    expect(SEAL_BROKEN, 0, 0);
    test_sql("DELETE FROM trace_seal WHERE part = '%s' AND seq = %lld", end.part, (long long)end.seq);
    test_sql("DELETE FROM trace WHERE xid >= (SELECT from_xid FROM seals WHERE part = '%s' AND seq = %lld)", end.part,
             (long long)end.seq);
    assert_int_equal(verify(&end, 1).count[SEAL_CUT], 1);
    /* One who has not the key cannot seal. */
    struct key wrong = {{1}};
    bool more;
    write_trace("bal.essai");
    assert_int_equal(trace_seal_beat(sealer, &wrong, &more), STORE_OK);
    assert_true(verify(NULL, 0).count[SEAL_BROKEN] >= 1);
    test_sql("TRUNCATE trace, trace_seal");
    test_sql("DROP TABLE stolen, seals");
}

static void an_open_transaction_holds_the_horizon(void **state UNUSED)
{
    bool more;
    test_sql("BEGIN");
    test_sql("INSERT INTO trace (retention, trace_id, action, answer, actor_kind) VALUES (1, 5, 'bal.late', 'OK', "
             "'system')");
    write_trace("bal.early");
    assert_int_equal(trace_seal_beat(sealer, &mac, &more), STORE_OK);
    test_sql("COMMIT");
    seal_all();
    expect(SEAL_UNSEALED, 0, 0);
    struct heard h = verify(NULL, 0);
    assert_int_equal(h.count[SEAL_SLIPPED], 0);
    assert_string_equal(test_sql("SELECT sum(row_count) FROM trace_seal"), "2");
}

/* A database restored into another cluster: its transactions are numbered below what is sealed. */
static void sealing_goes_on_after_a_restore(void **state UNUSED)
{
    int64_t shift = 0;
    bool more;
    for (unsigned i = 0; i < 3; i++)
        write_trace("bal.before");
    seal_all();
    assert_int_equal(trace_resume(admin, &shift), STORE_REFUSED); /* nothing to resume */
    test_sql("UPDATE seal_horizon SET xid = (xid::text::bigint + 1000000)::text::xid8");
    for (unsigned i = 0; i < 3; i++)
        write_trace("bal.between");
    assert_int_equal(trace_seal_beat(sealer, &mac, &more), STORE_CONFLICT);
    assert_int_equal(trace_resume(sealer, &shift), STORE_REFUSED); /* no grant */
    assert_int_equal(trace_resume(admin, &shift), STORE_OK);
    assert_true(shift >= 900000);
    for (unsigned i = 0; i < 3; i++)
        write_trace("bal.after");
    seal_all();
    struct heard h = verify(NULL, 0);
    for (size_t i = 0; i < COUNT(h.count); i++)
        assert_int_equal(h.count[i], 0);
    assert_string_equal(test_sql("SELECT sum(row_count) >= 9 FROM trace_seal"), "t");
    assert_int_equal(trace_resume(admin, &shift), STORE_REFUSED);
    test_sql("UPDATE trace SET answer = 'NO' WHERE action = 'bal.between'"); /* and it is no hole to alter through */
    assert_int_equal(verify(NULL, 0).count[SEAL_ALTERED], 3);
    test_sql("TRUNCATE trace, trace_seal");
}

static void blobs_go_with_their_last_reference(void **state UNUSED)
{
    struct test_bal bal;
    struct folder inbox, archive;
    struct flag_result r = {0};
    uid_list gone = {0};
    copied_list copied = {0};
    uint32_t uids[] = {1, 2}, validity;
    uint64_t modseq, swept, total = 0;
    bool more = true;
    struct sweep_cursor cursor = {0};
    uint64_t noted = 0, sum = 0;
    while (more) /* what other tests have left */
        assert_int_equal(sweep_round(sweeper, &cursor, &more, &noted), STORE_OK);
    for (more = true; more;)
        assert_int_equal(sweep_beat(sweeper, &more, &swept), STORE_OK);
    more = true;
    test_bal_new(admin, &bal, BAL_PER);
    struct mailbox *m = mailbox_open(&bal.bal, &bal.keys, 0, false);
    for (unsigned i = 1; i <= 3; i++)
        assert_int_equal(test_deliver(mx, keys, &bal, i, 600000, NULL), STORE_OK);
    assert_int_equal(folder_by_name(imap, m, "INBOX", &inbox), STORE_OK);
    assert_int_equal(folder_by_name(imap, m, "Archive", &archive), STORE_OK);
    assert_int_equal(messages_copy(imap, m, inbox.id, archive.id, uids, 1, false, &copied, &validity), STORE_OK);
    assert_int_equal(messages_store_flags(imap, m, inbox.id, uids, 2, FLAGS_ADD, FLAG_DELETED, UINT64_MAX, &r),
                     STORE_OK);
    assert_int_equal(messages_expunge(imap, m, inbox.id, NULL, 0, &gone, &modseq), STORE_OK);
    while (more) {
        assert_int_equal(sweep_beat(sweeper, &more, &swept), STORE_OK);
        total += swept;
    }
    assert_int_equal(total, 1); /* the first lives on in Archive */
    assert_string_equal(test_sql("SELECT count(*) FROM blob WHERE bal_id = %lld", (long long)bal.bal.id), "2");
    assert_string_equal(
        test_sql("SELECT count(DISTINCT blob_id) FROM blob_chunk WHERE bal_id = %lld", (long long)bal.bal.id), "2");
    /* What no deletion has noted, the slow round finds. */
    test_sql("ALTER TABLE message DISABLE TRIGGER message_gone");
    test_sql("DELETE FROM message WHERE bal_id = %lld AND folder_id = %lld", (long long)bal.bal.id,
             (long long)archive.id);
    test_sql("ALTER TABLE message ENABLE TRIGGER message_gone");
    cursor = (struct sweep_cursor){0};
    for (more = true; more; sum += noted)
        assert_int_equal(sweep_round(sweeper, &cursor, &more, &noted), STORE_OK);
    assert_int_equal(sum, 1);
    assert_int_equal(sweep_beat(sweeper, &more, &swept), STORE_OK);
    assert_int_equal(swept, 1);
    vec_free(&r.changed);
    vec_free(&r.refused);
    vec_free(&gone);
    vec_free(&copied);
    mailbox_close(&m);
}

static void keeps_what_it_must(void **state UNUSED)
{
    struct test_bal old, held, closed;
    struct retention_tally tally = {0};
    int64_t after = 0;
    bool more = true;
    test_bal_new(admin, &old, BAL_PER);
    test_bal_new(admin, &held, BAL_PER);
    test_bal_new(admin, &closed, BAL_PER);
    struct test_bal *all[] = {&old, &held, &closed};
    for (size_t i = 0; i < COUNT(all); i++) {
        struct delivery_target targets[2] = {{.bal = &all[i]->bal, .folder = "Trash"}, {.bal = &all[i]->bal}};
        struct delivery d = {
            .body = test_message(1, 2000), .summary = test_summary(1), .targets = targets, .target_count = 2};
        assert_int_equal(deliver(mx, keys, &d), STORE_OK);
        assert_int_equal(deliver(mx, keys, &d), STORE_OK);
    }
    test_sql("UPDATE message SET save_date = save_date - 40 * 86400 WHERE uid = 1");
    test_sql("UPDATE bal SET legal_hold = 'enquête' WHERE bal_id = %lld", (long long)held.bal.id);
    test_sql("UPDATE bal SET state = 'closed', state_since = now() - interval '200 days' WHERE bal_id = %lld",
             (long long)closed.bal.id);
    test_sql("UPDATE bal_quota SET used_bytes = 0 WHERE bal_id = 0");
    while (more)
        assert_int_equal(retention_bals_beat(retention, &retention_defaults, &after, &more, &tally), STORE_OK);
    assert_int_equal(tally.messages, 1);
    /* Nothing is erased that keyd has not journaled; nor what was opened again meanwhile. */
    assert_int_equal(tally.erased, 0);
    assert_int_equal(tally.meant, 1);
    assert_string_equal(test_sql("SELECT count(*) FROM bal WHERE bal_id = %lld", (long long)closed.bal.id), "1");
    test_sql("UPDATE erasure SET journaled = now()");
    test_sql("UPDATE bal SET legal_hold = 'enquête' WHERE bal_id = %lld", (long long)closed.bal.id);
    for (unsigned round = 0; round < 2; round++) {
        for (after = 0, more = true; more;)
            assert_int_equal(retention_bals_beat(retention, &retention_defaults, &after, &more, &tally), STORE_OK);
        assert_int_equal(tally.erased, round);
        test_sql("UPDATE bal SET legal_hold = NULL WHERE bal_id = %lld", (long long)closed.bal.id);
    }
    assert_string_equal(
        test_sql("SELECT string_agg(f.name || m.uid, ' ' ORDER BY f.name, m.uid) FROM message m JOIN folder f "
                 "USING (bal_id, folder_id) WHERE m.bal_id = %lld",
                 (long long)old.bal.id),
        "INBOX1 INBOX2 Trash2");
    assert_string_equal(test_sql("SELECT count(*) FROM message WHERE bal_id = %lld", (long long)held.bal.id), "4");
    assert_string_equal(test_sql("SELECT count(*) FROM bal WHERE bal_id = %lld", (long long)closed.bal.id), "0");
    assert_string_equal(
        test_sql("SELECT (SELECT count(*) FROM blob WHERE bal_id = %lld) + (SELECT count(*) FROM folder WHERE "
                 "bal_id = %lld)",
                 (long long)closed.bal.id, (long long)closed.bal.id),
        "0");
    assert_string_equal(test_sql("SELECT count(*) FROM erasure WHERE bal_id = %lld", (long long)closed.bal.id), "1");
    /* Old partitions go, young ones stay. */
    test_sql(
        "CREATE TABLE trace_queue_2020_01 PARTITION OF trace_queue FOR VALUES FROM ('2020-01-01') TO ('2020-02-01')");
    assert_int_equal(retention_tables_beat(retention, &retention_defaults), STORE_OK);
    assert_string_equal(test_sql("SELECT count(*) FROM pg_class WHERE relname = 'trace_queue_2020_01'"), "0");
    assert_true(strcmp(test_sql("SELECT count(*) FROM pg_partition_tree('trace') WHERE isleaf"), "12") == 0);
}

static int start(void **state UNUSED)
{
    admin = db_new(test_conf(), "caducee_admin", "test");
    mx = db_new(test_conf(), "caducee_mx", "test");
    imap = db_new(test_conf(), "caducee_imapd", "test");
    sealer = db_new(test_conf(), "caducee_sealer", "test");
    auditor = db_new(test_conf(), "caducee_auditor", "test");
    sweeper = db_new(test_conf(), "caducee_sweeper", "test");
    retention = db_new(test_conf(), "caducee_retention", "test");
    keys = delivery_keys_new();
    crypto_random(&mac, sizeof(mac));
    test_sql("TRUNCATE trace, trace_seal");
    return 0;
}

static int stop(void **state UNUSED)
{
    struct db **all[] = {&admin, &mx, &imap, &sealer, &auditor, &sweeper, &retention};
    for (size_t i = 0; i < COUNT(all); i++)
        db_destroy(all[i]);
    delivery_keys_destroy(&keys);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seals),
        cmocka_unit_test(an_open_transaction_holds_the_horizon),
        cmocka_unit_test(sealing_goes_on_after_a_restore),
        cmocka_unit_test(blobs_go_with_their_last_reference),
        cmocka_unit_test(keeps_what_it_must),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
