/* One IMAP worker process: the loop, its job threads, its sessions, the trust snapshot they are judged by. */
#ifndef CADUCEE_IMAPD_WORKER_H
#define CADUCEE_IMAPD_WORKER_H

#include "imapd/session.h"
#include "lib/net/daemon.h"
#include "lib/trust/trust.h"

enum { TICK_MS = 1000, DRAIN_MS = 15000 };

struct worker {
    const struct conf *conf;
    const struct worker_context *context;
    struct loop *loop;
    struct jobs *jobs;
    struct tls_context *tls;
    struct listener *listeners[8];
    size_t listener_count;
    struct session *sessions; /* a doubly linked list */
    size_t session_count;
    uint64_t reserved; /* literal bytes promised to sessions */
    bool draining, all_extensions;
    struct timer *tick, *drain;
    struct watch *stop_watch, *wake_watch;
    struct trust_snapshot *trust; /* (loop) swapped whole */
    bool refreshing, judging, tidying;
    uint64_t last_serial;
};

int imapd_prepare(struct worker_context *);
int imapd_run(struct worker_context *);
void worker_forget(struct worker *, struct session *); /* its session is about to be freed */
/* Bytes for a literal: false when the worker's budget is spent. */
bool worker_reserve(struct worker *, uint64_t bytes);
void worker_release(struct worker *, uint64_t bytes);

void worker_listen(struct worker *);

/* tick.c: what happens each second. */
void worker_tick(void *worker);
void worker_wake(int fd, void *worker);

#endif
