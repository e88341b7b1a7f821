/* MAIL FROM: the sender's domain must be on the whitelist under the peer's DN (mssante.md, "Inbound rule"). */
#include "smtpd/commands.h"

void command_mail(struct session *s, struct span argument)
{
    struct smtp_mail mail;
    struct trust_verdict verdict;
    const char *error = smtp_parse_mail(argument, &mail);
    if (!error && envelope_open(s))
        error = "503 5.5.1 Nested MAIL";
    else if (!error && mail.size > s->worker->conf->smtpd_message_size)
        error = "552 5.3.4 Message is larger than SIZE allows";
    else if (!error && (mail.hold_seconds || mail.hold_until))
        error = "555 5.5.4 FUTURERELEASE is not offered here";
    if (error) {
        session_reply(s, error);
        return;
    }
    struct str domain;
    str_init(&domain, ADDRESS_DOMAIN_MAX);
    if (!mail.from.null && !domain_normalise(&domain, mail.from.address.domain)) {
        session_reply(s, "553 5.1.7 Sender's domain is not a domain name");
        str_free(&domain);
        return;
    }
    trust_judge_sender(s->worker->snapshot, &s->verdict, str_span(&domain), &verdict);
    if (verdict.rule == TRUST_OK) {
        envelope_start(s, &mail, domain.data ? domain.data : "");
        session_reply(s, "250 2.1.0 OK");
    } else {
        refuse_verdict(s, "mx.refuse", &verdict);
    }
    str_free(&domain);
}
