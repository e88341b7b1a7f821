/* What became of each recipient of a message: the queue's rows and the sender's notifications, in one transaction. */
#include "smtpd/relay.h"

#include "lib/base/clock.h"
#include "lib/base/fault.h"
#include "lib/base/metrics.h"
#include "lib/base/text.h"
#include "lib/net/wake.h"
#include "lib/proto/address.h"
#include "lib/proto/dsn.h"
#include "lib/proto/header_fields.h"
#include "lib/proto/smtp_command.h"
#include "lib/proto/summary.h"
#include "lib/store/departure.h"
#include "lib/store/send_rate.h"

#include <stdio.h>
#include <string.h>

struct settling {
    struct relay_thread *thread;
    struct errand *errand;
    const struct queue_message *message;
    int64_t now;
    bool departed; /* the domain has left the trust space for good */
    VEC(struct queue_result) results;
    VEC(struct dsn_recipient) told; /* in the DSN */
    struct trace trace;
};

static void withdraw(struct errand *e, struct relay_recipient *r)
{
    e->withdrawn = true;
    r->code = 550;
    snprintf(r->enhanced, sizeof(r->enhanced), "5.7.1");
    snprintf(r->reply, sizeof(r->reply), "550 5.7.1 No right to send this any more");
}

/* FUTURERELEASE: what was true when the message was accepted is asked again when it leaves. */
static enum store_status judge_again(struct relay_thread *thread, struct errand *e)
{
    bool allowed = true, opposed = false, patients = domain_is_patient(span_of(e->claim.domain));
    int64_t structure = 0;
    enum store_status status =
        queue_still_allowed(thread->db, e->claim.messages.items[e->message].id, &allowed, &structure);
    for (size_t i = 0; i < e->recipients.len && status == STORE_OK; i++) {
        struct relay_recipient *r = &e->recipients.items[i];
        if (allowed && patients)
            status = patient_opposed(thread->db, structure, span_of(r->address), &opposed);
        if (status == STORE_OK && (!allowed || opposed))
            withdraw(e, r);
    }
    return status;
}

enum store_status relay_load(struct relay_thread *thread, struct errand *e)
{
    if (!thread->has_queue_key && keyd_queue_key(thread->keyd, &thread->queue_key) != KEYD_OK)
        return STORE_UNAVAILABLE;
    thread->has_queue_key = true;
    str_clear(&e->body);
    enum store_status status = judge_again(thread, e);
    if (status == STORE_OK)
        status = queue_read(thread->db, &thread->queue_key, e->claim.messages.items[e->message].id, &e->body);
    FAULT("relay.after_load");
    return status;
}

/* Twice as long after each failure, up to the longest; a fifth more or less, so that a crowd does not come back at once. */
static int64_t next_try(const struct settling *s, uint32_t tries)
{
    const struct conf *conf = s->errand->relay->conf;
    uint64_t wait = conf->relay_retry;
    for (uint32_t i = 0; i < tries && wait < conf->relay_retry_most; i++)
        wait *= 2;
    if (wait > conf->relay_retry_most)
        wait = conf->relay_retry_most;
    uint32_t random;
    crypto_random(&random, sizeof(random));
    uint64_t spread = wait * 2 / 5;
    return s->now + (int64_t)(wait - spread / 2 + (spread ? random % spread : 0));
}

/* After relay.warn the sender is told, after relay.warn_again once more. */
static bool warning_is_due(const struct settling *s, const struct queue_recipient *q)
{
    const struct conf *conf = s->errand->relay->conf;
    int64_t first = s->message->arrived + (int64_t)conf->relay_warn;
    int64_t second = s->message->arrived + (int64_t)conf->relay_warn_again;
    bool wanted = q->notify == 0 || (q->notify & SMTP_NOTIFY_DELAY);
    bool due = (conf->relay_warn && s->now >= first && q->warned_at == 0) ||
               (conf->relay_warn_again && s->now >= second && q->warned_at < second);
    return wanted && due;
}

