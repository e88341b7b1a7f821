/* The queue: added with the Sent copy, claimed once, read with the queue's key alone, settled, taken back. */
#include "tests/store/fixture.h"

#include "lib/base/clock.h"
#include "lib/store/queue.h"

#include <pthread.h>
#include <stdio.h>

static struct db *admin, *submission, *relay, *webmail;
static struct delivery_keys *keys;
static struct key_pair queue_key;
static struct queue_opener *opener;
static struct test_bal bal;

static enum store_status also(struct db *db, void *arg)
{
    return queue_add(db, arg);
}

static int64_t send_sized(const char *const *domains, size_t count, int64_t not_before, unsigned n, size_t size)
{
    struct queue_new_recipient to[8];
    char addresses[8][64];
    for (size_t i = 0; i < count; i++) {
        snprintf(addresses[i], sizeof(addresses[i]), "someone%zu@%s", i, domains[i]);
        to[i] = (struct queue_new_recipient){.address = addresses[i], .domain = domains[i], .notify = 2};
    }
    struct delivery_target sent = {
        .bal = &bal.bal, .folder = "Sent", .flags = "\\Seen", .head = SPAN_LIT("Bcc: hidden@x.mssante.fr\r\n")};
    struct span body = test_message(n, size);
    struct queue_new q = {.sender = bal.bal.address,
                          .stored = &sent,
                          .bytes = body.n,
                          .not_before = not_before,
                          .expires = wall_s() + 86400,
                          .message_id = "<m@x>",
                          .recipients = to,
                          .recipient_count = count};
    struct delivery d = {
        .body = body, .summary = test_summary(n), .targets = &sent, .target_count = 1, .also = also, .also_arg = &q};
    assert_int_equal(deliver(submission, keys, &d), STORE_OK);
    return q.id;
}

static int64_t send_to(const char *const *domains, size_t count, int64_t not_before, unsigned n)
{
    return send_sized(domains, count, not_before, n, 700000);
}

static const char *const domains[] = {"a.mssante.fr", "a.mssante.fr", "b.mssante.fr"};

static void empty_queue(void)
{
    test_sql("DELETE FROM queue_recipient");
    test_sql("DELETE FROM queue_message");
}

