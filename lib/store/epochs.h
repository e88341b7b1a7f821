/* Epochs of master keys as the database knows them, the re-wrapping of one row a BAL, and the erasure of a BAL's key. */
#ifndef CADUCEE_STORE_EPOCHS_H
#define CADUCEE_STORE_EPOCHS_H

#include "lib/base/crypto.h"
#include "lib/base/vec.h"
#include "lib/store/db.h"
#include "lib/store/trace.h"

enum { WRAPPED_KEY_MAX = 256 };
struct wrapped_key {
    int64_t bal_id, epoch_id;
    struct key public_half; /* of the BAL */
    uint8_t wrapped[WRAPPED_KEY_MAX];
    size_t wrapped_bytes;
};
typedef VEC(struct wrapped_key) wrapped_key_list;

/* Up to `limit` keys of BALs above `after` that are not wrapped to `epoch`, by number. As caducee_keyd. */
enum store_status wrapped_keys_outside(struct db *, int64_t epoch, int64_t after, int64_t limit, wrapped_key_list *out);
/* Only when it is still wrapped to `from`: a rotation that runs twice changes nothing twice. */
enum store_status wrapped_key_replace(struct db *, const struct wrapped_key *, int64_t to, struct span wrapped);
/* How many keys an epoch still holds; none, and its private half may go. */
enum store_status epoch_in_use(struct db *, int64_t epoch, int64_t *keys);
enum store_status epoch_retired_at(struct db *, int64_t epoch, int64_t *wall); /* 0: in use; STORE_NOT_FOUND */
enum store_status epoch_destroyed(struct db *, int64_t epoch);

enum store_status bal_on_hold(struct db *, int64_t bal_id, int64_t *held); /* 1: a legal hold forbids erasure */
/* The BAL's key is erased and the BAL closed: from now on nothing of it opens. One transaction with its trace. */
enum store_status bal_erase(struct db *, int64_t bal_id, int64_t readable_until, const struct trace *);
/* What the retention job means to erase and keyd has still to journal; vec_free() it. */
struct meant_erasure {
    int64_t erasure_id, bal_id;
    struct key public_half;
};
typedef VEC(struct meant_erasure) erasure_list;
enum store_status erasures_meant(struct db *, erasure_list *out);
enum store_status erasure_journaled(struct db *, int64_t erasure_id);
/* What keyd replays: the row goes when the BAL still has that public half and no legal hold. *gone counts. */
enum store_status bal_erase_again(struct db *, int64_t bal_id, const struct key *public_half, int64_t *gone);

#endif
