/* The rules of submission: a professional or an application that has proven who it is, for anybody in the trust space. */
#include "smtpd/road.h"

#include "smtpd/write_as.h"

/* A session that stands on a certificate ends its rights with it: revoked or expired meanwhile, it is refused now. */
static bool identified(struct session *s)
{
    const struct trust_verdict *verdict = s->grant.certificate_id ? identify_peer(s) : NULL;
    if (!s->authenticated)
        session_reply(s, "530 5.7.0 Authentication required");
    else if (verdict)
        refuse_verdict(s, verdict);
    return s->authenticated && !verdict;
}

static enum trace_actor actor(const struct session *s, const char **name)
{
    *name = s->authenticated ? s->grant.person_name : s->verdict.dn;
    return s->grant.person_id ? TRACE_PERSON : TRACE_CERTIFICATE;
}

struct writer submission_writer(const struct session *s)
{
    return (struct writer){.bal = s->bal.address,
                           .may_send = s->grant.may_send,
                           .shared = s->bal.kind == BAL_ORG || s->bal.kind == BAL_CAB};
}

static void sender(struct session *s, const struct smtp_mail *mail, const char *domain)
{
    struct writer writer = submission_writer(s);
    enum write_as as = write_as_envelope(&writer, mail->from.text);
    if (as != WRITE_AS_OK) {
        refuse(s, write_as_rule(as), "MAIL FROM", write_as_reply(as));
        return;
    }
    envelope_start(s, mail, domain);
    session_reply(s, "250 2.1.0 OK");
}

static void judged(struct session *s)
{
    const struct send_verdict *v = &s->rcpt_verdict;
    switch (v->judgement) {
    case SEND_RECIPIENT_OK:
        envelope_add(s, v->is_local ? &v->local : NULL);
        session_reply(s, "250 2.1.5 OK");
        break;
    case SEND_RECIPIENT_REFUSED:
        s->envelope.refused_recipients++;
        refuse(s, v->rule, v->domain, v->reply);
        break;
    case SEND_RECIPIENT_TEMPORARY:
        refuse_for_now(s, v->rule, v->reply);
        break;
    }
}

static void judge(struct session *s, struct db *db, const struct trust_snapshot *snapshot)
{
    send_judge_recipient(db, snapshot, s->worker->conf, s->rcpt.to.text, s->envelope.mail.size, &s->rcpt_verdict);
}

static void judge_in_job(struct job_thread *thread, struct session *s)
{
    judge(s, thread->db, s->job_snapshot);
}

/* <postmaster> is the one of our first domain (RFC 5321 4.5.1): what is kept of an envelope has its domain (RFC 6409 4.2). */
static void qualify_postmaster(struct session *s, const struct trust_snapshot *snapshot)
{
    const char *const *own;
    struct smtp_path *to = &s->rcpt.to;
    if (to->address.domain.n > 0 || !snapshot || trust_own_domains(snapshot, &own) == 0)
        return;
    to->text = span_of(arena_printf(s->envelope.arena, "postmaster@%s", own[0]));
    must(address_parse(to->text, true, &to->address));
}

/* Domains of others are judged from the snapshot at once; ours ask the database. */
static void recipient(struct session *s)
{
    const struct trust_snapshot *snapshot = worker_snapshot(s->worker);
    struct address *to = &s->rcpt.to.address;
    qualify_postmaster(s, snapshot);
    if (to->domain.n == 0 || !address_key(&s->rcpt_key, to)) {
        session_reply(s, "501 5.1.3 Bad address syntax");
    } else if (snapshot && trust_is_ours(snapshot, to->domain)) {
        session_job(s, judge_in_job, judged);
    } else {
        judge(s, NULL, snapshot);
        judged(s);
    }
}

static uint64_t hold_max(const struct conf *conf)
{
    return conf->submission_hold;
}

const struct road road_submission = {identified, sender, recipient,           submit_message,
                                     actor,      "out",  "submission.refuse", hold_max};
