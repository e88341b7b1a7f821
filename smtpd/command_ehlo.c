/* EHLO and HELO (RFC 5321 4.1.1.1): what we offer depends on what has been proven. */
#include "smtpd/commands.h"

#include "lib/base/clock.h"
#include "smtpd/road.h"

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

/* RFC 4865 5: how many seconds ahead, and until when. */
static void say_hold(struct session *s)
{
    uint64_t most = s->worker->road->hold_max(s->worker->conf);
    struct str until;
    if (most == 0)
        return;
    str_init(&until, 64);
    clock_iso8601(&until, wall_s() + (int64_t)most);
    session_replyf(s, "250-FUTURERELEASE %llu %s", (unsigned long long)most, until.data);
    str_free(&until);
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
    if (s->worker->road->hold_max)
        say_hold(s);
    if (s->worker->role == ROLE_SUBMISSION && conn_is_tls(s->conn))
        session_replyf(s, "250-AUTH %s", auth_mechanisms(s));
    session_replyf(s, "250-LIMITS RCPTMAX=%llu", (unsigned long long)s->worker->limits.recipients);
    session_reply(s, "250 ENHANCEDSTATUSCODES");
}
