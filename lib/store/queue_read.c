/* The bytes of queued messages, for the relay. */
#include "lib/store/queue.h"

#include "lib/store/blob.h"
#include "lib/store/queue_key.h"

struct reading {
    struct queue_opener *opener;
    int64_t id;
    struct str *out;
    size_t had;
};

/* A row that says that more stays here than there is: nothing of it may leave, for an empty message would pass for sent. */
static bool head_fits(uint64_t head, uint64_t size)
{
    return head <= size;
}

static enum store_status read_message(struct db *db, void *arg)
{
    struct reading *q = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    struct key key;
    str_truncate(q->out, q->had);
    arg_i64(&args, q->id);
    enum store_status status = sql_run(db, SQL_queue_blob, &args, &r);
    if (status == STORE_OK && sql_rows(r) == 0)
        status = STORE_NOT_FOUND;
    if (status != STORE_OK)
        return status;
    struct blob_at at = {.bal_id = sql_i64(r, 0, 0), .blob_id = sql_i64(r, 0, 1), .key = &key};
    uint64_t head = (uint64_t)sql_i64(r, 0, 3);
    status = queue_key_open(q->opener, at.bal_id, at.blob_id, sql_span(r, 0, 2), &key);
    if (status != STORE_OK)
        return status;
    db_act_on(db, at.bal_id);
    args.count = 0;
    arg_i64(&args, at.bal_id);
    arg_i64(&args, at.blob_id);
    status = sql_run(db, SQL_blob_shape, &args, &r);
    if (status == STORE_OK && sql_rows(r) == 0)
        status = STORE_NOT_FOUND;
    if (status == STORE_OK) {
        at.size = (uint64_t)sql_i64(r, 0, 0);
        at.compressed = sql_bool(r, 0, 1);
        status = head_fits(head, at.size) ? blob_read(db, &at, head, UINT64_MAX, q->out) : STORE_DAMAGED;
    }
    crypto_wipe(&key, sizeof(key));
    return status;
}

enum store_status queue_read(struct db *db, struct queue_opener *opener, int64_t message_id, struct str *out)
{
    struct reading q = {opener, message_id, out, out->len};
    return db_transaction(db, DB_READ, 0, read_message, &q);
}

struct many {
    struct queue_opener *opener;
    struct queue_reading *readings;
    size_t count;
};

static enum store_status take_row(struct queue_opener *opener, struct queue_reading *q, const PGresult *r, int row)
{
    struct key key;
    struct blob_at at = {.bal_id = q->bal_id,
                         .blob_id = sql_i64(r, row, 1),
                         .key = &key,
                         .size = (uint64_t)sql_i64(r, row, 4),
                         .compressed = sql_bool(r, row, 5)};
    struct str clear, whole;
    uint64_t head = (uint64_t)sql_i64(r, row, 3);
    enum store_status status = queue_key_open(opener, at.bal_id, at.blob_id, sql_span(r, row, 2), &key);
    if (status != STORE_OK)
        return status;
    str_init(&clear, BLOB_CHUNK);
    str_init(&whole, BLOB_CHUNK);
    status = blob_take_chunk(&at, 0, sql_span(r, row, 6), &clear, &whole);
    if (status == STORE_OK &&
        (!head_fits(head, whole.len) || !str_add(q->out, whole.data + (size_t)head, whole.len - (size_t)head)))
        status = STORE_DAMAGED;
    str_free(&clear);
    str_free(&whole);
    crypto_wipe(&key, sizeof(key));
    return status;
}

static void take_rows(struct many *many, const PGresult *r)
{
    for (int row = 0; row < sql_rows(r); row++)
        for (size_t i = 0; i < many->count; i++)
            if (many->readings[i].message_id == sql_i64(r, row, 0)) {
                str_clear(many->readings[i].out);
                many->readings[i].status = take_row(many->opener, &many->readings[i], r, row);
            }
}

/* Queued for the BAL of readings[first]: row-level security lets a statement see one BAL. */
static int queue_bal(struct db *db, const struct many *many, size_t first)
{
    struct sql_args args = {.count = 0};
    struct str array;
    int64_t bal = many->readings[first].bal_id, *ids = xcalloc(many->count, sizeof(*ids));
    size_t n = 0;
    for (size_t i = 0; i < many->count; i++) {
        if (many->readings[i].bal_id != bal)
            continue;
        if (i < first) { /* asked with an earlier one */
            xfree(&ids);
            return -1;
        }
        ids[n++] = many->readings[i].message_id;
    }
    db_act_on(db, bal);
    arg_array(&args, &array, ids, n);
    arg_i64(&args, bal);
    arg_i64(&args, BLOB_CHUNK);
    int number = sql_queue(db, SQL_queue_blobs, &args);
    str_free(&array);
    xfree(&ids);
    return number;
}

static enum store_status read_many(struct db *db, void *arg)
{
    struct many *many = arg;
    int *numbers = xcalloc(many->count, sizeof(*numbers));
    for (size_t i = 0; i < many->count; i++) {
        many->readings[i].status = STORE_NOT_FOUND;
        numbers[i] = queue_bal(db, many, i);
    }
    enum store_status status = sql_wait(db);
    for (size_t i = 0; i < many->count && status == STORE_OK; i++)
        if (numbers[i] >= 0)
            take_rows(many, sql_answer(db, numbers[i]));
    xfree(&numbers);
    return status;
}

enum store_status queue_read_many(struct db *db, struct queue_opener *opener, struct queue_reading *readings,
                                  size_t count)
{
    struct many many = {opener, readings, count};
    enum store_status status = count ? db_transaction(db, DB_READ, 0, read_many, &many) : STORE_OK;
    for (size_t i = 0; i < count && status == STORE_OK; i++) {
        if (readings[i].status != STORE_NOT_FOUND) /* longer than a chunk, or gone */
            continue;
        str_clear(readings[i].out);
        readings[i].status = queue_read(db, opener, readings[i].message_id, readings[i].out);
    }
    return status;
}
