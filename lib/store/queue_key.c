#include "lib/store/queue_key.h"

#include "lib/base/clock.h"
#include "lib/store/blob.h"
#include "lib/store/queue.h"

#include <pthread.h>
#include <string.h>

enum {
    KEY_LIFE_MS = 15 * 60 * 1000, /* design: at most 15 minutes … */
    KEY_MESSAGES = 10000,         /* … or 10,000 messages */
    HALF_LIFE_MS = 30000, /* of what was read of the queue's public half: keyd may have been given another folder */
    OPENED = 32           /* keys of writers that a relay's thread remembers */
};

/* This process's own, shared by its job threads. */
static struct {
    pthread_mutex_t lock;
    struct key half, key;
    char sealed[QUEUE_KEY_SEALED];
    uint64_t made_ms, asked_ms;
    uint32_t messages; /* 0: there is none */
} own = {.lock = PTHREAD_MUTEX_INITIALIZER};

static enum store_status read_half(struct db *db, struct key *half)
{
    const PGresult *r;
    enum store_status status = sql_run(db, SQL_queue_public_half, NULL, &r);
    if (status != STORE_OK)
        return status;
    struct span bytes = sql_rows(r) ? sql_span(r, 0, 0) : SPAN_NONE;
    if (bytes.n != KEY_BYTES)
        return STORE_INVALID;
    memcpy(half->b, bytes.p, KEY_BYTES);
    return STORE_OK;
}

static bool still_good(uint64_t now)
{
    return own.messages > 0 && own.messages < KEY_MESSAGES && now - own.made_ms < KEY_LIFE_MS;
}

/* Under the lock: `half` has just been read. */
static bool renew(const struct key *half, uint64_t now)
{
    struct str sealed;
    own.asked_ms = now;
    if (still_good(now) && crypto_equal(own.half.b, half->b, KEY_BYTES))
        return true;
    own.half = *half;
    own.messages = 0;
    crypto_random(own.key.b, KEY_BYTES);
    str_init(&sealed, QUEUE_KEY_SEALED);
    bool good = seal_to(&sealed, half, (struct span){(const char *)own.key.b, KEY_BYTES});
    if (good) {
        memcpy(own.sealed, sealed.data, QUEUE_KEY_SEALED);
        own.made_ms = now;
        own.messages = 1;
    }
    str_free(&sealed);
    return good;
}

static enum store_status take_own(struct db *db, struct key *key, struct str *out)
{
    struct key half;
    uint64_t now = clock_ms();
    enum store_status status = STORE_OK;
    pthread_mutex_lock(&own.lock);
    bool fresh = still_good(now) && now - own.asked_ms < HALF_LIFE_MS;
    pthread_mutex_unlock(&own.lock);
    if (!fresh)
        status = read_half(db, &half);
    if (status != STORE_OK)
        return status;
    pthread_mutex_lock(&own.lock);
    if (fresh || renew(&half, now)) {
        own.messages++;
        *key = own.key;
        str_add(out, own.sealed, QUEUE_KEY_SEALED);
    } else {
        status = STORE_INVALID;
    }
    pthread_mutex_unlock(&own.lock);
    return status;
}

enum store_status queue_key_wrap(struct db *db, int64_t bal_id, int64_t blob_id, const struct key *blob_key,
                                 struct str *out)
{
    struct key key;
    char place[AAD_BYTES];
    enum store_status status = take_own(db, &key, out);
    if (status == STORE_OK && !gcm_seal(out, &key, aad(place, "queue.key", bal_id, blob_id, 0, false),
                                        (struct span){(const char *)blob_key->b, KEY_BYTES}))
        status = STORE_INVALID;
    crypto_wipe(&key, sizeof(key));
    return status;
}

struct queue_opener {
    struct key_pair pair;
    struct opened {
        char sealed[QUEUE_KEY_SEALED];
        struct key key;
    } opened[OPENED];
    size_t count, next; /* the oldest is overwritten */
};

struct queue_opener *queue_opener_new(const struct key_pair *pair)
{
    struct queue_opener *opener = xcalloc(1, sizeof(*opener));
    opener->pair = *pair;
    return opener;
}

void queue_opener_destroy(struct queue_opener **at)
{
    if (*at)
        crypto_wipe(*at, sizeof(**at));
    xfree(at);
}

static bool unseal(const struct key_pair *pair, struct span sealed, struct key *key)
{
    struct str clear;
    str_init_secret(&clear, KEY_BYTES);
    bool good = seal_open(&clear, pair, sealed) && clear.len == KEY_BYTES;
    if (good)
        memcpy(key->b, clear.data, KEY_BYTES);
    str_wipe(&clear);
    return good;
}

/* The key that a writer used for a while: X25519 once, not once a message. */
static bool writer_key(struct queue_opener *o, struct span sealed, struct key *key)
{
    for (size_t i = 0; i < o->count; i++)
        if (memcmp(o->opened[i].sealed, sealed.p, QUEUE_KEY_SEALED) == 0) {
            *key = o->opened[i].key;
            return true;
        }
    if (!unseal(&o->pair, sealed, key))
        return false;
    struct opened *place = &o->opened[o->next];
    memcpy(place->sealed, sealed.p, QUEUE_KEY_SEALED);
    place->key = *key;
    o->next = (o->next + 1) % OPENED;
    o->count += o->count < OPENED;
    return true;
}

enum store_status queue_key_open(struct queue_opener *o, int64_t bal_id, int64_t blob_id, struct span stored,
                                 struct key *blob_key)
{
    struct key key;
    struct str clear;
    char place[AAD_BYTES];
    if (stored.n == QUEUE_KEY_SEALED)
        return unseal(&o->pair, stored, blob_key) ? STORE_OK : STORE_DAMAGED;
    if (stored.n != QUEUE_KEY_MAX || !writer_key(o, (struct span){stored.p, QUEUE_KEY_SEALED}, &key))
        return STORE_DAMAGED;
    struct span wrapped = {stored.p + QUEUE_KEY_SEALED, stored.n - QUEUE_KEY_SEALED};
    str_init_secret(&clear, KEY_BYTES);
    bool good =
        gcm_open(&clear, &key, aad(place, "queue.key", bal_id, blob_id, 0, false), wrapped) && clear.len == KEY_BYTES;
    if (good)
        memcpy(blob_key->b, clear.data, KEY_BYTES);
    str_wipe(&clear);
    crypto_wipe(&key, sizeof(key));
    return good ? STORE_OK : STORE_DAMAGED;
}
