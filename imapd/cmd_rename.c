/* RENAME (RFC 9051 6.3.6), inside one BAL: from one BAL to another would need another key. */
#include "imapd/commands.h"
#include "imapd/notify.h"
#include "imapd/reply.h"
#include "imapd/traces.h"

#include <string.h>

enum outcome cmd_rename(struct session *s, struct command *c)
{
    struct span from, to;
    struct access *access, *target;
    char local[1024], renamed[1024];
    if (!imap_sp(&c->r) || !imap_mailbox(&c->r, &from) || !imap_sp(&c->r) || !imap_mailbox(&c->r, &to) ||
        !imap_at_end(&c->r))
        return reply_bad(c, "Two mailboxes are expected.");
    enum store_status status = access_find(s, from, &access, local);
    if (status == STORE_OK)
        status = access_find(s, to, &target, renamed);
    if (status == STORE_OK && access != target)
        return reply_no(c, "CANNOT", "A mailbox stays in its BAL.");
    if (status == STORE_OK && !(access->rights & RIGHT_CREATE && access->rights & RIGHT_DELETE))
        status = STORE_REFUSED;
    if (status == STORE_OK)
        status = folder_rename(s->thread->db, access->mailbox, local, renamed);
    if (status == STORE_OK) {
        notify(s, access, 0);
        trace_done(s, "imap.rename", access, 0, NULL);
    }
    if (status != STORE_OK)
        return reply_store(c, status);
    if (s->view && s->view->access == access && span_is(span_of(s->view->name), local)) {
        xfree(&s->view->name);
        s->view->name = xstrdup(renamed);
    }
    return reply_ok(c, NULL, "RENAME completed.");
}
