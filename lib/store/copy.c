/* COPY and MOVE inside a BAL: the copies share the blob, and hold the same cipher texts (bound to the blob, not the UID). */
#include "lib/store/expunge.h"

#include "lib/base/clock.h"
#include "lib/base/fault.h"

struct copying {
    struct mailbox *mailbox;
    int64_t from, to;
    const uint32_t *uids;
    size_t count;
    bool move;
    copied_list *out;
    uint32_t *uidvalidity;
};

/* What one attempt works with. */
struct attempt {
    struct locked_folder folders[2], *source, *target;
    uid_list uids;  /* those that exist */
    int64_t *flags; /* of the copies */
    int64_t bytes;
    uint64_t bits[64]; /* bit of the source folder -> bit of the target, 0 unknown yet */
    keyword_list keywords;
};

static enum store_status map_keywords(struct db *db, const struct copying *c, struct attempt *a, uint64_t *flags)
{
    uint64_t mapped = *flags & ((1ULL << FLAG_KEYWORD_FIRST) - 1);
    for (unsigned bit = FLAG_KEYWORD_FIRST; bit < 64; bit++) {
        unsigned there;
        if (!(*flags & (1ULL << bit)))
            continue;
        if (bit - FLAG_KEYWORD_FIRST >= a->keywords.len)
            return STORE_DAMAGED;
        if (!a->bits[bit]) {
            enum store_status status =
                folder_keyword_bit(db, c->mailbox, c->to, a->keywords.items[bit - FLAG_KEYWORD_FIRST], &there);
            if (status != STORE_OK)
                return status;
            a->bits[bit] = 1ULL << there;
        }
        mapped |= a->bits[bit];
    }
    *flags = mapped;
    return STORE_OK;
}

static enum store_status take_flags(struct db *db, const struct copying *c, struct attempt *a)
{
    enum store_status status = STORE_OK;
    bool same = c->from == c->to;
    if (!same)
        status = folder_keywords(db, c->mailbox, c->from, &a->keywords);
    for (size_t i = 0; i < a->uids.len && status == STORE_OK; i++) {
        uint64_t flags = page_of(a->source, a->uids.items[i])->entries[slot_of(a->uids.items[i])].flags;
        if (!same && flags >> FLAG_KEYWORD_FIRST)
            status = map_keywords(db, c, a, &flags);
        a->flags[i] = (int64_t)flags;
    }
    return status;
}

static void arg_pairs(struct sql_args *args, struct str arrays[3], const struct attempt *a)
{
    int64_t *fresh = xcalloc(a->uids.len, sizeof(*fresh));
    for (size_t i = 0; i < a->uids.len; i++)
        fresh[i] = (int64_t)a->target->uidnext + (int64_t)i;
    arg_uids(args, &arrays[0], a->uids.items, a->uids.len);
    arg_array(args, &arrays[1], fresh, a->uids.len);
    arg_array(args, &arrays[2], a->flags, a->uids.len);
    xfree(&fresh);
}

static enum store_status insert_copies(struct db *db, const struct copying *c, struct attempt *a, uint64_t modseq)
{
    struct sql_args args = {.count = 0}, sizes = {.count = 0};
    struct str arrays[3], uids;
    arg_i64(&args, c->mailbox->bal.id);
    arg_i64(&args, c->from);
    arg_i64(&args, c->to);
    arg_i64(&args, (int64_t)modseq);
    arg_pairs(&args, arrays, a);
    arg_i64(&args, wall_s());
    arg_i64(&sizes, c->mailbox->bal.id);
    arg_i64(&sizes, c->from);
    arg_uids(&sizes, &uids, a->uids.items, a->uids.len);
    int size = sql_queue(db, SQL_messages_size, &sizes), copy = sql_queue(db, SQL_messages_copy, &args);
    for (size_t i = 0; i < 3; i++)
        str_free(&arrays[i]);
    str_free(&uids);
    enum store_status status = sql_wait(db);
    if (status != STORE_OK)
        return status;
    a->bytes = sql_i64(sql_answer(db, size), 0, 0);
    return sql_touched(sql_answer(db, copy)) == (int64_t)a->uids.len ? STORE_OK : STORE_DAMAGED;
}

/* Each person's \Seen goes along. */
static enum store_status copy_seen(struct db *db, const struct copying *c, struct attempt *a, uint64_t modseq)
{
    if (!c->mailbox->seen_per_person || a->source->seen.len == 0)
        return STORE_OK;
    uint32_t first = a->target->uidnext;
    uid_list fresh = {0};
    for (size_t i = 0; i < a->uids.len; i++)
        vec_push(&fresh, first + (uint32_t)i);
    struct locked_folder there = {.id = c->to};
    enum store_status status = lock_folders(db, c->mailbox, &there, 1, fresh.items, fresh.len, SEEN_EVERYBODY);
    size_t pages = a->source->seen.len;
    for (size_t s = 0; s < pages && status == STORE_OK; s++) {
        struct seen from = a->source->seen.items[s];
        int64_t more = 0;
        for (size_t i = 0; i < a->uids.len; i++) {
            if (block_of(a->uids.items[i]) != from.block || !(from.bits & bit_of(a->uids.items[i])))
                continue;
            struct seen *to = seen_of(&there, from.viewer, fresh.items[i], true);
            to->bits |= bit_of(fresh.items[i]);
            to->modseq[slot_of(fresh.items[i])] = modseq;
            to->dirty = true;
            more++;
        }
        if (more)
            queue_viewer(db, c->mailbox, c->to, from.viewer, more);
    }
    there.pages.len = 0;
    if (status == STORE_OK)
        queue_pages(db, c->mailbox, &there);
    locked_folder_free(&there);
    vec_free(&fresh);
    return status;
}

