/* The relay role: takes what is due from the queue, domain by domain, and hands it to that domain's operator.
 *
 *   relay.c          the role: claims errands, as many at once as settings and domains allow
 *   relay_domain.c   what is known of a domain: how many errands it may have at once
 *   relay_errand.c   one claim's life: trust, MX, connection, its messages ("letters") in order
 *   relay_load.c     letters' bytes, several in one transaction, ahead of the connection (job)
 *   relay_client.c   the SMTP conversation
 *   relay_settle.c   what became of letters, of all errands: collected for a moment, then one transaction (job)
 *   relay_report.c   the reports to senders that go with it
 *   relay_local.c    recipients of ours that waited (FUTURERELEASE, holds)
 *
 * A letter belongs to the loop or to one job, never both. Between a peer's 250 and our commit (what a crash would send
 * twice) lie at most RELAY_SETTLE_MS, the settlement under way and its own; and at most RELAY_SETTLE_MOST letters each.
 */
#ifndef CADUCEE_SMTPD_RELAY_H
#define CADUCEE_SMTPD_RELAY_H

#include "lib/auth/keyd.h"
#include "lib/net/daemon.h"
#include "lib/net/dns.h"
#include "lib/net/parse.h"
#include "lib/store/queue.h"
#include "smtpd/keeper.h"
#include "smtpd/relay_client.h"
#include "smtpd/relay_domain.h"

enum {
    RELAY_CLAIM_MESSAGES = 50,  /* of one claim */
    RELAY_LOAD_MESSAGES = 16,   /* read at once … */
    RELAY_LOAD_BYTES = 1 << 20, /* … of that much in all, or one alone */
    RELAY_SETTLE_MS = 4,        /* how long a fate waits for others */
    RELAY_SETTLE_MOST = 100     /* of one transaction */
};

struct relay_thread {
    struct db *db;
    struct parse_client *parse;
    struct keyd_client *keyd;
    struct queue_opener *queue_key; /* asked of keyd once a thread; NULL: not yet */
};

struct relay_address {
    char text[46];
};
/* A certificate of ours, and the domain whose mail leaves with it ("" the others'). */
struct relay_identity {
    char domain[256];
    struct tls_context *tls;
};

#define RELAY_NULL_MX "dns.null_mx" /* the rule of a failure that is final at once */

struct errand;
struct relay {
    const struct conf *conf;
    char name[96]; /* host and process: the holder of leases */
    struct loop *loop;
    struct jobs *jobs;
    struct keeper *keeper;
    struct dns *dns;
    VEC(struct relay_identity) identities; /* [0]: ours for every domain that has none of its own */
    struct delivery_keys *keys;
    char *wake_path;
    struct timer *claim_timer, *renew_timer, *drain;
    struct watch *stop;
    struct relay_domains domains;
    VEC(struct errand *) errands;
    VEC(struct letter *) ended; /* fates that wait for their settlement */
    struct timer *settle_timer;
    unsigned settling; /* transactions under way */
    struct queue_cursor cursor;
    uint64_t folded;
    bool placed; /* queue_check_place() has been asked since the database was last away */
    bool claiming, draining;
};

/* One message of a claim on its way. Recipients whose `code` is 0 when it is settled are deferred with `failure`. */
struct letter {
    struct relay *relay;
    struct errand *errand; /* of a letter on its way to BALs of ours */
    struct queue_message message;
    char domain[256]; /* the destination */
    struct log_context log;
    size_t identity;          /* under which certificate of ours it leaves */
    enum store_status status; /* of its loading */
    struct str body;
    struct relay_mail mail;
    VEC(struct relay_recipient) recipients;
    struct trust_snapshot *snapshot; /* held for a job on a domain of ours */
    struct relay_failure failure;
    bool is_local, permanent, peer_has_dsn;
    bool withdrawn;           /* refused by us, now that its time has come */
    char host[256], dn[1024]; /* of the server that took it; "" nobody was reached */
};

struct errand {
    struct relay *relay;
    struct relay_domain *domain;
    char name[256]; /* of the domain */
    struct log_context log;
    /* Letters in order; NULL: settled, or with a job that settles it. loaded: those before have been read; next: the first not
     * sent. */
    VEC(struct letter *) letters;
    size_t loaded, next;
    VEC(struct letter *) flying; /* with the client, in order */
    bool loading, connecting, going, again;
    struct relay_client *client;
    size_t identity;          /* of the connection */
    bool from_idle, answered; /* an old connection's end says nothing about their server, until it has answered once */
    bool is_local;            /* a domain of ours: messages that waited (FUTURERELEASE, holds) */
    /* where to: servers by preference, addresses of the one that is tried */
    VEC(struct dns_mx) servers;
    VEC(struct relay_address) addresses;
    size_t next_server, next_address;
    uint16_t port;
    bool resolved, exhausted;
    struct relay_failure failure; /* of the last try */
    bool permanent;               /* no use in trying again: null MX */
};

int relay_prepare(struct worker_context *);
int relay_run(struct worker_context *);
void relay_claim_soon(struct relay *);
struct db *relay_db(void *thread);
/* Under which of our certificates does that (normalised) domain of ours send? An index into identities. */
size_t relay_identity_of(const struct relay *, const char *domain);

/* Leases of everything an errand still has; in the loop. Freed by queue_claim_free(). */
void errand_leases(const struct errand *, struct queue_claim *out);

/* relay_errand.c */
void errand_start(struct relay *, struct relay_domain *, struct queue_claim *);

/* relay_load.c */
struct letter *letter_new(struct relay *, const char *domain, struct queue_message *); /* takes the message over */
void letter_free(struct letter **);
/* In a job: does the thread have the queue's private half? */
bool relay_queue_key(struct relay_thread *);
/* In a job: the bytes of letters, and FUTURERELEASE's second judgement. */
void relay_load(struct relay_thread *, struct letter *const *, size_t count);

/* relay_settle.c: in the loop; takes the letter over. */
void relay_settle_soon(struct relay *, struct letter *);
void relay_settle_now(void *relay);
/* In a job. */
void relay_settle(struct relay_thread *, struct relay *, struct letter *const *, size_t count);

/* relay_report.c */
struct settling;
enum store_status relay_settle_with_report(struct settling *, const struct bal *);

/* relay_local.c: in a job: delivers a letter to BALs of ours and fills the recipients' codes. */
void relay_deliver_local(struct relay_thread *, struct letter *);

#endif
