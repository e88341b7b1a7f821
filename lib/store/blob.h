/* Private to lib/store: bytes of messages in encrypted chunks, and what binds a cipher text to its place. */
#ifndef CADUCEE_STORE_BLOB_H
#define CADUCEE_STORE_BLOB_H

#include "lib/base/crypto.h"
#include "lib/store/sql.h"

enum {
    BLOB_CHUNK = 256 << 10, /* clear bytes a chunk */
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
/* Queues the rows; the caller waits and commits. */
void blob_queue(struct db *, struct blob_new *);

/* Clear bytes [offset, offset + length) of a blob whose key is known. STORE_DAMAGED: a chunk does not authenticate. */
struct blob_at {
    int64_t bal_id, blob_id;
    const struct key *key;
    uint64_t size;
    bool compressed;
};
enum store_status blob_read(struct db *, const struct blob_at *, uint64_t offset, uint64_t length, struct str *out);

/* zstd with the thread's own context; false when `out` is too small or the input is not zstd's. */
bool pack(struct str *out, struct span clear);
bool unpack(struct str *out, struct span packed, size_t max) MUST_USE;

#endif