static void queue_quota(struct db *db, const struct copying *c, const struct attempt *a)
{
    struct sql_args args = {.count = 0};
    arg_i64(&args, c->mailbox->bal.id);
    arg_i64(&args, a->bytes);
    arg_i64(&args, (int64_t)a->uids.len);
    (void)sql_queue(db, SQL_quota_add, &args);
}

static void count_copies(const struct attempt *a, uint64_t modseq, struct folder_change *c)
{
    c->uidnext = a->target->uidnext + (uint32_t)a->uids.len;
    c->modseq = modseq;
    c->messages += (int64_t)a->uids.len;
    c->bytes += a->bytes;
    for (size_t i = 0; i < a->uids.len; i++) {
        c->unseen += a->flags[i] & FLAG_SEEN ? 0 : 1;
        c->deleted += a->flags[i] & FLAG_DELETED ? 1 : 0;
    }
}

static enum store_status write_all(struct db *db, const struct copying *c, struct attempt *a)
{
    struct folder_change added = {0}, removed = {0};
    bool same = a->source == a->target;
    uint64_t modseq = a->target->highestmodseq + 1;
    enum store_status status = insert_copies(db, c, a, modseq);
    if (status == STORE_OK)
        status = copy_seen(db, c, a, modseq);
    if (status != STORE_OK)
        return status;
    count_copies(a, modseq, &added);
    FAULT("copy.inserted");
    if (c->move) {
        int64_t bytes = 0;
        struct folder_change *change = same ? &added : &removed;
        status = remove_messages(db, c->mailbox, a->source, &a->uids, same ? modseq : a->source->highestmodseq + 1,
                                 &bytes, change);
        change->bytes -= bytes;
        queue_pages(db, c->mailbox, a->source);
        if (!same)
            queue_folder(db, c->mailbox, a->source, &removed);
    } else {
        queue_quota(db, c, a);
    }
    queue_folder(db, c->mailbox, a->target, &added);
    return status;
}

static void report(const struct copying *c, const struct attempt *a)
{
    c->out->len = 0;
    for (size_t i = 0; i < a->uids.len; i++)
        vec_push(c->out, (struct copied){a->uids.items[i], a->target->uidnext + (uint32_t)i});
    *c->uidvalidity = a->target->uidvalidity;
}

static enum store_status copy(struct db *db, void *arg)
{
    struct copying *c = arg;
    bool same = c->from == c->to;
    struct attempt a = {.folders = {{.id = c->from}, {.id = c->to}}};
    a.source = &a.folders[0];
    a.target = same ? a.source : &a.folders[1];
    enum store_status status = lock_folders(db, c->mailbox, a.folders, same ? 1 : 2, c->uids, c->count, SEEN_EVERYBODY);
    if (status == STORE_OK) {
        for (size_t i = 0; i < c->count; i++) {
            const struct page *p = page_of(a.source, c->uids[i]);
            if (p && p->exists & bit_of(c->uids[i]))
                vec_push(&a.uids, c->uids[i]);
        }
        a.flags = xcalloc(a.uids.len, sizeof(*a.flags));
        if ((uint64_t)a.target->uidnext + a.uids.len > UINT32_MAX)
            status = STORE_OVER_QUOTA;
    }
    if (status == STORE_OK && a.uids.len)
        status = take_flags(db, c, &a);
    if (status == STORE_OK && a.uids.len)
        status = write_all(db, c, &a);
    if (status == STORE_OK)
        report(c, &a);
    locked_folder_free(&a.folders[0]);
    locked_folder_free(&a.folders[1]);
    vec_free(&a.uids);
    xfree(&a.flags);
    keyword_list_free(&a.keywords);
    return status == STORE_OK ? db_commit_now(db) : status;
}

enum store_status messages_copy(struct db *db, struct mailbox *m, int64_t from_folder, int64_t to_folder,
                                const uint32_t *uids, size_t count, bool move, copied_list *out, uint32_t *uidvalidity)
{
    struct copying c = {m, from_folder, to_folder, uids, count, move, out, uidvalidity};
    if (!uids_rise(uids, count))
        return STORE_INVALID;
    return db_transaction(db, DB_WRITE, m->bal.id, copy, &c);
}
