/* Private to lib/store: bytes of messages in encrypted chunks, and what binds a cipher text to its place. */
#ifndef CADUCEE_STORE_BLOB_H
#define CADUCEE_STORE_BLOB_H

#include "lib/base/crypto.h"
#include "lib/store/sql.h"
#include "lib/store/trace.h"

enum {
    BLOB_CHUNK = 256 << 10, /* clear bytes a chunk */
    BLOB_AT_ONCE = 4,       /* chunks a statement reads */
    AAD_BYTES = 64
};

/* design: AAD = table, BAL, id, field — here one short word for table and field ("blob.key"), the BAL, the id, and for
 * chunks the position and a last-flag: a row moved elsewhere does not open. `out` holds the bytes. */
struct span aad(char out[AAD_BYTES], const char *what, int64_t bal, int64_t id, uint32_t seq, bool last);

struct blob_new {
    int64_t bal_id, blob_id;
    int64_t delivery_key_id;    /* 0: for the queue alone */
    const struct key *wrapping; /* the delivery key; NULL: for the queue alone */
    struct key key;             /* out: random; the queue seals it again; wipe it */
    struct span head, body;     /* stored one after the other */
};
/* Queues the rows, and the trace that goes with them (NULL: none); the caller waits and commits. */
void blob_queue(struct db *, struct blob_new *, const struct trace *);

/* Clear bytes [offset, offset + length) of a blob whose key is known. STORE_DAMAGED: a chunk does not authenticate. */
struct blob_at {
    int64_t bal_id, blob_id;
    const struct key *key;
    uint64_t size;
    bool compressed;
};
enum store_status blob_read(struct db *, const struct blob_at *, uint64_t offset, uint64_t length, struct str *out);

/* The same in pieces, for who has more to ask in the same round trip. `end`: one past the last byte wanted. */
int blob_queue_chunks(struct db *, int64_t bal_id, int64_t blob_id, uint32_t first, uint32_t last);
enum store_status blob_take_chunks(const struct blob_at *, const PGresult *, uint32_t first, uint32_t last,
                                   uint64_t offset, uint64_t end, struct str *out);
enum store_status blob_take_chunk(const struct blob_at *, uint32_t seq, struct span data, struct str *clear,
                                  struct str *out);

/* zstd with the thread's own context; false when `out` is too small or the input is not zstd's. */
bool pack(struct str *out, struct span clear);
bool unpack(struct str *out, struct span packed, size_t max) MUST_USE;

#endif
