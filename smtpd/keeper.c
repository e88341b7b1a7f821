#include "smtpd/keeper.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/store/snapshot.h"

enum { REFRESH_MS = 1000 };

/* One refresh at a time: the job leaves the new snapshot in `fresh`, the loop swaps it in. */
struct keeper {
    struct jobs *jobs;
    struct timer *timer;
    struct db *(*db_of)(void *);
    struct trust_snapshot *current, *fresh;
    enum store_status status;
    uint64_t known, began_ms;
    bool refreshing;
    void (*asked)(void *);
    void *arg;
};

static void load(void *thread, void *arg)
{
    struct keeper *k = arg;
    k->status = snapshot_load(k->db_of(thread), k->known, &k->fresh);
}

static void loaded(void *arg)
{
    struct keeper *k = arg;
    if (k->status == STORE_OK && k->fresh) {
        trust_release(&k->current);
        k->current = k->fresh;
        log_event(LOG_INFO, NULL, "trust.loaded", LU("generation", trust_generation(k->current)),
                  LU("entries", trust_entry_count(k->current)), LU("ms", clock_ms() - k->began_ms));
    } else if (k->status != STORE_NOT_FOUND && k->status != STORE_OK) {
        log_event(LOG_WARN, NULL, "trust.not_loaded", LS("status", store_status_name(k->status)));
    }
    k->fresh = NULL;
    k->refreshing = false;
    if (k->asked)
        k->asked(k->arg);
    k->asked = NULL;
}

static void refresh(void *arg)
{
    struct keeper *k = arg;
    timer_arm(k->timer, REFRESH_MS);
    if (k->refreshing)
        return;
    k->refreshing = true;
    k->began_ms = clock_ms();
    k->known = k->current ? trust_generation(k->current) : 0;
    jobs_submit(k->jobs, load, loaded, k);
}

struct keeper *keeper_new(struct loop *loop, struct jobs *jobs, struct db *(*db_of)(void *), void (*asked)(void *),
                          void *arg)
{
    struct keeper *k = xcalloc(1, sizeof(*k));
    *k = (struct keeper){.jobs = jobs, .db_of = db_of, .asked = asked, .arg = arg};
    k->timer = timer_new(loop, refresh, k);
    refresh(k);
    return k;
}

struct trust_snapshot *keeper_snapshot(const struct keeper *k)
{
    return k->current;
}

void keeper_destroy(struct keeper **keeper)
{
    struct keeper *k = *keeper;
    if (!k)
        return;
    timer_destroy(&k->timer);
    trust_release(&k->current);
    trust_release(&k->fresh);
    xfree(keeper);
}
