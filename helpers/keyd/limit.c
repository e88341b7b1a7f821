#include "helpers/keyd/limit.h"

#include <pthread.h>

enum { SLOTS = 4096, MINUTE_MS = 60000 };

struct bucket {
    int64_t bal_id;
    uint64_t at_ms;
    double left;
};
struct limits {
    pthread_mutex_t lock;
    double per_bal, in_all;
    struct bucket all, slots[SLOTS];
};

struct limits *limits_new(uint64_t per_bal_a_minute, uint64_t in_all_a_minute)
{
    struct limits *limits = xcalloc(1, sizeof(*limits));
    pthread_mutex_init(&limits->lock, NULL);
    limits->per_bal = (double)per_bal_a_minute;
    limits->in_all = (double)in_all_a_minute;
    limits->all.left = limits->in_all;
    return limits;
}

void limits_destroy(struct limits **limits)
{
    if (*limits)
        pthread_mutex_destroy(&(*limits)->lock);
    xfree(limits);
}

static bool take(struct bucket *bucket, double a_minute, uint64_t now_ms)
{
    if (now_ms > bucket->at_ms)
        bucket->left += (double)(now_ms - bucket->at_ms) * a_minute / MINUTE_MS;
    if (bucket->left > a_minute)
        bucket->left = a_minute;
    bucket->at_ms = now_ms;
    if (bucket->left < 1)
        return false;
    bucket->left -= 1;
    return true;
}

/* Two BALs on one slot share its bucket only when both are busy in the same minute: the newcomer takes it over full. */
static struct bucket *slot_of(struct limits *limits, int64_t bal_id, uint64_t now_ms)
{
    struct bucket *slot = &limits->slots[((uint64_t)bal_id * 0x9e3779b97f4a7c15u) >> 52];
    if (slot->bal_id != bal_id && (slot->at_ms == 0 || now_ms - slot->at_ms > MINUTE_MS))
        *slot = (struct bucket){.bal_id = bal_id, .at_ms = now_ms, .left = limits->per_bal};
    return slot;
}

const char *limits_take(struct limits *limits, int64_t bal_id, uint64_t now_ms)
{
    const char *rule = NULL;
    pthread_mutex_lock(&limits->lock);
    if (!take(slot_of(limits, bal_id, now_ms), limits->per_bal, now_ms))
        rule = "limit.bal";
    else if (!take(&limits->all, limits->in_all, now_ms))
        rule = "limit.all";
    pthread_mutex_unlock(&limits->lock);
    return rule;
}
