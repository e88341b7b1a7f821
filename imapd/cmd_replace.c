/* REPLACE and UID REPLACE (RFC 8508): a new message in place of an old one (a draft that is saved again). The new one is
 * committed before the old one goes: a crash between leaves both, never none. */
#include "imapd/append.h"
#include "imapd/commands.h"
#include "imapd/expunge.h"
#include "imapd/reply.h"

static enum store_status take_out(struct session *s, uint32_t uid)
{
    struct flag_result result = {0};
    enum store_status status = messages_store_flags(s->thread->db, s->view->access->mailbox, s->view->folder_id, &uid,
                                                    1, FLAGS_ADD, FLAG_DELETED, UINT64_MAX, &result);
    vec_push(&s->view->own_changes, result.modseq);
    vec_free(&result.changed);
    vec_free(&result.refused);
    return status == STORE_OK ? expunge_deleted(s, &uid, 1, NULL) : status;
}

enum outcome cmd_replace(struct session *s, struct command *c)
{
    uint32_t number;
    const char *code = NULL;
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
    if (append_messages(s, c, 1, &code) != APPENDED)
        return CMD_DONE; /* the refusal is set */
    str_puts(&s->out, "* OK [");
    str_puts(&s->out, code);
    str_puts(&s->out, "] Replacement message ready.\r\n"); /* RFC 8508 3.3 */
    status = take_out(s, uid);
    return status == STORE_OK ? reply_ok(c, NULL, "REPLACE completed.") : reply_store(c, status);
}
