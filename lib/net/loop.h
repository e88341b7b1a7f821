/* One event loop a worker (libevent's event_core), timers, and a pool of job threads.
 *
 * The one concurrency rule: a session belongs either to the loop or to one job, never both. A job is blocking, linear
 * code with a database connection of its own; it waits for PostgreSQL, keyd and parse, never for a peer. While it runs
 * the loop does not touch the session; when it returns, `done` runs in the loop thread.
 */
#ifndef CADUCEE_NET_LOOP_H
#define CADUCEE_NET_LOOP_H

#include "lib/base/base.h"

struct loop;
struct timer;
struct jobs;

struct loop *loop_new(void);
void loop_run(struct loop *);  /* until loop_stop() */
void loop_stop(struct loop *); /* from any thread */
void loop_destroy(struct loop **);
void loop_post(struct loop *, void (*fn)(void *), void *arg); /* run in the loop thread; from any thread */

struct timer *timer_new(struct loop *, void (*fn)(void *), void *arg);
void timer_arm(struct timer *, uint64_t milliseconds); /* monotonic; re-arming replaces */
void timer_disarm(struct timer *);
void timer_destroy(struct timer **);

/* Watches a descriptor (a datagram wake-up socket, a pipe) for reading. */
struct watch *watch_new(struct loop *, int fd, void (*fn)(int fd, void *), void *arg);
void watch_destroy(struct watch **);

/* `thread_start` makes what each job thread owns (its database connection), `thread_end` frees it. */
struct jobs *jobs_new(struct loop *, unsigned threads, void *(*thread_start)(void *), void (*thread_end)(void *),
                      void *arg);
void jobs_submit(struct jobs *, void (*run)(void *thread_state, void *arg), void (*done)(void *arg), void *arg);
size_t jobs_waiting(const struct jobs *);
/* Waits for running jobs; queued ones run too. Their `done` still need a turn of the loop. */
void jobs_destroy(struct jobs **);

#endif
