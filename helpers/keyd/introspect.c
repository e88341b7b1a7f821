#include "helpers/keyd/introspect.h"

#include "lib/base/crypto.h"

#include <pthread.h>
#include <string.h>

enum { SLOTS = 8192, WAYS = 4, GRACE_MS = 2000 };

struct known {
    uint8_t token[16]; /* half of its SHA-256 */
    int64_t expires;
};
static struct {
    pthread_mutex_t lock;
    struct known slots[SLOTS];
} table = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct known *set_of(const uint8_t digest[SHA256_BYTES])
{
    uint32_t at;
    memcpy(&at, digest + 16, sizeof(at));
    return &table.slots[at % (SLOTS / WAYS) * WAYS];
}

static bool is_known(const uint8_t digest[SHA256_BYTES], int64_t now)
{
    bool found = false;
    pthread_mutex_lock(&table.lock);
    const struct known *set = set_of(digest);
    for (size_t i = 0; i < WAYS; i++)
        found |= set[i].expires > now && memcmp(set[i].token, digest, sizeof(set[i].token)) == 0;
    pthread_mutex_unlock(&table.lock);
    return found;
}

static void remember(const uint8_t digest[SHA256_BYTES], int64_t expires)
{
    pthread_mutex_lock(&table.lock);
    struct known *set = set_of(digest), *oldest = set;
    for (size_t i = 1; i < WAYS; i++)
        if (set[i].expires < oldest->expires)
            oldest = &set[i];
    oldest->expires = expires;
    memcpy(oldest->token, digest, sizeof(oldest->token));
    pthread_mutex_unlock(&table.lock);
}

enum introspection introspect(const struct conf *conf, struct span token, int64_t expires, int64_t now,
                              enum introspection (*ask)(const char *, struct span, uint64_t))
{
    uint8_t digest[SHA256_BYTES];
    struct span when = span_of(conf->psc_introspection);
    bool once = span_is(when, "once");
    if (span_is(when, "never"))
        return INTROSPECTION_ACTIVE;
    sha256(digest, token);
    if (once && is_known(digest, now))
        return INTROSPECTION_ACTIVE;
    enum introspection answer = ask(conf->general_run_folder, token, conf->psc_introspection_timeout * 1000 + GRACE_MS);
    if (once && answer == INTROSPECTION_ACTIVE)
        remember(digest, expires);
    return answer;
}
