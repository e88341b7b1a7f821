/* Blobs go when their last reference does: a job that can be killed anywhere (role caducee_sweeper). */
#ifndef CADUCEE_STORE_SWEEPER_H
#define CADUCEE_STORE_SWEEPER_H

#include "lib/store/db.h"

/* Looks at what deletions have noted. *more: call again at once. *swept: blobs taken out. */
enum store_status sweep_beat(struct db *, bool *more, uint64_t *swept);
/* The slow round, now and then: notes unreferenced blobs that no deletion has noted. Starts with a cursor of zeroes, ends
 * when *more is false. */
struct sweep_cursor {
    int64_t bal_id, blob_id;
};
enum store_status sweep_round(struct db *, struct sweep_cursor *, bool *more, uint64_t *noted);

#endif
