/* The sweeper: blobs whose last reference has gone; now and then a slow round finds what no deletion has noted. */
#include "directory/duty.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/store/sweeper.h"

enum { BEAT_MS = 10000, ROUND_MS = 24 * 3600 * 1000, ROUND_STEP_MS = 1000 };

struct sweeping {
    struct sweep_cursor cursor;
    bool in_round;
    uint64_t round_ms;
};

static void go_round(struct duty *duty, struct sweeping *s)
{
    bool more = false;
    uint64_t noted = 0;
    if (!s->in_round && clock_ms() < s->round_ms)
        return;
    if (!s->in_round)
        s->cursor = (struct sweep_cursor){0, 0};
    s->in_round = sweep_round(duty->db, &s->cursor, &more, &noted) == STORE_OK && more;
    if (!s->in_round)
        s->round_ms = clock_ms() + ROUND_MS;
    if (noted)
        log_event(LOG_WARN, NULL, "sweep.found", LU("blobs", noted));
}

void sweeper_beat(struct duty *duty)
{
    struct sweeping *s = duty->memory;
    bool more = false;
    uint64_t swept = 0;
    if (!s) {
        s = duty->memory = xcalloc(1, sizeof(*s));
        s->round_ms = clock_ms() + ROUND_MS;
    }
    enum store_status status = sweep_beat(duty->db, &more, &swept);
    if (swept)
        log_event(LOG_INFO, NULL, "sweep.done", LU("blobs", swept));
    go_round(duty, s);
    uint64_t pause = status == STORE_OK && more ? 0 : s->in_round ? ROUND_STEP_MS : BEAT_MS;
    duty->next_ms = clock_ms() + pause;
}
