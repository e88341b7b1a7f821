/* Messages read: facts and summaries in batches, bytes in ranges. */
#include "lib/store/mailbox_private.h"
#include "lib/store/message_write.h"

#include <string.h>

struct streaming {
    struct mailbox *mailbox;
    int64_t folder_id;
    const uint32_t *uids;
    size_t count, at; /* at: the next UID that was not asked for yet */
    unsigned want;
    bool (*each)(const struct message_facts *, void *);
    void *arg;
    struct str structure, packed, text;
    struct gcm_opener *opener;
};

/* Where a statement's columns stand. */
struct columns {
    int facts, blob, head, key, structure, text; /* -1: not read */
};

static const struct columns *columns_of(unsigned want)
{
    static const struct columns all = {1, 4, 5, 7, 8, 9}, alone = {-1, 1, -1, 2, 3, -1};
    return want == WANT_SUMMARY ? &alone : &all;
}

/* How many rows at once: facts are 80 bytes, a summary one or two KiB, a text up to 1 MiB. */
static size_t batch_size(unsigned want)
{
    return want & WANT_TEXT ? 32 : want & WANT_SUMMARY ? 512 : 4096;
}

static enum sql statement(unsigned want, bool between)
{
    if (want == WANT_SUMMARY)
        return between ? SQL_summaries_alone_between : SQL_summaries_alone_of;
    static const enum sql table[4][2] = {{SQL_facts_of, SQL_facts_between},
                                         {SQL_summaries_of, SQL_summaries_between},
                                         {SQL_texts_of, SQL_texts_between},
                                         {SQL_all_of, SQL_all_between}};
    return table[(want & WANT_SUMMARY ? 1 : 0) + (want & WANT_TEXT ? 2 : 0)][between];
}

/* Queues the next batch; a run without gaps goes by its ends, which spares PostgreSQL a search for each. */
static int queue_batch(struct db *db, struct streaming *s)
{
    size_t left = s->count - s->at, n = left < batch_size(s->want) ? left : batch_size(s->want);
    const uint32_t *uids = s->uids + s->at;
    bool between = uids[n - 1] - uids[0] < 2 * n;
    struct sql_args args = {.count = 0};
    struct str array = {0};
    arg_i64(&args, s->mailbox->bal.id);
    arg_i64(&args, s->folder_id);
    if (between) {
        arg_i64(&args, uids[0]);
        arg_i64(&args, uids[n - 1]);
        arg_i64(&args, INT32_MAX);
    } else {
        arg_uids(&args, &array, uids, n);
    }
    int number = sql_queue(db, statement(s->want, between), &args);
    if (!between)
        str_free(&array);
    s->at += n;
    return number;
}

static enum store_status open_sealed(struct streaming *s, const struct message_facts *f, const struct key *key,
                                     struct span structure, struct span text)
{
    char place[AAD_BYTES];
    int64_t bal = s->mailbox->bal.id;
    str_clear(&s->structure);
    str_clear(&s->packed);
    str_clear(&s->text);
    if (s->want & WANT_SUMMARY &&
        !gcm_opener_open(s->opener, &s->structure, key, aad(place, "message.structure", bal, f->blob_id, 0, true),
                         structure))
        return STORE_DAMAGED;
    if (s->want & WANT_TEXT && text.n &&
        (!gcm_opener_open(s->opener, &s->packed, key, aad(place, "message.text", bal, f->blob_id, 0, true), text) ||
         !unpack(&s->text, str_span(&s->packed), SUMMARY_TEXT_MAX + SEARCH_HEAD_MAX)))
        return STORE_DAMAGED;
    return STORE_OK;
}

