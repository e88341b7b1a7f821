/* UNAUTHENTICATE (RFC 8437): back to before log-in, TLS and its certificate kept. */
#include "imapd/commands.h"
#include "imapd/reply.h"
#include "imapd/worker.h"

enum outcome cmd_unauthenticate(struct session *s, struct command *c)
{
    if (!imap_at_end(&c->r) || !s->worker->all_extensions)
        return reply_bad(c, "UNAUTHENTICATE takes nothing, where it is offered.");
    session_forget(s);
    session_set_state(s, STATE_LOGIN);
    return reply_ok(c, NULL, "UNAUTHENTICATE completed.");
}
