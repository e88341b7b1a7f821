/* The outward queue: messages of our BALs for recipients of other operators, in tables, shared by any number of relays.
 * A queued message is the sender's own stored copy (its blob, from behind the head that stays here), the blob's key sealed
 * to the queue's public half, which only relay can open; a row a recipient. Relays claim one destination domain at a time:
 * FOR UPDATE SKIP LOCKED on that domain's due recipients and a lease; a lease that ran out is anyone's again.
 */
#ifndef CADUCEE_STORE_QUEUE_H
#define CADUCEE_STORE_QUEUE_H

#include "lib/base/vec.h"
#include "lib/store/deliver.h"

enum queue_state {
    QUEUE_WAITING,   /* due at next_try */
    QUEUE_CLAIMED,   /* a relay has it until lease_until */
    QUEUE_DELIVERED, /* the peer said 2xx */
    QUEUE_FAILED,    /* permanent, or expired: a DSN was made (unless NEVER) */
    QUEUE_HELD,      /* by an operator, by a rate, after a restore */
    QUEUE_DROPPED    /* by a named operator */
};
const char *queue_state_name(enum queue_state);

/* Writing: inside the transaction that accepts the message (struct delivery's `also`). */
struct queue_new_recipient {
    const char *address; /* as the client wrote it: what RCPT TO will say */
    const char *domain;  /* domain_normalise()d */
    unsigned notify;     /* enum smtp_notify bits; 0: not said */
    const char *orcpt;   /* NULL: none */
};
struct queue_new {
    const char *sender;                          /* address of the BAL, "" for the null sender */
    int64_t person_id, structure_id, binding_id; /* 0: none */
    const struct delivery_target
        *stored;       /* the target of this transaction whose blob is the message (the Sent copy): its
                                           * head (Bcc) stays here, what follows leaves */
    uint64_t bytes;    /* of what leaves */
    const char *envid; /* NULL: none */
    unsigned ret;      /* enum smtp_ret */
    bool smtputf8, eight_bit, held;
    bool overrules_register; /* struct send_request */
    int64_t not_before;      /* wall seconds; 0: now */
    int64_t expires;         /* wall seconds */
    const char *message_id, *session;
    const struct queue_new_recipient *recipients;
    size_t recipient_count;
    int64_t id; /* out */
};
enum store_status queue_add(struct db *, struct queue_new *);

/* Relay. One claim = recipients of one domain, of at most `max_messages` messages, oldest first. */
struct queue_recipient {
    int64_t id;
    char address[321];
    unsigned notify;
    char orcpt[512];
    uint32_t tries;
    int64_t warned_at; /* 0: no warning sent yet */
};
struct queue_message {
    int64_t id, bal_id, person_id;
    char sender[321];
    char envid[128];
    char message_id[256];
    char own_domain[256]; /* of the BAL that sends, whatever `sender` is */
    unsigned ret;
    bool smtputf8, eight_bit;
    bool waits; /* accepted to leave later: queue_still_allowed() is asked */
    uint64_t bytes;
    int64_t arrived, expires;
    VEC(struct queue_recipient) recipients;
};
struct queue_claim {
    char domain[256];
    VEC(struct queue_message) messages;
};
/* Where a relay looks next: domains in turn, so that one that always has mail does not starve the others. Begins as {0}. */
struct queue_cursor {
    char after[256];
    int64_t next_due; /* wall seconds, 0 unknown: when something is due */
    bool more;        /* with STORE_NOT_FOUND: only some of the domains were looked at, the next call goes on */
};
/* STORE_NOT_FOUND: nothing is due. `busy` domains are passed over (this relay has as many connections to them as it may). */
enum store_status queue_claim_domain(struct db *, const char *relay, unsigned lease_seconds, unsigned max_messages,
                                     const char *const *busy, size_t busy_count, struct queue_claim *out,
                                     struct queue_cursor *);
void queue_claim_free(struct queue_claim *);
/* Before a relay's first claim: does this database live elsewhere than the last relay found it, hence was restored? Then what
 * waits is held, until an operator releases it. `also_timeline`: a promotion or recovery in place counts as one. */
