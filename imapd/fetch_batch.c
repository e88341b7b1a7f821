/* Batches of a FETCH: states (pages), facts (rows), and \Seen where a body that is not peeked at is asked for. */
#include "imapd/fetch.h"

#include "imapd/sync.h"

static size_t batch_size(const struct fetch *f)
{
    if (f->items.bodies.len > 0)
        return BATCH_BODIES;
    return f->wants_facts ? BATCH_FACTS : BATCH_STATES;
}

/* Both lists rise by UID. Without a state, a message is gone — or, with CHANGEDSINCE, has not changed. */
static void merge_states(const struct view *view, struct fetch *f, const state_list *states)
{
    size_t j = 0;
    vec_each (&f->batch, message) {
        while (j < states->len && states->items[j].uid < message->uid)
            j++;
        message->found = j < states->len && states->items[j].uid == message->uid;
        if (!message->found)
            continue;
        message->flags = view_flags(view, &states->items[j]);
        message->modseq = states->items[j].modseq;
    }
}

static enum store_status read_states(struct session *s, struct fetch *f)
{
    state_list states = {0};
    uint32_t first = f->batch.items[0].uid, last = f->batch.items[f->batch.len - 1].uid;
    enum store_status status = folder_states(s->thread->db, s->view->access->mailbox, s->view->folder_id, first, last,
                                             f->changed_since, &states);
    if (status == STORE_OK)
        merge_states(s->view, f, &states);
    vec_free(&states);
    return status;
}

struct taking {
    struct fetch *f;
    size_t at;
};

static bool take_facts(const struct message_facts *facts, void *arg)
{
    struct taking *taking = arg;
    struct fetch *f = taking->f;
    while (taking->at < f->batch.len && f->batch.items[taking->at].uid < facts->uid)
        f->batch.items[taking->at++].found = false;
    if (taking->at == f->batch.len)
        return false;
    struct fetched *message = &f->batch.items[taking->at++];
    if (message->uid != facts->uid)
        return true;
    message->size = facts->size;
    message->internal_date = facts->internal_date;
    message->save_date = facts->save_date;
    message->blob_id = facts->blob_id;
    message->head_size = facts->head_size;
    if (f->wants_summary) {
        message->structure_at = f->structures.len;
        message->structure_bytes = facts->structure.n;
        str_add_span(&f->structures, facts->structure);
    }
    return true;
}

static enum store_status read_facts(struct session *s, struct fetch *f)
{
    struct taking taking = {.f = f};
    uid_list uids = {0};
    bool summary_alone = f->wants_summary && !f->wants_more;
    unsigned want = summary_alone ? WANT_SUMMARY : WANT_SIZE | WANT_DATES | (f->wants_summary ? WANT_SUMMARY : 0u);
    vec_each (&f->batch, message)
        vec_push(&uids, message->uid);
    str_clear(&f->structures);
    enum store_status status = messages_each(s->thread->db, s->view->access->mailbox, s->view->folder_id, uids.items,
                                             uids.len, want, take_facts, &taking);
    while (taking.at < f->batch.len)
        f->batch.items[taking.at++].found = false;
    vec_free(&uids);
    return status;
}

/* Drops what is not there (any more). */
static void keep_found(struct fetch *f)
{
    size_t kept = 0;
    vec_each (&f->batch, message) {
        if (message->found)
            f->batch.items[kept++] = *message;
        else if (f->changed_since == 0)
            f->missing = true;
    }
    f->batch.len = kept;
}

/* RFC 7162 3.2.4: every untagged FETCH that a change causes holds MODSEQ, once that is enabled, and with QRESYNC UID. */
static unsigned told_along(const struct session *s)
{
    unsigned items = session_enabled(s, ENABLED_CONDSTORE) ? FETCH_MODSEQ : 0;
    return session_enabled(s, ENABLED_QRESYNC) && !session_uidonly(s) ? items | FETCH_UID : items;
}

/* RFC 9051 6.4.5: \Seen is set by reading, and the new flags are part of the answer. */
static enum store_status mark_seen(struct session *s, struct fetch *f)
{
    struct view *view = s->view;
    struct flag_result result = {0};
    uid_list uids = {0};
    if (!imap_fetch_marks_seen(&f->items) || view->read_only || !(view->access->rights & RIGHT_SEEN))
        return STORE_OK;
    vec_each (&f->batch, message) {
        if (!(message->flags & FLAG_SEEN))
            vec_push(&uids, message->uid);
    }
    enum store_status status = STORE_OK;
    if (uids.len > 0) {
        status = messages_store_flags(s->thread->db, view->access->mailbox, view->folder_id, uids.items, uids.len,
                                      FLAGS_ADD, FLAG_SEEN, UINT64_MAX, &result);
        if (status == STORE_OK) {
            f->items.items |= FETCH_FLAGS | told_along(s);
            sync_own_change(s, &result);
            size_t j = 0;
            vec_each (&f->batch, message) {
                while (j < result.changed.len && result.changed.items[j].uid < message->uid)
                    j++;
                if (j < result.changed.len && result.changed.items[j].uid == message->uid) {
                    message->flags = view_flags(view, &result.changed.items[j]);
                    message->modseq = result.changed.items[j].modseq;
                }
            }
        }
    }
    vec_free(&uids);
    vec_free(&result.changed);
    vec_free(&result.refused);
    return status;
}

enum store_status fetch_batch(struct session *s, struct fetch *f)
{
    size_t most = batch_size(f);
    enum store_status status = STORE_OK;
    do {
        f->batch.len = f->at = f->ahead_end = 0;
        str_clear(&f->ahead);
        while (f->batch.len < most && f->next < f->uids.len) {
            uint32_t uid = f->uids.items[f->next];
            if (f->batch.len > 0 && uid - f->batch.items[f->batch.len - 1].uid > BATCH_STATES)
                break; /* a state list of the gap would be longer than what is asked */
            vec_push(&f->batch, (struct fetched){.uid = uid, .found = true});
            f->next++;
        }
        if (f->batch.len == 0)
            return STORE_OK;
        if (f->wants_states)
            status = read_states(s, f);
        if (status == STORE_OK)
            keep_found(f);
        if (status == STORE_OK && f->wants_facts && f->batch.len > 0)
            status = read_facts(s, f);
        if (status == STORE_OK && f->wants_facts)
            keep_found(f);
        if (status == STORE_OK)
            status = mark_seen(s, f);
        vec_each (&f->batch, message)
            message->seq = view_seq(s->view, message->uid);
    } while (status == STORE_OK && f->batch.len == 0);
    return status;
}
