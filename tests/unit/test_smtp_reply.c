#include "tests/unit/unit.h"

#include "lib/proto/smtp_reply.h"

static void replies_are_read(void **state UNUSED)
{
    static const struct {
        const char *input;
        ptrdiff_t want;
        unsigned code;
        const char *enhanced, *text;
    } rows[] = {
        {"250 2.1.0 OK\r\nX", 14, 250, "2.1.0", "OK"},
        {"250\r\n", 5, 250, "", ""},
        {"250-a\r\n250-b\r\n250 c\r\n", 21, 250, "", "a"},
        {"550 5.7.1 no [x]\r\n", 18, 550, "5.7.1", "no [x]"},
        {"550 4.7.1 no\r\n", 14, 550, "", "4.7.1 no"},
        {"220 1.2.3.4 ready\r\n", 19, 220, "", "1.2.3.4 ready"},
        {"250 OK\n", 7, 250, "", "OK"},
        {"250 OK", 0, 0, "", ""},
        {"250-OK\r\n", 0, 0, "", ""},
        {"250-OK\r\n251 x\r\n", -1, 0, "", ""},
        {"hello\r\n", -1, 0, "", ""},
        {"99 x\r\n", -1, 0, "", ""},
        {"650 x\r\n", -1, 0, "", ""},
        {"250x\r\n", -1, 0, "", ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_reply reply;
        assert_int_equal(smtp_reply_parse(span_of(rows[i].input), &reply), rows[i].want);
        if (rows[i].want <= 0)
            continue;
        assert_int_equal(reply.code, rows[i].code);
        assert_string_equal(reply.enhanced, rows[i].enhanced);
        assert_span(reply.first_text, rows[i].text);
    }
}

static void floods_are_refused(void **state UNUSED)
{
    struct str text;
    struct smtp_reply reply;
    str_init(&text, 1 << 20);
    for (int i = 0; i < SMTP_REPLY_LINES_MAX + 1; i++)
        str_puts(&text, "250-x\r\n");
    assert_int_equal(smtp_reply_parse(str_span(&text), &reply), -1);
    str_clear(&text);
    for (int i = 0; i < SMTP_REPLY_BYTES_MAX + 10; i++)
        str_putc(&text, '2');
    assert_int_equal(smtp_reply_parse(str_span(&text), &reply), -1);
    str_free(&text);
}

static void keywords_are_found(void **state UNUSED)
{
    struct smtp_reply reply;
    struct span parameters;
    const char *text = "250-SIZE.example greets\r\n250-size 1000\r\n250-PIPELINING\r\n250 CHUNKING\r\n";
    assert_true(smtp_reply_parse(span_of(text), &reply) > 0);
    assert_true(smtp_reply_keyword(&reply, "SIZE", &parameters));
    assert_span(parameters, "1000");
    assert_true(smtp_reply_keyword(&reply, "CHUNKING", &parameters));
    assert_span(parameters, "");
    assert_false(smtp_reply_keyword(&reply, "STARTTLS", &parameters));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_are_read),
        cmocka_unit_test(floods_are_refused),
        cmocka_unit_test(keywords_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
