/* What a writer changed, written: pages, seen pages, the folder's counters. All queued. */
#include "lib/store/mailbox_private.h"

#include "lib/base/num.h"

/* bytea[] in binary, one dimension. */
struct bytes_array {
    struct str bytes;
    uint32_t count;
};

static void bytes_begin(struct bytes_array *a, size_t count, size_t each)
{
    enum { OID_BYTEA = 17 };
    uint8_t head[20];
    put_u32(head, 1);
    put_u32(head + 4, 0);
    put_u32(head + 8, OID_BYTEA);
    put_u32(head + 12, (uint32_t)count);
    put_u32(head + 16, 1);
    str_init(&a->bytes, 20 + count * (each + 4));
    str_add(&a->bytes, head, sizeof(head));
}

static void bytes_item(struct bytes_array *a, const void *item, uint32_t n)
{
    uint8_t length[4];
    put_u32(length, n);
    str_add(&a->bytes, length, sizeof(length));
    str_add(&a->bytes, item, n);
}

static bool page_goes(const struct page *p, const struct locked_folder *f)
{
    return p->stored && p->exists == 0 && (p->block + 1) * PAGE_UIDS <= (int64_t)f->paged_to;
}

/* Those dirty pages of which `stored` is so; a page whose messages are all gone is not written, but taken out. */
static void queue_some(struct db *db, const struct mailbox *m, const struct locked_folder *f, bool stored)
{
    size_t count = 0;
    int64_t *blocks = xcalloc(f->pages.len, sizeof(*blocks)), *modseqs = xcalloc(f->pages.len, sizeof(*modseqs));
    struct bytes_array pages;
    vec_each (&f->pages, p)
        count += p->dirty && p->stored == stored && !page_goes(p, f);
    bytes_begin(&pages, count, PAGE_BYTES);
    count = 0;
    vec_each (&f->pages, p) {
        uint8_t bytes[PAGE_BYTES];
        if (!p->dirty || p->stored != stored || page_goes(p, f))
            continue;
        page_write(p, bytes);
        bytes_item(&pages, bytes, PAGE_BYTES);
        blocks[count] = p->block;
        modseqs[count++] = (int64_t)page_max_modseq(p);
    }
    struct sql_args args = {.count = 0};
    struct str a, b;
    arg_i64(&args, m->bal.id);
    arg_i64(&args, f->id);
    arg_array(&args, &a, blocks, count);
    arg_array(&args, &b, modseqs, count);
    arg_span(&args, str_span(&pages.bytes));
    if (count)
        (void)sql_queue(db, stored ? SQL_pages_update : SQL_pages_insert, &args);
    str_free(&a);
    str_free(&b);
    str_free(&pages.bytes);
    xfree(&blocks);
    xfree(&modseqs);
}

static void queue_gone(struct db *db, const struct mailbox *m, const struct locked_folder *f)
{
    size_t count = 0;
    int64_t *blocks = xcalloc(f->pages.len, sizeof(*blocks));
    vec_each (&f->pages, p)
        if (p->dirty && page_goes(p, f))
            blocks[count++] = p->block;
    struct sql_args args = {.count = 0};
    struct str a;
    arg_i64(&args, m->bal.id);
    arg_i64(&args, f->id);
    arg_array(&args, &a, blocks, count);
    if (count)
        (void)sql_queue(db, SQL_pages_delete, &args);
    str_free(&a);
    xfree(&blocks);
}

static void queue_seen(struct db *db, const struct mailbox *m, const struct locked_folder *f)
{
    vec_each (&f->seen, s) {
        uint8_t bytes[SEEN_BYTES];
        struct sql_args args = {.count = 0};
        if (!s->dirty)
            continue;
        seen_write(s, bytes);
        arg_i64(&args, m->bal.id);
        arg_i64(&args, f->id);
        arg_i64(&args, s->viewer);
        arg_i64(&args, s->block);
        arg_i64(&args, (int64_t)seen_max_modseq(s));
        arg_span(&args, (struct span){(const char *)bytes, sizeof(bytes)});
        (void)sql_queue(db, SQL_seen_put, &args);
    }
}

void queue_pages(struct db *db, const struct mailbox *m, const struct locked_folder *f)
{
    if (f->pages.len) {
        queue_some(db, m, f, true);
        queue_some(db, m, f, false);
        queue_gone(db, m, f);
    }
    queue_seen(db, m, f);
}

void queue_viewer(struct db *db, const struct mailbox *m, int64_t folder_id, int64_t viewer, int64_t seen_delta)
{
    struct sql_args args = {.count = 0};
    arg_i64(&args, m->bal.id);
    arg_i64(&args, folder_id);
    arg_i64(&args, viewer);
    arg_i64(&args, seen_delta);
    (void)sql_queue(db, SQL_viewer_count, &args);
}

void queue_folder(struct db *db, const struct mailbox *m, const struct locked_folder *f, const struct folder_change *c)
{
    struct sql_args args = {.count = 0};
    arg_i64(&args, m->bal.id);
    arg_i64(&args, f->id);
    arg_i64(&args, c->uidnext ? c->uidnext : f->uidnext);
    arg_i64(&args, (int64_t)(c->modseq ? c->modseq : f->highestmodseq));
    arg_i64(&args, c->messages);
    arg_i64(&args, c->unseen);
    arg_i64(&args, c->deleted);
    arg_i64(&args, c->bytes);
    arg_i64(&args, f->paged_to);
    (void)sql_queue(db, SQL_folder_change, &args);
}