static void claimed_read_settled(void **state UNUSED)
{
    struct queue_claim first, second, third;
    struct queue_cursor due = {.after = ""};
    size_t lost;
    int64_t id = send_to(domains, 3, 0, 7);
    assert_int_equal(queue_claim_domain(relay, "r1", 60, 10, NULL, 0, &first, &due), STORE_OK);
    assert_string_equal(first.domain, "a.mssante.fr");
    assert_int_equal(first.messages.len, 1);
    assert_int_equal(first.messages.items[0].recipients.len, 2);
    assert_int_equal(first.messages.items[0].id, id);
    assert_int_equal(queue_claim_domain(relay, "r2", 60, 10, (const char *[]){"b.mssante.fr"}, 1, &third, &due),
                     STORE_NOT_FOUND); /* one is claimed, the other busy */
    assert_int_equal(queue_claim_domain(relay, "r2", 60, 10, NULL, 0, &second, &due), STORE_OK);
    assert_string_equal(second.domain, "b.mssante.fr");
    struct str out;
    str_init(&out, 64 << 20);
    assert_int_equal(queue_read(relay, opener, id, &out), STORE_OK);
    struct span body = test_message(7, 700000);
    assert_int_equal(out.len, body.n); /* without the head that stays here */
    assert_memory_equal(out.data, body.p, body.n);
    struct key_pair pair;
    key_pair_new(&pair);
    struct queue_opener *other = queue_opener_new(&pair);
    assert_int_equal(queue_read(relay, other, id, &out), STORE_DAMAGED);
    queue_opener_destroy(&other);
    str_free(&out);
    struct queue_result results[2] = {{.message_id = id,
                                       .recipient_id = first.messages.items[0].recipients.items[0].id,
                                       .state = QUEUE_DELIVERED,
                                       .reply = "250 ok"},
                                      {.message_id = id,
                                       .recipient_id = first.messages.items[0].recipients.items[1].id,
                                       .state = QUEUE_WAITING,
                                       .next_try = wall_s() + 600,
                                       .reply = "451 later"}};
    assert_int_equal(queue_settle(relay, "r2", results, 2, &lost), STORE_OK);
    assert_int_equal(lost, 2); /* they are r1's */
    assert_int_equal(queue_settle(relay, "r1", results, 2, &lost), STORE_OK);
    assert_int_equal(lost, 0);
    struct queue_result last = {.message_id = id,
                                .recipient_id = second.messages.items[0].recipients.items[0].id,
                                .state = QUEUE_FAILED,
                                .reply = "550 no",
                                .rule = "peer"};
    assert_int_equal(queue_settle(relay, "r2", &last, 1, &lost), STORE_OK);
    assert_int_equal(queue_claim_domain(relay, "r1", 60, 10, NULL, 0, &third, &due), STORE_NOT_FOUND);
    assert_in_range(due.next_due, wall_s() + 590, wall_s() + 610);
    assert_string_equal(
        test_sql("SELECT string_agg(outcome, ' ' ORDER BY outcome) FROM queue_history WHERE queue_id = %lld",
                 (long long)id),
        "delivered failed");
    assert_string_equal(
        test_sql("SELECT count(*) FROM trace WHERE action = 'relay.settle' AND bal_id = %lld", (long long)bal.bal.id),
        "3");
    uint64_t changed;
    assert_int_equal(queue_order(admin, QUEUE_DROP, id, NULL, "admin", &changed), STORE_OK);
    assert_int_equal(changed, 1);
    assert_string_equal(test_sql("SELECT count(*) FROM queue_message"), "0");
    assert_string_equal(test_sql("SELECT count(*) FROM blob_candidate WHERE bal_id = %lld", (long long)bal.bal.id),
                        "1");
    queue_claim_free(&first);
    queue_claim_free(&second);
    queue_claim_free(&third);
}

/* Several at once: short and long, of two BALs; one that is gone does not keep the others. */
static void read_together(void **state UNUSED)
{
    static const size_t sizes[] = {10, 700000, 2000};
    struct queue_reading readings[4];
    struct str outs[4];
    empty_queue();
    for (size_t i = 0; i < 4; i++) {
        str_init(&outs[i], 64 << 20);
        readings[i] = (struct queue_reading){.message_id = i < 3 ? send_sized(domains, 1, 0, (unsigned)i, sizes[i]) : 1,
                                             .bal_id = bal.bal.id,
                                             .out = &outs[i]};
    }
    assert_int_equal(queue_read_many(relay, opener, readings, 4), STORE_OK);
    for (size_t i = 0; i < 3; i++) {
        struct span body = test_message((unsigned)i, sizes[i]);
        assert_int_equal(readings[i].status, STORE_OK);
        assert_int_equal(outs[i].len, body.n);
        assert_memory_equal(outs[i].data, body.p, body.n);
    }
    assert_int_equal(readings[3].status, STORE_NOT_FOUND);
    /* One writer's key for all of them; the key of another row does not open this one. */
    assert_string_equal(
        test_sql("SELECT count(DISTINCT substr(sealed_key, 1, 80)) || ' ' || count(DISTINCT sealed_key) || ' ' || "
                 "min(length(sealed_key)) FROM queue_message"),
        "1 3 140");
    test_sql("UPDATE queue_message SET sealed_key = (SELECT sealed_key FROM queue_message WHERE queue_id = %lld) WHERE "
             "queue_id = "
             "%lld",
             (long long)readings[0].message_id, (long long)readings[2].message_id);
    assert_int_equal(queue_read_many(relay, opener, readings, 3), STORE_OK);
    assert_int_equal(readings[0].status, STORE_OK);
    assert_int_equal(readings[2].status, STORE_DAMAGED);
    for (size_t i = 0; i < 4; i++)
        str_free(&outs[i]);
}

