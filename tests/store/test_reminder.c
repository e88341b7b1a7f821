/* Reminders: what nobody has taken in hand is told once, to whoever answers for the BAL, and marked in the same transaction.
 * Time passes by moving the dates in the database. */
#include "tests/store/fixture.h"

#include "lib/base/clock.h"
#include "lib/store/reminder.h"
#include "lib/store/web.h"

static struct db *admin, *mx, *web, *reminder;
static struct delivery_keys *keys;
static struct test_bal shared, manager, member;
enum { DAY_S = 86400 };

static long long person(const char *name)
{
    return atoll(
        test_sql("INSERT INTO person (family_name, given_name) VALUES ('%s', 'Essai') RETURNING person_id", name));
}

static void join(const struct test_bal *bal, long long who, const char *role)
{
    test_sql(
        "INSERT INTO membership (bal_id, person_id, role, ends) VALUES (%lld, %lld, '%s', now() + interval '1 year')",
        (long long)bal->bal.id, who, role);
}

/* The reminder that is due now for `shared`, if there is one. */
static bool due(struct reminder *out)
{
    int64_t after = shared.bal.id - 1;
    bool more;
    *out = (struct reminder){.told_count = 0};
    return reminder_next(reminder, wall_s() - DAY_S, wall_s() - 30 * DAY_S, &after, &more, out) == STORE_OK;
}

static enum store_status send(const struct reminder *r)
{
    int64_t folders[REMINDER_TOLD_MAX];
    uint64_t modseqs[REMINDER_TOLD_MAX];
    struct summary summary = test_summary(1);
    return reminder_send(reminder, keys, r, test_message(1, 500), &summary, folders, modseqs);
}

static const char *mail_of(const struct test_bal *bal)
{
    return test_sql("SELECT count(*) FROM message WHERE bal_id = %lld", (long long)bal->bal.id);
}

static void age(const char *interval)
{
    test_sql("UPDATE message SET save_date = extract(epoch FROM now() - interval '%s') WHERE bal_id = %lld", interval,
             (long long)shared.bal.id);
}

static void told_once_and_marked(void **state UNUSED)
{
    struct reminder r;
    int64_t uid;
    for (unsigned i = 1; i <= 3; i++)
        assert_int_equal(test_deliver(mx, keys, &shared, i, 500, &uid), STORE_OK);
    int64_t inbox = atoll(test_sql("SELECT folder_id FROM folder WHERE bal_id = %lld AND special_use = 'INBOX'",
                                   (long long)shared.bal.id));
    long long who = person("Preneuse");
    assert_int_equal(work_set(web, shared.bal.id, inbox, 2, WORK_TAKEN, who), STORE_OK);
    assert_false(due(&r)); /* too young */
    age("40 days");
    assert_false(due(&r)); /* nobody keeps that list any more */
    age("2 days");
    assert_true(due(&r));
    assert_int_equal(r.uids.len, 2); /* not the one that is in hand */
    assert_int_equal(r.uids.items[0], 1);
    assert_int_equal(r.uids.items[1], 3);
    assert_int_equal(r.told_count, 1); /* the manager, not the member */
    assert_int_equal(r.told[0].id, manager.bal.id);
    assert_int_equal(send(&r), STORE_OK);
    reminder_free(&r);
    assert_string_equal(mail_of(&manager), "1");
    assert_string_equal(mail_of(&member), "0");
    assert_string_equal(test_sql("SELECT count(*) FROM trace WHERE bal_id = %lld AND action = 'work.remind'",
                                 (long long)manager.bal.id),
                        "1");
    assert_false(due(&r));
    work_list list = {0};
    assert_int_equal(work_list_of(web, shared.bal.id, inbox, 1, 3, &list), STORE_OK);
    assert_int_equal(list.len, 3);
    vec_each (&list, w)
        assert_int_equal(w->reminded, w->uid != 2);
    vec_free(&list);
    /* taken, and given back: it is to be done again, and its time begins again */
    assert_int_equal(work_set(web, shared.bal.id, inbox, 1, WORK_TAKEN, who), STORE_OK);
    assert_int_equal(work_set(web, shared.bal.id, inbox, 1, WORK_TODO, who), STORE_OK);
    assert_false(due(&r));
    test_sql("UPDATE message_work SET since = now() - interval '2 days' WHERE bal_id = %lld", (long long)shared.bal.id);
    assert_false(due(&r)); /* the last reminder is young: this one comes with others, later */
    test_sql("UPDATE message_work SET reminded = reminded - interval '5 hours' WHERE bal_id = %lld",
             (long long)shared.bal.id);
    assert_true(due(&r));
    assert_int_equal(r.uids.len, 1);
    reminder_free(&r);
}

/* The responsible person comes before the managers; a BAL that cannot take it leaves nothing half done. */
static void the_responsible_person_first(void **state UNUSED)
{
    struct reminder r;
    test_sql(
        "UPDATE bal SET responsible_id = (SELECT person_id FROM membership WHERE bal_id = %lld AND role = 'titulaire') "
        "WHERE bal_id = %lld",
        (long long)member.bal.id, (long long)shared.bal.id);
    assert_true(due(&r));
    assert_int_equal(r.told_count, 1);
    assert_int_equal(r.told[0].id, member.bal.id);
    test_sql("UPDATE bal_quota SET limit_bytes = 10 WHERE bal_id = %lld", (long long)member.bal.id);
    assert_int_equal(send(&r), STORE_OVER_QUOTA);
    assert_string_equal(mail_of(&member), "0");
    r.told_count = 0; /* then the list alone says it */
    assert_int_equal(send(&r), STORE_OK);
    reminder_free(&r);
    assert_false(due(&r));
}

static int start(void **state UNUSED)
{
    admin = db_new(test_conf(), "caducee_admin", "test");
    mx = db_new(test_conf(), "caducee_mx", "test");
    web = db_new(test_conf(), "caducee_webmail", "test");
    reminder = db_new(test_conf(), "caducee_reminder", "test");
    keys = delivery_keys_new();
    test_bal_new(admin, &shared, BAL_ORG);
    test_bal_new(admin, &manager, BAL_PER);
    test_bal_new(admin, &member, BAL_PER);
    long long chief = person("Cadre"), other = person("Autre");
    join(&manager, chief, "titulaire");
    join(&member, other, "titulaire");
    join(&shared, chief, "gestionnaire");
    join(&shared, other, "membre");
    return 0;
}

static int stop(void **state UNUSED)
{
    struct db **all[] = {&admin, &mx, &web, &reminder};
    for (size_t i = 0; i < COUNT(all); i++)
        db_destroy(all[i]);
    delivery_keys_destroy(&keys);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(told_once_and_marked),
                                       cmocka_unit_test(the_responsible_person_first)};
    return cmocka_run_group_tests(tests, start, stop);
}
