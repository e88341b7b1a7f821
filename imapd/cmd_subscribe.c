/* SUBSCRIBE and UNSUBSCRIBE (RFC 9051 6.3.7, 6.3.8). */
#include "imapd/commands.h"
#include "imapd/notify.h"
#include "imapd/reply.h"

static enum outcome subscribe(struct session *s, struct command *c, bool subscribed)
{
    struct span name;
    struct access *access;
    char local[1024];
    if (!imap_sp(&c->r) || !imap_mailbox(&c->r, &name) || !imap_at_end(&c->r))
        return reply_bad(c, "A mailbox is expected.");
    enum store_status status = access_find(s, name, &access, local);
    if (status == STORE_OK)
        status = folder_subscribe(s->thread->db, access->mailbox, local, subscribed);
    if (status == STORE_OK)
        notify(s, access, 0);
    return status == STORE_OK ? reply_ok(c, NULL, "Completed.") : reply_store(c, status);
}

enum outcome cmd_subscribe(struct session *s, struct command *c)
{
    return subscribe(s, c, true);
}

enum outcome cmd_unsubscribe(struct session *s, struct command *c)
{
    return subscribe(s, c, false);
}
