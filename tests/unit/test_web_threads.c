/* Which messages are one conversation. */
#include "tests/unit/unit.h"

#include "webmail-cgi/thread_join.h"

#include <stdio.h>

static uint32_t add(struct thread_join *j, const char *id, const char *parent, const char *references)
{
    return thread_join_add(j, span_of(id), span_of(parent), span_of(references));
}

static bool together(struct thread_join *j, uint32_t a, uint32_t b)
{
    return thread_join_root(j, a) == thread_join_root(j, b);
}

static void answers_belong_to_what_they_answer(void **state UNUSED)
{
    struct thread_join j = {0};
    uint32_t first = add(&j, "<a@x>", "", ""), answer = add(&j, "<b@x>", "<a@x>", "<a@x>"),
             other = add(&j, "<c@x>", "", ""), late = add(&j, "<d@x>", "", "<a@x> <gone@x>\r\n <b@x>");
    assert_true(together(&j, first, answer));
    assert_true(together(&j, first, late));
    assert_false(together(&j, first, other));
    thread_join_free(&j);
}

/* Brothers whose parent is not here, and an answer that came before what it answers. */
static void an_absent_parent_joins_them(void **state UNUSED)
{
    struct thread_join j = {0};
    uint32_t one = add(&j, "<1@x>", "<gone@x>", ""), two = add(&j, "<2@x>", "<gone@x>", ""),
             three = add(&j, "<3@x>", "<later@x>", ""), four = add(&j, "<later@x>", "<2@x>", "");
    assert_true(together(&j, one, two));
    assert_true(together(&j, three, four));
    assert_true(together(&j, one, three));
    thread_join_free(&j);
}

static void what_names_nothing_stays_alone(void **state UNUSED)
{
    struct thread_join j = {0};
    uint32_t a = add(&j, "", "", ""), b = add(&j, "", "", ""), c = add(&j, "<<<", ">>> <", "no brackets");
    assert_false(together(&j, a, b));
    assert_false(together(&j, a, c));
    thread_join_free(&j);
}

/* Hundreds of names in one message, thousands of messages: bounded. */
static void many_names_are_cut(void **state UNUSED)
{
    struct thread_join j = {0};
    struct str many;
    char id[32];
    str_init(&many, 1 << 20);
    for (unsigned i = 0; i < 5000; i++)
        str_addf(&many, "<r%u@x> ", i);
    uint32_t one = thread_join_add(&j, SPAN_LIT("<m@x>"), SPAN_NONE, str_span(&many));
    assert_true(j.slot_used <= THREAD_NAMES_MAX);
    uint32_t two = add(&j, "<n@x>", "<r4999@x>", "");
    assert_true(together(&j, one, two));
    for (unsigned i = 0; i < 3000; i++) {
        snprintf(id, sizeof(id), "<%u@y>", i);
        (void)add(&j, id, "", "");
    }
    assert_true(together(&j, one, two));
    str_free(&many);
    thread_join_free(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_belong_to_what_they_answer),
        cmocka_unit_test(an_absent_parent_joins_them),
        cmocka_unit_test(what_names_nothing_stays_alone),
        cmocka_unit_test(many_names_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
