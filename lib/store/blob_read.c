/* Any range of a message's bytes, without the rest. */
#include "lib/store/blob.h"

enum { CHUNKS_AT_ONCE = 4 };

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

static enum store_status read_some(struct db *db, const struct blob_at *b, uint32_t first, uint32_t last,
                                   uint64_t offset, uint64_t end, struct str *clear, struct str *out)
{
    struct sql_args args = {.count = 0};
    const PGresult *rows;
    arg_i64(&args, b->bal_id);
    arg_i64(&args, b->blob_id);
    arg_i64(&args, first);
    arg_i64(&args, last);
    enum store_status status = sql_run(db, SQL_chunks_between, &args, &rows);
    if (status == STORE_OK && sql_rows(rows) != (int)(last - first + 1))
        return STORE_DAMAGED;
    for (uint32_t seq = first; status == STORE_OK && seq <= last; seq++)
        status = append_part(b, seq, offset, end, sql_span(rows, (int)(seq - first), 0), clear, out);
    return status;
}

enum store_status blob_read(struct db *db, const struct blob_at *b, uint64_t offset, uint64_t length, struct str *out)
{
    if (offset >= b->size || length == 0)
        return STORE_OK;
    uint64_t end = length < b->size - offset ? offset + length : b->size;
    uint32_t last = (uint32_t)((end - 1) / BLOB_CHUNK);
    struct str clear;
    enum store_status status = STORE_OK;
    str_init(&clear, BLOB_CHUNK);
    for (uint32_t seq = (uint32_t)(offset / BLOB_CHUNK); seq <= last && status == STORE_OK; seq += CHUNKS_AT_ONCE)
        status = read_some(db, b, seq, last - seq < CHUNKS_AT_ONCE ? last : seq + CHUNKS_AT_ONCE - 1, offset, end,
                           &clear, out);
    str_free(&clear);
    return status;
}
