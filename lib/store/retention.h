/* What is kept how long, applied (role caducee_retention). Durations in days; 0: never. */
#ifndef CADUCEE_STORE_RETENTION_H
#define CADUCEE_STORE_RETENTION_H

#include "lib/store/db.h"

struct retention {
    unsigned trace_functional, trace_connection, trace_queue; /* at least 30 */
    unsigned queue_history;
    unsigned trash;      /* messages in a folder of special use \Trash, by the date they came there */
    unsigned closed_bal; /* a closed PER BAL is erased */
    unsigned expunged;   /* QRESYNC's memory */
    unsigned backup;     /* after it a destroyed epoch makes backups unreadable too (erasure.readable_until) */
};
extern const struct retention retention_defaults;

/* Partitions, queue history, sessions, small tables: once an hour or so. */
enum store_status retention_tables_beat(struct db *, const struct retention *);
/* BALs in turn: Trash, expunged, closed ones (meant first, erased when keyd has journaled it). *after is 0 at first; *more false at the end of the round. */
struct retention_tally {
    uint64_t bals, messages, erased;
    uint64_t meant; /* to be erased once keyd has journaled it: look again soon */
};
enum store_status retention_bals_beat(struct db *, const struct retention *, int64_t *after, bool *more,
                                      struct retention_tally *);

#endif
