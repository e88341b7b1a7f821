/* RCPT TO: a BAL of ours that is open. */
#include "smtpd/commands.h"

#include "lib/base/clock.h"

#include <string.h>

static const char *bal_fault(const struct bal *bal)
{
    switch (bal->state) {
    case BAL_OPEN:
        return NULL;
    case BAL_WAITING:
    case BAL_SUSPENDED:
        return "550 5.2.1 Mailbox is not active";
    case BAL_CLOSED:
        break;
    }
    return "550 5.1.1 Mailbox is closed";
}

static void accept_recipient(struct session *s, const struct bal *bal)
{
    const char *fault = bal_fault(bal);
    struct span key = str_span(&s->rcpt_key);
    if (fault) {
        s->envelope.refused_recipients++;
        s->refusal.bal_id = bal->id;
        refuse(s, "mx.refuse", "recipient.state", bal_state_name(bal->state), fault);
        return;
    }
    if (bal->quota_bytes > 0 && bal->used_bytes + s->envelope.mail.size > bal->quota_bytes) {
        session_reply(s, "452 4.2.2 Mailbox is full");
        return;
    }
    if (!envelope_has(s, key))
        envelope_add(s, &s->rcpt, key, bal);
    s->envelope.accepted_recipients++;
    session_reply(s, "250 2.1.5 OK");
}

static void look_up(struct job_thread *thread, struct session *s)
{
    s->rcpt_status = bal_by_address(thread->db, str_span(&s->rcpt_key), &s->rcpt_bal);
}

static void looked_up(struct session *s)
{
    if (s->rcpt_status == STORE_OK) {
        bal_cache_put(s->worker->bals, str_span(&s->rcpt_key), &s->rcpt_bal, clock_ms());
        accept_recipient(s, &s->rcpt_bal);
    } else if (s->rcpt_status == STORE_NOT_FOUND) {
        s->envelope.refused_recipients++;
        refuse(s, "mx.refuse", "recipient.unknown", "no such mailbox", "550 5.1.1 No such mailbox here");
    } else {
        log_event(LOG_ERROR, &s->log, "store.unavailable", LS("status", store_status_name(s->rcpt_status)));
        session_reply(s, "451 4.3.0 Mailboxes cannot be looked up now, try again later");
    }
}

/* The key that BALs are found by; <postmaster> is the one of our first domain (RFC 5321 4.5.1). False: not ours. */
static bool find_key(struct session *s, const struct smtp_rcpt *rcpt)
{
    const char *const *own;
    str_clear(&s->rcpt_key);
    if (rcpt->to.address.domain.n > 0)
        return address_key(&s->rcpt_key, &rcpt->to.address) &&
               trust_is_ours(s->worker->snapshot, rcpt->to.address.domain);
    return trust_own_domains(s->worker->snapshot, &own) > 0 && str_addf(&s->rcpt_key, "postmaster@%s", own[0]);
}

void command_rcpt(struct session *s, struct span argument)
{
    struct envelope *e = &s->envelope;
    const char *error = smtp_parse_rcpt(argument, e->mail.smtputf8, &s->rcpt);
    if (error) {
        session_reply(s, error);
        return;
    }
    if (e->accepted_recipients >= s->worker->limits.recipients) {
        session_reply(s, "452 4.5.3 Too many recipients");
        return;
    }
    if (!find_key(s, &s->rcpt)) {
        e->refused_recipients++;
        refuse(s, "mx.refuse", "recipient.not_ours", "domain is not ours", "550 5.7.1 Relaying denied: not a domain of ours");
        return;
    }
    /* The line it points into is gone when a job comes back. */
    s->rcpt.to.text = arena_span(e->arena, s->rcpt.to.text);
    s->rcpt.orcpt = s->rcpt.orcpt.p ? arena_span(e->arena, s->rcpt.orcpt) : SPAN_NONE;
    const struct bal *bal = bal_cache_get(s->worker->bals, str_span(&s->rcpt_key), clock_ms());
    if (bal)
        accept_recipient(s, bal);
    else
        session_job(s, look_up, looked_up);
}
