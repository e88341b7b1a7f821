/* The lock of folders, and the pages of what a writer touches: locks in one statement, pages in later ones (READ
 * COMMITTED gives each its own snapshot), all in one round trip. */
#include "lib/store/mailbox_private.h"

#include <stdlib.h>
#include <string.h>

struct page *page_of(struct locked_folder *f, uint32_t uid)
{
    size_t low = 0, high = f->pages.len;
    int64_t block = block_of(uid);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (f->pages.items[middle].block < block)
            low = middle + 1;
        else
            high = middle;
    }
    return low < f->pages.len && f->pages.items[low].block == block ? &f->pages.items[low] : NULL;
}

struct seen *seen_of(struct locked_folder *f, int64_t viewer, uint32_t uid, bool make)
{
    vec_each (&f->seen, s)
        if (s->viewer == viewer && s->block == block_of(uid))
            return s;
    if (!make)
        return NULL;
    vec_push(&f->seen, (struct seen){.viewer = viewer, .block = block_of(uid)});
    return &f->seen.items[f->seen.len - 1];
}

struct page_entry entry_for(const struct mailbox *m, struct locked_folder *f, const struct page *p, uint32_t uid)
{
    struct page_entry e = p->entries[slot_of(uid)];
    const struct seen *s = m->seen_per_person ? seen_of(f, m->viewer, uid, false) : NULL;
    if (s && s->bits & bit_of(uid))
        e.flags |= FLAG_SEEN;
    if (s && s->modseq[slot_of(uid)] > e.modseq)
        e.modseq = s->modseq[slot_of(uid)];
    return e;
}

static void blocks_of(const uint32_t *uids, size_t count, int64_t *out, size_t *blocks)
{
    *blocks = 0;
    for (size_t i = 0; i < count; i++)
        if (*blocks == 0 || out[*blocks - 1] != block_of(uids[i]))
            out[(*blocks)++] = block_of(uids[i]);
}

struct questions {
    int lock, pages, messages, seen;
};

static void queue_locks(struct db *db, const struct mailbox *m, const struct locked_folder *folders, size_t count,
                        struct questions *q)
{
    int64_t ids[4];
    struct str array;
    struct sql_args args = {.count = 0};
    must(count <= COUNT(ids));
    for (size_t i = 0; i < count; i++)
        ids[i] = folders[i].id;
    arg_i64(&args, m->bal.id);
    arg_array(&args, &array, ids, count);
    q->lock = sql_queue(db, SQL_folders_lock, &args);
    str_free(&array);
}

static void queue_blocks(struct db *db, const struct mailbox *m, int64_t folder_id, const int64_t *blocks, size_t count,
                         enum seen_scope scope, struct questions *q)
{
    struct str array;
    struct sql_args args = {.count = 0};
    arg_i64(&args, m->bal.id);
    arg_i64(&args, folder_id);
    if (blocks[count - 1] - blocks[0] == (int64_t)count - 1) { /* no gaps: one search, not one for each */
        arg_i64(&args, blocks[0] * PAGE_UIDS);
        arg_i64(&args, blocks[count - 1] * PAGE_UIDS);
        arg_i64(&args, 0);
        q->pages = sql_queue(db, SQL_pages_between, &args);
        args.count = 2;
        arg_array(&args, &array, blocks, count);
    } else {
        arg_array(&args, &array, blocks, count);
        q->pages = sql_queue(db, SQL_pages_of_blocks, &args);
    }
    if (scope != SEEN_NOBODY && m->seen_per_person) {
        arg_id(&args, scope == SEEN_VIEWER ? m->viewer : 0);
        q->seen = sql_queue(db, SQL_seen_of_blocks, &args);
        args.count = 3;
    }
    str_free(&array);
    args.count = 2;
    arg_i64(&args, blocks[0] * PAGE_UIDS);
    arg_i64(&args, blocks[count - 1] * PAGE_UIDS + PAGE_UIDS - 1);
    q->messages = sql_queue(db, SQL_states_unpaged, &args);
}