static enum dsn_cause cause_of(const struct settling *s, const struct relay_recipient *r)
{
    const struct relay_failure *f = &s->errand->failure;
    if (r->code && s->errand->withdrawn)
        return DSN_CAUSE_WITHDRAWN;
    if (r->code)
        return dsn_cause_of_reply(r->code, r->enhanced);
    if (s->departed || strcmp(f->rule, trust_rule_name(TRUST_DOMAIN_NOT_LISTED)) == 0)
        return DSN_CAUSE_NOT_LISTED;
    return f->trust ? DSN_CAUSE_CERTIFICATE : DSN_CAUSE_UNREACHABLE;
}

static const char *status_of(const struct settling *s, const struct relay_recipient *r, enum dsn_action action)
{
    if (r->enhanced[0] && (action != DSN_FAILED || r->enhanced[0] == '5'))
        return r->enhanced;
    if (action == DSN_RELAYED || action == DSN_DELIVERED)
        return "2.0.0";
    if (action == DSN_DELAYED)
        return s->errand->failure.trust ? "4.7.0" : "4.4.1";
    return !r->code && s->errand->failure.trust ? "5.7.1" : r->code / 100 == 5 ? "5.0.0" : "5.4.7";
}

static void tell(struct settling *s, const struct queue_recipient *q, const struct relay_recipient *r,
                 enum dsn_action action)
{
    bool good = action == DSN_RELAYED || action == DSN_DELIVERED;
    vec_push(&s->told, (struct dsn_recipient){.address = q->address,
                                              .orcpt = q->orcpt,
                                              .action = action,
                                              .status = status_of(s, r, action),
                                              .cause = good ? DSN_CAUSE_NONE : cause_of(s, r),
                                              .remote = s->errand->host,
                                              .diagnostic = r->code ? r->reply : s->errand->failure.reply,
                                              .last_attempt = s->now,
                                              .will_retry_until = action == DSN_DELAYED ? s->message->expires : 0});
}

/* RFC 3461 4.1: NEVER, or a list without FAILURE, silences failures; success is told only when asked for. */
static bool wants(const struct queue_recipient *q, unsigned notify)
{
    return q->notify == 0 ? notify == SMTP_NOTIFY_FAILURE : (q->notify & notify) != 0;
}

static void settle_recipient(struct settling *s, const struct queue_recipient *q, const struct relay_recipient *r)
{
    const struct errand *e = s->errand;
    bool expired = s->now >= s->message->expires;
    struct queue_result result = {.recipient_id = q->id,
                                  .reply = r->code ? r->reply : e->failure.reply,
                                  .rule = r->code ? NULL : e->failure.rule,
                                  .mx = e->host[0] ? e->host : NULL,
                                  .peer_dn = e->dn[0] ? e->dn : NULL};
    if (r->code / 100 == 2) {
        result.state = QUEUE_DELIVERED;
        metric_add(M_RELAY_DELIVERED, 1);
        if (wants(q, SMTP_NOTIFY_SUCCESS) && (e->is_local || !e->peer_has_dsn))
            tell(s, q, r, e->is_local ? DSN_DELIVERED : DSN_RELAYED);
    } else if (r->code / 100 == 5 || expired || e->permanent || s->departed) {
        result.state = QUEUE_FAILED;
        result.rule = r->code / 100 == 5 ? "peer" : s->departed ? "departed" : expired ? "expired" : result.rule;
        metric_add(M_RELAY_FAILED, 1);
        if (wants(q, SMTP_NOTIFY_FAILURE))
            tell(s, q, r, DSN_FAILED);
    } else {
        result.state = QUEUE_WAITING;
        result.next_try = next_try(s, q->tries);
        result.warned = warning_is_due(s, q);
        metric_add(M_RELAY_DEFERRED, 1);
        if (result.warned)
            tell(s, q, r, DSN_DELAYED);
    }
    log_event(LOG_INFO, &e->log, "relay.settled", LS("domain", e->claim.domain), LI("message", s->message->id),
              LS("state", queue_state_name(result.state)), LU("code", r->code), LS("rule", result.rule),
              LS("host", e->host));
    vec_push(&s->results, result);
}

