/* keyd's judgement without a database: rights, limits, proofs, tokens seen from many places, the key folder. */
#include "tests/unit/unit.h"

#include "helpers/keyd/introspect.h"
#include "lib/auth/judge.h"
#include "helpers/keyd/limit.h"
#include "helpers/keyd/proof.h"
#include "helpers/keyd/spread.h"
#include "lib/auth/keyfolder.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOW = 1795190400, DAY = 86400 };

static struct right person_right(const char *role)
{
    struct right right = {.bal = {.id = 1, .kind = BAL_ORG, .state = BAL_OPEN, .address = "soins@x.mssante.fr"},
                          .person_id = 7,
                          .may_send = true,
                          .in_dates = true,
                          .contract_in_force = true,
                          .wrapped_bytes = 80};
    memcpy(right.role, role, strlen(role) + 1);
    return right;
}

static void persons(void **state)
{
    (void)state;
    static const struct {
        const char *role;
        enum bal_state bal;
        bool in_dates, contract, key;
        const char *rule;
        enum keyd_role want;
        bool may_send;
    } cases[] = {
        {"titulaire", BAL_OPEN, true, true, true, NULL, KEYD_ROLE_OWNER, true},
        {"gestionnaire", BAL_OPEN, true, true, true, NULL, KEYD_ROLE_MANAGER, true},
        {"membre", BAL_WAITING, true, true, true, NULL, KEYD_ROLE_MEMBER, true},
        {"lecteur", BAL_OPEN, true, true, true, NULL, KEYD_ROLE_READER, false}, /* even if a row says so */
        {"autre", BAL_OPEN, true, true, true, "right.role", 0, false},
        {"membre", BAL_SUSPENDED, true, true, true, "bal.suspended", 0, false},
        {"membre", BAL_CLOSED, true, true, true, "bal.closed", 0, false},
        {"membre", BAL_OPEN, false, true, true, "right.dates", 0, false},
        {"membre", BAL_OPEN, true, false, true, "structure.contract", 0, false},
        {"membre", BAL_OPEN, true, true, false, "bal.key_destroyed", 0, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct right right = person_right(cases[i].role);
        right.bal.state = cases[i].bal;
        right.in_dates = cases[i].in_dates;
        right.contract_in_force = cases[i].contract;
        right.wrapped_bytes = cases[i].key ? 80 : 0;
        struct judgement verdict = judge(&right, NULL, NOW);
        if (cases[i].rule)
            assert_string_equal(verdict.rule, cases[i].rule);
        else
            assert_null(verdict.rule);
        assert_int_equal(verdict.role, cases[i].want);
        assert_int_equal(verdict.may_send, cases[i].may_send);
    }
}

static void certificates(void **state)
{
    (void)state;
    static const struct {
        enum bal_kind kind;
        uint8_t known_key; /* 0: none seen yet */
        int64_t known_end;
        const char *rule;
        bool may_send, new_key;
    } cases[] = {
        {BAL_APP, 0, 0, NULL, true, true},
        {BAL_APP, 1, NOW + 300 * DAY, NULL, true, false},
        {BAL_APP, 2, NOW + 300 * DAY, "certificate.key_changed", false, false},
        {BAL_APP, 2, NOW + 31 * DAY, "certificate.key_changed", false, false},
        {BAL_APP, 2, NOW + 29 * DAY, NULL, true, true}, /* renewal */
        {BAL_APP, 2, NOW - DAY, NULL, true, true},
        {BAL_ORG, 1, NOW + 300 * DAY, NULL, false, false}, /* read and flags, never sending */
        {BAL_CAB, 1, NOW + 300 * DAY, NULL, false, false},
        {BAL_PER, 1, NOW + 300 * DAY, "certificate.kind", false, false},
    };
    const struct shown_certificate shown = {.key_sha256 = {1}, .not_after = NOW + 300 * DAY};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct right right = person_right("");
        right.person_id = 0;
        right.binding_id = 3;
        right.bal.kind = cases[i].kind;
        right.key_sha256[0] = cases[i].known_key;
        right.not_after = cases[i].known_end;
        struct judgement verdict = judge(&right, &shown, NOW);
        if (cases[i].rule)
            assert_string_equal(verdict.rule, cases[i].rule);
        else
            assert_null(verdict.rule);
        assert_int_equal(verdict.may_send, cases[i].may_send);
        assert_int_equal(verdict.new_key, cases[i].new_key);
    }
}

