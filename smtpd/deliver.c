/* The last stretch of a message's road on mx: judged by what its header says, parsed, stored — and 250 only when its
 * transaction has committed. All of it is one job.
 */
#include "smtpd/session.h"

#include "lib/base/clock.h"
#include "lib/base/fault.h"
#include "lib/base/metrics.h"
#include "lib/proto/header_fields.h"
#include "lib/proto/header_from.h"
#include "lib/proto/received.h"
#include "lib/net/wake.h"
#include "lib/store/arrival.h"

#include <stdio.h>
#include <string.h>

/* What the job works on; lives in its stack. */
struct inward {
    struct job_thread *thread;
    struct session *s;
    bool mark; /* header From: is not the peer's: accepted, marked, shown */
    struct parse_answer parsed;
    struct str opaque;
    struct summary summary;
    struct str head;
    char product[65];
};

static void answer(struct session *s, const char *reply)
{
    snprintf(s->answer, sizeof(s->answer), "%s", reply);
}

static bool refuse_here(struct inward *in, const char *rule, const char *detail, const char *reply)
{
    refuse_note(in->s, rule, detail, reply);
    refuse_trace(in->thread, in->s);
    refuse_log(in->s);
    answer(in->s, in->s->refusal.reply);
    return false;
}

static bool refuse_from(struct inward *in, const struct trust_verdict *verdict)
{
    struct str reply;
    str_init(&reply, 512);
    verdict_reply(&reply, verdict);
    bool no = refuse_here(in, trust_rule_name(verdict->rule), verdict->detail, reply.data);
    str_free(&reply);
    return no;
}

/* What the scanner cannot read is refused when a domain that people must be able to believe stands in its bytes. */
static bool unreadable_holds_ours(const struct trust_snapshot *snapshot, struct span message)
{
    const char *const *own;
    size_t count = trust_own_domains(snapshot, &own);
    bool holds = header_from_holds(message, "patient.mssante.fr");
    for (size_t i = 0; i < count && !holds; i++)
        holds = header_from_holds(message, own[i]);
    return holds;
}

/* mssante.md: ours, or patient.mssante.fr, under another's DN is refused; another domain is accepted and marked. */
static bool judge_from(struct inward *in)
{
    struct session *s = in->s;
    struct span message = str_span(&s->envelope.message);
    struct arena *arena = arena_new(0);
    struct header_from from;
    struct trust_verdict verdict = {.rule = TRUST_OK};
    header_from_scan(message, arena, &from);
    bool unreadable = from.unreadable;
    in->mark = from.from_fields != 1 || unreadable;
    for (size_t i = 0; i < from.addresses.len && verdict.rule == TRUST_OK; i++) {
        bool mark = false;
        struct str domain;
        str_init(&domain, ADDRESS_DOMAIN_MAX);
        if (domain_normalise(&domain, from.addresses.items[i].domain))
            trust_judge_header_from(s->job_snapshot, &s->verdict, str_span(&domain), &mark, &verdict);
        else
            unreadable = true;
        in->mark = in->mark || mark;
        str_free(&domain);
    }
    vec_free(&from.addresses);
    arena_destroy(&arena);
    if (verdict.rule != TRUST_OK)
        return refuse_from(in, &verdict);
    in->mark = in->mark || unreadable;
    if (!unreadable || !unreadable_holds_ours(s->job_snapshot, message))
        return true;
    verdict = (struct trust_verdict){.rule = TRUST_HEADER_FROM};
    snprintf(verdict.detail, sizeof(verdict.detail), "a From or Sender that cannot be read holds a protected domain");
    return refuse_from(in, &verdict);
}

static bool judge_hops(struct inward *in)
{
    struct span message = str_span(&in->s->envelope.message);
    if (header_count(message, "Received") <= in->s->worker->limits.hops)
        return true;
    return refuse_here(in, "content.hops", "too many Received fields", "554 5.4.6 Too many hops");
}

