/* Sequence numbers of the selected folder. See view.h. */
#include "imapd/view.h"

#include <string.h>

struct view *view_new(struct access *access, const struct folder *folder, bool read_only)
{
    struct view *view = xcalloc(1, sizeof(*view));
    view->access = access;
    view->folder_id = folder->id;
    view->name = xstrdup(folder->name);
    view->read_only = read_only;
    memcpy(view->special_use, folder->special_use, sizeof(view->special_use));
    view->uidvalidity = folder->uidvalidity;
    view->uidnext = folder->uidnext;
    view->count = folder->messages;
    view->modseq = view->expunge_from = folder->highestmodseq;
    view->loaded = folder->messages == 0;
    return view;
}

void view_free(struct view **view)
{
    if (!*view)
        return;
    keyword_list_free(&(*view)->keywords);
    vec_free(&(*view)->runs);
    vec_free(&(*view)->own_changes);
    xfree(&(*view)->name);
    xfree(view);
}

void view_append(struct view *view, uint32_t uid)
{
    struct view_run *last = view->runs.len ? &view->runs.items[view->runs.len - 1] : NULL;
    uint32_t before = last ? last->before + last->count : 0;
    if (last && last->uid + last->count == uid)
        last->count++;
    else
        vec_push(&view->runs, (struct view_run){.uid = uid, .count = 1, .before = before});
    view->count = before + 1;
}

uint64_t view_flags(const struct view *view, const struct message_state *state)
{
    bool recent = state->uid >= view->recent_from && state->uid < view->recent_to;
    return state->flags | (recent ? (uint64_t)FLAG_RECENT : 0);
}

/* The messages in view that are not among `now`. */
static void missing_from(const struct view *view, const state_list *now, uid_list *out)
{
    size_t j = 0;
    vec_each (&view->runs, run) {
        for (uint32_t uid = run->uid; uid < run->uid + run->count; uid++) {
            while (j < now->len && now->items[j].uid < uid)
                j++;
            if (j == now->len || now->items[j].uid != uid)
                vec_push(out, uid);
        }
    }
}

enum store_status view_expunged_since(const struct view *view, struct db *db, uint64_t modseq, uid_list *out)
{
    state_list now = {0};
    struct mailbox *mailbox = view->access->mailbox;
    enum store_status status = folder_expunged_since(db, mailbox, view->folder_id, modseq, out);
    if (status != STORE_CONFLICT || !view->loaded)
        return status;
    status = folder_states(db, mailbox, view->folder_id, 1, UINT32_MAX, 0, &now);
    if (status == STORE_OK)
        missing_from(view, &now, out);
    vec_free(&now);
    return status;
}

/* Two rising lists into one, each number once. */
static void merge_in(struct view *view, const state_list *now, const uid_list *then, uint32_t below)
{
    size_t i = 0, j = 0;
    view->runs.len = 0;
    view->count = 0;
    while (i < now->len || j < then->len) {
        uint32_t a = i < now->len ? now->items[i].uid : UINT32_MAX;
        uint32_t b = j < then->len ? then->items[j] : UINT32_MAX;
        uint32_t uid = a < b ? a : b;
        i += a == uid;
        j += b == uid;
        if (uid < below)
            view_append(view, uid);
    }
}

/* What SELECT counted = what is there now and was there then + what has been expunged since. States are read first:
 * a message that goes between the two reads is then in both, never in neither. */
enum store_status view_load(struct view *view, struct db *db)
{
    state_list now = {0};
    uid_list then = {0};
    if (view->loaded)
        return STORE_OK;
    enum store_status status = folder_states(db, view->access->mailbox, view->folder_id, 1, view->uidnext - 1, 0, &now);
    if (status == STORE_OK)
        status = folder_expunged_since(db, view->access->mailbox, view->folder_id, view->expunge_from, &then);
    if (status == STORE_CONFLICT) /* not in hours: what is there now is what there is */
        status = STORE_OK;
    if (status == STORE_OK) {
        merge_in(view, &now, &then, view->uidnext);
        view->loaded = true;
    }
    vec_free(&now);
    vec_free(&then);
    return status;
}