static void read_facts(struct message_facts *f, const PGresult *r, int row, const struct columns *at)
{
    f->uid = (uint32_t)sql_i64(r, row, 0);
    f->blob_id = sql_i64(r, row, at->blob);
    if (at->facts < 0)
        return;
    f->size = (uint64_t)sql_i64(r, row, at->facts);
    f->internal_date = sql_i64(r, row, at->facts + 1);
    f->save_date = sql_i64(r, row, at->facts + 2);
    f->head_size = (uint32_t)sql_i64(r, row, at->head);
    f->summary_flags = (uint32_t)sql_i64(r, row, at->head + 1) & ~(uint32_t)OWN_SENT_COPY;
}

static enum store_status show(struct streaming *s, const PGresult *r, int row, bool *go_on)
{
    const struct columns *at = columns_of(s->want);
    struct message_facts f = {.uid = 0};
    read_facts(&f, r, row, at);
    if (s->want & (WANT_SUMMARY | WANT_TEXT)) {
        const struct key *key = mailbox_key(s->mailbox, sql_i64(r, row, at->key));
        struct span text = at->text >= 0 ? sql_span(r, row, at->text) : SPAN_NONE;
        enum store_status status = key ? open_sealed(s, &f, key, sql_span(r, row, at->structure), text) : STORE_DAMAGED;
        /* One that does not authenticate is shown without its summary, and said: it must not hide the others. */
        f.damaged = status != STORE_OK;
        f.structure = f.damaged ? SPAN_NONE : str_span(&s->structure);
        f.text = f.damaged ? SPAN_NONE : str_span(&s->text);
    }
    *go_on = s->each(&f, s->arg);
    return STORE_OK;
}

static enum store_status open_keys(struct db *db, struct streaming *s, const PGresult *r)
{
    VEC(int64_t) missing = {0};
    for (int row = 0; row < sql_rows(r); row++) {
        int64_t id = sql_i64(r, row, columns_of(s->want)->key);
        if (!mailbox_key(s->mailbox, id) && (missing.len == 0 || missing.items[missing.len - 1] != id))
            vec_push(&missing, id);
    }
    enum store_status status = mailbox_need_keys(db, s->mailbox, missing.items, missing.len);
    vec_free(&missing);
    return status;
}

/* `from` moves over the UIDs asked for: rows between them (a batch by its ends) are passed over. */
static enum store_status show_batch(struct db *db, struct streaming *s, const PGresult *r, size_t *from, bool *go_on)
{
    enum { BREATH = 32 };
    enum store_status status = STORE_OK;
    for (int row = 0; row < sql_rows(r) && *go_on && status == STORE_OK; row++) {
        if (row % BREATH == BREATH - 1)
            sql_breathe(db);
        uint32_t uid = (uint32_t)sql_i64(r, row, 0);
        while (*from < s->count && s->uids[*from] < uid)
            (*from)++;
        if (*from < s->count && s->uids[*from] == uid)
            status = show(s, r, row, go_on);
    }
    return status;
}

/* The server works on the next batch while this one is opened and shown. */
static enum store_status stream(struct db *db, void *arg)
{
    struct streaming *s = arg;
    size_t from = 0;
    bool go_on = true;
    s->at = 0;
    int number = queue_batch(db, s);
    enum store_status status = sql_wait(db);
    while (status == STORE_OK && go_on) {
        PGresult *r = sql_take(db, number);
        if (s->want & (WANT_SUMMARY | WANT_TEXT))
            status = open_keys(db, s, r);
        bool more = status == STORE_OK && s->at < s->count;
        if (more) {
            number = queue_batch(db, s);
            sql_nudge(db);
        }
        if (status == STORE_OK)
            status = show_batch(db, s, r, &from, &go_on);
        PQclear(r);
        if (!more)
            break;
        enum store_status waited = sql_wait(db);
        status = status == STORE_OK ? waited : status;
    }
    return status;
}

