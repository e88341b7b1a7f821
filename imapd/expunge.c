/* Expunging. See expunge.h. */
#include "imapd/expunge.h"

#include "imapd/notify.h"
#include "imapd/traces.h"

unsigned expunge_rights_in(const struct access *access, const char *special_use)
{
    bool trash = span_is(span_of(special_use), "\\Trash");
    return access->role == KEYD_ROLE_MEMBER && trash ? access->rights & ~(unsigned)RIGHT_EXPUNGE : access->rights;
}

/* The messages that are \Deleted now, of those that are named (NULL: of all); rising. */
static enum store_status find_deleted(struct session *s, const uint32_t *uids, size_t count, uid_list *out)
{
    struct view *view = s->view;
    state_list states = {0};
    size_t j = 0;
    enum store_status status =
        folder_states(s->thread->db, view->access->mailbox, view->folder_id, 1, UINT32_MAX, 0, &states);
    vec_each (&states, state) {
        while (uids && j < count && uids[j] < state->uid)
            j++;
        bool named = !uids || (j < count && uids[j] == state->uid);
        if (named && (state->flags & FLAG_DELETED))
            vec_push(out, state->uid);
    }
    vec_free(&states);
    return status;
}

/* A membre's: moved to the Trash, where they are not \Deleted any more: a gestionnaire decides what becomes of them. */
static enum store_status to_trash(struct session *s, const struct folder *trash, const uid_list *leaving,
                                  uid_list *gone)
{
    struct access *access = s->view->access;
    uid_list moved = {0};
    copied_list copied = {0};
    struct flag_result result = {0};
    uint32_t uidvalidity;
    enum store_status status = STORE_OK;
    if (leaving->len > 0)
        status = messages_copy(s->thread->db, access->mailbox, s->view->folder_id, trash->id, leaving->items,
                               leaving->len, true, &copied, &uidvalidity);
    vec_each (&copied, one)
        vec_push(&moved, one->to);
    if (status == STORE_OK && moved.len > 0)
        (void)messages_store_flags(s->thread->db, access->mailbox, trash->id, moved.items, moved.len, FLAGS_REMOVE,
                                   FLAG_DELETED, UINT64_MAX, &result);
    if (status == STORE_OK && moved.len > 0)
        notify(s, access, trash->id);
    vec_each (&copied, one)
        vec_push(gone, one->from);
    vec_free(&moved);
    vec_free(&copied);
    vec_free(&result.changed);
    vec_free(&result.refused);
    return status;
}

void expunge_done(struct session *s, const uint32_t *uids, size_t count)
{
    struct view *view = s->view;
    imap_set set = {0};
    for (size_t i = 0; i < count; i++)
        imap_set_add(&set, uids[i]);
    notify(s, view->access, view->folder_id);
    s->command->removed = count > 0;
    if (count > 0)
        trace_done(s, view->access->role == KEYD_ROLE_MEMBER ? "imap.trash" : "imap.expunge", view->access,
                   view->folder_id, &set);
    vec_free(&set);
}

static enum store_status member_expunge(struct session *s, const uint32_t *uids, size_t count, bool any, uid_list *gone)
{
    struct view *view = s->view;
    struct folder trash;
    uid_list leaving = {0};
    enum store_status status = folder_by_use(s->thread->db, view->access->mailbox, "\\Trash", &trash);
    if (status == STORE_NOT_FOUND || (status == STORE_OK && trash.id == view->folder_id))
        return STORE_REFUSED;
    for (size_t i = 0; any && i < count; i++)
        vec_push(&leaving, uids[i]);
    if (status == STORE_OK && !any)
        status = find_deleted(s, uids, count, &leaving);
    if (status == STORE_OK)
        status = to_trash(s, &trash, &leaving, gone);
    vec_free(&leaving);
    return status;
}

static enum store_status expunge(struct session *s, const uint32_t *uids, size_t count, bool any)
{
    struct view *view = s->view;
    struct mailbox *mailbox = view->access->mailbox;
    uid_list gone = {0};
    uint64_t modseq;
    enum store_status status;
    if (view->read_only || !(view->access->rights & RIGHT_EXPUNGE))
        return STORE_REFUSED;
    if (view->access->role == KEYD_ROLE_MEMBER)
        status = member_expunge(s, uids, count, any, &gone);
    else if (any)
        status = messages_remove(s->thread->db, mailbox, view->folder_id, uids, count, &gone, &modseq);
    else
        status = messages_expunge(s->thread->db, mailbox, view->folder_id, uids, count, &gone, &modseq);
    if (status == STORE_OK)
        expunge_done(s, gone.items, gone.len);
    vec_free(&gone);
    return status;
}

enum store_status expunge_deleted(struct session *s, const uint32_t *uids, size_t count)
{
    return expunge(s, uids, count, false);
}

enum store_status expunge_any(struct session *s, const uint32_t *uids, size_t count)
{
    return expunge(s, uids, count, true);
}
