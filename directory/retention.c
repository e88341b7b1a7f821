/* What is kept how long, applied: small tables once an hour, BALs in turn, old whitelists. */
#include "directory/duty.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/store/retention.h"

enum { TABLES_MS = 3600 * 1000, ROUND_MS = 3600 * 1000, STEP_MS = 200, AGAIN_MS = 60 * 1000, JOURNAL_MS = 15 * 1000 };

struct retaining {
    uint64_t tables_ms, bals_ms;
    int64_t after;
    struct retention_tally tally;
};

static unsigned days(uint64_t seconds)
{
    return (unsigned)(seconds / 86400);
}

static struct retention rules_of(const struct conf *conf)
{
    return (struct retention){.trace_functional = days(conf->retention_trace_functional),
                              .trace_connection = days(conf->retention_trace_connection),
                              .trace_queue = days(conf->retention_trace_queue),
                              .queue_history = days(conf->retention_queue_history),
                              .trash = days(conf->retention_trash),
                              .closed_bal = days(conf->retention_closed_bal),
                              .expunged = days(conf->retention_expunged),
                              .backup = days(conf->retention_backup)};
}

static void tables(struct duty *duty, struct retaining *r, const struct retention *rules)
{
    if (clock_ms() < r->tables_ms)
        return;
    bool ok = retention_tables_beat(duty->db, rules) == STORE_OK;
    r->tables_ms = clock_ms() + (ok ? TABLES_MS : AGAIN_MS);
}

static void bals(struct duty *duty, struct retaining *r, const struct retention *rules)
{
    bool more = false;
    struct retention_tally tally = {.bals = 0};
    if (clock_ms() < r->bals_ms)
        return;
    enum store_status status = retention_bals_beat(duty->db, rules, &r->after, &more, &tally);
    r->tally.bals += tally.bals;
    r->tally.messages += tally.messages;
    r->tally.erased += tally.erased;
    r->tally.meant += tally.meant;
    if (status == STORE_OK && more) {
        r->bals_ms = clock_ms() + STEP_MS;
        return;
    }
    if (r->tally.messages || r->tally.erased)
        log_event(LOG_INFO, NULL, "retention.round", LU("bals", r->tally.bals), LU("messages", r->tally.messages),
                  LU("erased", r->tally.erased));
    bool waits = r->tally.meant > 0;
    r->tally = (struct retention_tally){.bals = 0};
    r->after = 0;
    r->bals_ms = clock_ms() + (status != STORE_OK ? AGAIN_MS : waits ? JOURNAL_MS : ROUND_MS);
}

void retention_beat(struct duty *duty)
{
    struct retaining *r = duty->memory;
    const struct retention rules = rules_of(duty->conf);
    if (!r)
        r = duty->memory = xcalloc(1, sizeof(*r));
    tables(duty, r, &rules);
    bals(duty, r, &rules);
    duty->next_ms = r->bals_ms < r->tables_ms ? r->bals_ms : r->tables_ms;
}
