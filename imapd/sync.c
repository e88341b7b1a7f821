/* What others did to the selected folder, told in the order that keeps numbers right: expunges, arrivals, flags.
 *
 * Commits of a folder become visible in MODSEQ order (design: Locks), so that a read that has seen M has seen all below
 * M: the view's two marks may move to the largest modseq seen.
 */
#include "imapd/sync.h"

#include "imapd/commands.h"
#include "imapd/context.h"
#include "imapd/flags.h"
#include "imapd/notifying.h"
#include "imapd/reply.h"
#include "lib/base/clock.h"

#include <string.h>

void sync_fetch_head(struct session *s, uint32_t seq, uint32_t uid)
{
    bool by_uid = session_uidonly(s);
    str_puts(&s->out, "* ");
    imap_write_u64(&s->out, by_uid ? uid : seq);
    str_puts(&s->out, by_uid ? " UIDFETCH (" : " FETCH (");
}

void sync_write_state(struct session *s, uint32_t seq, const struct message_state *state)
{
    sync_fetch_head(s, seq, state->uid);
    if (!session_uidonly(s)) {
        str_puts(&s->out, "UID ");
        imap_write_u64(&s->out, state->uid);
        str_putc(&s->out, ' ');
    }
    str_puts(&s->out, "FLAGS (");
    imap_write_flags(&s->out, view_flags(s->view, state), s->view->keywords.items, s->view->keywords.len);
    if (session_enabled(s, ENABLED_CONDSTORE)) {
        str_puts(&s->out, ") MODSEQ (");
        imap_write_u64(&s->out, state->modseq);
    }
    str_puts(&s->out, "))\r\n");
}

void sync_say_flags(struct session *s)
{
    uint64_t all =
        s->view->keywords.len >= 58 ? UINT64_MAX : ((uint64_t)1 << (FLAG_KEYWORD_FIRST + s->view->keywords.len)) - 1;
    all &= ~(uint64_t)FLAG_RECENT;
    str_puts(&s->out, "* FLAGS (");
    imap_write_flags(&s->out, all, s->view->keywords.items, s->view->keywords.len);
    str_puts(&s->out, ")\r\n* OK [PERMANENTFLAGS (");
    if (!s->view->read_only) { /* what this session may change (RFC 4314 5.1.1) */
        imap_write_flags(&s->out, flags_allowed(s->view->access, all), s->view->keywords.items, s->view->keywords.len);
        if ((s->view->access->rights & RIGHT_WRITE) && s->view->keywords.len < FLAG_KEYWORDS_MAX)
            str_puts(&s->out, " \\*");
    }
    str_puts(&s->out, ")] Flags kept.\r\n");
}

enum store_status sync_keywords(struct session *s)
{
    keyword_list fresh = {0};
    enum store_status status = folder_keywords(s->thread->db, s->view->access->mailbox, s->view->folder_id, &fresh);
    bool changed = fresh.len != s->view->keywords.len;
    if (status == STORE_OK) {
        keyword_list_free(&s->view->keywords);
        memcpy(&s->view->keywords, &fresh, sizeof(fresh));
        if (changed)
            sync_say_flags(s);
    }
    return status;
}

void sync_expunged(struct session *s, const uint32_t *uids, size_t count)
{
    struct view *view = s->view;
    imap_set vanished = {0};
    bool by_uid = session_enabled(s, ENABLED_QRESYNC | ENABLED_UIDONLY);
    uint32_t removed = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t seq = view_seq(view, uids[i]);
        if (seq == 0)
            continue;
        if (by_uid) {
            imap_set_add(&vanished, uids[i]);
            continue;
        }
        str_puts(&s->out, "* ");
        imap_write_u64(&s->out, seq - removed++); /* each line counts without those before it (RFC 9051 7.5.1) */
        str_puts(&s->out, " EXPUNGE\r\n");
    }
    if (vanished.len > 0) {
        str_puts(&s->out, "* VANISHED ");
        imap_set_write(&s->out, &vanished);
        str_puts(&s->out, "\r\n");
    }
    vec_free(&vanished);
    view_remove(view, uids, count);
}

static bool is_own(const struct view *view, uint64_t modseq)
{
    vec_each (&view->own_changes, own) {
        if (*own == modseq)
            return true;
    }
    return false;
}

/* When nobody else has changed anything since the last look, there is nothing to read back. */
void sync_own_change(struct session *s, const struct flag_result *result)
{
    struct view *view = s->view;
    bool alone = result->before == view->modseq && result->modseq == result->before + 1;
    if (!alone || s->contexts.len > 0 || s->notify) {
        vec_push(&view->own_changes, result->modseq);
        return;
    }
    if (view->expunge_from == view->modseq)
        view->expunge_from = result->modseq;
    view->modseq = result->modseq;
}