/* Rows that say that all of a message and more stays here: an empty message would leave, and pass for delivered. */
static void damaged_head(void **state UNUSED)
{
    static const size_t sizes[] = {10, 700000};
    struct queue_reading readings[2];
    struct str outs[2];
    empty_queue();
    for (size_t i = 0; i < 2; i++) {
        str_init(&outs[i], 64 << 20);
        readings[i] = (struct queue_reading){
            .message_id = send_sized(domains, 1, 0, (unsigned)i, sizes[i]), .bal_id = bal.bal.id, .out = &outs[i]};
    }
    assert_int_equal(queue_read_many(relay, opener, readings, 2), STORE_OK);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(readings[i].status, STORE_OK);
    test_sql("UPDATE queue_message m SET head_size = b.size + 1 FROM blob b WHERE b.bal_id = m.bal_id AND b.blob_id = "
             "m.blob_id");
    assert_int_equal(queue_read_many(relay, opener, readings, 2), STORE_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(readings[i].status, STORE_DAMAGED);
        str_clear(&outs[i]);
        assert_int_equal(queue_read(relay, opener, readings[i].message_id, &outs[i]), STORE_DAMAGED);
        str_free(&outs[i]);
    }
    empty_queue();
}

/* Too little room for it is no reason to send less. */
static void no_room_for_a_message(void **state UNUSED)
{
    struct str out;
    empty_queue();
    struct queue_reading reading = {
        .message_id = send_sized(domains, 1, 0, 0, 2000), .bal_id = bal.bal.id, .out = &out};
    str_init(&out, 100);
    assert_int_equal(queue_read_many(relay, opener, &reading, 1), STORE_OK);
    assert_int_equal(reading.status, STORE_DAMAGED);
    str_free(&out);
    empty_queue();
}

/* Two relays end the last two recipients of a message at once: its row goes with the second. */
static void *end_one(void *arg)
{
    struct db *db = db_new(test_conf(), "caducee_relay", "test");
    struct queue_result *result = arg;
    assert_int_equal(queue_settle(db, "r", result, 1, NULL), STORE_OK);
    db_destroy(&db);
    return NULL;
}

static void ended_by_two(void **state UNUSED)
{
    for (unsigned round = 0; round < 20; round++) {
        struct queue_claim claims[2];
        struct queue_result results[2];
        struct queue_cursor due = {.after = ""};
        pthread_t threads[2];
        empty_queue();
        int64_t id = send_sized(domains + 1, 2, 0, round, 10);
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(queue_claim_domain(relay, "r", 60, 10, NULL, 0, &claims[i], &due), STORE_OK);
            results[i] = (struct queue_result){.message_id = id,
                                               .recipient_id = claims[i].messages.items[0].recipients.items[0].id,
                                               .state = QUEUE_DELIVERED,
                                               .reply = "250 ok"};
        }
        for (size_t i = 0; i < 2; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, end_one, &results[i]), 0);
        for (size_t i = 0; i < 2; i++) {
            pthread_join(threads[i], NULL);
            queue_claim_free(&claims[i]);
        }
        assert_string_equal(
            test_sql("SELECT (SELECT count(*) FROM queue_message) || ' ' || (SELECT count(*) FROM queue_recipient)"),
            "0 0");
    }
}

struct sums {
    uint64_t waiting, claimed, held, rows;
};

static bool add_sums(const struct queue_summary_row *row, void *arg)
{
    struct sums *s = arg;
    s->waiting += row->waiting;
    s->claimed += row->claimed;
    s->held += row->held;
    s->rows++;
    return true;
}

static void check_summary(uint64_t waiting, uint64_t claimed, uint64_t held, uint64_t rows)
{
    struct sums s = {.rows = 0};
    assert_int_equal(queue_summary(admin, add_sums, &s), STORE_OK);
    assert_int_equal(s.waiting, waiting);
    assert_int_equal(s.claimed, claimed);
    assert_int_equal(s.held, held);
    assert_int_equal(s.rows, rows);
}

