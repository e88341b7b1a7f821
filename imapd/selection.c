/* Message sets of commands. See selection.h. */
#include "imapd/selection.h"

#include "imapd/reply.h"

enum selection selection_read(struct session *s, struct command *c, imap_set *uids, enum store_status *status)
{
    struct span text;
    imap_set given = {0};
    if (!imap_set_text(&c->r, &text))
        return SELECTION_BAD;
    *status = view_load(s->view, s->thread->db);
    if (*status != STORE_OK)
        return SELECTION_STORE;
    if (span_is(text, "$")) { /* RFC 5182 2.1: never SEARCHed is empty */
        vec_each (&s->saved, range)
            vec_push(uids, *range);
        return SELECTION_OK;
    }
    bool ok = imap_set_parse(text, &given) && view_resolve(s->view, &given, c->uid, uids);
    vec_free(&given);
    if (ok)
        imap_set_resolve(uids, 0);
    return ok ? SELECTION_OK : SELECTION_BAD;
}

enum outcome selection_reply(struct command *c, enum selection selection, enum store_status status)
{
    return selection == SELECTION_STORE ? reply_store(c, status) : reply_bad(c, "That set of messages is not valid.");
}