/* The run that holds a sequence number, which must be one of 1 … count. */
static size_t run_of(const struct view *view, uint32_t seq)
{
    size_t low = 0, high = view->runs.len;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (view->runs.items[middle].before < seq)
            low = middle;
        else
            high = middle;
    }
    return low;
}

uint32_t view_uid(const struct view *view, uint32_t seq)
{
    if (seq == 0 || seq > view->count)
        return 0;
    const struct view_run *run = &view->runs.items[run_of(view, seq)];
    return run->uid + (seq - 1 - run->before);
}

uint32_t view_seq_at_least(const struct view *view, uint32_t uid)
{
    size_t low = 0, high = view->runs.len;
    while (low < high) { /* the first run that ends at or after uid */
        size_t middle = low + (high - low) / 2;
        const struct view_run *run = &view->runs.items[middle];
        if (run->uid + run->count - 1 < uid)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == view->runs.len)
        return view->count + 1;
    const struct view_run *run = &view->runs.items[low];
    return run->before + 1 + (uid > run->uid ? uid - run->uid : 0);
}

uint32_t view_seq(const struct view *view, uint32_t uid)
{
    uint32_t seq = view_seq_at_least(view, uid);
    return seq <= view->count && view_uid(view, seq) == uid ? seq : 0;
}

uint32_t view_last_uid(const struct view *view)
{
    return view_uid(view, view->count);
}

/* Built anew in one pass: a single expunge in a folder of many runs costs their number, which is small. */
void view_remove(struct view *view, const uint32_t *uids, size_t n)
{
    struct view next = {0};
    size_t k = 0;
    if (n == 0)
        return;
    vec_each (&view->runs, run) {
        uint32_t from = run->uid, end = run->uid + run->count; /* [from, end) */
        while (k < n && uids[k] < from)
            k++;
        for (; k < n && uids[k] < end; k++) {
            if (uids[k] > from)
                vec_push(&next.runs, (struct view_run){from, uids[k] - from, next.count});
            next.count += uids[k] - from;
            from = uids[k] + 1;
        }
        if (end > from)
            vec_push(&next.runs, (struct view_run){from, end - from, next.count});
        next.count += end - from;
    }
    vec_free(&view->runs);
    view->runs.items = next.runs.items;
    view->runs.len = next.runs.len;
    view->runs.capacity = next.runs.capacity;
    view->count = next.count;
}

/* The UIDs of a range of sequence numbers, run by run. */
static void add_sequence_range(const struct view *view, struct imap_range range, imap_set *uids)
{
    size_t at = run_of(view, range.from);
    for (uint32_t seq = range.from; seq <= range.to && at < view->runs.len; at++) {
        const struct view_run *run = &view->runs.items[at];
        uint32_t end = run->before + run->count, to = end < range.to ? end : range.to;
        uint32_t uid = run->uid + (seq - 1 - run->before);
        vec_push(uids, (struct imap_range){uid, uid + (to - seq)});
        seq = to + 1;
    }
}

bool view_resolve(const struct view *view, imap_set *given, bool uid, imap_set *uids)
{
    if (uid) {
        imap_set_resolve(given, view->count ? view_last_uid(view) : 0);
        vec_each (given, range)
            vec_push(uids, *range);
        return true;
    }
    if (view->count == 0)
        return false; /* RFC 9051 9, seq-number: there is no message of any number, "*" included */
    imap_set_resolve(given, view->count);
    vec_each (given, range) {
        if (range->from == 0 || range->to > view->count)
            return false;
        add_sequence_range(view, *range, uids);
    }
    return true;
}

void view_expand(const struct view *view, const imap_set *uids, uid_list *out)
{
    size_t i = 0;
    vec_each (&view->runs, run) {
        uint32_t end = run->uid + run->count - 1;
        while (i < uids->len && uids->items[i].to < run->uid)
            i++;
        for (size_t j = i; j < uids->len && uids->items[j].from <= end; j++) {
            uint32_t from = uids->items[j].from > run->uid ? uids->items[j].from : run->uid;
            uint32_t to = uids->items[j].to < end ? uids->items[j].to : end;
            for (uint32_t uid = from; uid <= to && uid >= from; uid++)
                vec_push(out, uid);
        }
    }
}
