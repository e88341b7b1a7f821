#include "smtpd/counts.h"

#include "lib/base/crypto.h"
#include "lib/base/num.h"
#include "lib/base/vec.h"

#include <string.h>

struct entry {
    char *key;
    uint64_t count;
};

/* Buckets of short vectors: a few thousand sessions at most. The hash is keyed, since strangers choose DNs. */
enum { BUCKETS = 1024 };
struct counts {
    struct key hash_key;
    VEC(struct entry) buckets[BUCKETS];
};

struct counts *counts_new(void)
{
    struct counts *counts = xcalloc(1, sizeof(*counts));
    crypto_random(&counts->hash_key, sizeof(counts->hash_key));
    return counts;
}

void counts_destroy(struct counts **counts)
{
    if (!*counts)
        return;
    for (size_t b = 0; b < BUCKETS; b++) {
        vec_each (&(*counts)->buckets[b], e)
            xfree(&e->key);
        vec_free(&(*counts)->buckets[b]);
    }
    xfree(counts);
}

static size_t bucket_of(const struct counts *counts, const char *key)
{
    uint8_t mac[SHA256_BYTES];
    hmac_sha256(mac, &counts->hash_key, span_of(key));
    return get_u32(mac) % BUCKETS;
}

static struct entry *find(const struct counts *counts, size_t bucket, const char *key)
{
    for (size_t i = 0; i < counts->buckets[bucket].len; i++)
        if (strcmp(counts->buckets[bucket].items[i].key, key) == 0)
            return &counts->buckets[bucket].items[i];
    return NULL;
}

bool counts_enter(struct counts *counts, const char *key, uint64_t limit)
{
    size_t bucket = bucket_of(counts, key);
    struct entry *e = find(counts, bucket, key);
    if (e && e->count >= limit)
        return false;
    if (e)
        e->count++;
    else
        vec_push(&counts->buckets[bucket], (struct entry){xstrdup(key), 1});
    return true;
}

void counts_leave(struct counts *counts, const char *key)
{
    size_t bucket = bucket_of(counts, key);
    struct entry *e = find(counts, bucket, key);
    must(e && e->count > 0);
    if (--e->count > 0)
        return;
    xfree(&e->key);
    *e = counts->buckets[bucket].items[--counts->buckets[bucket].len];
}

uint64_t counts_of(const struct counts *counts, const char *key)
{
    struct entry *e = find(counts, bucket_of(counts, key), key);
    return e ? e->count : 0;
}
