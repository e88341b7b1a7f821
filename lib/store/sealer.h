/* Seals over finished traces (design: Storage, Traces): one chain a partition, digested with a MAC key that stands outside
 * the database; and their verification, which names what was altered, taken out, slipped in or never sealed.
 */
#ifndef CADUCEE_STORE_SEALER_H
#define CADUCEE_STORE_SEALER_H

#include "lib/base/crypto.h"
#include "lib/store/db.h"

/* One beat of the leader (role caducee_sealer), each second. *more: a backlog is left, call again at once. STORE_CONFLICT:
 * the database's transaction ids went back (restored from a dump): nothing is sealed until a human looks; alarm. */
/* After a restore into another cluster, whose transactions are numbered anew: traces go on above what is sealed.
 * STORE_REFUSED: the sealer goes on by itself. As caducee_admin. */
enum store_status trace_resume(struct db *, int64_t *shift);
enum store_status trace_seal_beat(struct db *, const struct key *mac, bool *more);

/* The end of each chain, for a checkpoint outside the database (log, file, another host): whoever later cuts a chain
 * short is found by it. */
struct seal_checkpoint {
    char part[64];
    int64_t seq;
    uint8_t mac[32];
};
enum store_status trace_checkpoints(struct db *, bool (*each)(const struct seal_checkpoint *, void *), void *arg);

enum seal_fault {
    SEAL_ALTERED,  /* a row is not what was sealed */
    SEAL_MISSING,  /* a row was sealed and is gone */
    SEAL_SLIPPED,  /* a row stands in a sealed range, but was not sealed */
    SEAL_UNSEALED, /* finished long ago, and no seal covers it */
    SEAL_BROKEN,   /* a seal's MAC is wrong, or one is gone from the chain */
    SEAL_CUT       /* the chain ends before a checkpoint */
};
const char *seal_fault_name(enum seal_fault);
struct seal_finding {
    enum seal_fault fault;
    const char *part;
    int64_t seq, trace_id; /* 0: not of one row */
};
struct seal_tally {
    uint64_t rows, seals, findings, pending; /* pending: too young to be sealed */
};
/* All chains, against optional checkpoints. Role: one that reads trace and trace_seal (caducee_auditor). */
enum store_status trace_verify(struct db *, const struct key *mac, const struct seal_checkpoint *, size_t count,
                               void (*each)(const struct seal_finding *, void *), void *arg, struct seal_tally *);

#endif