/* The summary reads counts that triggers keep: exact whatever was done, before and after they are folded. */
static void summed_up(void **state UNUSED)
{
    struct queue_claim c;
    struct queue_cursor due = {.after = ""};
    uint64_t changed;
    empty_queue();
    check_summary(0, 0, 0, 0);
    int64_t id = send_sized(domains, 3, 0, 1, 10);
    send_sized(domains + 1, 2, wall_s() + 600, 2, 10);
    check_summary(5, 0, 0, 2);
    assert_int_equal(queue_claim_domain(relay, "r", 60, 10, NULL, 0, &c, &due), STORE_OK);
    check_summary(3, 2, 0, 2);
    struct queue_result again = {.message_id = id,
                                 .recipient_id = c.messages.items[0].recipients.items[0].id,
                                 .state = QUEUE_WAITING,
                                 .next_try = wall_s() + 600,
                                 .reply = "451 later"};
    assert_int_equal(queue_settle(relay, "r", &again, 1, NULL), STORE_OK);
    check_summary(4, 1, 0, 2);
    queue_claim_free(&c);
    assert_int_equal(queue_order(admin, QUEUE_HOLD, 0, "b.mssante.fr", "admin", &changed), STORE_OK);
    check_summary(2, 1, 2, 2);
    assert_int_equal(queue_order(admin, QUEUE_RELEASE, 0, "b.mssante.fr", "admin", &changed), STORE_OK);
    assert_int_equal(queue_order(admin, QUEUE_DROP, 0, "b.mssante.fr", "admin", &changed), STORE_OK);
    check_summary(2, 1, 0, 1);
    test_sql("DELETE FROM queue_recipient");
    check_summary(0, 0, 0, 0);
    assert_string_equal(test_sql("SELECT (SELECT count(*) FROM queue_count) + (SELECT count(*) FROM queue_delta)"),
                        "0");
}

static void leases_end(void **state UNUSED)
{
    struct queue_claim c;
    struct queue_cursor due = {.after = ""};
    empty_queue();
    send_to(domains, 1, 0, 1);
    assert_int_equal(queue_claim_domain(relay, "dead", 3600, 10, NULL, 0, &c, &due), STORE_OK);
    queue_claim_free(&c);
    test_sql("UPDATE queue_recipient SET due = now()"); /* an hour later */
    assert_int_equal(queue_claim_domain(relay, "heir", 3600, 10, NULL, 0, &c, &due), STORE_OK);
    assert_int_equal(c.messages.items[0].recipients.items[0].tries, 1);
    queue_claim_free(&c);
}

static void taken_back(void **state UNUSED)
{
    struct queue_claim c;
    struct queue_cursor due = {.after = ""};
    int64_t id;
    empty_queue();
    id = send_to(domains, 3, wall_s() + 10, 1);
    assert_int_equal(queue_claim_domain(relay, "r", 60, 10, NULL, 0, &c, &due), STORE_NOT_FOUND);
    assert_int_equal(queue_cancel(webmail, bal.bal.id + 1, id), STORE_NOT_FOUND);
    assert_int_equal(queue_cancel(webmail, bal.bal.id, id), STORE_OK);
    assert_string_equal(test_sql("SELECT count(*) FROM queue_message"), "0");
    id = send_to(domains, 3, 0, 1);
    assert_int_equal(queue_cancel(webmail, bal.bal.id, id), STORE_CONFLICT);
}

