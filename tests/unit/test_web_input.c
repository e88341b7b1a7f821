#include "tests/unit/unit.h"

#include "webmail-cgi/input.h"

static const struct input_rule rules[] = {
    {IN_NUMBER, "page", 100, NULL},      {IN_TEXT, "mots", 8, NULL}, {IN_LINES, "corps", 100, NULL},
    {IN_CHOICE, "acte", 0, "lu|non-lu"}, {IN_FLAG, "ok", 0, NULL},   {IN_NUMBERS, "uid", 3, NULL},
    {IN_TOKEN, "state", 6, NULL},        {IN_DATE, "jour", 0, NULL}, {IN_END, NULL, 0, NULL},
};

static void accepts_only_what_is_declared(void **state UNUSED)
{
    static const struct {
        const char *form, *bad; /* the field that is refused; NULL: none */
    } table[] = {
        {"", NULL},
        {"page=7&inconnu=%3Cscript%3E", NULL},
        {"page=", NULL},
        {"page=101", "page"},
        {"page=-1", "page"},
        {"page=1&page=2", "page"},
        {"mots=abcdefgh", NULL},
        {"mots=abcdefghi", "mots"},
        {"mots=a%0Ab", "mots"},
        {"mots=a%7Fb", "mots"},
        {"corps=a%0D%0Ab%09c", NULL},
        {"corps=a%1Bb", "corps"},
        {"acte=lu", NULL},
        {"acte=supprimer", "acte"},
        {"acte=lu%7Cnon-lu", "acte"},
        {"acte=", "acte"},
        {"ok=on", NULL},
        {"uid=1&uid=2&uid=3", NULL},
        {"uid=1&uid=2&uid=3&uid=4", "uid"},
        {"uid=1x", "uid"},
        {"state=aB-_.~", NULL},
        {"state=a%20b", "state"},
        {"jour=2026-11-20", NULL},
        {"jour=2024-02-29", NULL},
        {"jour=2026-02-29", "jour"},
        {"jour=2026-13-01", "jour"},
        {"jour=20-11-2026", "jour"},
        {"jour=", NULL},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct arena *arena = arena_new(0);
        field_list raw = {0};
        struct input in;
        assert_int_equal(fields_urlencoded(arena, span_of(table[i].form), &raw), FIELDS_OK);
        assert_int_equal(input_check(&in, rules, &raw), table[i].bad == NULL);
        if (table[i].bad)
            assert_string_equal(in.bad, table[i].bad);
        input_free(&in);
        arena_destroy(&arena);
    }
}

static void gives_values_by_name(void **state UNUSED)
{
    struct arena *arena = arena_new(0);
    field_list raw = {0};
    struct input in;
    assert_int_equal(fields_urlencoded(arena, SPAN_LIT("uid=5&mots=x&uid=9&ok=1&acte=lu"), &raw), FIELDS_OK);
    assert_true(input_check(&in, rules, &raw));
    assert_span(in_text(&in, "mots"), "x");
    assert_int_equal(in_number(&in, "page", 42), 42);
    assert_span(in_nth(&in, "uid", 1)->value, "9");
    assert_null(in_nth(&in, "uid", 2));
    assert_true(in_has(&in, "ok"));
    assert_true(in_is(&in, "acte", "lu"));
    assert_int_equal(in_text(&in, "corps").n, 0);
    input_free(&in);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_only_what_is_declared),
        cmocka_unit_test(gives_values_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
