/* REPLACE and UID REPLACE (RFC 8508): a new message in place of an old one (a draft that is saved again). One act inside a
 * BAL, so that only the difference counts against its quota (3.4). From one BAL into another, or where the old one goes to
 * the Trash, the new one is committed first: a crash between leaves both, never none. */
#include "imapd/append.h"
#include "imapd/commands.h"
#include "imapd/expunge.h"
#include "imapd/reply.h"

enum outcome cmd_replace(struct session *s, struct command *c)
{
    uint32_t number;
    struct append_wish wish = {.most = 1};
    if (!imap_sp(&c->r) || !imap_nz_u32(&c->r, &number))
        return reply_bad(c, "A message is expected.");
    enum store_status status = view_load(s->view, s->thread->db);
    if (status != STORE_OK)
        return reply_store(c, status);
    uint32_t uid = c->uid ? (view_seq(s->view, number) ? number : 0) : view_uid(s->view, number);
    if (uid == 0)
        return reply_bad(c, "There is no such message.");
    if (s->view->read_only || !(expunge_rights_in(s->view->access, s->view->special_use) & RIGHT_EXPUNGE))
        return reply_no(c, "NOPERM", "Nothing may be replaced here.");
    wish.replaces = uid;
    if (append_messages(s, c, &wish) != APPENDED)
        return CMD_DONE; /* the refusal is set */
    str_puts(&s->out, "* OK [");
    str_puts(&s->out, wish.code);
    str_puts(&s->out, "] Replacement message ready.\r\n"); /* RFC 8508 3.3 */
    if (wish.replaced)
        expunge_done(s, &uid, 1);
    else
        status = expunge_any(s, &uid, 1);
    return status == STORE_OK ? reply_ok(c, NULL, "REPLACE completed.") : reply_store(c, status);
}
