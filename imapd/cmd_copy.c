/* COPY (RFC 9051 6.4.7) and MOVE (RFC 6851), with COPYUID (RFC 4315). Inside one BAL blobs are shared;
 * into another one copy_between.c carries them. */
#include "imapd/commands.h"
#include "imapd/copy_between.h"
#include "imapd/expunge.h"
#include "imapd/flags.h"
#include "imapd/limit.h"
#include "imapd/notify.h"
#include "imapd/reply.h"
#include "imapd/selection.h"
#include "imapd/sync.h"
#include "imapd/traces.h"

static const char *uid_code(struct command *c, const copied_list *copied, uint32_t uidvalidity)
{
    struct str code;
    imap_set from = {0}, to = {0};
    str_init(&code, 4 << 20);
    vec_each (copied, one) {
        imap_set_add(&from, one->from);
        imap_set_add(&to, one->to);
    }
    str_addf(&code, "COPYUID %u ", uidvalidity);
    imap_set_write(&code, &from);
    str_putc(&code, ' ');
    imap_set_write(&code, &to);
    char *text = arena_strndup(c->arena, code.data, code.len);
    str_free(&code);
    vec_free(&from);
    vec_free(&to);
    return text;
}

static void trace_copied(struct session *s, bool move, const struct access *access, const copied_list *copied)
{
    imap_set from = {0};
    vec_each (copied, one)
        imap_set_add(&from, one->from);
    trace_done(s, move ? "imap.move" : "imap.copy", access, s->view->folder_id, &from);
    vec_free(&from);
}

struct copying {
    struct access *access; /* the target's, once found */
    int64_t folder_id;
    const char *code; /* COPYUID */
    bool limited;
};

static enum store_status copy(struct session *s, struct command *c, const imap_set *set, struct span name, bool move,
                              struct copying *k)
{
    struct access *access;
    struct folder folder;
    char local[1024];
    uid_list uids = {0};
    copied_list copied = {0};
    uint32_t uidvalidity = 0;
    enum store_status status = access_find(s, name, &access, local);
    if (status == STORE_OK)
        status = folder_by_name(s->thread->db, access->mailbox, local, &folder);
    if (status == STORE_OK && folder.no_select)
        status = STORE_NOT_FOUND;
    if (status == STORE_OK && !(access->rights & RIGHT_INSERT))
        status = STORE_REFUSED;
    if (status == STORE_OK) {
        k->access = access;
        k->folder_id = folder.id;
        view_expand(s->view, set, &uids);
        if (move)
            limit_uids(s, c, &uids);
        else
            k->limited = limit_passed(s, uids.len); /* all or none (RFC 9051 6.4.7) */
        if (k->limited)
            uids.len = 0;
        if (uids.len > 0 && access != s->view->access) /* another BAL has another key */
            status = copy_between(s, access, &folder, &uids, move, &copied, &uidvalidity);
        else if (uids.len > 0)
            status = messages_copy(s->thread->db, access->mailbox, s->view->folder_id, folder.id, uids.items, uids.len,
                                   move, &copied, &uidvalidity);
        if (status == STORE_OK && copied.len > 0) {
            k->code = uid_code(c, &copied, uidvalidity);
            notify(s, access, folder.id);
            c->removed = move;
            if (move)
                notify(s, access, s->view->folder_id);
            trace_copied(s, move, access, &copied);
        }
    }
    vec_free(&uids);
    vec_free(&copied);
    return status;
}

static enum outcome run(struct session *s, struct command *c, bool move)
{
    imap_set set = {0};
    struct span name;
    struct copying k = {0};
    enum store_status status = STORE_OK;
    enum selection selection = imap_sp(&c->r) ? selection_read(s, c, &set, &status) : SELECTION_BAD;
    enum outcome outcome;
    if (selection != SELECTION_OK) {
        outcome = selection_reply(c, selection, status);
    } else if (!imap_sp(&c->r) || !imap_mailbox(&c->r, &name) || !imap_at_end(&c->r)) {
        outcome = reply_bad(c, "A mailbox is expected.");
    } else if (move &&
               (s->view->read_only || !(expunge_rights_in(s->view->access, s->view->special_use) & RIGHT_EXPUNGE))) {
        outcome = reply_no(c, "NOPERM", "Nothing may be moved from here.");
    } else {
        status = copy(s, c, &set, name, move, &k);
        if (move && k.code) { /* RFC 6851 4.3: COPYUID comes before the EXPUNGEs, in an untagged OK */
            str_puts(&s->out, "* OK [");
            str_puts(&s->out, k.code);
            str_puts(&s->out, "] Moved.\r\n");
            k.code = NULL;
        }
        if (k.limited)
            outcome = reply_no(c, limit_refusal(s, c), "Too many messages at once.");
        else if (status == STORE_NOT_FOUND)
            outcome = reply_no(c, "TRYCREATE", "There is no such mailbox.");
        else
            outcome = status == STORE_OK ? reply_ok(c, limit_code(s, c, k.code), "Completed.")
                                         : flags_reply(s, c, k.access, k.folder_id, status);
    }
    vec_free(&set);
    return outcome;
}

enum outcome cmd_copy(struct session *s, struct command *c)
{
    return run(s, c, false);
}

enum outcome cmd_move(struct session *s, struct command *c)
{
    return run(s, c, true);
}
