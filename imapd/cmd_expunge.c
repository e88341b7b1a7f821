/* EXPUNGE (RFC 9051 6.4.3) and UID EXPUNGE (6.4.9). */
#include "imapd/commands.h"
#include "imapd/expunge.h"
#include "imapd/limit.h"
#include "imapd/reply.h"
#include "imapd/selection.h"

enum outcome cmd_expunge(struct session *s, struct command *c)
{
    imap_set set = {0};
    uid_list uids = {0};
    enum store_status status = STORE_OK;
    enum selection selection = SELECTION_OK;
    if (c->uid)
        selection = imap_sp(&c->r) ? selection_read(s, c, &set, &status) : SELECTION_BAD;
    bool syntax = imap_at_end(&c->r);
    if (selection == SELECTION_OK && syntax && c->uid)
        view_expand(s->view, &set, &uids);
    limit_uids(s, c, &uids);
    vec_free(&set);
    if (selection != SELECTION_OK || !syntax) {
        vec_free(&uids);
        return syntax || selection == SELECTION_STORE ? selection_reply(c, selection, status)
                                                      : reply_bad(c, "Too much was said.");
    }
    if (!c->uid || uids.len > 0)
        status = expunge_deleted(s, c->uid ? uids.items : NULL, uids.len); /* our own lines come with the sync */
    vec_free(&uids);
    return status == STORE_OK ? reply_ok(c, limit_code(s, c, NULL), "EXPUNGE completed.") : reply_store(c, status);
}