static void queue_everything(struct db *db, const struct mailbox *m, int64_t folder_id, enum seen_scope scope,
                             struct questions *q)
{
    struct sql_args args = {.count = 0};
    arg_i64(&args, m->bal.id);
    arg_i64(&args, folder_id);
    arg_i64(&args, 0);
    arg_i64(&args, INT64_MAX);
    q->messages = sql_queue(db, SQL_states_unpaged, &args);
    arg_i64(&args, 0);
    q->pages = sql_queue(db, SQL_pages_between, &args);
    if (scope != SEEN_NOBODY && m->seen_per_person) {
        args.count = 4;
        arg_id(&args, scope == SEEN_VIEWER ? m->viewer : 0);
        q->seen = sql_queue(db, SQL_seen_between, &args);
    }
}

static enum store_status read_locks(const PGresult *r, struct locked_folder *folders, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int row = 0;
        while (row < sql_rows(r) && sql_i64(r, row, 0) != folders[i].id)
            row++;
        if (row == sql_rows(r))
            return STORE_NOT_FOUND;
        folders[i].uidvalidity = (uint32_t)sql_i64(r, row, 1);
        folders[i].uidnext = (uint32_t)sql_i64(r, row, 2);
        folders[i].highestmodseq = (uint64_t)sql_i64(r, row, 3);
        folders[i].paged_to = sql_i64(r, row, 4);
        folders[i].messages = sql_i64(r, row, 5);
        folders[i].unseen = sql_i64(r, row, 6);
        folders[i].deleted = sql_i64(r, row, 7);
    }
    return STORE_OK;
}

static enum store_status read_pages(const PGresult *r, struct locked_folder *f)
{
    for (int row = 0; row < sql_rows(r); row++) {
        struct page p;
        if (!page_read(&p, sql_i64(r, row, 0), sql_span(r, row, 1)))
            return STORE_DAMAGED;
        vec_push(&f->pages, p);
    }
    return STORE_OK;
}

static enum store_status read_seen(const PGresult *r, struct locked_folder *f)
{
    for (int row = 0; row < sql_rows(r); row++) {
        struct seen s;
        if (!seen_read(&s, sql_i64(r, row, 0), sql_i64(r, row, 1), sql_span(r, row, 2)))
            return STORE_DAMAGED;
        vec_push(&f->seen, s);
    }
    return STORE_OK;
}

static int by_block(const void *a, const void *b)
{
    const struct page *x = a, *y = b;
    return x->block < y->block ? -1 : x->block > y->block;
}

static bool among(const int64_t *blocks, size_t count, int64_t block)
{
    for (size_t low = 0; low < count;) {
        size_t middle = (low + count) / 2;
        if (blocks[middle] == block)
            return true;
        if (blocks[middle] < block)
            low = middle + 1;
        else
            count = middle;
    }
    return false;
}

static bool has_page(const struct page *pages, size_t count, int64_t block)
{
    for (size_t low = 0; low < count;) {
        size_t middle = (low + count) / 2;
        if (pages[middle].block == block)
            return true;
        if (pages[middle].block < block)
            low = middle + 1;
        else
            count = middle;
    }
    return false;
}

/* Which blocks a writer works on; `blocks` NULL: all. Rows of others come along, between them, and must make no page: they
 * may have one in the database that was not read. */
struct scope {
    const int64_t *blocks;
    size_t count;
};

/* Pages for blocks that have none yet. Below paged_to a block without a page holds nothing. */
static void add_young_pages(struct locked_folder *f, const PGresult *messages, const struct scope *scope)
{
    size_t stored = f->pages.len;
    for (int row = 0; row < sql_rows(messages); row++) {
        int64_t block = block_of((uint32_t)sql_i64(messages, row, 0));
        bool fresh = f->pages.len == stored || f->pages.items[f->pages.len - 1].block != block;
        if (fresh && !has_page(f->pages.items, stored, block) &&
            (!scope->blocks || among(scope->blocks, scope->count, block)))
            vec_push(&f->pages, (struct page){.block = block});
    }
    if (f->pages.len > stored)
        qsort(f->pages.items, f->pages.len, sizeof(struct page), by_block);
}

/* Every UID below uidnext becomes known: what no page spoke for is as its message row says, or gone. */
static void complete_pages(struct locked_folder *f, const PGresult *messages, const struct scope *scope)
{
    add_young_pages(f, messages, scope);
    for (int row = 0; row < sql_rows(messages); row++) {
        uint32_t uid = (uint32_t)sql_i64(messages, row, 0);
        struct page *p = page_of(f, uid);
        if (!p || p->known & bit_of(uid))
            continue;
        p->exists |= bit_of(uid);
        p->entries[slot_of(uid)] =
            (struct page_entry){(uint64_t)sql_i64(messages, row, 1), (uint64_t)sql_i64(messages, row, 2)};
    }
    vec_each (&f->pages, p) {
        int64_t below = (int64_t)f->uidnext - p->block * PAGE_UIDS;
        p->known |= below >= PAGE_UIDS ? UINT64_MAX : below > 0 ? (1ULL << below) - 1 : 0;
    }
}

