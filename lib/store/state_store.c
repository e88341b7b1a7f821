/* STORE: flags of messages, under the folder's lock. */
#include "lib/store/mailbox_private.h"

#include "lib/base/fault.h"

struct storing {
    struct mailbox *mailbox;
    int64_t folder_id;
    const uint32_t *uids;
    size_t count;
    enum flag_change change;
    uint64_t flags, unchanged_since;
    struct flag_result *out;
    struct folder_change folder; /* of this attempt */
    struct page *page;           /* of the message before */
    int64_t seen_delta;          /* the viewer's */
};

/* What is not this access's to change stays: "FLAGS (\\Seen)" of a lecteur takes nobody's \Flagged away. */
static uint64_t changed(const struct storing *s, uint64_t flags)
{
    uint64_t may = s->mailbox->may_change, wanted = s->flags & may;
    switch (s->change) {
    case FLAGS_SET:
        return (flags & ~may) | wanted;
    case FLAGS_ADD:
        return flags | wanted;
    default:
        return flags & ~wanted;
    }
}

static void count_bits(struct folder_change *c, uint64_t before, uint64_t after)
{
    c->unseen += (int64_t)(before & FLAG_SEEN) - (int64_t)(after & FLAG_SEEN);
    c->deleted += (after & FLAG_DELETED ? 1 : 0) - (before & FLAG_DELETED ? 1 : 0);
}

/* In a shared BAL \Seen goes to the viewer's own page; a \Seen of the BAL itself (a Sent copy) can only be taken off. */
static uint64_t keep_seen_apart(struct storing *s, struct locked_folder *f, uint32_t uid, uint64_t base, uint64_t after,
                                uint64_t modseq)
{
    bool want = after & FLAG_SEEN, of_bal = base & FLAG_SEEN;
    struct seen *mine = seen_of(f, s->mailbox->viewer, uid, want && !of_bal);
    bool had = mine && mine->bits & bit_of(uid);
    if (mine && had != (want && !of_bal)) {
        mine->bits ^= bit_of(uid);
        mine->modseq[slot_of(uid)] = modseq;
        mine->dirty = true;
        s->seen_delta += had ? -1 : 1;
    }
    return want && of_bal ? after : after & ~(uint64_t)FLAG_SEEN;
}

static void store_one(struct storing *s, struct locked_folder *f, uint32_t uid, uint64_t modseq)
{
    if (!s->page || s->page->block != block_of(uid)) /* UIDs rise: 64 of them are looked up once */
        s->page = page_of(f, uid);
    struct page *p = s->page;
    if (!p || !(p->exists & bit_of(uid)))
        return; /* RFC 9051 6.4.8: a UID that is not there is passed over in silence */
    struct page_entry now = entry_for(s->mailbox, f, p, uid);
    if (now.modseq > s->unchanged_since) {
        vec_push(&s->out->refused, uid);
        return;
    }
    uint64_t after = changed(s, now.flags) | (now.flags & FLAG_RECENT), base = p->entries[slot_of(uid)].flags;
    if (after != now.flags) {
        uint64_t kept = s->mailbox->seen_per_person ? keep_seen_apart(s, f, uid, base, after, modseq) : after;
        if (kept != base) {
            count_bits(&s->folder, base, kept);
            p->entries[slot_of(uid)] = (struct page_entry){kept, modseq};
            p->dirty = true;
        }
        s->folder.modseq = modseq;
        now = (struct page_entry){after, modseq};
    }
    vec_push(&s->out->changed, (struct message_state){uid, now.flags, now.modseq});
}

static enum store_status store_flags(struct db *db, void *arg)
{
    struct storing *s = arg;
    struct locked_folder f = {.id = s->folder_id};
    s->folder = (struct folder_change){0};
    s->page = NULL;
    s->seen_delta = 0;
    s->out->changed.len = s->out->refused.len = 0;
    enum store_status status = lock_folders(db, s->mailbox, &f, 1, s->uids, s->count, SEEN_VIEWER);
    if (status == STORE_OK)
        status = page_up(db, s->mailbox, &f);
    if (status == STORE_OK) {
        uint64_t modseq = f.highestmodseq + 1;
        s->out->before = f.highestmodseq;
        FAULT("store.locked");
        for (size_t i = 0; i < s->count; i++)
            store_one(s, &f, s->uids[i], modseq);
        s->out->modseq = s->folder.modseq ? modseq : f.highestmodseq;
        if (s->folder.modseq || f.paged_up) {
            queue_pages(db, s->mailbox, &f);
            if (s->seen_delta)
                queue_viewer(db, s->mailbox, f.id, s->mailbox->viewer, s->seen_delta);
            queue_folder(db, s->mailbox, &f, &s->folder);
        }
    }
    locked_folder_free(&f);
    return status == STORE_OK ? db_commit_now(db) : status;
}

bool uids_rise(const uint32_t *uids, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (uids[i] <= uids[i - 1])
            return false;
    return true;
}

enum store_status messages_store_flags(struct db *db, struct mailbox *m, int64_t folder_id, const uint32_t *uids,
                                       size_t count, enum flag_change change, uint64_t flags, uint64_t unchanged_since,
                                       struct flag_result *out)
{
    struct storing s = {m, folder_id, uids, count, change, flags, unchanged_since, out, {0}, NULL, 0};
    if (!uids_rise(uids, count))
        return STORE_INVALID;
    if (count == 0)
        return STORE_OK;
    return db_transaction(db, DB_WRITE, m->bal.id, store_flags, &s);
}