static void choices(void **state)
{
    (void)state;
    right_list rights = {0};
    struct right right = person_right("membre");
    struct str list;
    const char *rule;
    str_init(&list, 400);
    assert_int_equal(judge_choice(&rights, NULL, SPAN_NONE, NOW, &rule, &list), -1);
    assert_string_equal(rule, "right.none");
    vec_push(&rights, right);
    assert_int_equal(judge_choice(&rights, NULL, SPAN_NONE, NOW, &rule, &list), 0); /* the only one */
    str_clear(&list);
    right.bal.id = 2;
    memcpy(right.bal.address, "cab@x.mssante.fr", 17);
    vec_push(&rights, right);
    assert_int_equal(judge_choice(&rights, NULL, SPAN_NONE, NOW, &rule, &list), -1);
    assert_string_equal(rule, "right.choose");
    assert_str(&list, "soins@x.mssante.fr, cab@x.mssante.fr");
    assert_int_equal(judge_choice(&rights, NULL, SPAN_LIT("CAB@X.mssante.FR"), NOW, &rule, &list), 1);
    assert_int_equal(judge_choice(&rights, NULL, SPAN_LIT("autre@x.mssante.fr"), NOW, &rule, &list), -1);
    assert_int_equal(judge_choice(&rights, NULL, SPAN_LIT("not an address"), NOW, &rule, &list), -1);
    rights.items[0].bal.state = BAL_SUSPENDED; /* one of two does not hold: the other is meant */
    str_clear(&list);
    assert_int_equal(judge_choice(&rights, NULL, SPAN_NONE, NOW, &rule, &list), 1);
    memcpy(rights.items[0].role, "titulaire", 10);
    rights.items[0].bal.state = BAL_OPEN;
    assert_int_equal(judge_choice(&rights, NULL, SPAN_NONE, NOW, &rule, &list), 0); /* one's own */
    vec_free(&rights);
    str_free(&list);
}

static void limits(void **state)
{
    (void)state;
    struct limits *limits = limits_new(3, 5);
    uint64_t at = 1000000;
    for (int i = 0; i < 3; i++)
        assert_null(limits_take(limits, 1, at));
    assert_string_equal(limits_take(limits, 1, at), "limit.bal");
    assert_null(limits_take(limits, 2, at));
    assert_null(limits_take(limits, 2, at));
    assert_string_equal(limits_take(limits, 2, at), "limit.all");
    assert_null(limits_take(limits, 1, at + 20000)); /* a third of a minute: one more */
    assert_string_equal(limits_take(limits, 1, at + 20000), "limit.bal");
    limits_destroy(&limits);
}

static void proofs(void **state)
{
    (void)state;
    struct key key = {.b = {1}}, other = {.b = {2}};
    struct proof proof = {.person_id = 7, .expires = NOW + 10, .uid = 42}, got;
    uint8_t shown[KEYD_PROOF_BYTES];
    proof_make(shown, &key, &proof);
    struct span bytes = {(const char *)shown, sizeof(shown)};
    assert_true(proof_open(&got, &key, bytes, 42, NOW));
    assert_int_equal(got.person_id, 7);
    assert_false(proof_open(&got, &key, bytes, 43, NOW));      /* another process's */
    assert_false(proof_open(&got, &key, bytes, 42, NOW + 10)); /* too old */
    assert_false(proof_open(&got, &other, bytes, 42, NOW));
    assert_false(proof_open(&got, &key, (struct span){bytes.p, bytes.n - 1}, 42, NOW));
    for (size_t i = 0; i < sizeof(shown); i++) {
        shown[i] ^= 1;
        assert_false(proof_open(&got, &key, bytes, 42, NOW));
        shown[i] ^= 1;
    }
}

static void spread(void **state)
{
    (void)state;
    struct span one = SPAN_LIT("token one"), two = SPAN_LIT("token two");
    assert_true(spread_note(one, SPAN_LIT("192.0.2.1"), 2, NOW + 60, NOW));
    assert_true(spread_note(one, SPAN_LIT("192.0.2.1"), 2, NOW + 60, NOW));
    assert_true(spread_note(one, SPAN_LIT("2001:db8::1"), 2, NOW + 60, NOW));
    assert_false(spread_note(one, SPAN_LIT("192.0.2.3"), 2, NOW + 60, NOW));
    assert_true(spread_note(one, SPAN_LIT("192.0.2.1"), 2, NOW + 60, NOW)); /* its owner goes on */
    assert_true(spread_note(two, SPAN_LIT("192.0.2.3"), 2, NOW + 60, NOW));
    assert_true(spread_note(one, SPAN_LIT("192.0.2.3"), 2, NOW + 200, NOW + 100)); /* the old one has expired */
}

static void key_folder(void **state)
{
    (void)state;
    char folder[] = "/tmp/caducee-keys-XXXXXX", path[128];
    struct keyfolder keys, again;
    struct str error;
    str_init(&error, 2000);
    assert_non_null(mkdtemp(folder));
    assert_false(keyfolder_exists(folder));
    assert_true(keyfolder_create(folder, &error));
    assert_true(keyfolder_load(&keys, folder, &error));
    assert_int_equal(keys.current, 1);
    assert_true(keyfolder_create(folder, &error)); /* changes nothing that is there */
    assert_true(keyfolder_load(&again, folder, &error));
    assert_memory_equal(&keys.queue, &again.queue, sizeof(keys.queue));
    keyfolder_wipe(&again);
    assert_true(keyfolder_add_epoch(folder, 2, &error));
    assert_false(keyfolder_destroy_epoch(folder, 2, &error)); /* the current one */
    assert_true(keyfolder_destroy_epoch(folder, 1, &error));
    assert_true(keyfolder_load(&again, folder, &error));
    assert_int_equal(again.current, 2);
    assert_null(keyfolder_epoch(&again, 1));
    keyfolder_wipe(&again);
    str_clear(&error);
    int n = snprintf(path, sizeof(path), "%s/seal.key", folder);
    assert_true(n > 0 && chmod(path, 0644) == 0);
    assert_false(keyfolder_load(&again, folder, &error)); /* readable by others */
    assert_true(span_find(str_span(&error), SPAN_LIT("mode must be 600")) > 0);
    assert_true(chmod(path, 0600) == 0 && truncate(path, 20) == 0);
    assert_false(keyfolder_load(&again, folder, &error));
    static const char *const files[] = {"seal.key", "queue.key", "hash.key", "current", "epochs/2", "epochs", ""};
    for (size_t i = 0; i < COUNT(files); i++) {
        n = snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
        assert_true(n > 0 && remove(path) == 0);
    }
    keyfolder_wipe(&keys);
    str_free(&error);
}

