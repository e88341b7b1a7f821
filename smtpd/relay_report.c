/* What a sender is told about a letter: a report in its INBOX. */
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/net/wake.h"
#include "lib/proto/header_fields.h"
#include "lib/proto/smtp_command.h"
#include "lib/proto/summary.h"
#include "smtpd/relay_settle.h"

#include <stdio.h>

static void random_boundary(char out[static 40])
{
    uint8_t random[12];
    struct str text;
    str_init(&text, 64);
    crypto_random(random, sizeof(random));
    hex_encode(&text, (struct span){(const char *)random, sizeof(random)});
    snprintf(out, 40, "caducee.%s", text.data);
    str_free(&text);
}

static bool build_dsn(struct settling *s, struct str *out)
{
    const struct queue_message *m = s->message;
    char boundary[40];
    random_boundary(boundary);
    bool whole = m->ret == SMTP_RET_FULL;
    if (s->letter->body.len == 0 && relay_queue_key(s->thread)) /* nobody was reached: the bytes were not read yet */
        (void)!queue_read(s->thread->db, s->thread->queue_key, m->id, &s->letter->body);
    struct header_field field;
    char message_id[256] = "";
    if (header_find(str_span(&s->letter->body), "Message-ID", &field)) {
        struct span id = span_trim(field.body);
        snprintf(message_id, sizeof(message_id), "%.*s", (int)(id.n < 250 ? id.n : 250), id.p ? id.p : "");
    }
    return dsn_build(out, &(struct dsn){.hostname = s->letter->relay->conf->general_hostname,
                                        .to = m->sender,
                                        .message_id = message_id,
                                        .envid = m->envid,
                                        .arrived = m->arrived,
                                        .now = s->now,
                                        .boundary = boundary,
                                        .original = str_span(&s->letter->body),
                                        .whole = whole,
                                        .recipients = s->told.items,
                                        .count = s->told.len});
}

static enum store_status settle_rows(struct db *db, void *arg)
{
    struct settling *s = arg;
    return queue_settle(db, s->letter->relay->name, s->results.items, s->results.len, NULL);
}

static struct trace report_trace(const struct settling *s)
{
    return (struct trace){.action = "relay.report",
                          .session = s->letter->log.id,
                          .actor_kind = TRACE_SYSTEM,
                          .actor = s->letter->relay->name,
                          .counterpart = s->letter->domain,
                          .direction = "in"};
}

/* The report goes into the sender's INBOX in the transaction that ends the recipients' rows. */
enum store_status relay_settle_with_report(struct settling *s, const struct bal *bal)
{
    struct relay *r = s->letter->relay;
    struct str report, opaque;
    struct parse_answer parsed = {.flags = 0};
    str_init(&report, s->letter->body.len + (1 << 20) + (size_t)r->conf->smtpd_message_size);
    str_init(&opaque, SUMMARY_MAX);
    must(build_dsn(s, &report));
    struct delivery_target target = {.bal = bal, .head = SPAN_LIT("Return-Path: <>\r\n"), .trace = report_trace(s)};
    struct delivery delivery = {.body = str_span(&report),
                                .internal_date = s->now,
                                .targets = &target,
                                .target_count = 1,
                                .also = settle_rows,
                                .also_arg = s};
    if (parse_call(s->thread->parse, PARSE_SUMMARY, delivery.body, SPAN_NONE, &parsed) == PARSE_OK) {
        delivery.summary = (struct summary){parsed.flags, parsed.structure, parsed.text};
    } else {
        summary_opaque(&opaque, (uint32_t)report.len);
        delivery.summary = (struct summary){SUMMARY_BROKEN, str_span(&opaque), SPAN_NONE};
    }
    enum store_status status = deliver(s->thread->db, r->keys, &delivery);
    if (status == STORE_OK)
        wake_send(r->wake_path, &(struct wake_notice){bal->id, target.folder_id, target.modseq});
    parse_answer_free(&parsed);
    str_free(&report);
    str_free(&opaque);
    return status;
}
