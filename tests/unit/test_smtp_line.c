#include "tests/unit/unit.h"

#include "lib/proto/smtp_line.h"

static void lines_end_at_crlf_only(void **state UNUSED)
{
    static const struct {
        struct span input;
        enum smtp_line_result want;
        size_t used;
    } rows[] = {
        {{"NOOP\r\nQ", 7}, SMTP_LINE_OK, 6},      {{"NOOP", 4}, SMTP_LINE_MORE, 0},
        {{"NOOP\r", 5}, SMTP_LINE_MORE, 0},       {{"NOOP\n", 5}, SMTP_LINE_BARE, 5},
        {{"NO\rOP\r\n", 7}, SMTP_LINE_BARE, 7},   {{"NO\0OP\r\n", 7}, SMTP_LINE_BARE, 7},
        {{"\r\n", 2}, SMTP_LINE_OK, 2},           {{"0123456789\r\n", 12}, SMTP_LINE_TOO_LONG, 0},
        {{"01234567\r\n", 10}, SMTP_LINE_OK, 10},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span line;
        size_t used;
        assert_int_equal(smtp_line(rows[i].input, 10, &line, &used), rows[i].want);
        assert_int_equal(used, rows[i].used);
    }
}

/* Every row is fed whole and then cut at every place: the outcome must be the same. */
static void data_ends_at_crlf_dot_crlf_only(void **state UNUSED)
{
    static const struct {
        const char *input, *text;
        bool done, bare;
        const char *left;
    } rows[] = {
        {"a\r\n.\r\n", "a\r\n", true, false, ""},
        {".\r\nQUIT\r\n", "", true, false, "QUIT\r\n"},
        {"..a\r\n.b\r\n.\r\n", ".a\r\nb\r\n", true, false, ""},
        {"a\r\n..\r\n.\r\n", "a\r\n.\r\n", true, false, ""},
        {"a\n.\nb\r\n.\r\n", "a\n.\nb\r\n", true, true, ""},
        {"a\r\n.\nb\r\n.\r\n", "a\r\n\nb\r\n", true, true, ""},
        {"a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n", true, true, ""},
        {"a\r.\r\nb\r\n.\r\n", "a\r.\r\nb\r\n", true, true, ""},
        {"a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n", true, true, ""},
        {"a\r\r\n.\r\nb\r\n.\r\n", "a\r\r\n.\r\nb\r\n", true, true, ""},
        {"a\r\n.\r\r\n.\r\nb\r\n.\r\n", "a\r\n\r\r\n.\r\nb\r\n", true, true, ""},
        {"a\r\n.", "a\r\n", false, false, ""},
    };
    struct str out;
    str_init(&out, 1024);
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t n = strlen(rows[i].input);
        for (size_t cut = 0; cut <= n; cut++) {
            struct smtp_data data = {.done = false};
            str_clear(&out);
            size_t used = smtp_data_feed(&data, (struct span){rows[i].input, cut}, &out);
            used += smtp_data_feed(&data, (struct span){rows[i].input + used, n - used}, &out);
            assert_int_equal(data.done, rows[i].done);
            assert_int_equal(data.bare, rows[i].bare);
            assert_string_equal(rows[i].input + used, rows[i].left);
            if (!rows[i].bare || rows[i].done)
                assert_str(&out, rows[i].text);
        }
    }
    str_free(&out);
}

static void data_stops_storing_at_its_limit_and_still_finds_the_end(void **state UNUSED)
{
    struct str out;
    str_init(&out, 8);
    struct smtp_data data = {.done = false};
    smtp_data_feed(&data, SPAN_LIT("12345\r\n"), &out);
    smtp_data_feed(&data, SPAN_LIT("12345\r\n.\r\n"), &out);
    assert_true(data.stopped && data.done);
    assert_true(out.len <= 8);
    str_free(&out);
}

static void bdat_text_is_held_to_the_same_law(void **state UNUSED)
{
    static const struct {
        const char *first, *second;
        bool want;
    } rows[] = {
        {"a\r\nb", "\r\n", false}, {"a\r", "\nb", false},   {"a\r", "b", true}, {"a\n", "", true},
        {"a\rb", "", true},        {"\r\n\r", "\n", false}, {"", "\n", true},   {"a\r\r\n", "", true},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char last = 0;
        bool bare = smtp_text_is_bare(span_of(rows[i].first), &last);
        bare = smtp_text_is_bare(span_of(rows[i].second), &last) || bare;
        assert_int_equal(bare, rows[i].want);
    }
}

static void stuffing_and_taking_off_are_inverse(void **state UNUSED)
{
    static const char *const rows[] = {"a\r\n", ".\r\n..\r\n", "x\r\n.y\r\n\r\n", "\r\n"};
    struct str wire, back;
    str_init(&wire, 1024);
    str_init(&back, 1024);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_data data = {.done = false};
        str_clear(&wire);
        str_clear(&back);
        smtp_stuff(&wire, span_of(rows[i]));
        assert_int_equal(smtp_data_feed(&data, str_span(&wire), &back), wire.len);
        assert_true(data.done && !data.bare);
        assert_str(&back, rows[i]);
    }
    str_free(&wire);
    str_free(&back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_at_crlf_only),
        cmocka_unit_test(data_ends_at_crlf_dot_crlf_only),
        cmocka_unit_test(data_stops_storing_at_its_limit_and_still_finds_the_end),
        cmocka_unit_test(bdat_text_is_held_to_the_same_law),
        cmocka_unit_test(stuffing_and_taking_off_are_inverse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