static enum store_status take_arrivals(struct session *s, const state_list *states)
{
    struct view *view = s->view;
    uint32_t before = view->count;
    uid_list fresh = {0};
    vec_each (states, state) {
        if (state->uid < view->uidnext)
            continue;
        if (view->loaded)
            view_append(view, state->uid);
        else
            view->count++;
        view->uidnext = state->uid + 1;
        vec_push(&fresh, state->uid);
    }
    if (view->count != before) {
        str_puts(&s->out, "* ");
        imap_write_u64(&s->out, view->count);
        str_puts(&s->out, " EXISTS\r\n");
    }
    enum store_status status = notifying_fetch(s, &fresh);
    vec_free(&fresh);
    return status;
}

/* New flags of messages that were there before; `first_new` is the uidnext that the peer knew. */
static enum store_status tell_flags(struct session *s, const state_list *states, uint32_t first_new)
{
    struct view *view = s->view;
    uint64_t known =
        view->keywords.len >= 58 ? UINT64_MAX : ((uint64_t)1 << (FLAG_KEYWORD_FIRST + view->keywords.len)) - 1;
    uint64_t seen = 0;
    enum store_status status = STORE_OK;
    vec_each (states, state)
        seen |= state->flags;
    if (seen & ~known)
        status = sync_keywords(s);
    vec_each (states, state) {
        uint32_t seq = state->uid < first_new && !is_own(view, state->modseq) ? view_seq(view, state->uid) : 0;
        if (seq > 0)
            sync_write_state(s, seq, state);
    }
    return status;
}

static enum store_status tell(struct session *s, const state_list *states, const uid_list *expunged)
{
    struct view *view = s->view;
    uint32_t first_new = view->uidnext;
    bool needs_numbers = expunged->len > 0 || s->contexts.len > 0 || (s->notify && s->notify->fetch);
    vec_each (states, state)
        needs_numbers = needs_numbers || state->uid < first_new;
    enum store_status status = needs_numbers ? view_load(view, s->thread->db) : STORE_OK;
    if (status != STORE_OK)
        return status;
    contexts_expunged(s, expunged->items, expunged->len);
    sync_expunged(s, expunged->items, expunged->len);
    status = take_arrivals(s, states);
    if (status == STORE_OK && notifying_selected(s, EVENT_FLAG_CHANGE))
        status = tell_flags(s, states, first_new);
    return status == STORE_OK ? contexts_changed(s, states) : status;
}

/* What went is not told now, and may be older than a MODSEQ that is: a peer that lost the connection here must not believe
 * that it knows all (RFC 7162 3.2, 6). Nothing went: the mark moves on. */
static enum store_status hold_back(struct session *s, uint64_t highest)
{
    struct view *view = s->view;
    uid_list pending = {0};
    if (!session_enabled(s, ENABLED_QRESYNC) || highest <= view->expunge_from)
        return STORE_OK;
    enum store_status status =
        folder_expunged_since(s->thread->db, view->access->mailbox, view->folder_id, view->expunge_from, &pending);
    if (status == STORE_CONFLICT || (status == STORE_OK && pending.len > 0))
        reply_highest(s, view->expunge_from);
    else if (status == STORE_OK)
        view->expunge_from = highest;
    vec_free(&pending);
    return status == STORE_CONFLICT ? STORE_OK : status;
}

enum store_status session_sync(struct session *s, bool may_expunge)
{
    struct view *view = s->view;
    struct folder folder;
    state_list states = {0};
    uid_list expunged = {0};
    if (!view || view->gone)
        return STORE_OK;
    enum store_status status = folder_by_id(s->thread->db, view->access->mailbox, view->folder_id, &folder);
    if (status == STORE_NOT_FOUND) {
        view->gone = true;
        return STORE_OK;
    }
    if (status != STORE_OK)
        return status;
    if (folder.highestmodseq > view->modseq)
        status =
            folder_states(s->thread->db, view->access->mailbox, view->folder_id, 1, UINT32_MAX, view->modseq, &states);
    if (status == STORE_OK && may_expunge && folder.highestmodseq > view->expunge_from)
        status =
            folder_expunged_since(s->thread->db, view->access->mailbox, view->folder_id, view->expunge_from, &expunged);
    if (status == STORE_OK)
        status = tell(s, &states, &expunged);
    if (status == STORE_OK && !may_expunge)
        status = hold_back(s, folder.highestmodseq);
    if (status == STORE_OK) {
        view->modseq = folder.highestmodseq;
        vec_each (&states, state) {
            if (state->modseq > view->modseq)
                view->modseq = state->modseq;
        }
        if (folder.uidnext > view->uidnext)
            view->uidnext = folder.uidnext;
        if (may_expunge)
            view->expunge_from = folder.highestmodseq;
        view->own_changes.len = 0;
        s->synced_ms = clock_ms();
    }
    vec_free(&states);
    vec_free(&expunged);
    return status;
}