enum store_status messages_each(struct db *db, struct mailbox *m, int64_t folder_id, const uint32_t *uids, size_t count,
                                unsigned want, bool (*each)(const struct message_facts *, void *), void *arg)
{
    struct streaming s = {
        .mailbox = m, .folder_id = folder_id, .uids = uids, .count = count, .want = want, .each = each, .arg = arg};
    if (!uids_rise(uids, count))
        return STORE_INVALID;
    if (count == 0)
        return STORE_OK;
    s.opener = gcm_opener_new();
    str_init(&s.structure, SUMMARY_MAX);
    str_init(&s.packed, SUMMARY_TEXT_MAX + 2 * SEARCH_HEAD_MAX);
    str_init(&s.text, SUMMARY_TEXT_MAX + SEARCH_HEAD_MAX);
    enum store_status status =
        db_in_transaction(db) ? stream(db, &s) : db_transaction(db, DB_READ, m->bal.id, stream, &s);
    str_free(&s.structure);
    str_wipe(&s.packed);
    str_wipe(&s.text);
    gcm_opener_destroy(&s.opener);
    return status;
}

struct reading {
    struct mailbox *mailbox;
    int64_t blob_id;
    uint64_t offset, length;
    struct str *out;
    size_t had;
};

/* The columns of SQL_blob_open and SQL_blobs_whole that say how to open a blob, from `column` on. */
static enum store_status open_row(struct mailbox *m, int64_t blob_id, const PGresult *r, int row, int column,
                                  struct key *key)
{
    char place[AAD_BYTES];
    int64_t key_id = sql_i64(r, row, column + 3);
    enum store_status status =
        mailbox_key(m, key_id) ? STORE_OK : mailbox_hold_key(m, key_id, sql_span(r, row, column + 4));
    if (status != STORE_OK)
        return status;
    struct str clear;
    str_init(&clear, KEY_BYTES);
    bool good = gcm_open(&clear, mailbox_key(m, key_id), aad(place, "blob.key", m->bal.id, blob_id, 0, true),
                         sql_span(r, row, column)) &&
                clear.len == KEY_BYTES;
    if (good)
        memcpy(key->b, clear.data, KEY_BYTES);
    str_wipe(&clear);
    return good ? STORE_OK : STORE_DAMAGED;
}

static enum store_status hold_blob(struct mailbox *m, int64_t blob_id, const PGresult *r)
{
    if (sql_rows(r) == 0)
        return STORE_NOT_FOUND;
    enum store_status status = open_row(m, blob_id, r, 0, 0, &m->blob_key);
    m->blob_id = status == STORE_OK ? blob_id : 0;
    m->blob_size = (uint64_t)sql_i64(r, 0, 1);
    m->blob_compressed = sql_bool(r, 0, 2);
    return status;
}

/* A blob met for the first time: its row and its first chunks come in one round trip. */
static enum store_status read_fresh(struct db *db, struct reading *q)
{
    struct mailbox *m = q->mailbox;
    struct sql_args args = {.count = 0};
    uint32_t first = (uint32_t)(q->offset / BLOB_CHUNK);
    arg_i64(&args, m->bal.id);
    arg_i64(&args, q->blob_id);
    int row = sql_queue(db, SQL_blob_open, &args);
    int chunks = blob_queue_chunks(db, m->bal.id, q->blob_id, first, first + BLOB_AT_ONCE - 1);
    enum store_status status = sql_wait(db);
    if (status == STORE_OK)
        status = hold_blob(m, q->blob_id, sql_answer(db, row));
    if (status != STORE_OK || q->offset >= m->blob_size)
        return status;
    uint64_t end = q->length < m->blob_size - q->offset ? q->offset + q->length : m->blob_size;
    uint64_t here = (uint64_t)(first + BLOB_AT_ONCE) * BLOB_CHUNK, stop = end < here ? end : here;
    const PGresult *rows = sql_answer(db, chunks);
    uint32_t last = (uint32_t)((stop - 1) / BLOB_CHUNK);
    if (sql_rows(rows) < (int)(last - first + 1))
        return STORE_DAMAGED;
    struct blob_at at = {m->bal.id, q->blob_id, &m->blob_key, m->blob_size, m->blob_compressed};
    status = blob_take_chunks(&at, rows, first, last, q->offset, stop, q->out);
    return status == STORE_OK && stop < end ? blob_read(db, &at, stop, end - stop, q->out) : status;
}

