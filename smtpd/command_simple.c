/* The commands of one line. */
#include "smtpd/commands.h"

/* RFC 5321 4.1.1: commands that take no parameter are refused with one, and do nothing. */
static bool alone(struct session *s, struct span argument)
{
    if (argument.n > 0)
        session_reply(s, "501 5.5.4 This command takes no parameter");
    return argument.n == 0;
}

void command_rset(struct session *s, struct span argument)
{
    if (!alone(s, argument))
        return;
    envelope_reset(s);
    session_reply(s, "250 2.0.0 OK");
}

void command_noop(struct session *s, struct span argument UNUSED)
{
    session_reply(s, "250 2.0.0 OK");
}

/* RFC 5321 3.5.3: nobody is told which addresses exist. */
void command_vrfy(struct session *s, struct span argument)
{
    session_reply(s,
                  argument.n > 0 ? "252 2.1.5 Cannot VRFY, but will try to deliver" : "501 5.5.4 Syntax: VRFY address");
}

void command_expn(struct session *s, struct span argument UNUSED)
{
    session_reply(s, "502 5.5.1 EXPN is not offered");
}

void command_help(struct session *s, struct span argument UNUSED)
{
    session_reply(s, "214 2.0.0 RFC 5321, and the rules of the MSSante trust space");
}

void command_quit(struct session *s, struct span argument)
{
    if (alone(s, argument))
        session_close(s, "221 2.0.0 Bye");
}
