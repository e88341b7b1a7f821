#include "smtpd/commands.h"

#include "smtpd/road.h"

#include <string.h>

enum { BOTH = IN_MX | IN_SUBMISSION };

static const struct command_row rows[] = {
    {"EHLO", BOTH, command_ehlo},
    {"HELO", BOTH, command_helo},
    {"STARTTLS", BOTH | NEEDS_HELO | LAST_IN_GROUP, command_starttls},
    {"AUTH", IN_SUBMISSION | NEEDS_TLS | NEEDS_HELO | LAST_IN_GROUP, command_auth},
    {"MAIL", BOTH | NEEDS_TLS | NEEDS_IDENTITY | NEEDS_HELO, command_mail},
    {"RCPT", BOTH | NEEDS_TLS | NEEDS_IDENTITY | NEEDS_MAIL, command_rcpt},
    {"DATA", BOTH | NEEDS_TLS | NEEDS_IDENTITY | NEEDS_MAIL, command_data},
    {"BDAT", BOTH | NEEDS_TLS, command_bdat}, /* its bytes must be read whatever becomes of it */
    {"RSET", BOTH, command_rset},
    {"NOOP", BOTH, command_noop},
    {"VRFY", BOTH | NEEDS_TLS | NEEDS_IDENTITY, command_vrfy},
    {"EXPN", BOTH | NEEDS_TLS | NEEDS_IDENTITY, command_expn},
    {"HELP", BOTH | NEEDS_TLS | NEEDS_IDENTITY, command_help},
    {"QUIT", BOTH, command_quit},
};

/* Traced once a session: who knocks without TLS may knock as often as the errors' limit lets them. */
static void refuse_clear_text(struct session *s, const char *verb)
{
    static const char reply[] = "530 5.7.0 Must issue a STARTTLS command first [tls.required]";
    if (s->clear_refused) {
        session_reply(s, reply);
        return;
    }
    s->clear_refused = true;
    refuse(s, trust_rule_name(TRUST_NO_TLS), verb, reply);
}

/* May it run now? Refuses by itself when not. */
static bool allowed(struct session *s, const struct command_row *row)
{
    if ((row->flags & NEEDS_TLS) && !conn_is_tls(s->conn)) {
        refuse_clear_text(s, row->verb);
    } else if ((row->flags & NEEDS_IDENTITY) && !s->worker->road->identified(s)) {
        return false;
    } else if ((row->flags & NEEDS_HELO) && !s->helo[0]) {
        session_reply(s, "503 5.5.1 EHLO first");
    } else if ((row->flags & NEEDS_MAIL) && !envelope_open(s)) {
        session_reply(s, "503 5.5.1 MAIL first");
    } else {
        return true;
    }
    return false;
}

void command_run(struct session *s, struct span line)
{
    struct smtp_command command;
    unsigned role = s->worker->role == ROLE_MX ? IN_MX : IN_SUBMISSION;
    smtp_command_split(line, &command);
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (!(rows[i].flags & role) || strcmp(rows[i].verb, command.verb) != 0)
            continue;
        if ((rows[i].flags & LAST_IN_GROUP) && conn_input(s->conn).n > 0)
            log_event(LOG_WARN, &s->log, "smtp.pipelined", LS("verb", rows[i].verb));
        if (allowed(s, &rows[i]))
            rows[i].run(s, command.argument);
        return;
    }
    session_reply(s, "500 5.5.1 Unknown command");
}
