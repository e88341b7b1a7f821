/* The one transaction that a message leaves by: Sent copy, queue, local recipients, traces. */
#include "lib/store/send.h"

#include "lib/base/clock.h"
#include "lib/base/spool.h"
#include "lib/net/wake.h"
#include "lib/proto/address.h"
#include "lib/proto/header_fields.h"
#include "lib/proto/header_outward.h"
#include "lib/proto/summary.h"
#include "lib/store/arrival.h"
#include "lib/store/send_facts.h"
#include "lib/store/send_rate.h"
#include "lib/store/send_report.h"

#include <stdio.h>
#include <string.h>

struct sending {
    struct send_request *request;
    struct outward outward;
    struct spool whole; /* what leaves: outward.head and outward.rest */
    struct str front, opaque, local_head;
    struct parse_answer parsed;
    struct summary summary;
    struct send_verdict *verdicts;       /* one a recipient */
    VEC(struct delivery_target) targets; /* [0] is the Sent copy */
    VEC(struct queue_new_recipient) queued;
    struct queue_new queue;
};

/* Everything waits in the queue when it is not to leave now: the relay judges again at that moment. */
static bool later(const struct send_request *r)
{
    return r->held || r->not_before > wall_s();
}

/* The structure's register of patients: an opposition to messages is respected (mssante.md, "Patients"). */
static void judge_opposition(struct db *db, const struct send_request *r, size_t i, struct send_verdict *v)
{
    bool opposed = false;
    enum store_status status = patient_opposed(db, r->from->structure_id, span_of(r->to[i].address), &opposed);
    if (status == STORE_OK && !opposed)
        return;
    v->judgement = opposed ? SEND_RECIPIENT_REFUSED : SEND_RECIPIENT_TEMPORARY;
    snprintf(v->rule, sizeof(v->rule), "%s", opposed ? "patient.opposed" : "store.unavailable");
    snprintf(v->reply, sizeof(v->reply), "%s",
             opposed ? "550 5.7.1 The patient does not wish to be written to" : "451 4.3.0 Try again later");
    snprintf(v->words, sizeof(v->words), "%s",
             opposed ? "Ce patient s'est opposé à recevoir des messages, ou l'échange est clos."
                     : "Le service est momentanément indisponible. Réessayez dans quelques minutes.");
}

static bool judge_all(struct db *db, const struct trust_snapshot *snapshot, struct sending *s)
{
    struct send_request *r = s->request;
    for (size_t i = 0; i < r->to_count; i++) {
        send_judge_recipient(db, snapshot, r->conf, span_of(r->to[i].address), r->message.n, &s->verdicts[i]);
        if (s->verdicts[i].judgement == SEND_RECIPIENT_OK && !r->overrules_register &&
            domain_is_patient(span_of(s->verdicts[i].domain)))
            judge_opposition(db, r, i, &s->verdicts[i]);
        if (s->verdicts[i].judgement == SEND_RECIPIENT_OK)
            continue;
        r->refused_index = i;
        r->verdict = s->verdicts[i];
        return false;
    }
    return r->to_count > 0;
}

/* What leaves, and its summary. False: there is no memory for it now. */
static bool compose(struct sending *s, const char *extra)
{
    struct send_request *r = s->request;
    struct outward_options options = {.hostname = r->conf->general_hostname, .now = wall_s()};
    str_clear(&s->front);
    str_clear(&s->outward.head);
    str_clear(&s->outward.bcc);
    spool_clear(&s->whole);
    str_addf(&s->front, "Received: by %s with %s id %s;\r\n\t", r->conf->general_hostname, r->protocol, r->session);
    clock_rfc5322(&s->front, options.now);
    str_addf(&s->front, "\r\n%s", extra);
    options.front = str_span(&s->front);
    must(header_outward(&s->outward, r->message, &options));
    return spool_add(&s->whole, str_span(&s->outward.head)) && spool_add(&s->whole, s->outward.rest) &&
           spool_span(&s->whole).n == s->whole.len;
}

