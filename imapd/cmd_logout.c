/* LOGOUT (RFC 9051 6.1.3). */
#include "imapd/commands.h"
#include "imapd/reply.h"

enum outcome cmd_logout(struct session *s, struct command *c)
{
    if (!imap_at_end(&c->r))
        return reply_bad(c, "LOGOUT takes nothing.");
    reply_untagged(s, "BYE Until next time.");
    session_set_state(s, STATE_LOGOUT);
    return reply_ok(c, NULL, "LOGOUT completed.");
}
