/* RCPT TO: the role's road judges whom it names. */
#include "smtpd/commands.h"

#include "smtpd/road.h"

void command_rcpt(struct session *s, struct span argument)
{
    struct envelope *e = &s->envelope;
    const char *error = smtp_parse_rcpt(argument, e->mail.smtputf8, &s->rcpt);
    if (!error && e->chunking)
        error = "503 5.5.1 BDAT has begun this message";
    if (!error && e->accepted_recipients >= s->worker->limits.recipients)
        error = "452 4.5.3 Too many recipients";
    if (error) {
        session_reply(s, error);
        return;
    }
    /* The line it points into is gone when a job comes back. */
    struct smtp_rcpt *r = &s->rcpt;
    bool postmaster = r->to.address.domain.n == 0;
    r->to.text = arena_span(e->arena, r->to.text);
    r->orcpt = r->orcpt.p ? arena_span(e->arena, r->orcpt) : SPAN_NONE;
    if (!postmaster)
        must(address_parse(r->to.text, true, &r->to.address));
    s->worker->road->recipient(s);
}