/* A parse that dies costs one summary; the message is stored byte for byte all the same. */
static void parse(struct inward *in)
{
    struct span message = str_span(&in->s->envelope.message);
    enum parse_outcome outcome = parse_call(in->thread->parse, PARSE_SUMMARY, message, SPAN_NONE, &in->parsed);
    if (outcome == PARSE_OK) {
        in->summary = (struct summary){in->parsed.flags, in->parsed.structure, in->parsed.text};
    } else {
        log_event(LOG_WARN, &in->s->log, "parse.failed", LU("died", outcome == PARSE_DIED), LU("bytes", message.n));
        summary_opaque(&in->opaque, (uint32_t)message.n);
        in->summary = (struct summary){SUMMARY_BROKEN, str_span(&in->opaque), SPAN_NONE};
    }
    if (in->mark)
        in->summary.flags |= SUMMARY_FROM_MISMATCH;
}

static void build_head(struct inward *in)
{
    struct session *s = in->s;
    struct envelope *e = &s->envelope;
    struct authentication authentication = {.authserv = s->worker->conf->general_hostname,
                                            .dn = s->verdict.dn,
                                            .operator_name = s->verdict.operator_name,
                                            .sender_domain = e->sender_domain};
    struct received received = {.helo = span_of(s->helo),
                                .address = s->log.peer,
                                .by = s->worker->conf->general_hostname,
                                .id = s->log.id,
                                .esmtp = s->esmtp,
                                .tls = true,
                                .utf8 = e->mail.smtputf8,
                                .tls_protocol = s->tls_protocol,
                                .tls_cipher = s->tls_cipher,
                                .only_recipient = e->recipients.len == 1 ? e->recipients.items[0].text : SPAN_NONE,
                                .now = wall_s()};
    return_path_build(&in->head, e->mail.from.text);
    received_build(&in->head, &received);
    authentication_results_build(&in->head, &authentication);
    if (in->mark)
        str_puts(&in->head, "X-Caducee-From-Mismatch: header From is not of the sending operator\r\n");
}

static void find_product(struct inward *in)
{
    struct header_field field;
    if (!header_find(str_span(&in->s->envelope.message), "X-MSS-NIL", &field))
        return;
    struct span value = span_trim(field.body);
    size_t n = 0;
    for (size_t i = 0; i < value.n && n < sizeof(in->product) - 1; i++)
        if (value.p[i] > 0x20 && value.p[i] < 0x7f)
            in->product[n++] = value.p[i];
}

static struct trace accept_trace(const struct inward *in)
{
    const struct session *s = in->s;
    const struct envelope *e = &s->envelope;
    return (struct trace){
        .action = "mx.accept",
        .answer = "250 2.0.0",
        .session = s->log.id,
        .peer = s->log.peer,
        .actor_kind = TRACE_OPERATOR,
        .actor = s->verdict.dn,
        .counterpart = e->sender_domain,
        .patient = e->mail.from.null || !domain_is_patient(span_of(e->sender_domain)) ? SPAN_NONE : e->mail.from.text,
        .direction = "in",
        .has_cda = (in->summary.flags & SUMMARY_HAS_CDA) != 0,
        .ins_qualified = (in->summary.flags & SUMMARY_INS_QUALIFIED) != 0,
        .product = in->product[0] ? in->product : NULL,
    };
}

static void wake(struct session *s, const struct delivery *delivery)
{
    for (size_t i = 0; i < delivery->target_count; i++) {
        const struct delivery_target *t = &delivery->targets[i];
        wake_send(s->worker->wake_path, &(struct wake_notice){t->bal->id, t->folder_id, t->modseq});
    }
}

static void answer_status(struct session *s, enum store_status status)
{
    switch (status) {
    case STORE_OK:
        snprintf(s->answer, sizeof(s->answer), "250 2.0.0 OK %s.%u", s->log.id, s->messages);
        break;
    case STORE_OVER_QUOTA:
        answer(s, "452 4.2.2 Mailbox is full");
        break;
    case STORE_REFUSED:
    case STORE_NOT_FOUND:
        answer(s, "550 5.2.1 Mailbox has been closed");
        break;
    default:
        log_event(LOG_ERROR, &s->log, "store.failed", LS("status", store_status_name(status)));
        answer(s, "451 4.3.0 Message cannot be stored now, try again later");
    }
}

