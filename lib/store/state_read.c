/* States of messages for readers: pages decoded, younger messages from their rows, one round trip. */
#include "lib/store/mailbox_private.h"

#include "lib/base/num.h"

#include <stdlib.h>

enum { TIDY_AT = 2048 }; /* unpaged messages past which reading rows costs more than making their pages once */

struct reading {
    struct mailbox *mailbox;
    int64_t folder_id;
    uint32_t from, to;
    uint64_t since;
    state_list *out;
};

struct cursor { /* the viewer's seen pages, in order of block */
    const PGresult *rows;
    int row;
};

static bool seen_at(struct cursor *c, int64_t block, struct seen *out)
{
    while (c->rows && c->row < sql_rows(c->rows) && sql_i64(c->rows, c->row, 1) < block)
        c->row++;
    return c->rows && c->row < sql_rows(c->rows) && sql_i64(c->rows, c->row, 1) == block &&
           seen_read(out, 0, block, sql_span(c->rows, c->row, 2));
}

static void emit(const struct reading *q, const struct seen *s, uint32_t uid, uint64_t flags, uint64_t modseq)
{
    if (s && s->bits & bit_of(uid))
        flags |= FLAG_SEEN;
    if (s && s->modseq[slot_of(uid)] > modseq)
        modseq = s->modseq[slot_of(uid)];
    if (modseq > q->since && uid >= q->from && uid <= q->to)
        vec_push(q->out, (struct message_state){uid, flags, modseq});
}

/* One block: its page where it has one, laid over the rows of its messages. */
static void emit_block(const struct reading *q, int64_t block, const uint8_t *page, const PGresult *rows, int *row,
                       struct cursor *seen)
{
    struct seen mine;
    const struct seen *s = seen_at(seen, block, &mine) ? &mine : NULL;
    uint64_t known = page ? get_u64(page) : 0, exists = page ? get_u64(page + 8) : 0;
    for (unsigned i = 0; i < PAGE_UIDS; i++) {
        uint32_t uid = (uint32_t)(block * PAGE_UIDS) + i;
        bool has_row = *row < sql_rows(rows) && sql_i64(rows, *row, 0) == uid;
        if (known & (1ULL << i) && exists & (1ULL << i))
            emit(q, s, uid, get_u64(page + 16 + i * 16), get_u64(page + 24 + i * 16));
        else if (has_row && !(known & (1ULL << i)))
            emit(q, s, uid, (uint64_t)sql_i64(rows, *row, 1), (uint64_t)sql_i64(rows, *row, 2));
        *row += has_row;
    }
}

static enum store_status merge(const struct reading *q, const PGresult *pages, const PGresult *rows,
                               const PGresult *seen)
{
    struct cursor cursor = {seen, 0};
    int page = 0, row = 0;
    while (page < sql_rows(pages) || row < sql_rows(rows)) {
        int64_t of_page = page < sql_rows(pages) ? sql_i64(pages, page, 0) : INT64_MAX;
        int64_t of_row = row < sql_rows(rows) ? block_of((uint32_t)sql_i64(rows, row, 0)) : INT64_MAX;
        struct span bytes = SPAN_NONE;
        if (of_page <= of_row) {
            bytes = sql_span(pages, page++, 1);
            if (bytes.n != PAGE_BYTES)
                return STORE_DAMAGED;
        }
        emit_block(q, of_page <= of_row ? of_page : of_row, (const uint8_t *)bytes.p, rows, &row, &cursor);
    }
    return STORE_OK;
}

static enum store_status read_states(struct db *db, void *arg)
{
    struct reading *q = arg;
    struct sql_args args = {.count = 0};
    int seen = -1;
    q->out->len = 0;
    arg_i64(&args, q->mailbox->bal.id);
    arg_i64(&args, q->folder_id);
    arg_i64(&args, q->from);
    arg_i64(&args, q->to);
    if (q->mailbox->seen_per_person) { /* their own modseqs may be younger than the pages' */
        arg_i64(&args, q->mailbox->viewer);
        seen = sql_queue(db, SQL_seen_between, &args);
        args.count = 4;
    }
    arg_i64(&args, q->mailbox->seen_per_person ? 0 : (int64_t)q->since);
    int pages = sql_queue(db, SQL_pages_between, &args), rows = sql_queue(db, SQL_states_between, &args);
    enum store_status status = sql_wait(db);
    if (status != STORE_OK)
        return status;
    return merge(q, sql_answer(db, pages), sql_answer(db, rows), seen >= 0 ? sql_answer(db, seen) : NULL);
}

enum store_status folder_states(struct db *db, struct mailbox *m, int64_t folder_id, uint32_t uid_from, uint32_t uid_to,
                                uint64_t changed_since, state_list *out)
{
    struct reading q = {m, folder_id, uid_from, uid_to, changed_since, out};
    return db_in_transaction(db) ? read_states(db, &q) : db_transaction(db, DB_READ, m->bal.id, read_states, &q);
}

bool folder_wants_tidying(const struct folder *f)
{
    return f->uidnext > f->paged_to && f->uidnext - f->paged_to > TIDY_AT;
}

struct expunged {
    struct mailbox *mailbox;
    int64_t folder_id;
    uint64_t since;
    uid_list *uids;
};

static int by_uid(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static enum store_status read_expunged(struct db *db, void *arg)
{
    struct expunged *q = arg;
    struct sql_args args = {.count = 0};
    arg_i64(&args, q->mailbox->bal.id);
    arg_i64(&args, q->folder_id);
    int floor = sql_queue(db, SQL_expunged_floor, &args);
    arg_i64(&args, (int64_t)q->since);
    int list = sql_queue(db, SQL_expunged_since, &args);
    enum store_status status = sql_wait(db);
    if (status != STORE_OK)
        return status;
    const PGresult *f = sql_answer(db, floor), *r = sql_answer(db, list);
    if (sql_rows(f) == 0)
        return STORE_NOT_FOUND;
    if ((uint64_t)sql_i64(f, 0, 0) > q->since)
        return STORE_CONFLICT;
    q->uids->len = 0;
    for (int row = 0; row < sql_rows(r); row++) {
        struct span runs = sql_span(r, row, 0);
        for (size_t at = 0; at + 8 <= runs.n; at += 8) {
            uint32_t last = get_u32((const uint8_t *)runs.p + at + 4);
            for (uint32_t uid = get_u32((const uint8_t *)runs.p + at); uid <= last && uid; uid++)
                vec_push(q->uids, uid);
        }
    }
    if (q->uids->len)
        qsort(q->uids->items, q->uids->len, sizeof(uint32_t), by_uid);
    return STORE_OK;
}

enum store_status folder_expunged_since(struct db *db, struct mailbox *m, int64_t folder_id, uint64_t modseq,
                                        uid_list *uids)
{
    struct expunged q = {m, folder_id, modseq, uids};
    return db_in_transaction(db) ? read_expunged(db, &q) : db_transaction(db, DB_READ, m->bal.id, read_expunged, &q);
}