static void summarise(struct sending *s)
{
    struct send_request *r = s->request;
    struct span body = spool_span(&s->whole);
    parse_answer_free(&s->parsed);
    s->parsed = (struct parse_answer){.flags = 0};
    if (parse_call(r->parse, PARSE_SUMMARY, body, SPAN_NONE, &s->parsed) == PARSE_OK) {
        s->summary = (struct summary){s->parsed.flags, s->parsed.structure, s->parsed.text};
        return;
    }
    str_clear(&s->opaque);
    summary_opaque(&s->opaque, (uint32_t)body.n);
    s->summary = (struct summary){SUMMARY_BROKEN, str_span(&s->opaque), SPAN_NONE};
}

static struct trace base_trace(const struct sending *s, const char *action, const char *direction)
{
    const struct send_request *r = s->request;
    return (struct trace){.action = action,
                          .answer = "250 2.0.0",
                          .session = r->session,
                          .peer = r->peer,
                          .actor_kind = r->actor_kind,
                          .actor = r->actor,
                          .person_id = r->person_id,
                          .structure_id = r->from->structure_id,
                          .direction = direction,
                          .bytes = s->whole.len,
                          .has_cda = (s->summary.flags & SUMMARY_HAS_CDA) != 0,
                          .ins_qualified = (s->summary.flags & SUMMARY_INS_QUALIFIED) != 0,
                          .product = r->product};
}

static void plan_sent(struct sending *s)
{
    const struct send_request *r = s->request;
    struct delivery_target t = {.bal = r->from,
                                .folder = r->sent_folder ? r->sent_folder : "\\Sent",
                                .flags = "\\Seen",
                                .head = str_span(&s->outward.bcc),
                                .trace = base_trace(s, "submission.accept", s->queued.len > 0 ? "out" : "inside")};
    if (s->queued.len > 0)
        t.trace.counterpart = s->queued.items[0].domain;
    for (size_t i = 0; i < r->to_count; i++)
        if (domain_is_patient(span_of(s->verdicts[i].domain)))
            t.trace.patient = span_of(r->to[i].address);
    s->targets.items[0] = t;
}

static bool already_target(const struct sending *s, int64_t bal_id)
{
    for (size_t i = 1; i < s->targets.len; i++)
        if (s->targets.items[i].bal->id == bal_id)
            return true;
    return false;
}

/* RFC 8601: a reader sees that our own submission has vouched for the sender. */
static void build_local_head(struct sending *s)
{
    str_addf(&s->local_head, "Return-Path: <%s>\r\nAuthentication-Results: %s; auth=pass smtp.auth=\"%s\"\r\n",
             s->request->from->address, s->request->conf->general_hostname, s->request->from->address);
}

static void plan_recipients(struct sending *s)
{
    const struct send_request *r = s->request;
    vec_push(&s->targets, (struct delivery_target){.bal = r->from});
    for (size_t i = 0; i < r->to_count; i++) {
        const struct send_verdict *v = &s->verdicts[i];
        if (!v->is_local || later(r)) {
            vec_push(&s->queued, (struct queue_new_recipient){.address = r->to[i].address,
                                                              .domain = v->domain,
                                                              .notify = r->to[i].notify,
                                                              .orcpt = r->to[i].orcpt[0] ? r->to[i].orcpt : NULL});
        } else if (!already_target(s, v->local.id)) {
            struct trace trace = base_trace(s, "submission.deliver", "inside");
            trace.counterpart = strrchr(r->from->address, '@') + 1;
            vec_push(&s->targets,
                     (struct delivery_target){.bal = &v->local, .head = str_span(&s->local_head), .trace = trace});
        }
    }
}

