#include "webmail-cgi/pace.h"

#include "lib/base/crypto.h"

#include <pthread.h>
#include <string.h>

/* A table that never grows: whoever falls on another's place of an earlier minute takes it; of the same minute, shares it. */
enum { PLACES = 8192, MINUTE_MS = 60000 };

struct place {
    uint64_t minute;
    unsigned count;
};
struct pace {
    pthread_mutex_t lock;
    uint8_t salt[16]; /* nobody chooses whose place they share */
    struct place places[PLACES];
};

struct pace *pace_new(void)
{
    struct pace *p = xcalloc(1, sizeof(*p));
    pthread_mutex_init(&p->lock, NULL);
    crypto_random(p->salt, sizeof(p->salt));
    return p;
}

void pace_destroy(struct pace **p)
{
    if (*p)
        pthread_mutex_destroy(&(*p)->lock);
    xfree(p);
}

static size_t place_of(const struct pace *p, struct span who)
{
    struct str text;
    uint8_t digest[32];
    str_init(&text, sizeof(p->salt) + 512);
    str_add(&text, p->salt, sizeof(p->salt));
    str_add(&text, who.p, who.n < 256 ? who.n : 256);
    sha256(digest, str_span(&text));
    str_wipe(&text);
    return ((size_t)digest[0] << 8 | digest[1]) % PLACES;
}

bool pace_allows(struct pace *p, struct span who, unsigned limit, uint64_t now_ms)
{
    if (limit == 0)
        return true;
    struct place *place = &p->places[place_of(p, who)];
    uint64_t minute = now_ms / MINUTE_MS;
    pthread_mutex_lock(&p->lock);
    if (place->minute != minute)
        *place = (struct place){.minute = minute};
    bool allowed = place->count < limit;
    if (allowed)
        place->count++;
    pthread_mutex_unlock(&p->lock);
    return allowed;
}
