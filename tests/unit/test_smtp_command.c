#include "tests/unit/unit.h"

#include "lib/proto/smtp_command.h"

static void verbs_and_arguments_are_split(void **state UNUSED)
{
    static const struct {
        const char *input, *verb, *argument;
    } rows[] = {
        {"mail FROM:<a@b.fr>", "MAIL", "FROM:<a@b.fr>"},
        {"NOOP", "NOOP", ""},
        {"QUIT  ", "QUIT", ""},
        {"X-PEER a", "X-PEER", "a"},
        {"", "", ""},
        {" NOOP", "", "NOOP"},
        {"N\303\211OP", "", ""},
        {"AAAAAAAAAAAAAAAAAAAA x", "", "x"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_command command;
        smtp_command_split(span_of(rows[i].input), &command);
        assert_string_equal(command.verb, rows[i].verb);
        assert_span(command.argument, rows[i].argument);
    }
}

static void mail_takes_its_parameters(void **state UNUSED)
{
    struct smtp_mail mail;
    assert_null(smtp_parse_mail(span_of("FROM:<a@b.fr> SIZE=1000 BODY=8BITMIME RET=HDRS ENVID=a+2Bb AUTH=<>"), &mail));
    assert_span(mail.from.text, "a@b.fr");
    assert_int_equal(mail.size, 1000);
    assert_int_equal(mail.body, SMTP_BODY_8BITMIME);
    assert_int_equal(mail.ret, SMTP_RET_HDRS);
    assert_span(mail.envid, "a+2Bb");
    assert_null(smtp_parse_mail(span_of("from: <>"), &mail));
    assert_true(mail.from.null);
    assert_null(smtp_parse_mail(span_of("FROM:<@x.fr,@y.fr:a@b.fr>"), &mail));
    assert_span(mail.from.text, "a@b.fr");
    assert_null(smtp_parse_mail(span_of("FROM:<h\303\251@b.fr> SMTPUTF8"), &mail));
    assert_true(mail.smtputf8);
    assert_null(smtp_parse_mail(span_of("FROM:<\"a>b\"@c.fr>"), &mail));
    assert_span(mail.from.text, "\"a>b\"@c.fr");
    assert_null(smtp_parse_mail(span_of("FROM:<a@b.fr> HOLDUNTIL=2026-11-20T17:00:00Z"), &mail));
    assert_int_equal(mail.hold_until, 1795194000);
}

static void mail_refuses(void **state UNUSED)
{
    static const struct {
        const char *input, *want;
    } rows[] = {
        {"a@b.fr", "501 5.5.4"},
        {"FROM:a@b.fr", "501 5.1.7"},
        {"FROM:<a@b.fr", "501 5.1.7"},
        {"FROM:<a@@b.fr>", "501 5.1.3"},
        {"FROM:<h\303\251@b.fr>", "553 5.6.7"},
        {"FROM:<a@b.fr>SIZE=1", "501 5.5.4"},
        {"FROM:<a@b.fr> SIZE=-1", "501 5.5.4"},
        {"FROM:<a@b.fr> SIZE=99999999999999999999999", "501 5.5.4"},
        {"FROM:<a@b.fr> SIZE=1 SIZE=2", "501 5.5.4"},
        {"FROM:<a@b.fr> BODY=BINARYMIME", "501 5.5.4"},
        {"FROM:<a@b.fr> REQUIRETLS", "555 5.5.4"},
        {"FROM:<a@b.fr> ENVID=a+zz", "501 5.5.4"},
        {"FROM:<a@b.fr> HOLDFOR=10 HOLDUNTIL=2026-11-20T17:00:00Z", "501 5.5.4"},
        {"FROM:<a@b.fr> HOLDUNTIL=2026-13-20T17:00:00Z", "501 5.5.4"},
        {"FROM:<a@b.fr> =x", "501 5.5.4"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_mail mail;
        const char *reply = smtp_parse_mail(span_of(rows[i].input), &mail);
        assert_non_null(reply);
        assert_memory_equal(reply, rows[i].want, strlen(rows[i].want));
    }
}

static void rcpt_takes_and_refuses(void **state UNUSED)
{
    static const struct {
        const char *input, *want; /* NULL: taken */
        unsigned notify;
    } rows[] = {
        {"TO:<a@b.fr>", NULL, 0},
        {"to:<a@b.fr> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a@b.fr", NULL, SMTP_NOTIFY_SUCCESS | SMTP_NOTIFY_DELAY},
        {"TO:<Postmaster>", NULL, 0},
        {"TO:<postmaster> NOTIFY=NEVER", NULL, SMTP_NOTIFY_NEVER},
        {"TO:<postmaster> X=1", "555 5.5.4", 0},
        {"TO:<postmaster>X", "501 5.5.4", 0},
        {"TO:<a@b.fr> NOTIFY=NEVER NOTIFY=NEVER", "501 5.5.4", 0},
        {"TO:<a@b.fr> ORCPT=rfc822;a@b.fr ORCPT=rfc822;a@b.fr", "501 5.5.4", 0},
        {"TO:<a@b.fr> NOTIFY", "501 5.5.4", 0},
        {"TO:<a@b.fr> NOTIFY=", "501 5.5.4", 0},
        {"TO:<>", "501 5.1.3", 0},
        {"TO:<a@b.fr> NOTIFY=NEVER,SUCCESS", "501 5.5.4", 0},
        {"TO:<a@b.fr> NOTIFY=SOMETIMES", "501 5.5.4", 0},
        {"TO:<a@b.fr> ORCPT=a", "501 5.5.4", 0},
        {"TO:<a@b.fr> X=1", "555 5.5.4", 0},
        {"TO:<h\303\251@b.fr>", "553 5.6.7", 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smtp_rcpt rcpt;
        const char *reply = smtp_parse_rcpt(span_of(rows[i].input), false, &rcpt);
        assert_int_equal(reply == NULL, rows[i].want == NULL);
        if (reply)
            assert_memory_equal(reply, rows[i].want, strlen(rows[i].want));
        else
            assert_int_equal(rcpt.notify, rows[i].notify);
    }
}

static void bdat_helo_and_auth(void **state UNUSED)
{
    uint64_t size;
    bool last;
    struct span mechanism, initial;
    assert_null(smtp_parse_bdat(span_of("86 LAST"), &size, &last));
    assert_true(size == 86 && last);
    assert_null(smtp_parse_bdat(span_of("0"), &size, &last));
    assert_non_null(smtp_parse_bdat(span_of("x"), &size, &last));
    assert_non_null(smtp_parse_bdat(span_of("1 FIRST"), &size, &last));
    assert_null(smtp_parse_helo(span_of("mx.b.fr")));
    assert_null(smtp_parse_helo(span_of("[192.0.2.1]")));
    assert_non_null(smtp_parse_helo(span_of("a b")));
    assert_non_null(smtp_parse_helo(span_of("a(b)")));
    assert_null(smtp_parse_auth(span_of("EXTERNAL ="), &mechanism, &initial));
    assert_span(mechanism, "EXTERNAL");
    assert_true(initial.p && initial.n == 0);
    assert_null(smtp_parse_auth(span_of("XOAUTH2"), &mechanism, &initial));
    assert_null(initial.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verbs_and_arguments_are_split),
        cmocka_unit_test(mail_takes_its_parameters),
        cmocka_unit_test(mail_refuses),
        cmocka_unit_test(rcpt_takes_and_refuses),
        cmocka_unit_test(bdat_helo_and_auth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