/* Inside the transaction, when the blobs are queued: the queue's rows and a trace for each further domain. */
static enum store_status add_to_queue(struct db *db, void *arg)
{
    struct sending *s = arg;
    enum store_status status = STORE_OK;
    send_facts_compare(db, s->request, &s->summary);
    if (s->queued.len > 0)
        status = queue_add(db, &s->queue);
    for (size_t i = 1; i < s->queued.len && status == STORE_OK; i++) {
        if (strcmp(s->queued.items[i].domain, s->queued.items[i - 1].domain) == 0)
            continue;
        struct trace trace = base_trace(s, "submission.also", "out");
        trace.bal_id = s->request->from->id;
        trace.counterpart = s->queued.items[i].domain;
        status = trace_write(db, &trace);
    }
    send_rate_count(db, s->request); /* last: its row is this BAL's only one, and held until the COMMIT */
    return status;
}

static void plan_queue(struct sending *s)
{
    const struct send_request *r = s->request;
    int64_t now = wall_s(), start = r->not_before > now ? r->not_before : now;
    s->queue = (struct queue_new){.sender = r->null_sender ? "" : r->from->address,
                                  .person_id = r->person_id,
                                  .binding_id = r->certificate_id,
                                  .structure_id = r->from->structure_id,
                                  .stored = &s->targets.items[0],
                                  .bytes = s->whole.len,
                                  .envid = r->envid,
                                  .ret = r->ret,
                                  .smtputf8 = r->smtputf8,
                                  .eight_bit = r->eight_bit,
                                  .held = r->held,
                                  .overrules_register = r->overrules_register,
                                  .not_before = r->not_before,
                                  .expires = start + (int64_t)r->conf->relay_expiry,
                                  .message_id = s->outward.message_id,
                                  .session = r->session,
                                  .recipients = s->queued.items,
                                  .recipient_count = s->queued.len};
}

static void wake(const struct sending *s)
{
    if (!s->request->wake_path)
        return;
    vec_each (&s->targets, t)
        wake_send(s->request->wake_path, &(struct wake_notice){t->bal->id, t->folder_id, t->modseq});
}

static enum send_outcome conclude(struct sending *s, enum store_status status)
{
    struct send_request *r = s->request;
    if (status == STORE_OK) {
        r->queue_id = s->queue.id;
        r->sent_uid = s->targets.items[0].uid;
        snprintf(r->message_id, sizeof(r->message_id), "%s", s->outward.message_id);
        wake(s);
        return SEND_ACCEPTED;
    }
    struct send_verdict *v = &r->verdict;
    bool full = status == STORE_OVER_QUOTA, gone = status == STORE_REFUSED;
    *v = (struct send_verdict){.judgement = gone ? SEND_RECIPIENT_REFUSED : SEND_RECIPIENT_TEMPORARY};
    snprintf(v->rule, sizeof(v->rule), "%s", full ? "quota" : gone ? "recipient.state" : "store.unavailable");
    snprintf(v->reply, sizeof(v->reply), "%s",
             full   ? "452 4.2.2 A mailbox is full: the sender's or a recipient's"
             : gone ? "550 5.2.1 A mailbox has been closed"
                    : "451 4.3.0 Message cannot be stored now, try again later");
    snprintf(v->words, sizeof(v->words), "%s",
             full   ? "La boîte aux lettres de l'expéditeur ou d'un destinataire est pleine."
             : gone ? "Une des boîtes aux lettres vient d'être fermée."
                    : "Le service est momentanément indisponible. Réessayez dans quelques minutes.");
    return gone ? SEND_REFUSED : SEND_TEMPORARY;
}

static void sending_init(struct sending *s, struct send_request *r)
{
    *s = (struct sending){.request = r, .outward = {.message_id = ""}};
    s->verdicts = xcalloc(r->to_count, sizeof(*s->verdicts));
    str_init(&s->outward.head, r->message.n + 65536);
    spool_init(&s->whole, r->message.n + 65536);
    str_init(&s->outward.bcc, r->message.n + 16);
    str_init(&s->front, 4096);
    str_init(&s->local_head, 4096);
    str_init(&s->opaque, SUMMARY_MAX);
}

