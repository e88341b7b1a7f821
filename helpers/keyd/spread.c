#include "helpers/keyd/spread.h"

#include "lib/base/crypto.h"

#include <pthread.h>
#include <string.h>

enum { SLOTS = 8192, WAYS = 4, ADDRESSES_MAX = 8 };

struct seen {
    uint8_t token[16];
    int64_t expires;
    uint32_t addresses[ADDRESSES_MAX];
    unsigned count;
};
static struct {
    pthread_mutex_t lock;
    struct seen slots[SLOTS];
} table = {.lock = PTHREAD_MUTEX_INITIALIZER};

static uint32_t digest32(struct span text)
{
    uint8_t digest[SHA256_BYTES];
    uint32_t value;
    sha256(digest, text);
    memcpy(&value, digest, sizeof(value));
    return value;
}

/* The token's slot, else the one of its set that ends first. */
static struct seen *slot_of(const uint8_t token[16], int64_t now)
{
    uint32_t at;
    memcpy(&at, token, sizeof(at));
    struct seen *set = &table.slots[at % (SLOTS / WAYS) * WAYS], *oldest = set;
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].expires > now && memcmp(set[i].token, token, 16) == 0)
            return &set[i];
        if (set[i].expires < oldest->expires)
            oldest = &set[i];
    }
    *oldest = (struct seen){.count = 0};
    memcpy(oldest->token, token, 16);
    return oldest;
}

bool spread_note(struct span token, struct span address, unsigned most, int64_t expires, int64_t now)
{
    uint8_t digest[SHA256_BYTES];
    uint32_t from = digest32(address);
    bool known = false, fits = true;
    sha256(digest, token);
    most = most < ADDRESSES_MAX ? most : ADDRESSES_MAX;
    pthread_mutex_lock(&table.lock);
    struct seen *seen = slot_of(digest, now);
    seen->expires = expires;
    for (unsigned i = 0; i < seen->count; i++)
        known |= seen->addresses[i] == from;
    if (!known && seen->count < most)
        seen->addresses[seen->count++] = from;
    else if (!known)
        fits = false;
    pthread_mutex_unlock(&table.lock);
    return fits;
}
