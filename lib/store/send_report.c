#include "lib/store/send_report.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/net/wake.h"
#include "lib/proto/dsn.h"
#include "lib/proto/smtp_command.h"
#include "lib/proto/summary.h"

#include <stdio.h>

typedef VEC(struct dsn_recipient) dsn_recipients;

static void collect(dsn_recipients *told, const struct send_request *r, const bool *delivered, int64_t now)
{
    for (size_t i = 0; i < r->to_count; i++)
        if (delivered[i] && (r->to[i].notify & SMTP_NOTIFY_SUCCESS))
            vec_push(told, (struct dsn_recipient){.address = r->to[i].address,
                                                  .orcpt = r->to[i].orcpt,
                                                  .action = DSN_DELIVERED,
                                                  .status = "2.1.5",
                                                  .remote = "",
                                                  .diagnostic = "",
                                                  .last_attempt = now});
}

static void store_report(struct db *db, struct delivery_keys *keys, const struct send_request *r, struct span report)
{
    struct parse_answer parsed = {.flags = 0};
    struct str opaque;
    str_init(&opaque, SUMMARY_MAX);
    struct delivery_target target = {.bal = r->from,
                                     .head = SPAN_LIT("Return-Path: <>\r\n"),
                                     .trace = {.action = "submission.report",
                                               .answer = "250 2.0.0",
                                               .session = r->session,
                                               .actor_kind = TRACE_SYSTEM,
                                               .actor = "submission",
                                               .direction = "inside"}};
    struct delivery delivery = {.body = report, .internal_date = wall_s(), .targets = &target, .target_count = 1};
    if (parse_call(r->parse, PARSE_SUMMARY, report, SPAN_NONE, &parsed) == PARSE_OK) {
        delivery.summary = (struct summary){parsed.flags, parsed.structure, parsed.text};
    } else {
        summary_opaque(&opaque, (uint32_t)report.n);
        delivery.summary = (struct summary){SUMMARY_BROKEN, str_span(&opaque), SPAN_NONE};
    }
    enum store_status status = deliver(db, keys, &delivery);
    if (status != STORE_OK)
        log_event(LOG_WARN, NULL, "submission.report_lost", LS("status", store_status_name(status)));
    else if (r->wake_path)
        wake_send(r->wake_path, &(struct wake_notice){r->from->id, target.folder_id, target.modseq});
    parse_answer_free(&parsed);
    str_free(&opaque);
}

void send_report_success(struct db *db, struct delivery_keys *keys, const struct send_request *r, struct span message,
                         const bool *delivered)
{
    dsn_recipients told = {0};
    struct str report, boundary;
    uint8_t random[12];
    int64_t now = wall_s();
    collect(&told, r, delivered, now);
    if (told.len > 0 && !r->null_sender) {
        str_init(&report, message.n + (1 << 20));
        str_init(&boundary, 64);
        crypto_random(random, sizeof(random));
        str_puts(&boundary, "caducee.");
        hex_encode(&boundary, (struct span){(const char *)random, sizeof(random)});
        if (dsn_build(&report, &(struct dsn){.hostname = r->conf->general_hostname,
                                             .to = r->from->address,
                                             .message_id = r->message_id,
                                             .envid = r->envid ? r->envid : "",
                                             .arrived = now,
                                             .now = now,
                                             .boundary = boundary.data,
                                             .original = message,
                                             .whole = false, /* RFC 3461 4.3: RET is for failures */
                                             .recipients = told.items,
                                             .count = told.len}))
            store_report(db, keys, r, str_span(&report));
        str_free(&report);
        str_free(&boundary);
    }
    vec_free(&told);
}
