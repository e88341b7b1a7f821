/* CANCELUPDATE (RFC 5267 4.4): kept searches are forgotten, by the tags of the commands that began them. */
#include "imapd/commands.h"
#include "imapd/context.h"
#include "imapd/reply.h"
#include "imapd/worker.h"

enum outcome cmd_cancelupdate(struct session *s, struct command *c)
{
    struct span tag;
    bool known = true;
    if (!s->worker->all_extensions || imap_at_end(&c->r))
        return reply_bad(c, "CANCELUPDATE takes tags, where it is offered.");
    while (!imap_at_end(&c->r)) {
        if (!imap_sp(&c->r) || !imap_string(&c->r, &tag))
            return reply_bad(c, "CANCELUPDATE takes tags in quotes.");
        known = context_cancel(s, tag) && known;
    }
    return known ? reply_ok(c, NULL, "CANCELUPDATE completed.") : reply_bad(c, "There is no such search.");
}
