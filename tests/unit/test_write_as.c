#include "tests/unit/unit.h"

#include "smtpd/write_as.h"

static bool is_ours(struct span domain, const void *arg UNUSED)
{
    return span_is(domain, "ours.fr");
}

static void the_envelope_names_the_bal(void **state UNUSED)
{
    struct writer writer = {.bal = "a.b@ours.fr", .may_send = true};
    static const struct {
        const char *sender;
        enum write_as want;
    } rows[] = {
        {"a.b@ours.fr", WRITE_AS_OK},         {"A.B@OURS.fr", WRITE_AS_OK},
        {"\"a.b\"@ours.fr", WRITE_AS_OK},     {"", WRITE_AS_OK},
        {"c@ours.fr", WRITE_AS_OTHER_SENDER}, {"a.b@ours.fr.evil.fr", WRITE_AS_OTHER_SENDER},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(write_as_envelope(&writer, span_of(rows[i].sender)), rows[i].want);
    writer.may_send = false;
    assert_int_equal(write_as_envelope(&writer, span_of("a.b@ours.fr")), WRITE_AS_NO_RIGHT);
}

static void the_header_names_nobody_else(void **state UNUSED)
{
    struct writer alone = {.bal = "a@ours.fr", .may_send = true, .is_ours = is_ours};
    struct writer shared = {.bal = "a@ours.fr", .may_send = true, .shared = true, .is_ours = is_ours};
    static const struct {
        const char *header;
        enum write_as want, want_shared;
    } rows[] = {
        {"From: A <a@ours.fr>", WRITE_AS_OK, WRITE_AS_OK},
        {"From: A <A@Ours.FR>", WRITE_AS_OK, WRITE_AS_OK},
        {"From: b@ours.fr", WRITE_AS_OTHER_FROM, WRITE_AS_OTHER_FROM},
        {"From: a@ours.fr, b@ours.fr", WRITE_AS_OTHER_FROM, WRITE_AS_OTHER_FROM},
        {"From: a@ours.fr\r\nFrom: a@ours.fr", WRITE_AS_NO_FROM, WRITE_AS_NO_FROM},
        {"Subject: x", WRITE_AS_NO_FROM, WRITE_AS_NO_FROM},
        {"From: ((((", WRITE_AS_NO_FROM, WRITE_AS_NO_FROM},
        {"From: \"b@ours.fr\" <a@ours.fr>", WRITE_AS_OTHER_FROM, WRITE_AS_OTHER_FROM},
        {"From: a@ours.fr (b@peer.fr)", WRITE_AS_OTHER_FROM, WRITE_AS_OTHER_FROM},
        {"From: =?utf-8?B?eEBvdXJzLmZy?= <a@ours.fr>", WRITE_AS_OTHER_FROM, WRITE_AS_OTHER_FROM},
        {"From: a@ours.fr\r\nSender: a@ours.fr", WRITE_AS_OK, WRITE_AS_OK},
        {"From: a@ours.fr\r\nSender: b@ours.fr", WRITE_AS_OTHER_SENDER_FIELD, WRITE_AS_OK},
        {"From: a@ours.fr\r\nSender: b@peer.fr", WRITE_AS_OTHER_SENDER_FIELD, WRITE_AS_OTHER_SENDER_FIELD},
        {"From: a@ours.fr\r\nSender: a@ours.fr\r\nSender: a@ours.fr", WRITE_AS_NO_FROM, WRITE_AS_NO_FROM},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *message = xasprintf("%s\r\n\r\nx", rows[i].header);
        assert_int_equal(write_as_header(&alone, span_of(message)), rows[i].want);
        assert_int_equal(write_as_header(&shared, span_of(message)), rows[i].want_shared);
        xfree(&message);
    }
}

static void the_null_sender_is_for_read_receipts(void **state UNUSED)
{
    struct writer writer = {.bal = "a@ours.fr", .may_send = true, .null_sender = true};
    assert_int_equal(write_as_header(&writer, span_of("From: a@ours.fr\r\n\r\nx")), WRITE_AS_NULL_SENDER);
    assert_int_equal(
        write_as_header(&writer, span_of("From: a@ours.fr\r\nContent-Type: multipart/report; boundary=x;\r\n "
                                         "report-type=Disposition-Notification\r\n\r\nx")),
        WRITE_AS_OK);
}

static void every_refusal_has_words(void **state UNUSED)
{
    for (enum write_as as = WRITE_AS_NO_RIGHT; as <= WRITE_AS_OTHER_SENDER_FIELD; as++) {
        assert_memory_equal(write_as_reply(as), "550 5.7.1 ", 10);
        assert_true(write_as_rule(as)[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_envelope_names_the_bal),
        cmocka_unit_test(the_header_names_nobody_else),
        cmocka_unit_test(the_null_sender_is_for_read_receipts),
        cmocka_unit_test(every_refusal_has_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
