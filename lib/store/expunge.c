/* EXPUNGE and the removal half of MOVE. */
#include "lib/store/expunge.h"

#include "lib/base/fault.h"

static void forget_seen(struct locked_folder *f, uint32_t uid)
{
    vec_each (&f->seen, s)
        if (s->block == block_of(uid) && s->bits & bit_of(uid)) {
            s->bits &= ~bit_of(uid);
            s->dirty = true;
        }
}

static void remove_one(struct locked_folder *f, struct page *p, uint32_t uid, uint64_t modseq, struct folder_change *c)
{
    uint64_t flags = p->entries[slot_of(uid)].flags;
    c->messages--;
    c->unseen -= flags & FLAG_SEEN ? 0 : 1;
    c->deleted -= flags & FLAG_DELETED ? 1 : 0;
    c->modseq = modseq;
    p->exists &= ~bit_of(uid);
    p->entries[slot_of(uid)] = (struct page_entry){0, modseq};
    p->dirty = true;
    forget_seen(f, uid);
}

/* How much less each viewer has seen: counted before the bits go. */
static void queue_viewers(struct db *db, const struct mailbox *m, const struct locked_folder *f, const uint64_t *before)
{
    for (size_t i = 0; i < f->seen.len;) {
        int64_t viewer = f->seen.items[i].viewer, delta = 0;
        for (; i < f->seen.len && f->seen.items[i].viewer == viewer; i++)
            delta += __builtin_popcountll(f->seen.items[i].bits) - __builtin_popcountll(before[i]);
        if (delta)
            queue_viewer(db, m, f->id, viewer, delta);
    }
}

static int queue_rows(struct db *db, const struct mailbox *m, const struct locked_folder *f, const uid_list *gone,
                      uint64_t modseq)
{
    struct sql_args args = {.count = 0};
    struct str array;
    uint8_t *runs = xmalloc(gone->len * 8);
    size_t count = uid_runs(gone->items, gone->len, runs);
    arg_i64(&args, m->bal.id);
    arg_i64(&args, f->id);
    arg_i64(&args, (int64_t)modseq);
    arg_span(&args, (struct span){(const char *)runs, count * 8});
    (void)sql_queue(db, SQL_expunged_add, &args);
    args.count = 2;
    arg_uids(&args, &array, gone->items, gone->len);
    int number = sql_queue(db, SQL_messages_delete, &args);
    str_free(&array);
    xfree(&runs);
    return number;
}

enum store_status remove_messages(struct db *db, struct mailbox *m, struct locked_folder *f, const uid_list *gone,
                                  uint64_t modseq, int64_t *bytes, struct folder_change *c)
{
    uint64_t *before = xcalloc(f->seen.len + 1, sizeof(*before));
    for (size_t i = 0; i < f->seen.len; i++)
        before[i] = f->seen.items[i].bits;
    vec_each (gone, uid)
        remove_one(f, page_of(f, *uid), *uid, modseq, c);
    int rows = queue_rows(db, m, f, gone, modseq);
    queue_viewers(db, m, f, before);
    xfree(&before);
    enum store_status status = sql_wait(db);
    if (status != STORE_OK)
        return status;
    *bytes = sql_i64(sql_answer(db, rows), 0, 0);
    /* A page said that a message exists, and there is no row: something took it out behind our back. */
    return sql_i64(sql_answer(db, rows), 0, 1) == (int64_t)gone->len ? STORE_OK : STORE_DAMAGED;
}

struct expunging {
    struct mailbox *mailbox;
    int64_t folder_id;
    const uint32_t *uids;
    size_t count;
    uid_list *gone;
    uint64_t *modseq;
    bool any; /* deleted or not */
};

static void take_deleted(struct expunging *e, struct locked_folder *f)
{
    e->gone->len = 0;
    if (e->uids) {
        for (size_t i = 0; i < e->count; i++) {
            const struct page *p = page_of(f, e->uids[i]);
            if (p && p->exists & bit_of(e->uids[i]) && (e->any || p->entries[slot_of(e->uids[i])].flags & FLAG_DELETED))
                vec_push(e->gone, e->uids[i]);
        }
        return;
    }
    vec_each (&f->pages, p)
        for (unsigned i = 0; i < PAGE_UIDS; i++)
            if (p->exists & (1ULL << i) && p->entries[i].flags & FLAG_DELETED)
                vec_push(e->gone, (uint32_t)(p->block * PAGE_UIDS) + i);
}

static void queue_quota(struct db *db, const struct mailbox *m, int64_t bytes, int64_t messages)
{
    struct sql_args args = {.count = 0};
    arg_i64(&args, m->bal.id);
    arg_i64(&args, bytes);
    arg_i64(&args, messages);
    (void)sql_queue(db, SQL_quota_less, &args);
}

static enum store_status expunge(struct db *db, void *arg)
{
    struct expunging *e = arg;
    struct locked_folder f = {.id = e->folder_id};
    struct folder_change c = {0};
    int64_t bytes = 0;
    static const uint32_t none[1];
    *e->modseq = 0;
    e->gone->len = 0;
    /* The counter says whether there is anything to do at all: CLOSE asks often, and rarely there is. */
    enum store_status status = lock_folders(db, e->mailbox, &f, 1, none, 0, SEEN_NOBODY);
    if (status == STORE_OK && f.deleted == 0 && !e->any) {
        *e->modseq = f.highestmodseq;
        locked_folder_free(&f);
        return STORE_OK;
    }
    if (status == STORE_OK)
        status = lock_folders(db, e->mailbox, &f, 1, e->uids, e->count, SEEN_EVERYBODY);
    if (status == STORE_OK) {
        take_deleted(e, &f);
        *e->modseq = f.highestmodseq + (e->gone->len > 0);
    }
    if (status == STORE_OK && e->gone->len) {
        FAULT("expunge.decided");
        status = page_up(db, e->mailbox, &f);
        if (status == STORE_OK)
            status = remove_messages(db, e->mailbox, &f, e->gone, f.highestmodseq + 1, &bytes, &c);
        c.bytes = -bytes;
        FAULT("expunge.removed");
        queue_quota(db, e->mailbox, -bytes, c.messages);
        queue_pages(db, e->mailbox, &f);
        queue_folder(db, e->mailbox, &f, &c);
    }
    locked_folder_free(&f);
    return status == STORE_OK ? db_commit_now(db) : status;
}

enum store_status messages_expunge(struct db *db, struct mailbox *m, int64_t folder_id, const uint32_t *uids,
                                   size_t count, uid_list *gone, uint64_t *modseq)
{
    struct expunging e = {m, folder_id, uids, count, gone, modseq, false};
    if (uids && !uids_rise(uids, count))
        return STORE_INVALID;
    gone->len = 0;
    if (uids && count == 0)
        return STORE_OK;
    enum store_status status = db_transaction(db, DB_WRITE, m->bal.id, expunge, &e);
    FAULT("expunge.committed");
    return status;
}

enum store_status messages_remove(struct db *db, struct mailbox *m, int64_t folder_id, const uint32_t *uids,
                                  size_t count, uid_list *gone, uint64_t *modseq)
{
    struct expunging e = {m, folder_id, uids, count, gone, modseq, true};
    if (!uids_rise(uids, count))
        return STORE_INVALID;
    gone->len = 0;
    return count ? db_transaction(db, DB_WRITE, m->bal.id, expunge, &e) : STORE_OK;
}
