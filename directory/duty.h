/* The roles of caducee-directoryd: work that belongs to no session. Each is a process with its own PostgreSQL role that
 * wakes on a beat, and does its duty only while it leads: one leader among all hosts, by a session's advisory lock, which
 * PostgreSQL gives back by itself when that process or its host is gone.
 */
#ifndef CADUCEE_DIRECTORY_DUTY_H
#define CADUCEE_DIRECTORY_DUTY_H

#include "lib/base/conf.h"
#include "lib/net/daemon.h"
#include "lib/store/db.h"

struct duty {
    const struct worker_context *context;
    const struct conf *conf;
    struct db *db;
    uint64_t next_ms; /* monotonic: when the duty wants to be called again; set by it */
    void *memory;     /* what the duty keeps between calls */
};

/* Runs until the worker must end: `beat` at once when leading, then when next_ms has come, at least every ten seconds. */
int duty_run(struct worker_context *, const char *database_role, int64_t lock, void (*beat)(struct duty *));

/* Waits until the deadline (monotonic ms) or until the worker must end: false. */
bool duty_wait(const struct worker_context *, uint64_t deadline_ms);

/* An alarm that is looked at each beat: the database hears of changes only. */
struct duty_alarm {
    bool known, on;
};
void duty_alarm(struct duty *, struct duty_alarm *, bool on, const char *code, const char *what, const char *remedy);

void sealer_beat(struct duty *);
void sweeper_beat(struct duty *);
void retention_beat(struct duty *);
void fetcher_beat(struct duty *);
void reminder_beat(struct duty *);
int reminder_prepare(struct worker_context *);
int notifier_prepare(struct worker_context *);
int notifier_run(struct worker_context *);

#endif