static enum store_status settle_rows(struct db *db, void *arg)
{
    struct settling *s = arg;
    size_t lost = 0;
    enum store_status status =
        queue_settle(db, s->errand->relay->name, s->results.items, s->results.len, &s->trace, &lost);
    if (lost > 0)
        log_event(LOG_WARN, &s->errand->log, "relay.lease_lost", LU("recipients", lost));
    return status;
}

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
    if (s->errand->body.len == 0) /* nobody was reached: the bytes were not read yet */
        (void)!queue_read(s->thread->db, &s->thread->queue_key, m->id, &s->errand->body);
    struct header_field field;
    char message_id[256] = "";
    if (header_find(str_span(&s->errand->body), "Message-ID", &field)) {
        struct span id = span_trim(field.body);
        snprintf(message_id, sizeof(message_id), "%.*s", (int)(id.n < 250 ? id.n : 250), id.p ? id.p : "");
    }
    return dsn_build(out, &(struct dsn){.hostname = s->errand->relay->conf->general_hostname,
                                        .to = m->sender,
                                        .message_id = message_id,
                                        .envid = m->envid,
                                        .arrived = m->arrived,
                                        .now = s->now,
                                        .boundary = boundary,
                                        .original = str_span(&s->errand->body),
                                        .whole = whole,
                                        .recipients = s->told.items,
                                        .count = s->told.len});
}

/* The report goes into the sender's INBOX in the transaction that ends the recipients' rows. */
static enum store_status settle_with_dsn(struct settling *s, const struct bal *bal)
{
    struct relay *r = s->errand->relay;
    struct str report, opaque;
    struct parse_answer parsed = {.flags = 0};
    str_init(&report, s->errand->body.len + (1 << 20) + (size_t)r->conf->smtpd_message_size);
    str_init(&opaque, SUMMARY_MAX);
    must(build_dsn(s, &report));
    struct delivery_target target = {.bal = bal, .head = SPAN_LIT("Return-Path: <>\r\n"), .trace = s->trace};
    target.trace.action = "relay.report";
    target.trace.direction = "in";
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

/* Nobody is told about a report, nor where the sender's BAL cannot take one: the rows end all the same. */
static enum store_status settle_all(struct settling *s)
{
    struct bal bal;
    if (s->told.len > 0 && s->message->sender[0] && bal_by_id(s->thread->db, s->message->bal_id, &bal) == STORE_OK) {
        enum store_status status = settle_with_dsn(s, &bal);
        if (status != STORE_REFUSED && status != STORE_OVER_QUOTA && status != STORE_NOT_FOUND)
            return status;
        log_event(LOG_WARN, &s->errand->log, "relay.report_lost", LS("status", store_status_name(status)));
    }
    return settle_rows(s->thread->db, s);
}

void relay_settle(struct relay_thread *thread, struct errand *e)
{
    struct settling s = {.thread = thread,
                         .errand = e,
                         .message = &e->claim.messages.items[e->message],
                         .now = wall_s(),
                         .trace = {.action = "relay.settle",
                                   .session = e->log.id,
                                   .actor_kind = TRACE_SYSTEM,
                                   .actor = e->relay->name,
                                   .counterpart = e->claim.domain,
                                   .direction = "out"}};
    if (strcmp(e->failure.rule, trust_rule_name(TRUST_DOMAIN_NOT_LISTED)) == 0)
        (void)domain_departed(thread->db, e->claim.domain, &s.departed);
    for (size_t i = 0; i < e->recipients.len; i++)
        settle_recipient(&s, &s.message->recipients.items[i], &e->recipients.items[i]);
    FAULT("relay.before_settle");
    enum store_status status = settle_all(&s);
    FAULT("relay.after_settle");
    if (status != STORE_OK)
        log_event(LOG_ERROR, &e->log, "relay.not_settled", LS("status", store_status_name(status)));
    str_clear(&e->body);
    vec_free(&s.results);
    vec_free(&s.told);
}
