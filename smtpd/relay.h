/* The relay role: takes what is due from the queue, domain by domain, and hands it to that domain's operator.
 *
 *   relay.c          the role: claims errands, as many at once as settings and domains allow
 *   relay_errand.c   one claim's life: trust, MX, connection, messages one after the other
 *   relay_client.c   the SMTP conversation
 *   relay_settle.c   what became of each recipient: queue rows, DSNs, in one transaction (job)
 *   relay_local.c    recipients of ours that waited (FUTURERELEASE, holds)
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

enum {
    RELAY_CLAIM_MESSAGES = 50 /* of one claim */
};

struct relay_thread {
    struct db *db;
    struct parse_client *parse;
    struct keyd_client *keyd;
    struct key_pair queue_key; /* asked of keyd once a thread */
    bool has_queue_key;
};

/* What this relay knows of a domain: how many errands it runs and may run. Grows by one with each success, halves with
 * each connection that fails. */
struct relay_address {
    char text[46];
};
/* A certificate of ours, and the domain whose mail leaves with it ("" the others'). */
struct relay_identity {
    char domain[256];
    struct tls_context *tls;
};
struct relay_domain {
    char name[256];
    unsigned running, allowed;
    struct relay_client *idle; /* a connection kept for the next errand; NULL: none */
    size_t idle_identity;      /* under which certificate of ours */
    uint64_t idle_since;
};

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
    VEC(struct relay_domain *) domains;
    VEC(struct errand *) errands;
    struct queue_cursor cursor;
    bool placed; /* queue_check_place() has been asked since the database was last away */
    bool claiming, draining;
};

enum errand_phase {
    ERRAND_CONNECTING, /* DNS, TCP, TLS, trust */
    ERRAND_JOB,        /* a job has the errand; a connection that ends meanwhile is noticed afterwards */
    ERRAND_SENDING     /* the message under way is with the client */
};
struct errand {
    struct relay *relay;
    struct relay_domain *domain;
    struct queue_claim claim;
    struct log_context log;
    enum errand_phase phase;
    size_t message; /* the one under way */
    struct relay_client *client;
    size_t identity; /* of the connection */
    bool from_idle;  /* the connection is an old one: its end says nothing about their server */
    bool is_local;   /* a domain of ours: messages that waited (FUTURERELEASE, holds) */
    /* where to: servers by preference, addresses of the one that is tried */
    VEC(struct dns_mx) servers;
    VEC(struct relay_address) addresses;
    size_t next_server, next_address;
    uint16_t port;
    bool resolved, exhausted;
    struct relay_failure failure; /* of the last try */
    bool permanent;               /* no use in trying again: null MX */
    /* the message under way */
    struct str body;
    struct relay_mail mail;
    VEC(struct relay_recipient) recipients;
    enum store_status status;        /* of the job that ran */
    struct trust_snapshot *snapshot; /* held for a job */
    bool peer_has_dsn;
    bool withdrawn;           /* of the message under way: refused by us, now that its time has come */
    char host[256], dn[1024]; /* of the server that took the message */
};

int relay_prepare(struct worker_context *);
int relay_run(struct worker_context *);
void relay_claim_soon(struct relay *);
struct db *relay_db(void *thread);
/* Under which of our certificates does that (normalised) domain of ours send? An index into identities. */
size_t relay_identity_of(const struct relay *, const char *domain);

/* relay_errand.c */
void errand_start(struct relay *, struct relay_domain *, struct queue_claim *);

/* relay_settle.c: in a job. Recipients of the errand's message whose `code` is 0 are deferred with errand->failure. */
void relay_settle(struct relay_thread *, struct errand *);
/* relay_local.c: in a job: delivers the errand's message to BALs of ours and fills the recipients' codes. */
void relay_deliver_local(struct relay_thread *, struct errand *);
/* The bytes of the errand's message, into errand->body; a message whose right has ended gets its recipients' codes here. */
enum store_status relay_load(struct relay_thread *, struct errand *);

#endif
