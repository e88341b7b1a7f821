/* CREATE (RFC 9051 6.3.4; USE: RFC 6154 3). */
#include "imapd/commands.h"
#include "imapd/notify.h"
#include "imapd/reply.h"
#include "imapd/traces.h"
#include "imapd/special_use.h"

#include <stdio.h>

/* "(USE ([\\Use …]))" (RFC 6154 6). *use is NULL for what cannot be: one we do not know, or two at once. */
static bool parse_use(struct imap_reader *r, const char **use)
{
    struct span flag;
    if (!imap_sp(r) || !imap_char(r, '(') || !imap_word(r, "USE") || !imap_sp(r) || !imap_char(r, '('))
        return false;
    for (unsigned i = 0; !imap_char(r, ')'); i++) {
        if ((i > 0 && !imap_sp(r)) || !imap_flag(r, &flag))
            return false;
        *use = i == 0 ? special_use_known(flag) : NULL;
    }
    return imap_char(r, ')');
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
    if (status == STORE_EXISTS && use[0] &&
        folder_by_name(s->thread->db, access->mailbox, local, &folder) == STORE_NOT_FOUND)
        return reply_no(c, "USEATTR", "Another mailbox has that use.");
    if (status != STORE_OK)
        return reply_store(c, status);
    (void)snprintf(id, sizeof(id), "MAILBOXID (F%lld)", (long long)folder.id);
    return reply_ok(c, arena_strdup(c->arena, id), "CREATE completed.");
}
