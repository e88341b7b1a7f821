/* NOOP and CHECK (RFC 9051 6.1.2): an occasion for updates, which dispatch.c brings. */
#include "imapd/commands.h"
#include "imapd/reply.h"

enum outcome cmd_noop(struct session *s UNUSED, struct command *c)
{
    if (!imap_at_end(&c->r))
        return reply_bad(c, "This command takes nothing.");
    return reply_ok(c, NULL, "Completed.");
}
