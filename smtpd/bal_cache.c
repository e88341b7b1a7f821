#include "smtpd/bal_cache.h"

#include "lib/base/num.h"

#include <string.h>

/* Direct-mapped: two addresses of one slot push each other out, which costs a query and nothing else. */
enum { SLOTS = 4096 };
struct slot {
    uint64_t loaded_ms;
    struct bal *bal;
    char *key;
};
struct bal_cache {
    struct slot slots[SLOTS];
};

struct bal_cache *bal_cache_new(void)
{
    return xcalloc(1, sizeof(struct bal_cache));
}

void bal_cache_destroy(struct bal_cache **cache)
{
    if (!*cache)
        return;
    for (size_t i = 0; i < SLOTS; i++) {
        xfree(&(*cache)->slots[i].bal);
        xfree(&(*cache)->slots[i].key);
    }
    xfree(cache);
}

/* FNV-1a: collisions only cost queries, so no key is needed. */
static size_t slot_of(struct span key)
{
    uint32_t h = 2166136261U;
    for (size_t i = 0; i < key.n; i++)
        h = (h ^ (unsigned char)key.p[i]) * 16777619U;
    return h % SLOTS;
}

const struct bal *bal_cache_get(const struct bal_cache *cache, struct span key, uint64_t now_ms)
{
    const struct slot *slot = &cache->slots[slot_of(key)];
    if (!slot->bal || now_ms - slot->loaded_ms > BAL_CACHE_MS || !span_is(key, slot->key))
        return NULL;
    return slot->bal;
}

void bal_cache_put(struct bal_cache *cache, struct span key, const struct bal *bal, uint64_t now_ms)
{
    struct slot *slot = &cache->slots[slot_of(key)];
    if (!slot->bal)
        slot->bal = xmalloc(sizeof(*slot->bal));
    *slot->bal = *bal;
    xfree(&slot->key);
    slot->key = xstrndup(key.p, key.n);
    slot->loaded_ms = now_ms;
}
