/* EHLO and HELO (RFC 5321 4.1.1.1): what we offer depends on what has been proven. */
#include "smtpd/commands.h"

#include <stdio.h>

static bool take_name(struct session *s, struct span argument)
{
    const char *error = smtp_parse_helo(argument);
    if (error) {
        session_reply(s, error);
        return false;
    }
    snprintf(s->helo, sizeof(s->helo), "%.*s", (int)argument.n, argument.p);
    envelope_reset(s);
    return true;
}

void command_helo(struct session *s, struct span argument)
{
    if (!take_name(s, argument))
        return;
    s->esmtp = false;
    session_replyf(s, "250 %s", s->worker->conf->general_hostname);
}

void command_ehlo(struct session *s, struct span argument)
{
    const struct conf *conf = s->worker->conf;
    if (!take_name(s, argument))
        return;
    s->esmtp = true;
    session_replyf(s, "250-%s", conf->general_hostname);
    if (!conn_is_tls(s->conn))
        session_reply(s, "250-STARTTLS");
    session_replyf(s, "250-SIZE %llu", (unsigned long long)conf->smtpd_message_size);
    session_reply(s, "250-PIPELINING");
    session_reply(s, "250-8BITMIME");
    session_reply(s, "250-SMTPUTF8");
    session_reply(s, "250-CHUNKING");
    session_reply(s, "250-DSN");
    session_replyf(s, "250-LIMITS RCPTMAX=%llu", (unsigned long long)s->worker->limits.recipients);
    session_reply(s, "250 ENHANCEDSTATUSCODES");
}
