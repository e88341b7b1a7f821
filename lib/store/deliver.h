/* A message into BALs, in one transaction: blob, message rows, counters, traces; 250 follows its COMMIT. A writer holds no
 * private key: it keeps for each BAL, at most 15 minutes or 10,000 messages, a random delivery key sealed to the BAL's
 * public half (design: "Processes, keys, threads").
 */
#ifndef CADUCEE_STORE_DELIVER_H
#define CADUCEE_STORE_DELIVER_H

#include "lib/store/bal.h"
#include "lib/store/summary.h"
#include "lib/store/trace.h"

struct delivery_keys; /* one a process, shared by its job threads */
struct delivery_keys *delivery_keys_new(void);
void delivery_keys_destroy(struct delivery_keys **);

struct delivery_target {
    const struct bal *bal;
    const char *folder; /* NULL: INBOX; "Sent", "Drafts" … by special use name */
    int64_t into;       /* an import's, a rule's: this folder, by its id. 0: `folder` */
    const char *flags;  /* "\\Seen" …; NULL */
    uint64_t keywords;  /* bits of the folder's keywords, beside them */
    struct span head; /* header fields we put in front, for this BAL (Return-Path, Received, Authentication-Results) */
    struct trace trace; /* bal_id and bytes are filled here */
    /* Out. uid 0 with STORE_OK: committed, but the answer was lost. status: which target refused, when one did. */
    int64_t uid, uidvalidity, folder_id, blob_id;
    uint64_t modseq;
    struct key blob_key; /* for queue_add(), in `also`; wiped when deliver() returns */
    enum store_status status;
};
struct delivery {
    struct span body;       /* as received, without dot-stuffing */
    struct summary summary; /* of body; offsets are shifted by head's length by whoever reads */
    int64_t internal_date;  /* wall seconds */
    struct delivery_target *targets;
    size_t target_count;
    enum store_status (*also)(struct db *, void *); /* more of the same transaction (queue rows); NULL */
    void *also_arg;
};
/* STORE_REFUSED: a BAL is not open any more. STORE_OVER_QUOTA: one is full. Nothing is stored then, in none. */
enum store_status deliver(struct db *, struct delivery_keys *, struct delivery *);

#endif