/* A report counts only from the operator of the mailbox that it speaks of. */
static bool speaks_for(struct span address, const void *session)
{
    const struct session *s = session;
    struct address parts;
    struct str domain;
    struct trust_verdict verdict = {.rule = TRUST_DOMAIN_NOT_LISTED};
    str_init(&domain, ADDRESS_DOMAIN_MAX);
    if (address_parse(address, true, &parts) && domain_normalise(&domain, parts.domain))
        trust_judge_sender(s->job_snapshot, &s->verdict, str_span(&domain), &verdict);
    str_free(&domain);
    return verdict.rule == TRUST_OK;
}

static void answer_absences(struct inward *in, const struct arrival *arrival, const struct delivery *delivery)
{
    struct session *s = in->s;
    struct send_request like = {
        .conf = s->worker->conf, .session = s->log.id, .parse = in->thread->parse, .wake_path = s->worker->wake_path};
    arrival_answer(in->thread->db, s->worker->keys, s->job_snapshot, arrival, delivery->targets, delivery->target_count,
                   &like);
}

static void store(struct inward *in)
{
    struct session *s = in->s;
    struct envelope *e = &s->envelope;
    struct arrival arrival;
    arrival_begin(&arrival, str_span(&e->message), &in->summary,
                  e->mail.from.null ? "" : arena_strndup(e->arena, e->mail.from.text.p, e->mail.from.text.n));
    arrival.speaks_for = speaks_for;
    arrival.arg = s;
    struct delivery_target *targets = xcalloc(e->recipients.len, sizeof(*targets));
    for (size_t i = 0; i < e->recipients.len; i++) {
        targets[i] = (struct delivery_target){
            .bal = &e->recipients.items[i].bal, .head = str_span(&in->head), .trace = accept_trace(in)};
        arrival_sort(in->thread->db, &arrival, &targets[i]);
    }
    struct delivery delivery = {.body = str_span(&e->message),
                                .summary = in->summary,
                                .internal_date = wall_s(),
                                .targets = targets,
                                .target_count = e->recipients.len};
    FAULT("mx.before_store");
    enum store_status status = arrival_deliver(in->thread->db, s->worker->keys, &arrival, &delivery);
    FAULT("mx.after_store");
    answer_status(s, status);
    if (status == STORE_OK) {
        wake(s, &delivery);
        answer_absences(in, &arrival, &delivery);
    }
    xfree(&targets);
}

static void deliver_job(struct job_thread *thread, struct session *s)
{
    struct inward in = {.thread = thread, .s = s};
    struct str *message = &s->envelope.message;
    if (!judge_hops(&in) || !judge_from(&in))
        return;
    str_truncate(message,
                 header_remove_authentication_results(message->data, message->len, s->worker->conf->general_hostname));
    str_init(&in.opaque, SUMMARY_MAX);
    str_init(&in.head, 1 << 16);
    parse(&in);
    find_product(&in);
    build_head(&in);
    store(&in);
    parse_answer_free(&in.parsed);
    str_free(&in.opaque);
    str_free(&in.head);
}

static void deliver_done(struct session *s)
{
    bool accepted = s->answer[0] == '2';
    log_event(LOG_INFO, &s->log, accepted ? "mx.accepted" : "mx.not_accepted", LU("bytes", s->envelope.message.len),
              LU("recipients", s->envelope.recipients.len), LS("domain", s->envelope.sender_domain),
              LS("reply", s->answer));
    metric_add(M_MX_ACCEPTED, accepted);
    s->errors = accepted ? 0 : s->errors;
    session_reply(s, s->answer);
    envelope_reset(s);
}

void deliver_message(struct session *s)
{
    const struct trust_verdict *verdict = identify_peer(s);
    if (verdict) { /* the list or a CRL moved between MAIL and the last byte */
        s->envelope.over = true;
        refuse_verdict(s, verdict);
        return;
    }
    s->messages++;
    session_job(s, deliver_job, deliver_done);
}
