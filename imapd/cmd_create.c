/* CREATE (RFC 9051 6.3.4; USE: RFC 6154 3). */
#include "imapd/commands.h"
#include "imapd/notify.h"
#include "imapd/reply.h"
#include "imapd/traces.h"
#include "imapd/special_use.h"

#include <stdio.h>

static bool parse_use(struct imap_reader *r, const char **use)
{
    struct span flag;
    if (!imap_sp(r) || !imap_char(r, '(') || !imap_word(r, "USE") || !imap_sp(r) || !imap_char(r, '('))
        return false;
    if (!imap_flag(r, &flag) || !imap_char(r, ')') || !imap_char(r, ')'))
        return false;
    *use = special_use_known(flag);
    return true;
}

enum outcome cmd_create(struct session *s, struct command *c)
{
    struct span name;
    const char *use = "";
    struct access *access;
    struct folder folder;
    char local[1024], id[40];
    if (!imap_sp(&c->r) || !imap_mailbox(&c->r, &name) || (!imap_at_end(&c->r) && !parse_use(&c->r, &use)) ||
        !imap_at_end(&c->r))
        return reply_bad(c, "A mailbox is expected.");
    if (!use)
        return reply_no(c, "USEATTR", "That use is not known here.");
    enum store_status status = access_find(s, name, &access, local);
    if (status == STORE_OK && !(access->rights & RIGHT_CREATE))
        status = STORE_REFUSED;
    if (status == STORE_OK)
        status = folder_create(s->thread->db, access->mailbox, local, use, &folder);
    if (status == STORE_OK) {
        notify(s, access, folder.id);
        trace_done(s, "imap.create", access, folder.id, NULL);
    }
    if (status == STORE_CONFLICT && use[0])
        return reply_no(c, "USEATTR", "Another mailbox has that use.");
    if (status != STORE_OK)
        return reply_store(c, status);
    (void)snprintf(id, sizeof(id), "MAILBOXID (F%lld)", (long long)folder.id);
    return reply_ok(c, arena_strdup(c->arena, id), "CREATE completed.");
}
