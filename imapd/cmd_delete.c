/* DELETE (RFC 9051 6.3.5). */
#include "imapd/commands.h"
#include "imapd/notify.h"
#include "imapd/reply.h"
#include "imapd/traces.h"

enum outcome cmd_delete(struct session *s, struct command *c)
{
    struct span name;
    struct access *access;
    struct folder folder;
    char local[1024];
    if (!imap_sp(&c->r) || !imap_mailbox(&c->r, &name) || !imap_at_end(&c->r))
        return reply_bad(c, "A mailbox is expected.");
    enum store_status status = access_find(s, name, &access, local);
    if (status == STORE_OK && !(access->rights & RIGHT_DELETE))
        status = STORE_REFUSED;
    if (status == STORE_OK && span_is(span_of(local), "INBOX"))
        status = STORE_INVALID;
    if (status == STORE_OK)
        status = folder_by_name(s->thread->db, access->mailbox, local, &folder);
    if (status == STORE_OK)
        status = folder_delete(s->thread->db, access->mailbox, local);
    if (status == STORE_OK) {
        notify(s, access, folder.id);
        trace_done(s, "imap.delete", access, folder.id, NULL);
    }
    return status == STORE_OK ? reply_ok(c, NULL, "DELETE completed.") : reply_store(c, status);
}
