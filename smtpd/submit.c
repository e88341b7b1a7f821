/* The last stretch of a client's message: judged as its writer's own, handed to lib/store/send in one job. */
#include "smtpd/road.h"

#include "lib/base/metrics.h"
#include "lib/proto/header_fields.h"
#include "lib/store/send_rate.h"
#include "smtpd/write_as.h"

#include <stdio.h>
#include <string.h>

static bool refuse_here(struct job_thread *thread, struct session *s, const char *rule, const char *detail,
                        const char *reply)
{
    refuse_note(s, rule, detail, reply);
    refuse_trace(thread, s);
    refuse_log(s);
    snprintf(s->answer, sizeof(s->answer), "%s", s->refusal.reply);
    return false;
}

/* The right to send and the BAL's state, as they are now and not as they were at AUTH. */
static bool judge_right(struct job_thread *thread, struct session *s, struct send_counts *counts)
{
    bool may_send = false;
    enum store_status status =
        send_standing(thread->db, s->bal.id, s->grant.person_id, s->grant.certificate_id, &may_send, counts);
    if (status != STORE_OK) {
        snprintf(s->answer, sizeof(s->answer),
                 "451 4.3.0 Rights cannot be looked up now, try again later [store.unavailable]");
        return false;
    }
    return may_send || refuse_here(thread, s, write_as_rule(WRITE_AS_NO_RIGHT), "right withdrawn",
                                   write_as_reply(WRITE_AS_NO_RIGHT));
}

static bool is_ours(struct span domain, const void *snapshot)
{
    return trust_is_ours(snapshot, domain);
}

static bool judge_header(struct job_thread *thread, struct session *s)
{
    struct writer writer = submission_writer(s);
    struct span message = str_span(&s->envelope.message);
    writer.is_ours = is_ours;
    writer.arg = s->job_snapshot;
    writer.null_sender = s->envelope.mail.from.null;
    enum write_as as = write_as_header(&writer, message);
    if (as != WRITE_AS_OK)
        return refuse_here(thread, s, write_as_rule(as), "header", write_as_reply(as));
    if (header_count(message, "Received") <= s->worker->limits.hops)
        return true;
    return refuse_here(thread, s, "content.hops", "too many Received fields", "554 5.4.6 Too many hops");
}

static struct send_recipient *recipients_of(const struct envelope *e)
{
    struct send_recipient *to = xcalloc(e->recipients.len, sizeof(*to));
    for (size_t i = 0; i < e->recipients.len; i++) {
        const struct recipient *r = &e->recipients.items[i];
        snprintf(to[i].address, sizeof(to[i].address), "%.*s", (int)r->text.n, r->text.p);
        snprintf(to[i].orcpt, sizeof(to[i].orcpt), "%.*s", (int)r->orcpt.n, r->orcpt.p ? r->orcpt.p : "");
        to[i].notify = r->notify;
    }
    return to;
}

static const char *terminated(struct arena *arena, struct span text)
{
    return text.n > 0 ? arena_strndup(arena, text.p, text.n) : NULL;
}

static const char *product_of(struct session *s)
{
    struct header_field field;
    if (!header_find(str_span(&s->envelope.message), "X-MSS-NIL", &field))
        return NULL;
    struct span value = span_trim(field.body);
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] <= 0x20 || value.p[i] >= 0x7f)
            return NULL;
    return value.n > 0 && value.n <= 64 ? arena_strndup(s->envelope.arena, value.p, value.n) : NULL;
}

static void send(struct job_thread *thread, struct session *s, const struct send_counts *counts)
{
    struct envelope *e = &s->envelope;
    const char *actor;
    struct send_recipient *to = recipients_of(e);
    struct send_request request = {.conf = s->worker->conf,
                                   .from = &s->bal,
                                   .person_id = s->grant.person_id,
                                   .certificate_id = s->grant.certificate_id,
                                   .message = str_span(&e->message),
                                   .to = to,
                                   .to_count = e->recipients.len,
                                   .ret = (unsigned)e->mail.ret,
                                   .smtputf8 = e->mail.smtputf8,
                                   .eight_bit = e->mail.body == SMTP_BODY_8BITMIME,
                                   .null_sender = e->mail.from.null,
                                   .envid = terminated(e->arena, e->mail.envid),
                                   .session = s->log.id,
                                   .peer = s->log.peer,
                                   .product = product_of(s),
                                   .not_before = e->mail.hold_until,
                                   .protocol = e->mail.smtputf8 ? "UTF8SMTPSA" : "ESMTPSA",
                                   .parse = thread->parse,
                                   .wake_path = s->worker->wake_path,
                                   .counts = counts};
    request.actor_kind = s->worker->road->actor(s, &actor);
    request.actor = actor;
    switch (send_message(thread->db, s->worker->keys, s->job_snapshot, &request)) {
    case SEND_ACCEPTED:
        snprintf(s->answer, sizeof(s->answer), "250 2.0.0 OK %s.%u", s->log.id, s->messages);
        break;
    case SEND_REFUSED:
        refuse_here(thread, s, request.verdict.rule, request.verdict.domain, request.verdict.reply);
        break;
    case SEND_TEMPORARY:
        snprintf(s->answer, sizeof(s->answer), "%s [%s]", request.verdict.reply, request.verdict.rule);
        break;
    }
    xfree(&to);
}

static void submit_job(struct job_thread *thread, struct session *s)
{
    struct send_counts counts;
    if (judge_right(thread, s, &counts) && judge_header(thread, s))
        send(thread, s, &counts);
}

static void submit_done(struct session *s)
{
    bool accepted = s->answer[0] == '2';
    log_event(LOG_INFO, &s->log, accepted ? "submission.accepted" : "submission.not_accepted",
              LU("bytes", s->envelope.message.len), LU("recipients", s->envelope.recipients.len), LU("bal", s->bal.id),
              LS("reply", s->answer));
    metric_add(M_SUBMISSION_ACCEPTED, accepted);
    s->errors = accepted ? 0 : s->errors;
    session_reply(s, s->answer);
    envelope_reset(s);
}

void submit_message(struct session *s)
{
    s->envelope.over = true; /* whatever is refused now ends with its answer */
    if (!road_submission.identified(s))
        return;
    s->messages++;
    session_job(s, submit_job, submit_done);
}
