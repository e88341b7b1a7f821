/* The rules of mx: another operator, known by its certificate, for BALs of ours (mssante.md, "Inbound rule"). */
#include "smtpd/road.h"

#include "lib/base/clock.h"

static bool identified(struct session *s)
{
    const struct trust_verdict *verdict = identify_peer(s);
    if (verdict)
        refuse_verdict(s, verdict);
    else if (!identify_within_limits(s))
        session_close(s, "421 4.7.0 Too many connections of this operator");
    else
        return true;
    return false;
}

static enum trace_actor actor(const struct session *s, const char **name)
{
    *name = s->verdict.dn;
    return TRACE_OPERATOR;
}

/* The sender's domain must be on the whitelist under the peer's DN. */
static void sender(struct session *s, const struct smtp_mail *mail, const char *domain)
{
    struct trust_verdict verdict;
    trust_judge_sender(worker_snapshot(s->worker), &s->verdict, span_of(domain), &verdict);
    if (verdict.rule != TRUST_OK) {
        refuse_verdict(s, &verdict);
        return;
    }
    envelope_start(s, mail, domain);
    session_reply(s, "250 2.1.0 OK");
}

/* A suspended BAL receives: nobody reads it meanwhile, and nothing is lost when it is resumed (schema: bal.state). */
static void accept_recipient(struct session *s, const struct bal *bal)
{
    if (bal->state == BAL_CLOSED) {
        s->envelope.refused_recipients++;
        s->refusal.bal_id = bal->id;
        refuse(s, "recipient.state", bal_state_name(bal->state), "550 5.2.1 Mailbox is closed");
    } else if (bal->quota_bytes > 0 && bal->used_bytes + s->envelope.mail.size > bal->quota_bytes) {
        refuse_for_now(s, "quota", "452 4.2.2 Mailbox is full");
    } else {
        envelope_add(s, bal);
        session_reply(s, "250 2.1.5 OK");
    }
}

static void look_up(struct job_thread *thread, struct session *s)
{
    s->rcpt_status =
        bal_of_recipient(thread->db, str_span(&s->rcpt_key), s->worker->conf->mx_postmaster, &s->rcpt_verdict.local);
}

static void looked_up(struct session *s)
{
    const struct bal *bal = &s->rcpt_verdict.local;
    if (s->rcpt_status == STORE_OK) {
        bal_cache_put(s->worker->bals, str_span(&s->rcpt_key), bal, clock_ms());
        accept_recipient(s, bal);
    } else if (s->rcpt_status == STORE_NOT_FOUND) {
        s->envelope.refused_recipients++;
        refuse(s, "recipient.unknown", "no such mailbox", "550 5.1.1 No such mailbox here");
    } else {
        log_event(LOG_ERROR, &s->log, "store.unavailable", LS("status", store_status_name(s->rcpt_status)));
        refuse_for_now(s, "store.unavailable", "451 4.3.0 Mailboxes cannot be looked up now, try again later");
    }
}

/* The key that BALs are found by; <postmaster> is the one of our first domain (RFC 5321 4.5.1). False: not ours. */
static bool find_key(struct session *s)
{
    const struct address *to = &s->rcpt.to.address;
    const char *const *own;
    str_clear(&s->rcpt_key);
    if (to->domain.n > 0)
        return address_key(&s->rcpt_key, to) && trust_is_ours(worker_snapshot(s->worker), to->domain);
    return trust_own_domains(worker_snapshot(s->worker), &own) > 0 && str_addf(&s->rcpt_key, "postmaster@%s", own[0]);
}

static void recipient(struct session *s)
{
    if (!find_key(s)) {
        s->envelope.refused_recipients++;
        refuse(s, "recipient.not_ours", "domain is not ours", "550 5.7.1 Relaying denied: not a domain of ours");
        return;
    }
    const struct bal *bal = bal_cache_get(s->worker->bals, str_span(&s->rcpt_key), clock_ms());
    if (bal)
        accept_recipient(s, bal);
    else
        session_job(s, look_up, looked_up);
}

const struct road road_mx = {identified, sender, recipient, deliver_message, actor, "in", "mx.refuse", NULL};
