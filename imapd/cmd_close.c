/* CLOSE (RFC 9051 6.4.1) and UNSELECT (6.4.2). */
#include "imapd/commands.h"
#include "imapd/expunge.h"
#include "imapd/reply.h"

static void leave(struct session *s)
{
    session_leave(s);
    session_set_state(s, STATE_AUTHENTICATED);
}

enum outcome cmd_unselect(struct session *s, struct command *c)
{
    if (!imap_at_end(&c->r))
        return reply_bad(c, "UNSELECT takes nothing.");
    leave(s);
    return reply_ok(c, NULL, "UNSELECT completed.");
}

/* Expunges in silence, unless the folder is read-only; without the right it only closes (RFC 4314 4). */
enum outcome cmd_close(struct session *s, struct command *c)
{
    enum store_status status = STORE_OK;
    if (!imap_at_end(&c->r))
        return reply_bad(c, "CLOSE takes nothing.");
    if (!s->view->read_only)
        status = expunge_deleted(s, NULL, 0);
    if (status == STORE_UNAVAILABLE)
        return reply_store(c, status);
    leave(s);
    return reply_ok(c, NULL, "CLOSE completed.");
}
