/* caducee-keyd, inside: what its parts share. One worker process; requests are judged in job threads, each with one
 * database connection; the keys are read once, before seccomp, and only then.
 */
#ifndef CADUCEE_KEYD_KEYD_H
#define CADUCEE_KEYD_KEYD_H

#include "lib/auth/judge.h"
#include "helpers/keyd/limit.h"
#include "helpers/keyd/proof.h"
#include "lib/auth/keyd_protocol.h"
#include "lib/auth/erasure.h"
#include "lib/auth/keyfolder.h"
#include "lib/base/conf.h"
#include "lib/net/ipc.h"
#include "lib/store/trace.h"

#include <stdatomic.h>

struct keyd {
    const struct conf *conf;
    struct keyfolder keys;
    struct key proof_key;
    erased_list erased; /* the journal: replayed at start, so that a restored database forgets again */
    struct limits *limits;
    atomic_bool
        outdated; /* a key younger than ours was met (caducee key rotate): the worker ends, its successor reads the folder */
};

/* One request in a job: what it says, who asks, what is answered. */
struct asking {
    struct keyd *keyd;
    struct db *db;
    const struct ipc_message *message;
    uint32_t uid;
    struct str *answer;
};

/* Each handler writes one answer frame. */
void handle_by_certificate(struct asking *);
void handle_by_token(struct asking *);
void handle_shared(struct asking *);
void handle_share(struct asking *); /* share.c */
void handle_bind(struct asking *);  /* bind.c */
void handle_web_login(struct asking *);
void handle_web_certificate(struct asking *); /* operator.c */
void handle_by_web_session(struct asking *);
void handle_queue_key(struct asking *);
void handle_seal_key(struct asking *);

/* For the handlers (grant.c). */
struct span asked(const struct asking *, enum keyd_tag);
uint64_t asked_number(const struct asking *, enum keyd_tag);
void answer_begin(struct asking *, enum keyd_outcome, const char *reason);
/* Judges the right that is meant, limits, unwraps, traces and answers. `name` is who asks, for the trace. */
struct grant_request {
    const right_list *rights;
    const struct shown_certificate *shown; /* NULL: a person */
    const char *name;
    const char *action; /* of the trace */
};
void grant(struct asking *, const struct grant_request *);
void refuse_and_trace(struct asking *, const struct grant_request *, const struct right *, const char *rule);

/* What a BAL's manager decides (share.c): false, and answered, unless the proven session's person manages that BAL now. */
bool manager_asks(struct asking *, const char *action, int64_t bal_id, right_list *rights) MUST_USE;
struct manager_words {
    char session[32], peer[72];
};
struct trace manager_trace(struct asking *, const struct right *,
                           struct manager_words *); /* action, detail: the caller's */
void manager_answer(struct asking *, enum store_status, const char *nobody);
bool until_is_sound(uint64_t until); /* 0, or in ten years at most */

/* Who may connect, and ask what (peers.c). Built before seccomp, because it reads the system's users. */
void peers_setup(const struct conf *);
bool peer_may_connect(uint32_t uid, void *);
bool peer_may_ask(uint32_t uid, uint16_t type);

#endif
