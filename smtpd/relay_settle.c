/* What became of letters: collected for a few milliseconds, then their recipients' rows, histories and traces in one
 * transaction. A letter whose sender is told something has one of its own, with the report (relay_report.c).
 */
#include "smtpd/relay_settle.h"

#include "lib/base/clock.h"
#include "lib/base/fault.h"
#include "lib/base/metrics.h"
#include "lib/proto/address.h"
#include "lib/proto/smtp_command.h"
#include "lib/store/departure.h"

#include <stdio.h>
#include <string.h>

/* Twice as long after each failure, up to the longest; a fifth more or less, so that a crowd does not come back at once. */
static int64_t next_try(const struct settling *s, uint32_t tries)
{
    const struct conf *conf = s->letter->relay->conf;
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
    const struct conf *conf = s->letter->relay->conf;
    int64_t first = s->message->arrived + (int64_t)conf->relay_warn;
    int64_t second = s->message->arrived + (int64_t)conf->relay_warn_again;
    bool wanted = q->notify == 0 || (q->notify & SMTP_NOTIFY_DELAY);
    bool due = (conf->relay_warn && s->now >= first && q->warned_at == 0) ||
               (conf->relay_warn_again && s->now >= second && q->warned_at < second);
    return wanted && due;
}

static enum dsn_cause cause_of(const struct settling *s, const struct relay_recipient *r)
{
    const struct relay_failure *f = &s->letter->failure;
    if (r->code && s->letter->withdrawn)
        return DSN_CAUSE_WITHDRAWN;
    if (r->code)
        return dsn_cause_of_reply(r->code, r->enhanced);
    if (s->departed || strcmp(f->rule, trust_rule_name(TRUST_DOMAIN_NOT_LISTED)) == 0)
        return DSN_CAUSE_NOT_LISTED;
    if (strcmp(f->rule, RELAY_NULL_MX) == 0)
        return DSN_CAUSE_NO_MAIL;
    return f->trust ? DSN_CAUSE_CERTIFICATE : DSN_CAUSE_UNREACHABLE;
}

