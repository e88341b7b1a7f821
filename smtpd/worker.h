/* What the sessions of one smtpd worker share: the loop, the job threads, the trust snapshot, budgets and counts.
 * Everything here belongs to the loop thread; jobs get what they need handed over (a held snapshot, a copied BAL).
 */
#ifndef CADUCEE_SMTPD_WORKER_H
#define CADUCEE_SMTPD_WORKER_H

#include "lib/net/conn.h"
#include "lib/net/daemon.h"
#include "lib/net/parse.h"
#include "lib/net/tls.h"
#include "lib/store/deliver.h"
#include "lib/trust/trust.h"
#include "smtpd/bal_cache.h"
#include "smtpd/keeper.h"

enum smtp_role { ROLE_MX = 1, ROLE_SUBMISSION = 2 };

/* The limits of a role: settings, read once. */
struct role_limits {
    uint64_t recipients, hops, errors, idle_ms, session_ms;
    uint64_t connections, per_address, per_operator;
};

/* Each job thread's own: nobody else touches them. */
struct job_thread {
    struct db *db;
    struct parse_client *parse;
    struct keyd_client *keyd; /* submission only */
};

struct worker {
    const struct conf *conf;
    const struct worker_context *context; /* listening sockets, opened when the trust snapshot has been asked for */
    enum smtp_role role;
    const struct road *road;
    struct role_limits limits;
    struct loop *loop;
    struct jobs *jobs;
    struct listener *listeners[8];
    size_t listener_count;
    struct tls_context *tls;
    struct keeper *keeper; /* of the trust snapshot */
    struct timer *drain;
    struct watch *stop;
    struct delivery_keys *keys;
    const char *address_kind, *operator_kind; /* of lib/net/tally.h: over all workers */
    struct bal_cache *bals;
    char *wake_path;      /* the notifier's socket */
    uint64_t memory_used; /* bytes of messages reserved by sessions, at most conf->smtpd_memory */
    size_t sessions;
    bool draining;
};

/* The two entries of daemon.h's role table. */
int smtpd_prepare(struct worker_context *);
int smtpd_run(struct worker_context *);
void worker_take_hash_key(const struct conf *); /* relay's prepare too */

const struct trust_snapshot *worker_snapshot(const struct worker *); /* NULL until the first load */

/* The byte budget: false = 452. */
bool worker_reserve(struct worker *, uint64_t bytes);
void worker_release(struct worker *, uint64_t bytes);
/* A session ended: the last one of a draining worker ends the loop. */
void worker_session_ended(struct worker *);

#endif