static void sending_free(struct sending *s)
{
    xfree(&s->verdicts);
    str_free(&s->outward.head);
    spool_free(&s->whole);
    str_free(&s->outward.bcc);
    str_free(&s->front);
    str_free(&s->local_head);
    str_free(&s->opaque);
    parse_answer_free(&s->parsed);
    vec_free(&s->targets);
    vec_free(&s->queued);
}

/* A recipient of ours speaks for itself alone: its read receipt. */
static bool speaks_for(struct span address, const void *request)
{
    const struct send_request *r = request;
    struct str key;
    str_init(&key, ADDRESS_MAX);
    bool own = address_key_of(&key, address) && span_is(str_span(&key), r->from->address);
    str_free(&key);
    return own;
}

/* Into the queue, the Sent folder and the BALs of ours; their rules and out-of-office are theirs. */
static enum send_outcome hand_over(struct db *db, struct delivery_keys *keys, const struct trust_snapshot *snapshot,
                                   struct sending *s)
{
    const struct send_request *r = s->request;
    struct arrival arrival;
    struct delivery delivery = {.body = spool_span(&s->whole),
                                .summary = s->summary,
                                .internal_date = wall_s(),
                                .targets = s->targets.items,
                                .target_count = s->targets.len,
                                .also = add_to_queue,
                                .also_arg = s};
    arrival_begin(&arrival, delivery.body, &s->summary, r->null_sender ? "" : r->from->address);
    arrival.speaks_for = speaks_for;
    arrival.arg = r;
    for (size_t i = 1; i < s->targets.len; i++)
        arrival_sort(db, &arrival, &s->targets.items[i]);
    enum send_outcome outcome = conclude(s, arrival_deliver(db, keys, &arrival, &delivery));
    if (outcome == SEND_ACCEPTED)
        arrival_answer(db, keys, snapshot, &arrival, delivery.targets + 1, delivery.target_count - 1, r);
    return outcome;
}

static void report_success(struct db *db, struct delivery_keys *keys, struct sending *s)
{
    const struct send_request *r = s->request;
    bool *delivered = xcalloc(r->to_count, sizeof(*delivered));
    for (size_t i = 0; i < r->to_count; i++)
        delivered[i] = s->verdicts[i].is_local && !later(r);
    send_report_success(db, keys, r, spool_span(&s->whole), delivered);
    xfree(&delivered);
}

/* Twice where fields of ours go in: what they say stands in the summary of what has none. */
static bool compose_and_summarise(struct sending *s)
{
    char extra[512] = "";
    if (!compose(s, ""))
        return false;
    summarise(s);
    if (!send_facts_missing(extra, &s->summary, s->request->message))
        return true;
    if (!compose(s, extra))
        return false;
    summarise(s);
    return true;
}

enum send_outcome send_message(struct db *db, struct delivery_keys *keys, const struct trust_snapshot *snapshot,
                               struct send_request *r)
{
    struct sending s;
    sending_init(&s, r);
    if (!judge_all(db, snapshot, &s)) {
        bool passing = r->verdict.judgement == SEND_RECIPIENT_TEMPORARY;
        sending_free(&s);
        return passing ? SEND_TEMPORARY : SEND_REFUSED;
    }
    r->held = r->held || send_rate_exceeded(db, r);
    if (!compose_and_summarise(&s)) {
        enum send_outcome outcome = conclude(&s, STORE_UNAVAILABLE);
        sending_free(&s);
        return outcome;
    }
    build_local_head(&s);
    plan_recipients(&s);
    plan_sent(&s);
    plan_queue(&s);
    enum send_outcome outcome = hand_over(db, keys, snapshot, &s);
    if (outcome == SEND_ACCEPTED)
        report_success(db, keys, &s);
    sending_free(&s);
    return outcome;
}