static void a_folder_holds_years_of_epochs_and_no_fifo(void **state UNUSED)
{
    enum { MONTHS = 40 };
    char folder[] = "/tmp/caducee-keys-XXXXXX", path[128];
    struct keyfolder keys;
    struct str error;
    str_init(&error, 2000);
    assert_non_null(mkdtemp(folder));
    assert_true(keyfolder_create(folder, &error));
    for (int64_t id = 2; id <= MONTHS; id++)
        assert_true(keyfolder_add_epoch(folder, id, &error));
    assert_true(keyfolder_load(&keys, folder, &error));
    assert_int_equal(keys.current, MONTHS);
    for (int64_t id = 1; id <= MONTHS; id++)
        assert_int_equal(keyfolder_epoch(&keys, id)->id, id);
    keyfolder_wipe(&keys);
    int n = snprintf(path, sizeof(path), "%s/seal.key", folder);
    assert_true(n > 0 && remove(path) == 0 && mkfifo(path, 0600) == 0);
    assert_false(keyfolder_load(&keys, folder, &error)); /* and nobody waits for a writer */
    str_free(&error);
    assert_int_equal(remove_tree(folder), 0);
}

static unsigned questions;
static enum introspection said;

static enum introspection psc(const char *run_folder, struct span token, uint64_t timeout_ms)
{
    (void)run_folder;
    assert_true(token.n > 0 && timeout_ms >= 1000);
    questions++;
    return said;
}

static enum introspection ask(const char *how, const char *token, int64_t now)
{
    char when[8], folder[] = "/run/x";
    int n = snprintf(when, sizeof(when), "%s", how);
    assert_true(n > 0 && (size_t)n < sizeof(when));
    const struct conf conf = {.psc_introspection = when, .general_run_folder = folder, .psc_introspection_timeout = 1};
    return introspect(&conf, span_of(token), NOW + 240, now, psc);
}

static void introspection(void **state)
{
    (void)state;
    said = INTROSPECTION_INACTIVE;
    assert_int_equal(ask("never", "a", NOW), INTROSPECTION_ACTIVE);
    assert_int_equal(questions, 0);
    for (unsigned i = 1; i <= 2; i++) { /* a no is not remembered */
        assert_int_equal(ask("once", "a", NOW), INTROSPECTION_INACTIVE);
        assert_int_equal(questions, i);
    }
    said = INTROSPECTION_UNKNOWN;
    assert_int_equal(ask("once", "a", NOW), INTROSPECTION_UNKNOWN);
    said = INTROSPECTION_ACTIVE;
    assert_int_equal(ask("once", "a", NOW), INTROSPECTION_ACTIVE);
    questions = 0;
    said = INTROSPECTION_INACTIVE;
    assert_int_equal(ask("once", "a", NOW + 239), INTROSPECTION_ACTIVE);
    assert_int_equal(questions, 0);
    assert_int_equal(ask("once", "a", NOW + 240), INTROSPECTION_INACTIVE); /* what it said has ended with the token */
    assert_int_equal(ask("always", "b", NOW), INTROSPECTION_INACTIVE);
    assert_int_equal(questions, 2);
}

/* However many tokens come, the memory is the same; the newest of a set stays. */
static void introspection_bounded(void **state)
{
    (void)state;
    char token[32];
    said = INTROSPECTION_ACTIVE;
    for (unsigned i = 0; i < 50000; i++) {
        snprintf(token, sizeof(token), "flood-%u", i);
        assert_int_equal(ask("once", token, NOW), INTROSPECTION_ACTIVE);
    }
    questions = 0;
    assert_int_equal(ask("once", token, NOW), INTROSPECTION_ACTIVE);
    assert_int_equal(questions, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(persons),       cmocka_unit_test(certificates),
        cmocka_unit_test(choices),       cmocka_unit_test(limits),
        cmocka_unit_test(proofs),        cmocka_unit_test(spread),
        cmocka_unit_test(key_folder),    cmocka_unit_test(a_folder_holds_years_of_epochs_and_no_fifo),
        cmocka_unit_test(introspection), cmocka_unit_test(introspection_bounded)};
    return cmocka_run_group_tests_name("keyd", tests, NULL, NULL);
}