enum store_status lock_folders(struct db *db, struct mailbox *m, struct locked_folder *folders, size_t folder_count,
                               const uint32_t *uids, size_t uid_count, enum seen_scope scope)
{
    struct questions q = {-1, -1, -1, -1};
    for (size_t i = 0; i < folder_count; i++) /* a body may run again */
        folders[i].pages.len = folders[i].seen.len = 0;
    queue_locks(db, m, folders, folder_count, &q);
    int64_t *blocks = uids ? xcalloc(uid_count, sizeof(*blocks)) : NULL;
    struct scope asked = {.blocks = blocks};
    if (!uids)
        queue_everything(db, m, folders[0].id, scope, &q);
    else
        blocks_of(uids, uid_count, blocks, &asked.count);
    if (asked.count)
        queue_blocks(db, m, folders[0].id, blocks, asked.count, scope, &q);
    enum store_status status = sql_wait(db);
    if (status == STORE_OK)
        status = read_locks(sql_answer(db, q.lock), folders, folder_count);
    if (status == STORE_OK && q.pages >= 0)
        status = read_pages(sql_answer(db, q.pages), &folders[0]);
    if (status == STORE_OK && q.seen >= 0)
        status = read_seen(sql_answer(db, q.seen), &folders[0]);
    if (status == STORE_OK && q.messages >= 0)
        complete_pages(&folders[0], sql_answer(db, q.messages), &asked);
    xfree(&blocks);
    return status;
}

enum { PAGE_UP_BLOCKS = 512 }; /* bounds how long a lock is held: ≈ 10 ms */

static enum store_status load_range(struct db *db, const struct mailbox *m, struct locked_folder *f, int64_t from,
                                    int64_t to)
{
    struct sql_args args = {.count = 0};
    arg_i64(&args, m->bal.id);
    arg_i64(&args, f->id);
    arg_i64(&args, from);
    arg_i64(&args, to - 1);
    int messages = sql_queue(db, SQL_states_unpaged, &args);
    arg_i64(&args, 0);
    int pages = sql_queue(db, SQL_pages_between, &args);
    enum store_status status = sql_wait(db);
    if (status == STORE_OK)
        status = read_pages(sql_answer(db, pages), f);
    if (status == STORE_OK)
        complete_pages(f, sql_answer(db, messages), &(struct scope){NULL, 0});
    return status;
}

enum store_status page_up(struct db *db, struct mailbox *m, struct locked_folder *f)
{
    int64_t from = f->paged_to / PAGE_UIDS * PAGE_UIDS, to = f->uidnext / PAGE_UIDS * PAGE_UIDS;
    if (to - from > PAGE_UP_BLOCKS * PAGE_UIDS)
        to = from + PAGE_UP_BLOCKS * PAGE_UIDS;
    f->paged_up = to > from;
    if (!f->paged_up)
        return STORE_OK;
    struct locked_folder more = {.id = f->id, .uidnext = f->uidnext};
    enum store_status status = load_range(db, m, &more, from, to);
    size_t had = f->pages.len;
    for (size_t i = 0; status == STORE_OK && i < more.pages.len; i++) {
        struct locked_folder first = {.pages = {f->pages.items, had, had}};
        if (!page_of(&first, (uint32_t)(more.pages.items[i].block * PAGE_UIDS)))
            vec_push(&f->pages, more.pages.items[i]);
    }
    if (f->pages.len > had)
        qsort(f->pages.items, f->pages.len, sizeof(struct page), by_block);
    vec_each (&f->pages, p)
        if (p->block * PAGE_UIDS >= from && p->block * PAGE_UIDS < to)
            p->dirty = true;
    if (status == STORE_OK)
        f->paged_to = to;
    locked_folder_free(&more);
    return status;
}

void locked_folder_free(struct locked_folder *f)
{
    vec_free(&f->pages);
    vec_free(&f->seen);
}
