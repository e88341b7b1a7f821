/* STORE (RFC 9051 6.4.6; UNCHANGEDSINCE: RFC 7162 3.1.3). One call of store, under the folder's lock. */
#include "imapd/commands.h"
#include "imapd/flags.h"
#include "imapd/limit.h"
#include "imapd/notify.h"
#include "imapd/reply.h"
#include "imapd/selection.h"
#include "imapd/sync.h"
#include "imapd/work_state.h"

struct store_request {
    imap_set uids;
    uint64_t unchanged_since;
    enum flag_change change;
    bool silent;
    imap_flag_names names;
};

static bool parse_rest(struct imap_reader *r, struct store_request *q)
{
    static const struct {
        const char *name;
        enum flag_change change;
        bool silent;
    } forms[] = {{"FLAGS", FLAGS_SET, false},     {"FLAGS.SILENT", FLAGS_SET, true},
                 {"+FLAGS", FLAGS_ADD, false},    {"+FLAGS.SILENT", FLAGS_ADD, true},
                 {"-FLAGS", FLAGS_REMOVE, false}, {"-FLAGS.SILENT", FLAGS_REMOVE, true}};
    if (!imap_sp(r))
        return false;
    if (imap_char(r, '(') && (!imap_word(r, "UNCHANGEDSINCE") || !imap_sp(r) || !imap_u63(r, &q->unchanged_since) ||
                              !imap_char(r, ')') || !imap_sp(r)))
        return false;
    size_t i = 0;
    while (i < COUNT(forms) && !imap_word(r, forms[i].name))
        i++;
    if (i == COUNT(forms) || !imap_sp(r))
        return false;
    q->change = forms[i].change;
    q->silent = forms[i].silent;
    return (imap_peek(r, '(') ? imap_flag_list(r, &q->names) : imap_flags_bare(r, &q->names)) && imap_at_end(r);
}

/* RFC 7162 3.1.3: with UNCHANGEDSINCE, MODSEQ is always said, SILENT or not. */
static void tell_changed(struct session *s, const struct store_request *q, const state_list *changed)
{
    bool modseq = session_enabled(s, ENABLED_CONDSTORE);
    if (q->silent && !modseq)
        return;
    vec_each (changed, state) {
        uint32_t seq = view_seq(s->view, state->uid);
        if (seq == 0)
            continue;
        if (!q->silent) {
            sync_write_state(s, seq, state);
        } else {
            sync_fetch_head(s, seq, state->uid);
            if (!session_uidonly(s)) {
                str_puts(&s->out, "UID ");
                imap_write_u64(&s->out, state->uid);
                str_putc(&s->out, ' ');
            }
            str_puts(&s->out, "MODSEQ (");
            imap_write_u64(&s->out, state->modseq);
            str_puts(&s->out, "))\r\n");
        }
    }
}

static const char *modified_code(struct session *s, struct command *c, const uid_list *refused)
{
    struct str code;
    imap_set set = {0};
    str_init(&code, 1 << 20);
    vec_each (refused, uid) {
        uint32_t number = c->uid ? *uid : view_seq(s->view, *uid);
        if (number)
            imap_set_add(&set, number);
    }
    str_puts(&code, "MODIFIED ");
    imap_set_write(&code, &set);
    char *text = arena_strndup(c->arena, code.data, code.len);
    str_free(&code);
    vec_free(&set);
    return text;
}

/* RFC 7162 3.1.3 recommends it: how those that failed stand now. What is younger than the view comes with the sync. */
static enum store_status tell_refused(struct session *s, struct command *c, const uid_list *refused)
{
    state_list states = {0};
    size_t i = 0;
    enum store_status status = folder_states(s->thread->db, s->view->access->mailbox, s->view->folder_id,
                                             refused->items[0], refused->items[refused->len - 1], 0, &states);
    vec_each (&states, state) {
        while (i < refused->len && refused->items[i] < state->uid)
            i++;
        uint32_t seq = i < refused->len && refused->items[i] == state->uid ? view_seq(s->view, state->uid) : 0;
        if (seq && state->modseq <= s->view->modseq)
            sync_write_state(s, seq, state);
    }
    c->woken = true;
    vec_free(&states);
    return status;
}

static enum outcome run(struct session *s, struct command *c, struct store_request *q)
{
    struct view *view = s->view;
    uint64_t bits, asked;
    struct flag_result result = {0};
    uid_list uids = {0};
    enum store_status status = flags_from_names(s, view->access, view->folder_id, &q->names, &asked);
    if (status == STORE_INVALID)
        return reply_bad(c, "There is no such flag.");
    if (status != STORE_OK)
        return flags_reply(s, c, view->access, view->folder_id, status);
    bits = flags_allowed(view->access, asked);
    if (bits != asked && bits == 0)
        return reply_no(c, "NOPERM", "You have no right to change these flags.");
    view_expand(view, &q->uids, &uids);
    limit_uids(s, c, &uids);
    if (uids.len > 0)
        status = messages_store_flags(s->thread->db, view->access->mailbox, view->folder_id, uids.items, uids.len,
                                      q->change, bits, q->unchanged_since, &result);
    const char *code = NULL;
    if (status == STORE_OK && uids.len > 0) {
        if (asked >> FLAG_KEYWORD_FIRST >> view->keywords.len)
            status = sync_keywords(s);
        if (status == STORE_OK && q->change != FLAGS_REMOVE)
            status = work_state_apply(s, &q->names, &result.changed);
        tell_changed(s, q, &result.changed);
        sync_own_change(s, &result);
        if (result.refused.len > 0) {
            code = modified_code(s, c, &result.refused);
            if (status == STORE_OK)
                status = tell_refused(s, c, &result.refused);
        }
        notify(s, view->access, view->folder_id);
    }
    vec_free(&uids);
    vec_free(&result.changed);
    vec_free(&result.refused);
    return status == STORE_OK ? reply_ok(c, limit_code(s, c, code), "STORE completed.") : reply_store(c, status);
}

enum outcome cmd_store(struct session *s, struct command *c)
{
    struct store_request q = {.unchanged_since = UINT64_MAX};
    enum store_status status = STORE_OK;
    enum selection selection = imap_sp(&c->r) ? selection_read(s, c, &q.uids, &status) : SELECTION_BAD;
    enum outcome outcome;
    if (selection != SELECTION_OK)
        outcome = selection_reply(c, selection, status);
    else if (!parse_rest(&c->r, &q))
        outcome = reply_bad(c, "Flags are expected.");
    else if (s->view->read_only)
        outcome = reply_no(c, "NOPERM", "This mailbox is open read-only.");
    else {
        if (q.unchanged_since != UINT64_MAX)
            session_enable_condstore(s);
        outcome = run(s, c, &q);
    }
    vec_free(&q.uids);
    vec_free(&q.names);
    return outcome;
}
