/* Reports that come in: other operators', Mon espace santé's, software's, and our own read back. */
#include "tests/unit/unit.h"

#include "lib/proto/dsn.h"
#include "lib/proto/dsn_read.h"
#include "lib/proto/mime_summary.h"

#include <stdlib.h>

static bool read_message(struct span message, struct report *out)
{
    struct mime_summary made;
    struct summary_view view;
    mime_summarise(&made, message, true);
    assert_true(summary_open(&view, str_span(&made.structure)));
    bool is_report = report_read(message, &view, out);
    mime_summary_free(&made);
    return is_report;
}

#define HEAD                                                                                                           \
    "From: MAILER-DAEMON@patient.mssante.fr\r\nTo: a@ours.fr\r\nMIME-Version: 1.0\r\n"                                 \
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"                                  \
    "--b\r\nContent-Type: text/plain\r\n\r\nnon remis\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"         \
    "Reporting-MTA: dns; mx.patient.mssante.fr\r\n\r\n"
#define TAIL                                                                                                           \
    "\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: a@ours.fr\r\nMessage-ID: <1@ours.fr>\r\n\r\n--b--\r\n"
#define PATIENT    "299209912345678@patient.mssante.fr"
#define TO_PATIENT "Final-Recipient: rfc822; " PATIENT "\r\nAction: failed\r\n"

static void causes_of_mon_espace_sante(void **state UNUSED)
{
    static const struct {
        const char *fields, *outcome;
    } cases[] = {
        {TO_PATIENT "Status: 5.2.1\r\n", "closed"},
        {TO_PATIENT "Status: 5.1.1\r\n", "unknown"},
        {TO_PATIENT "Status: 5.1.3\r\n", "invalid"},
        {TO_PATIENT "Status: 5.3.4\r\n", "too-large"},
        {TO_PATIENT "Status: 5.2.3\r\n", "too-large"},
        {TO_PATIENT "Status: 5.0.0\r\nDiagnostic-Code: smtp; 550 5.1.6 moved away\r\n", "closed"},
        {TO_PATIENT "Status: 5.0.0\r\nDiagnostic-Code: smtp; 552 too big\r\n", "too-large"},
        {TO_PATIENT "Status: 5.7.1\r\n", "refused"},
        {TO_PATIENT, "refused"},
        {"Final-Recipient: rfc822;<" PATIENT ">\r\nAction: delayed\r\nStatus: 4.4.1\r\n", "delayed"},
        {"Original-Recipient: rfc822;" PATIENT "\r\nAction: Delivered\r\nStatus: 2.0.0\r\n", "arrived"},
        {"Final-Recipient: rfc822; " PATIENT "\r\nAction: relayed\r\n", "relayed"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str message;
        struct report report;
        str_init(&message, 1 << 16);
        str_addf(&message, "%s%s%s", HEAD, cases[i].fields, TAIL);
        assert_true(read_message(str_span(&message), &report));
        assert_int_equal(report.count, 1);
        assert_false(report.disposition);
        assert_string_equal(report.message_id, "<1@ours.fr>");
        assert_string_equal(report.recipients[0].address, PATIENT);
        assert_string_equal(report.recipients[0].outcome, cases[i].outcome);
        str_free(&message);
    }
}

static void what_is_no_report(void **state UNUSED)
{
    static const char *const cases[] = {
        "Subject: x\r\n\r\nFinal-Recipient: rfc822; a@b\r\n",
        HEAD "Action: failed\r\n" TAIL, /* nobody */
        HEAD "Final-Recipient: rfc822; not an address\r\nAction: failed\r\n" TAIL,
        HEAD "Final-Recipient: rfc822; " PATIENT "\r\nAction: dances\r\n" TAIL,
        HEAD TO_PATIENT "\r\n--b--\r\n", /* of which message? */
        HEAD,
    };
    struct report report;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_false(read_message(span_of(cases[i]), &report));
}

#define MDN(disposition)                                                                                               \
    "From: b@them.fr\r\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n"      \
    "--b\r\nContent-Type: text/plain\r\n\r\nlu\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\n"       \
    "Final-Recipient: rfc822;b@them.fr\r\nOriginal-Message-ID: <2@ours.fr>\r\nDisposition: " disposition               \
    "\r\n\r\n--b--\r\n"

static void dispositions(void **state UNUSED)
{
    static const struct {
        const char *message, *outcome;
    } cases[] = {
        {MDN("manual-action/MDN-sent-manually; displayed"), "read"},
        {MDN("automatic-action/MDN-sent-automatically; processed"), "processed"},
        {MDN("automatic-action/MDN-sent-automatically; processed/Error: 902^patient inconnu"), "not-integrated"},
        {MDN("manual-action/MDN-sent-manually;deleted"), "deleted"},
    };
    struct report report;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(read_message(span_of(cases[i].message), &report));
        assert_true(report.disposition && report.count == 1);
        assert_string_equal(report.recipients[0].outcome, cases[i].outcome);
        assert_string_equal(report.message_id, "<2@ours.fr>");
    }
    assert_false(read_message(span_of(MDN("what")), &report));
}

static void ours_is_read_back(void **state UNUSED)
{
    static const char original[] =
        "From: a@ours.fr\r\nSubject: \xc3\xa9t\xc3\xa9\r\nMessage-ID: <3@ours.fr>\r\n\r\nx\r\n";
    const struct dsn_recipient to[] = {{.address = "ren\xc3\xa9@them.fr",
                                        .orcpt = "",
                                        .action = DSN_FAILED,
                                        .status = "5.1.1",
                                        .cause = DSN_CAUSE_UNKNOWN,
                                        .remote = "mx",
                                        .diagnostic = "550 5.1.1 no"},
                                       {.address = "c@them.fr",
                                        .orcpt = "",
                                        .action = DSN_RELAYED,
                                        .status = "2.0.0",
                                        .remote = "",
                                        .diagnostic = ""}};
    struct dsn dsn = {.hostname = "mx.ours.fr",
                      .to = "a@ours.fr",
                      .message_id = "<3@ours.fr>",
                      .envid = "",
                      .arrived = 1,
                      .now = 2,
                      .boundary = "caducee.0123",
                      .original = span_of(original),
                      .recipients = to,
                      .count = 2};
    struct report report;
    struct str out;
    str_init(&out, 1 << 16);
    assert_true(dsn_build(&out, &dsn));
    assert_true(span_find(str_span(&out), SPAN_LIT("message/global-delivery-status\r\n")) > 0); /* RFC 6533 */
    assert_true(span_find(str_span(&out), SPAN_LIT("message/global-headers\r\n")) > 0);
    assert_true(span_find(str_span(&out), SPAN_LIT("Final-Recipient: utf-8; ren\xc3\xa9@them.fr\r\n")) > 0);
    assert_true(span_find(str_span(&out), SPAN_LIT("Final-Recipient: rfc822; c@them.fr\r\n")) > 0);
    assert_true(read_message(str_span(&out), &report));
    assert_int_equal(report.count, 2);
    assert_string_equal(report.recipients[0].address, "ren\xc3\xa9@them.fr");
    assert_string_equal(report.recipients[0].outcome, "unknown");
    assert_string_equal(report.recipients[1].outcome, "relayed");
    dsn.whole = true;
    str_clear(&out);
    assert_true(dsn_build(&out, &dsn));
    assert_true(span_find(str_span(&out), SPAN_LIT("message/global\r\n")) > 0);
    str_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(causes_of_mon_espace_sante),
                                       cmocka_unit_test(what_is_no_report), cmocka_unit_test(dispositions),
                                       cmocka_unit_test(ours_is_read_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