static enum store_status read_range(struct db *db, void *arg)
{
    struct reading *q = arg;
    struct mailbox *m = q->mailbox;
    str_truncate(q->out, q->had);
    if (q->length == 0)
        return STORE_OK;
    if (m->blob_id != q->blob_id)
        return read_fresh(db, q);
    struct blob_at at = {m->bal.id, q->blob_id, &m->blob_key, m->blob_size, m->blob_compressed};
    return blob_read(db, &at, q->offset, q->length, q->out);
}

enum store_status message_read(struct db *db, struct mailbox *m, int64_t blob_id, uint64_t offset, uint64_t length,
                               struct str *out)
{
    struct reading q = {m, blob_id, offset, length, out, out->len};
    enum store_status status =
        db_in_transaction(db) ? read_range(db, &q) : db_transaction(db, DB_READ, m->bal.id, read_range, &q);
    if (status == STORE_DAMAGED || status == STORE_NOT_FOUND)
        m->blob_id = 0;
    return status;
}

struct reading_many {
    struct mailbox *mailbox;
    const int64_t *blob_ids;
    size_t count;
    bool (*each)(size_t, enum store_status, struct span, void *);
    void *arg;
};

/* Rows stand in the order of blob_ids, each blob's chunks in theirs; a blob that is gone has none. */
static void show_blobs(struct reading_many *q, const PGresult *r)
{
    enum { ORDER, SEQ, DATA, FIRST_OF_BLOB };
    struct str out, clear;
    bool go_on = true;
    str_init(&out, (size_t)1 << 30);
    str_init(&clear, BLOB_CHUNK);
    for (int row = 0; row < sql_rows(r) && go_on;) {
        size_t index = (size_t)sql_i64(r, row, ORDER) - 1;
        struct key key;
        int first = row;
        enum store_status status = open_row(q->mailbox, q->blob_ids[index], r, row, FIRST_OF_BLOB, &key);
        struct blob_at at = {q->mailbox->bal.id, q->blob_ids[index], &key, (uint64_t)sql_i64(r, row, FIRST_OF_BLOB + 1),
                             sql_bool(r, row, FIRST_OF_BLOB + 2)};
        str_clear(&out);
        for (; row < sql_rows(r) && (size_t)sql_i64(r, row, ORDER) - 1 == index; row++)
            if (status == STORE_OK)
                status = sql_i64(r, row, SEQ) == row - first
                             ? blob_take_chunk(&at, (uint32_t)(row - first), sql_span(r, row, DATA), &clear, &out)
                             : STORE_DAMAGED;
        if (status == STORE_OK && out.len != at.size)
            status = STORE_DAMAGED;
        go_on = q->each(index, status, status == STORE_OK ? str_span(&out) : SPAN_NONE, q->arg);
        crypto_wipe(&key, sizeof(key));
    }
    str_wipe(&clear);
    str_free(&out);
}

static enum store_status read_many(struct db *db, void *arg)
{
    struct reading_many *q = arg;
    struct sql_args args = {.count = 0};
    struct str array;
    const PGresult *r;
    arg_i64(&args, q->mailbox->bal.id);
    arg_array(&args, &array, q->blob_ids, q->count);
    enum store_status status = sql_run(db, SQL_blobs_whole, &args, &r);
    str_free(&array);
    if (status == STORE_OK)
        show_blobs(q, r);
    return status;
}

enum store_status messages_read_many(struct db *db, struct mailbox *m, const int64_t *blob_ids, size_t count,
                                     bool (*each)(size_t index, enum store_status, struct span bytes, void *),
                                     void *arg)
{
    struct reading_many q = {m, blob_ids, count, each, arg};
    if (count == 0)
        return STORE_OK;
    return db_in_transaction(db) ? read_many(db, &q) : db_transaction(db, DB_READ, m->bal.id, read_many, &q);
}
