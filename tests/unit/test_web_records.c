/* Small lists kept as one text, and a mailbox as one mbox file. */
#include "tests/unit/unit.h"

#include "webmail-cgi/mbox.h"
#include "webmail-cgi/records.h"

static struct record made(const char *id, const char *name)
{
    return (struct record){.field = {span_of(id), span_of(name)}};
}

static void records_are_put_found_and_taken_out(void **state UNUSED)
{
    struct str text;
    struct record r = made("1", "un"), other = made("2", "deux"), again = made("1", "un bis"), found;
    str_init(&text, 1000);
    assert_true(record_put(&text, &r, 2));
    assert_true(record_put(&text, &other, 2));
    assert_true(record_put(&text, &again, 2)); /* in its place */
    assert_true(record_find(str_span(&text), span_of("1"), &found));
    assert_true(span_is(found.field[1], "un bis"));
    struct span rest = str_span(&text);
    assert_true(record_next(&rest, &found) && span_is(found.field[0], "1"));
    assert_true(record_next(&rest, &found) && span_is(found.field[1], "deux"));
    assert_false(record_next(&rest, &found));
    r = made("3", "trop");
    assert_false(record_put(&text, &r, 2));
    assert_true(record_remove(&text, span_of("2")));
    assert_false(record_remove(&text, span_of("2")));
    assert_false(record_find(str_span(&text), span_of("2"), &found));
    str_free(&text);
}

/* What would be two records or two fields stays one. */
static void separators_inside_a_field_are_spaces(void **state UNUSED)
{
    struct str text;
    struct record r = made("1", "a\x1f"
                                "b\x1e"
                                "c"),
                  found;
    str_init(&text, 1000);
    assert_true(record_put(&text, &r, 9));
    assert_true(record_find(str_span(&text), span_of("1"), &found));
    assert_true(span_is(found.field[1], "a b c"));
    str_free(&text);
}

static void what_does_not_fit_is_refused(void **state UNUSED)
{
    struct str text;
    struct record r = made("1", "un texte bien plus long que la place qu'il y a");
    str_init(&text, 20);
    assert_false(record_put(&text, &r, 9));
    str_free(&text);
}

static void mbox_is(const char *message, const char *want)
{
    for (size_t step = 1; step <= span_of(message).n + 1; step++) { /* cut anywhere, the same comes out */
        struct mbox mbox;
        struct str out;
        struct span rest = span_of(message);
        str_init(&out, 4096);
        mbox_begin(&mbox, &out, 0, "");
        str_clear(&out);
        while (rest.n > 0) {
            size_t n = rest.n < step ? rest.n : step;
            mbox_feed(&mbox, &out, (struct span){rest.p, n});
            rest = (struct span){rest.p + n, rest.n - n};
        }
        mbox_end(&mbox, &out);
        assert_string_equal(out.data, want);
        str_free(&out);
    }
}

static void lines_that_look_like_a_separator_are_hooked(void **state UNUSED)
{
    mbox_is("a\r\nFrom b\r\n", "a\n>From b\n\n");
    mbox_is("From b\r\n>From c\r\n>>From d", ">From b\n>>From c\n>>>From d\n\n");
    mbox_is("Fro\r\n>Fram\r\nfrom x\r\n", "Fro\n>Fram\nfrom x\n\n");
    mbox_is("a\rb\r\n\r\n", "a\rb\n\n\n");
    mbox_is("a\n>>", "a\n>>\n\n");
    mbox_is("F", "F\n\n");
    mbox_is("", "\n");
}

static void a_message_begins_with_its_date(void **state UNUSED)
{
    struct mbox mbox;
    struct str out;
    str_init(&out, 4096);
    mbox_begin(&mbox, &out, 86400 * 365, "X: y\n");
    assert_string_equal(out.data, "From MAILER-DAEMON Fri Jan  1 00:00:00 1971\nX: y\n");
    str_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_put_found_and_taken_out),
        cmocka_unit_test(separators_inside_a_field_are_spaces),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(lines_that_look_like_a_separator_are_hooked),
        cmocka_unit_test(a_message_begins_with_its_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
