/* MAIL FROM: what every role asks of it; then the role's road judges the sender. */
#include "smtpd/commands.h"

#include "lib/base/clock.h"
#include "smtpd/road.h"

/* FUTURERELEASE (RFC 4865): within what EHLO said, as a date. */
static const char *judge_hold(struct session *s, struct smtp_mail *mail)
{
    uint64_t most = s->worker->road->hold_max ? s->worker->road->hold_max(s->worker->conf) : 0;
    if (!mail->hold_seconds && !mail->hold_until)
        return NULL;
    if (most == 0)
        return "555 5.5.4 FUTURERELEASE is not offered here";
    if (mail->hold_seconds)
        mail->hold_until = wall_s() + (int64_t)mail->hold_seconds;
    return mail->hold_until > wall_s() + (int64_t)most ? "501 5.5.4 Held for longer than EHLO allows" : NULL;
}

void command_mail(struct session *s, struct span argument)
{
    struct smtp_mail mail;
    struct str domain;
    const char *error = smtp_parse_mail(argument, &mail);
    str_init(&domain, ADDRESS_DOMAIN_MAX);
    if (!error && envelope_open(s))
        error = "503 5.5.1 Nested MAIL";
    if (!error && mail.size > s->worker->conf->smtpd_message_size)
        error = "552 5.3.4 Message is larger than SIZE allows";
    if (!error)
        error = judge_hold(s, &mail);
    if (!error && !mail.from.null && !domain_normalise(&domain, mail.from.address.domain))
        error = "553 5.1.7 Sender's domain is not a domain name";
    if (error)
        session_reply(s, error);
    else
        s->worker->road->sender(s, &mail, domain.data ? domain.data : "");
    str_free(&domain);
}