static const char *status_of(const struct settling *s, const struct relay_recipient *r, enum dsn_action action)
{
    if (r->enhanced[0] && (action != DSN_FAILED || r->enhanced[0] == '5'))
        return r->enhanced;
    if (action == DSN_RELAYED || action == DSN_DELIVERED)
        return "2.0.0";
    if (action == DSN_DELAYED)
        return s->letter->failure.trust ? "4.7.0" : "4.4.1";
    if (!r->code && strcmp(s->letter->failure.rule, RELAY_NULL_MX) == 0)
        return "5.1.10"; /* RFC 7505 4.1 */
    return !r->code && s->letter->failure.trust ? "5.7.1" : r->code / 100 == 5 ? "5.0.0" : "5.4.7";
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
                                              .remote = s->letter->host,
                                              .diagnostic = r->code ? r->reply : s->letter->failure.reply,
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
    const struct letter *l = s->letter;
    bool expired = s->now >= s->message->expires;
    struct queue_result result = {.message_id = s->message->id,
                                  .recipient_id = q->id,
                                  .reply = r->code ? r->reply : l->failure.reply,
                                  .rule = r->code ? NULL : l->failure.rule,
                                  .mx = l->host[0] ? l->host : NULL,
                                  .peer_dn = l->dn[0] ? l->dn : NULL,
                                  .session = l->log.id,
                                  .patient = domain_is_patient(span_of(l->domain)) ? span_of(q->address) : SPAN_NONE};
    if (r->code / 100 == 2) {
        result.state = QUEUE_DELIVERED;
        metric_add(M_RELAY_DELIVERED, 1);
        if (wants(q, SMTP_NOTIFY_SUCCESS) && (l->is_local || !l->peer_has_dsn))
            tell(s, q, r, l->is_local ? DSN_DELIVERED : DSN_RELAYED);
    } else if (r->code / 100 == 5 || expired || l->permanent || s->departed) {
        result.state = QUEUE_FAILED;
        result.rule = r->code && l->withdrawn ? "withdrawn" /* by us: no other operator has refused it */
                      : r->code / 100 == 5    ? "peer"
                      : s->departed           ? "departed"
                      : expired               ? "expired"
                                              : result.rule;
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
    log_event(LOG_INFO, &l->log, "relay.settled", LS("domain", l->domain), LI("message", s->message->id),
              LS("state", queue_state_name(result.state)), LU("code", r->code), LS("rule", result.rule),
              LS("host", l->host));
    vec_push(&s->results, result);
}

static void conclude(struct settling *s, struct relay_thread *thread, struct letter *l)
{
    *s = (struct settling){.thread = thread, .letter = l, .message = &l->message, .now = wall_s()};
    if (strcmp(l->failure.rule, trust_rule_name(TRUST_DOMAIN_NOT_LISTED)) == 0)
        (void)domain_departed(thread->db, l->domain, &s->departed);
    for (size_t i = 0; i < l->recipients.len; i++)
        settle_recipient(s, &l->message.recipients.items[i], &l->recipients.items[i]);
}

static void say(const struct log_context *log, enum store_status status, size_t lost)
{
    if (status != STORE_OK)
        log_event(LOG_ERROR, log, "relay.not_settled", LS("status", store_status_name(status)));
    if (lost > 0)
        log_event(LOG_WARN, log, "relay.lease_lost", LU("recipients", lost));
}

static enum store_status settle_rows(const struct settling *s)
{
    size_t lost = 0;
    enum store_status status =
        queue_settle(s->thread->db, s->letter->relay->name, s->results.items, s->results.len, &lost);
    say(&s->letter->log, status, lost);
    return status;
}

/* Nobody is told about a report, nor where the sender's BAL cannot take one: the rows end all the same. */
static void settle_one(struct settling *s)
{
    struct bal bal;
    if (s->told.len > 0 && s->message->sender[0] && bal_by_id(s->thread->db, s->message->bal_id, &bal) == STORE_OK) {
        enum store_status status = relay_settle_with_report(s, &bal);
        if (status != STORE_REFUSED && status != STORE_OVER_QUOTA && status != STORE_NOT_FOUND) {
            say(&s->letter->log, status, 0);
            return;
        }
        log_event(LOG_WARN, &s->letter->log, "relay.report_lost", LS("status", store_status_name(status)));
    }
    (void)settle_rows(s);
}

/* All of them, or each by itself when there is one that the database does not take. */
static void settle_together(struct relay_thread *thread, const struct relay *r, struct settling *all, size_t count)
{
    VEC(struct queue_result) results = {0};
    size_t lost = 0;
    for (size_t i = 0; i < count; i++)
        if (all[i].told.len == 0)
            vec_each (&all[i].results, one)
                vec_push(&results, *one);
    enum store_status status = queue_settle(thread->db, r->name, results.items, results.len, &lost);
    if (status == STORE_OK || status == STORE_UNAVAILABLE)
        say(NULL, status, lost);
    else
        for (size_t i = 0; i < count; i++)
            if (all[i].told.len == 0)
                (void)settle_rows(&all[i]);
    vec_free(&results);
}

void relay_settle(struct relay_thread *thread, struct relay *r, struct letter *const *letters, size_t count)
{
    struct settling *all = xcalloc(count, sizeof(*all));
    for (size_t i = 0; i < count; i++)
        conclude(&all[i], thread, letters[i]);
    FAULT("relay.before_settle");
    settle_together(thread, r, all, count);
    for (size_t i = 0; i < count; i++) {
        if (all[i].told.len > 0)
            settle_one(&all[i]);
        vec_free(&all[i].results);
        vec_free(&all[i].told);
    }
    FAULT("relay.after_settle");
    xfree(&all);
}

struct settlement {
    struct relay *relay;
    VEC(struct letter *) letters;
};

static void settlement_run(void *thread, void *arg)
{
    struct settlement *x = arg;
    relay_settle(thread, x->relay, x->letters.items, x->letters.len);
}

static void settlement_done(void *arg)
{
    struct settlement *x = arg;
    struct relay *r = x->relay;
    vec_each (&x->letters, l)
        letter_free(l);
    vec_free(&x->letters);
    xfree(&x);
    r->settling--;
    if (r->ended.len > 0)
        relay_settle_now(r);
    else if (r->draining)
        relay_claim_soon(r);
}

void relay_settle_now(void *arg)
{
    struct relay *r = arg;
    timer_disarm(r->settle_timer);
    if (r->ended.len == 0 || (r->settling > 0 && r->ended.len < RELAY_SETTLE_MOST))
        return;
    struct settlement *x = xcalloc(1, sizeof(*x));
    x->relay = r;
    size_t count = r->ended.len < RELAY_SETTLE_MOST ? r->ended.len : RELAY_SETTLE_MOST;
    for (size_t i = 0; i < count; i++)
        vec_push(&x->letters, r->ended.items[i]);
    memmove(r->ended.items, r->ended.items + count, (r->ended.len - count) * sizeof(*r->ended.items));
    r->ended.len -= count;
    r->settling++;
    jobs_submit(r->jobs, settlement_run, settlement_done, x);
    if (r->ended.len > 0)
        timer_arm(r->settle_timer, RELAY_SETTLE_MS);
}

void relay_settle_soon(struct relay *r, struct letter *l)
{
    vec_push(&r->ended, l);
    if (r->ended.len >= RELAY_SETTLE_MOST)
        relay_settle_now(r);
    else if (r->ended.len == 1)
        timer_arm(r->settle_timer, RELAY_SETTLE_MS);
}
