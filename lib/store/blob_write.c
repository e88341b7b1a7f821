/* A message's bytes into chunks: zstd level 1 (off when the first chunk does not shrink), then AES-256-GCM. */
#include "lib/store/blob.h"

#include "lib/base/num.h"
#include "lib/base/spool.h"

#include <string.h>

struct span aad(char out[AAD_BYTES], const char *what, int64_t bal, int64_t id, uint32_t seq, bool last)
{
    size_t n = strlen(what);
    must(n + 22 <= AAD_BYTES);
    memcpy(out, what, n + 1);
    uint8_t *at = (uint8_t *)out + n + 1;
    put_u64(at, (uint64_t)bal);
    put_u64(at + 8, (uint64_t)id);
    put_u32(at + 16, seq);
    at[20] = last;
    return (struct span){out, n + 22};
}

/* Clear bytes of chunk `seq`: a view where they lie in the body alone, else joined in `joined`. */
static struct span window(const struct blob_new *b, uint32_t seq, struct str *joined)
{
    size_t from = (size_t)seq * BLOB_CHUNK, total = b->head.n + b->body.n;
    size_t n = total - from < BLOB_CHUNK ? total - from : BLOB_CHUNK;
    if (from >= b->head.n)
        return (struct span){b->body.p + (from - b->head.n), n};
    size_t of_head = b->head.n - from < n ? b->head.n - from : n;
    str_clear(joined);
    str_add(joined, b->head.p + from, of_head);
    str_add(joined, b->body.p, n - of_head);
    return str_span(joined);
}

static void seal_chunk(struct str *sealed, const struct blob_new *b, uint32_t seq, bool last, struct span stored)
{
    char place[AAD_BYTES];
    str_init(sealed, BLOB_CHUNK + 4096);
    must(gcm_seal(sealed, &b->key, aad(place, "blob.chunk", b->bal_id, b->blob_id, seq, last), stored));
}

static void queue_chunk(struct db *db, const struct blob_new *b, uint32_t seq, bool last, struct span stored)
{
    struct str sealed;
    struct sql_args args = {.count = 0};
    seal_chunk(&sealed, b, seq, last, stored);
    arg_i64(&args, b->bal_id);
    arg_i64(&args, b->blob_id);
    arg_i64(&args, seq);
    arg_span(&args, str_span(&sealed));
    (void)sql_queue(db, SQL_chunk_add, &args);
    str_free(&sealed);
}

/* The blob's row with its first chunk, and the trace: one statement. */
static void queue_first(struct db *db, const struct blob_new *b, bool compressed, bool last, struct span stored,
                        const struct trace *trace)
{
    char place[AAD_BYTES];
    uint8_t patient[16];
    struct str wrapped, sealed;
    struct sql_args args = {.count = 0};
    str_init(&wrapped, KEY_BYTES + GCM_NONCE_BYTES + GCM_TAG_BYTES);
    if (b->wrapping)
        must(gcm_seal(&wrapped, b->wrapping, aad(place, "blob.key", b->bal_id, b->blob_id, 0, true),
                      (struct span){(const char *)b->key.b, KEY_BYTES}));
    seal_chunk(&sealed, b, 0, last, stored);
    arg_i64(&args, b->bal_id);
    arg_i64(&args, b->blob_id);
    arg_i64(&args, b->delivery_key_id);
    arg_span(&args, str_span(&wrapped));
    arg_i64(&args, (int64_t)(b->head.n + b->body.n));
    arg_bool(&args, compressed);
    arg_span(&args, str_span(&sealed));
    if (trace)
        trace_args(&args, trace, patient);
    (void)sql_queue(db, trace ? SQL_blob_add_traced : SQL_blob_add, &args);
    str_free(&wrapped);
    str_free(&sealed);
}

void blob_queue(struct db *db, struct blob_new *b, const struct trace *trace)
{
    size_t total = b->head.n + b->body.n;
    uint32_t count = total ? (uint32_t)((total + BLOB_CHUNK - 1) / BLOB_CHUNK) : 1;
    bool compress = true;
    struct str joined, packed;
    str_init(&joined, BLOB_CHUNK);
    str_init(&packed, BLOB_CHUNK + 4096);
    crypto_random(&b->key, sizeof(b->key));
    db_proof(db, b->bal_id, b->blob_id);
    for (uint32_t seq = 0; seq < count; seq++) {
        struct span clear = window(b, seq, &joined);
        bool last = seq + 1 == count;
        str_clear(&packed);
        if (compress)
            must(pack(&packed, clear));
        if (seq == 0)
            compress = packed.len < clear.n;
        struct span stored = compress ? str_span(&packed) : clear;
        if (seq == 0)
            queue_first(db, b, compress, last, stored, trace);
        else
            queue_chunk(db, b, seq, last, stored);
        spool_passed(clear);
    }
    str_free(&joined);
    str_free(&packed);
}
