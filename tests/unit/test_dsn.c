#include "tests/unit/unit.h"

#include "lib/proto/dsn.h"
#include "lib/proto/header_outward.h"

static const char original[] = "From: a@ours.fr\r\nSubject: S\r\n\r\nbody\r\n";

static struct dsn report(const struct dsn_recipient *recipients, size_t count, bool whole)
{
    return (struct dsn){.hostname = "mx.ours.fr",
                        .to = "a@ours.fr",
                        .message_id = "<1@ours.fr>",
                        .envid = "E1",
                        .arrived = 1795000000,
                        .now = 1795000100,
                        .boundary = "BOUND",
                        .original = span_of(original),
                        .whole = whole,
                        .recipients = recipients,
                        .count = count};
}

static void a_failure_says_why_in_both_languages(void **state UNUSED)
{
    const struct dsn_recipient r = {"b@them.fr",
                                    "rfc822;b@them.fr",
                                    DSN_FAILED,
                                    "5.1.1",
                                    DSN_CAUSE_UNKNOWN,
                                    "mx.them.fr",
                                    "550 5.1.1 no\r\nSuch: forged",
                                    1795000050,
                                    0};
    static const char *const wanted[] = {"multipart/report",
                                         "report-type=delivery-status",
                                         "n'existe pas",
                                         "knows no such mailbox",
                                         "Final-Recipient: rfc822; b@them.fr\r\n",
                                         "Action: failed\r\n",
                                         "Status: 5.1.1\r\n",
                                         "Original-Envelope-Id: E1\r\n",
                                         "Diagnostic-Code: smtp; 550 5.1.1 no",
                                         "message/delivery-status",
                                         "text/rfc822-headers\r\n",
                                         "Subject: S\r\n",
                                         "\r\n--BOUND--\r\n",
                                         "In-Reply-To: <1@ours.fr>\r\n"};
    struct dsn dsn = report(&r, 1, false);
    struct str out;
    str_init(&out, 1 << 16);
    assert_true(dsn_build(&out, &dsn));
    for (size_t i = 0; i < COUNT(wanted); i++)
        if (span_find(str_span(&out), span_of(wanted[i])) < 0)
            fail_msg("absent: %s", wanted[i]);
    assert_int_equal(span_find(str_span(&out), SPAN_LIT("\nSuch: forged")), -1);
    assert_int_equal(span_find(str_span(&out), SPAN_LIT("body")), -1);
    dsn.whole = true;
    str_clear(&out);
    assert_true(dsn_build(&out, &dsn));
    assert_true(span_find(str_span(&out), SPAN_LIT("message/rfc822\r\n")) > 0);
    assert_true(span_find(str_span(&out), SPAN_LIT("\r\nbody\r\n")) > 0);
    str_free(&out);
}

static void causes_follow_the_enhanced_code(void **state UNUSED)
{
    static const struct {
        unsigned code;
        const char *enhanced;
        enum dsn_cause want;
    } rows[] = {
        {550, "5.1.1", DSN_CAUSE_UNKNOWN},       {550, "5.2.1", DSN_CAUSE_CLOSED}, {452, "4.2.2", DSN_CAUSE_FULL},
        {552, "", DSN_CAUSE_TOO_LARGE},          {550, "5.7.1", DSN_CAUSE_POLICY}, {451, "", DSN_CAUSE_TEMPORARY},
        {554, "5.6.7", DSN_CAUSE_NOT_SUPPORTED}, {554, "", DSN_CAUSE_OTHER},       {451, "4.7.1", DSN_CAUSE_TEMPORARY},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(dsn_cause_of_reply(rows[i].code, rows[i].enhanced), rows[i].want);
    for (int c = 1; c < DSN_CAUSE_COUNT; c++)
        assert_true(dsn_cause_fr((enum dsn_cause)c)[0] && dsn_cause_en((enum dsn_cause)c)[0]);
}

static void bcc_stays_and_what_lacks_is_added(void **state UNUSED)
{
    struct outward out = {.message_id = ""};
    struct outward_options options = {.hostname = "mx.ours.fr", .now = 1795000000, .front = SPAN_LIT("X: 1\r\n")};
    str_init(&out.head, 4096);
    str_init(&out.bcc, 4096);
    assert_true(header_outward(
        &out, span_of("From: a@b\r\nBCC: c@d,\r\n e@f\r\nDate: x\r\nMessage-ID: <1@b>\r\n\r\nBcc: in the body\r\n"),
        &options));
    assert_str(&out.head, "X: 1\r\nFrom: a@b\r\nDate: x\r\nMessage-ID: <1@b>\r\n");
    assert_span(out.rest, "\r\nBcc: in the body\r\n");
    assert_str(&out.bcc, "BCC: c@d,\r\n e@f\r\n");
    assert_string_equal(out.message_id, "<1@b>");
    str_clear(&out.head);
    assert_true(header_outward(&out, span_of("From: a@b\r\n\r\nx"), &options));
    assert_true(span_find(str_span(&out.head), SPAN_LIT("\r\nDate: ")) > 0);
    assert_true(span_find(str_span(&out.head), span_of(out.message_id)) > 0);
    assert_memory_equal(out.head.data + out.head.len - 2, "\r\n", 2);
    assert_span(out.rest, "\r\nx");
    str_free(&out.head);
    str_free(&out.bcc);
}

/* RFC 5321 4.4: folded, in any case, as many times as it is there; one in the body is text. */
static void a_return_path_of_the_client_does_not_leave(void **state UNUSED)
{
    struct outward out = {.message_id = ""};
    struct outward_options options = {.hostname = "mx.ours.fr", .now = 1795000000, .front = SPAN_LIT("X: 1\r\n")};
    str_init(&out.head, 4096);
    str_init(&out.bcc, 4096);
    assert_true(
        header_outward(&out,
                       span_of("return-path:\r\n <z@elsewhere.fr>\r\nFrom: a@b\r\nDate: x\r\nBcc: c@d\r\nReturn-Path: "
                               "<>\r\nMessage-ID: <1@b>\r\nX-Return-Path: kept\r\n\r\nReturn-Path: in the body\r\n"),
                       &options));
    assert_str(&out.head, "X: 1\r\nFrom: a@b\r\nDate: x\r\nMessage-ID: <1@b>\r\nX-Return-Path: kept\r\n");
    assert_str(&out.bcc, "Bcc: c@d\r\n");
    assert_span(out.rest, "\r\nReturn-Path: in the body\r\n");
    str_free(&out.head);
    str_free(&out.bcc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_says_why_in_both_languages),
        cmocka_unit_test(causes_follow_the_enhanced_code),
        cmocka_unit_test(bcc_stays_and_what_lacks_is_added),
        cmocka_unit_test(a_return_path_of_the_client_does_not_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
