/* Functional traces (SC.MSS/CONF.17, .18): who did what to which BAL, when, with what answer — written in the transaction
 * they tell of. The facts that indicators count stand in clear columns; no name, no subject; a patient's address only as
 * a keyed hash.
 */
#ifndef CADUCEE_STORE_TRACE_H
#define CADUCEE_STORE_TRACE_H

#include "lib/base/crypto.h"
#include "lib/store/db.h"

enum trace_actor {
    TRACE_OPERATOR /* another operator, by DN */,
    TRACE_PERSON,
    TRACE_CERTIFICATE,
    TRACE_ADMIN,
    TRACE_SYSTEM
};

struct trace {
    const char *action;  /* "mx.accept", "imap.fetch", "bal.suspend": the list is in docs/traces */
    const char *answer;  /* the server's reply: "250 2.0.0", "550 5.7.1", "OK", "NO" */
    const char *rule;    /* the trust rule that refused; NULL */
    const char *session; /* log id */
    const char *peer;    /* address */
    enum trace_actor actor_kind;
    const char *actor;                       /* DN, or the named operator */
    int64_t person_id, bal_id, structure_id; /* 0: none */
    const char *counterpart;                 /* the other side's domain, never its local part */
    struct span patient;                     /* a patient's address: stored as a keyed hash only */
    const char *direction;                   /* "in", "out", "inside"; NULL */
    uint64_t bytes;
    bool has_cda, ins_qualified;
    const char *product;  /* X-MSS-NIL */
    const char *messages; /* which: "folder/uid set"; NULL */
    const char *detail;   /* free words without names or health data; NULL */
};

/* Outside a transaction: written and committed. Inside one: queued, and its failure is the transaction's. */
enum store_status trace_write(struct db *, const struct trace *);

/* The installation's key for patients' addresses (key folder, hash.key): set once at start-up. Without it the hash is
 * left out. The hash is 16 bytes of HMAC-SHA-256; false when there is no key. */
void trace_set_hash_key(const struct key *);
bool trace_patient_hash(uint8_t out[16], struct span address);

#endif