static void held_and_released(void **state UNUSED)
{
    struct queue_claim c;
    struct queue_cursor due = {.after = ""};
    uint64_t changed;
    empty_queue();
    send_to(domains, 3, 0, 1);
    assert_int_equal(queue_order(admin, QUEUE_HOLD, 0, "a.mssante.fr", "admin", &changed), STORE_OK);
    assert_int_equal(changed, 2);
    assert_int_equal(queue_claim_domain(relay, "r", 60, 10, NULL, 0, &c, &due), STORE_OK);
    assert_string_equal(c.domain, "b.mssante.fr");
    queue_claim_free(&c);
    assert_int_equal(queue_order(admin, QUEUE_RELEASE, 0, NULL, "admin", &changed), STORE_OK);
    assert_int_equal(changed, 2);
    test_sql("UPDATE queue_state SET held = true");
    assert_int_equal(queue_claim_domain(relay, "r", 60, 10, NULL, 0, &c, &due), STORE_NOT_FOUND);
    test_sql("UPDATE queue_state SET held = false");
    test_sql("INSERT INTO queue_domain (domain, state) VALUES ('a.mssante.fr', 'held')");
    assert_int_equal(queue_claim_domain(relay, "r", 60, 10, NULL, 0, &c, &due), STORE_NOT_FOUND);
    test_sql("DELETE FROM queue_domain");
}

/* Three relays take everything, each message once. */
static void *take_all(void *arg)
{
    struct db *db = db_new(test_conf(), "caducee_relay", "test");
    uint64_t *taken = arg;
    struct queue_cursor due = {.after = ""};
    for (unsigned empty = 0; empty < 20;) {
        struct queue_claim c;
        char name[32];
        snprintf(name, sizeof(name), "relay%p", arg);
        enum store_status status = queue_claim_domain(db, name, 600, 7, NULL, 0, &c, &due);
        empty = status == STORE_OK ? 0 : empty + 1;
        vec_each (&c.messages, m)
            *taken += m->recipients.len;
        queue_claim_free(&c);
    }
    db_destroy(&db);
    return NULL;
}

static void three_relays(void **state UNUSED)
{
    pthread_t threads[3];
    uint64_t taken[3] = {0};
    empty_queue();
    test_sql(
        "INSERT INTO queue_message (queue_id, bal_id, blob_id, sealed_key, sender, size, expires) SELECT n, m.bal_id, "
        "m.blob_id, '', '', 1, now() + '1 day' FROM generate_series(1, 2000) n, (SELECT * FROM message LIMIT 1) m");
    test_sql("INSERT INTO queue_recipient (recipient_id, queue_id, domain, address) SELECT n * 10 + k, n, 'd' || n %% "
             "23, 'x' "
             "FROM generate_series(1, 2000) n, generate_series(1, 3) k");
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_all, &taken[i]), 0);
    for (unsigned i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(taken[0] + taken[1] + taken[2], 6000);
    assert_string_equal(test_sql("SELECT count(*) FROM queue_recipient WHERE attempts <> 1"), "0");
    empty_queue();
}

static int start(void **state UNUSED)
{
    struct str hex;
    admin = db_new(test_conf(), "caducee_admin", "test");
    submission = db_new(test_conf(), "caducee_submission", "test");
    relay = db_new(test_conf(), "caducee_relay", "test");
    webmail = db_new(test_conf(), "caducee_webmail", "test");
    keys = delivery_keys_new();
    key_pair_new(&queue_key);
    opener = queue_opener_new(&queue_key);
    str_init(&hex, 64);
    for (size_t i = 0; i < KEY_BYTES; i++)
        str_addf(&hex, "%02x", queue_key.public_half.b[i]);
    test_sql("UPDATE queue_state SET public_half = '\\x%s'", hex.data);
    str_free(&hex);
    test_bal_new(admin, &bal, BAL_PER);
    return 0;
}

static int stop(void **state UNUSED)
{
    queue_opener_destroy(&opener);
    db_destroy(&admin);
    db_destroy(&submission);
    db_destroy(&relay);
    db_destroy(&webmail);
    delivery_keys_destroy(&keys);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claimed_read_settled), cmocka_unit_test(leases_end),
        cmocka_unit_test(taken_back),           cmocka_unit_test(held_and_released),
        cmocka_unit_test(three_relays),         cmocka_unit_test(read_together),
        cmocka_unit_test(damaged_head),         cmocka_unit_test(no_room_for_a_message),
        cmocka_unit_test(ended_by_two),         cmocka_unit_test(summed_up),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