enum store_status queue_check_place(struct db *, bool also_timeline, bool *held);
enum store_status queue_renew(struct db *, const char *relay, const struct queue_claim *, unsigned lease_seconds);
/* A message that waited for its time (FUTURERELEASE, send later): is the right to send still there? Others: always.
 * *structure_id: whose register of patients is asked again; 0: none, its writer overruled it. */
enum store_status queue_still_allowed(struct db *, int64_t message_id, bool *allowed, int64_t *structure_id);
/* The queue's private half, and what it has opened lately. One thread's. */
struct queue_opener;
struct queue_opener *queue_opener_new(const struct key_pair *);
void queue_opener_destroy(struct queue_opener **);
/* A message's bytes, decrypted. */
enum store_status queue_read(struct db *, struct queue_opener *, int64_t message_id, struct str *out);
/* Those of several, in one transaction; long ones by themselves. Each has its own status; the answer is the transaction's. */
struct queue_reading {
    int64_t message_id, bal_id;
    struct str *out;
    enum store_status status; /* out */
};
enum store_status queue_read_many(struct db *, struct queue_opener *, struct queue_reading *, size_t count);

/* What became of recipients, of any number of messages: one statement for all of them, alone or inside a transaction with
 * a DSN's delivery. The trace of each is written with it. Rows of another relay's lease are left alone (counted in *lost). */
struct queue_result {
    int64_t message_id, recipient_id;
    enum queue_state state;   /* DELIVERED, FAILED, WAITING (again at next_try) */
    int64_t next_try;         /* wall seconds */
    bool warned;              /* a warning DSN goes with it */
    const char *reply;        /* the peer's last words, sanitized, at most 512 octets */
    const char *rule;         /* a trust rule, "expired", "peer", "connect"; NULL */
    const char *mx, *peer_dn; /* NULL: not reached */
    const char *session;      /* log id, for the trace */
    struct span patient;      /* a patient's address, for the trace; SPAN_NONE: none */
};
enum store_status queue_settle(struct db *, const char *relay, const struct queue_result *, size_t count, size_t *lost);

/* Operators: `caducee queue`. */
struct queue_row {
    int64_t message_id, recipient_id;
    char sender[321], recipient[321]; /* a patient's address masked already */
    char domain[256];
    enum queue_state state;
    uint64_t bytes;
    int64_t arrived, next_try, expires;
    uint32_t tries;
    char reply[513], rule[64];
};
enum store_status queue_list(struct db *, const char *domain /* NULL: all */, int state /* -1: all */, int64_t after_id,
                             unsigned limit, bool (*each)(const struct queue_row *, void *), void *arg);
/* The recipients of one message, found by its number whatever else waits. */
enum store_status queue_show(struct db *, int64_t message_id, bool (*each)(const struct queue_row *, void *),
                             void *arg);
struct queue_summary_row {
    char domain[256];
    uint64_t waiting, claimed, held, bytes;
    int64_t oldest;
};
/* Adds what statements left beside the counts to them: by relays now and then, so that a summary stays quick. */
enum store_status queue_fold(struct db *);
/* The same time whatever waits. */
enum store_status queue_summary(struct db *, bool (*each)(const struct queue_summary_row *, void *), void *arg);
/* HOLD and RELEASE of everything also stop and start the queue as a whole (after a restore it stands held). */
enum queue_order { QUEUE_RETRY, QUEUE_HOLD, QUEUE_RELEASE, QUEUE_DROP };
enum store_status queue_order(struct db *, enum queue_order, int64_t message_id /* 0: all */,
                              const char *domain /* NULL: all */, const char *named_operator, uint64_t *changed);
/* The webmail's "send later" and undo: only while not_before is ahead and nothing is claimed. */
enum store_status queue_cancel(struct db *, int64_t bal_id, int64_t message_id);

/* What became of sent messages, recipient by recipient, oldest news of each first: "waiting", "held", or the end of its
 * story: "delivered", "failed", "dropped", "cancelled"; then what came back for it (lib/proto/dsn_read.h). Rows of one message
 * stand together, those of one recipient in it too. */
struct sent_fate {
    int64_t blob_id; /* of the message, as asked */
    char address[321], outcome[16], reply[513], rule[64];
    int64_t at; /* when it ended, or when it is tried next */
};
enum store_status sent_fates(struct db *, int64_t bal_id, const int64_t *blob_ids, size_t count,
                             bool (*each)(const struct sent_fate *, void *), void *arg);

#endif
