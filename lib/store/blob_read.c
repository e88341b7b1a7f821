/* Any range of a message's bytes, without the rest. */
#include "lib/store/blob.h"

static enum store_status open_chunk(const struct blob_at *b, uint32_t seq, bool last, struct span data,
                                    struct str *clear)
{
    char place[AAD_BYTES];
    struct span where = aad(place, "blob.chunk", b->bal_id, b->blob_id, seq, last);
    str_clear(clear);
    if (!b->compressed)
        return gcm_open(clear, b->key, where, data) ? STORE_OK : STORE_DAMAGED;
    struct str packed;
    str_init(&packed, BLOB_CHUNK + 4096);
    bool good = gcm_open(&packed, b->key, where, data) && unpack(clear, str_span(&packed), BLOB_CHUNK);
    str_free(&packed);
    return good ? STORE_OK : STORE_DAMAGED;
}

static enum store_status append_part(const struct blob_at *b, uint32_t seq, uint64_t offset, uint64_t end,
                                     struct span data, struct str *clear, struct str *out)
{
    uint32_t final = b->size ? (uint32_t)((b->size - 1) / BLOB_CHUNK) : 0;
    enum store_status status = open_chunk(b, seq, seq == final, data, clear);
    if (status != STORE_OK)
        return status;
    uint64_t start = (uint64_t)seq * BLOB_CHUNK, full = seq == final ? b->size - start : BLOB_CHUNK;
    if (clear->len != full)
        return STORE_DAMAGED;
    uint64_t from = offset > start ? offset - start : 0, to = end < start + full ? end - start : full;
    return str_add(out, clear->data + from, (size_t)(to - from)) ? STORE_OK : STORE_INVALID;
}

enum store_status blob_take_chunk(const struct blob_at *b, uint32_t seq, struct span data, struct str *clear,
                                  struct str *out)
{
    return append_part(b, seq, 0, b->size, data, clear, out);
}

/* Rows from chunk `first` on, as SQL_chunks_between gives them; more may have come than are wanted. One that is not there
 * lets the next take its place, which does not authenticate. */
enum store_status blob_take_chunks(const struct blob_at *b, const PGresult *rows, uint32_t first, uint32_t last,
                                   uint64_t offset, uint64_t end, struct str *out)
{
    enum store_status status = sql_rows(rows) >= (int)(last - first + 1) ? STORE_OK : STORE_DAMAGED;
    struct str clear;
    str_init(&clear, BLOB_CHUNK);
    for (uint32_t seq = first; status == STORE_OK && seq <= last; seq++)
        status = append_part(b, seq, offset, end, sql_span(rows, (int)(seq - first), 0), &clear, out);
    str_free(&clear);
    return status;
}

int blob_queue_chunks(struct db *db, int64_t bal_id, int64_t blob_id, uint32_t first, uint32_t last)
{
    struct sql_args args = {.count = 0};
    arg_i64(&args, bal_id);
    arg_i64(&args, blob_id);
    arg_i64(&args, first);
    arg_i64(&args, last);
    return sql_queue(db, SQL_chunks_between, &args);
}

enum store_status blob_read(struct db *db, const struct blob_at *b, uint64_t offset, uint64_t length, struct str *out)
{
    if (offset >= b->size || length == 0)
        return STORE_OK;
    uint64_t end = length < b->size - offset ? offset + length : b->size;
    uint32_t final = (uint32_t)((end - 1) / BLOB_CHUNK);
    enum store_status status = STORE_OK;
    for (uint32_t seq = (uint32_t)(offset / BLOB_CHUNK); seq <= final && status == STORE_OK; seq += BLOB_AT_ONCE) {
        uint32_t last = final - seq < BLOB_AT_ONCE ? final : seq + BLOB_AT_ONCE - 1;
        int number = blob_queue_chunks(db, b->bal_id, b->blob_id, seq, last);
        status = sql_wait(db);
        if (status == STORE_OK)
            status = blob_take_chunks(b, sql_answer(db, number), seq, last, offset, end, out);
    }
    return status;
}
