#include "webmail-cgi/grants.h"

#include "lib/base/clock.h"

#include <pthread.h>
#include <string.h>

enum { GRANTS_MAX = 512, GRANT_LIFE_MS = 60000 };

struct held {
    uint8_t session[32];
    uint64_t until; /* clock_ms(); 0: free */
    struct keyd_grant grant;
};
struct grants {
    pthread_mutex_t lock;
    struct held held[GRANTS_MAX];
};

struct grants *grants_new(void)
{
    struct grants *g = xcalloc(1, sizeof(*g));
    pthread_mutex_init(&g->lock, NULL);
    return g;
}

void grants_destroy(struct grants **g)
{
    if (!*g)
        return;
    crypto_wipe(*g, sizeof(**g));
    xfree(g);
}

/* Wipes what is over, or is of that session; returns a free place, or the one that ends first. */
static struct held *tidy(struct grants *g, const uint8_t *session)
{
    uint64_t now = clock_ms();
    struct held *place = &g->held[0];
    for (size_t i = 0; i < GRANTS_MAX; i++) {
        struct held *h = &g->held[i];
        bool of_session = session && memcmp(h->session, session, sizeof(h->session)) == 0;
        if (h->until && (h->until <= now || of_session))
            crypto_wipe(h, sizeof(*h));
        if (h->until < place->until)
            place = h;
    }
    return place;
}

static struct held *find(struct grants *g, const uint8_t session[32], int64_t bal_id)
{
    for (size_t i = 0; i < GRANTS_MAX; i++)
        if (g->held[i].until && g->held[i].grant.bal_id == bal_id &&
            memcmp(g->held[i].session, session, sizeof(g->held[i].session)) == 0)
            return &g->held[i];
    return NULL;
}

bool grants_recall(struct grants *g, const uint8_t session[32], int64_t bal_id, struct keyd_grant *out)
{
    pthread_mutex_lock(&g->lock);
    struct held *h = find(g, session, bal_id);
    bool good = h && h->until > clock_ms();
    if (good)
        *out = h->grant;
    else if (h)
        (void)tidy(g, NULL);
    pthread_mutex_unlock(&g->lock);
    return good;
}

void grants_keep(struct grants *g, const uint8_t session[32], const struct keyd_grant *grant)
{
    pthread_mutex_lock(&g->lock);
    struct held *h = find(g, session, grant->bal_id);
    if (!h)
        h = tidy(g, NULL);
    memcpy(h->session, session, sizeof(h->session));
    h->grant = *grant;
    h->until = clock_ms() + GRANT_LIFE_MS;
    pthread_mutex_unlock(&g->lock);
}

void grants_forget(struct grants *g, const uint8_t session[32])
{
    pthread_mutex_lock(&g->lock);
    (void)tidy(g, session);
    pthread_mutex_unlock(&g->lock);
}
