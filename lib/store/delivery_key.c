/* Random keys that a writer keeps for each BAL, sealed to the BAL's public half and committed before their first use. */
#include "lib/store/delivery_key.h"

#include "lib/base/clock.h"
#include "lib/base/fault.h"
#include "lib/store/sql.h"

#include <pthread.h>

enum {
    KEY_LIFE_MS = 15 * 60 * 1000, /* design: at most 15 minutes … */
    KEY_MESSAGES = 10000,         /* … or 10,000 messages */
    BUCKETS = 1024,
    HELD_MAX = 16384 /* BALs; beyond it the set starts anew */
};

struct held {
    struct held *next;
    int64_t bal_id;
    uint64_t made_ms;
    uint32_t messages;
    struct delivery_key key;
};
struct delivery_keys {
    pthread_mutex_t lock;
    size_t count;
    struct held *buckets[BUCKETS];
};

struct delivery_keys *delivery_keys_new(void)
{
    struct delivery_keys *keys = xcalloc(1, sizeof(*keys));
    must(pthread_mutex_init(&keys->lock, NULL) == 0);
    return keys;
}

static void forget_all(struct delivery_keys *keys)
{
    for (size_t i = 0; i < BUCKETS; i++)
        while (keys->buckets[i]) {
            struct held *h = keys->buckets[i];
            keys->buckets[i] = h->next;
            crypto_wipe(h, sizeof(*h));
            xfree(&h);
        }
    keys->count = 0;
}

void delivery_keys_destroy(struct delivery_keys **at)
{
    if (!*at)
        return;
    forget_all(*at);
    pthread_mutex_destroy(&(*at)->lock);
    xfree(at);
}

static struct held **place(struct delivery_keys *keys, int64_t bal_id)
{
    struct held **at = &keys->buckets[(uint64_t)bal_id % BUCKETS];
    while (*at && (*at)->bal_id != bal_id)
        at = &(*at)->next;
    return at;
}

static bool take_held(struct delivery_keys *keys, int64_t bal_id, struct delivery_key *out)
{
    bool found = false;
    pthread_mutex_lock(&keys->lock);
    struct held *h = *place(keys, bal_id);
    if (h && h->messages < KEY_MESSAGES && clock_ms() - h->made_ms < KEY_LIFE_MS) {
        h->messages++;
        *out = h->key;
        found = true;
    }
    pthread_mutex_unlock(&keys->lock);
    return found;
}

static void hold(struct delivery_keys *keys, int64_t bal_id, const struct delivery_key *key)
{
    pthread_mutex_lock(&keys->lock);
    if (keys->count >= HELD_MAX)
        forget_all(keys);
    struct held **at = place(keys, bal_id);
    if (!*at) {
        *at = xcalloc(1, sizeof(**at));
        keys->count++;
    }
    struct held *next = (*at)->next;
    **at = (struct held){.next = next, .bal_id = bal_id, .made_ms = clock_ms(), .messages = 1, .key = *key};
    pthread_mutex_unlock(&keys->lock);
}

struct making {
    const struct bal *bal;
    const struct delivery_key *key;
    struct str *sealed;
};

static enum store_status insert(struct db *db, void *arg)
{
    struct making *m = arg;
    struct sql_args args = {.count = 0};
    arg_i64(&args, m->bal->id);
    arg_i64(&args, m->key->id);
    arg_span(&args, str_span(m->sealed));
    arg_text(&args, db_application(db));
    (void)sql_queue(db, SQL_delivery_key_add, &args);
    return db_commit_now(db);
}

enum store_status delivery_key_get(struct db *db, struct delivery_keys *keys, const struct bal *bal,
                                   struct delivery_key *out)
{
    if (take_held(keys, bal->id, out))
        return STORE_OK;
    struct str sealed;
    str_init(&sealed, KEY_BYTES + SEAL_OVERHEAD);
    out->id = store_new_id();
    crypto_random(&out->key, sizeof(out->key));
    bool good = seal_to(&sealed, &bal->public_half, (struct span){(const char *)out->key.b, KEY_BYTES});
    struct making m = {bal, out, &sealed};
    enum store_status status = good ? db_transaction(db, DB_WRITE, bal->id, insert, &m) : STORE_INVALID;
    str_free(&sealed);
    FAULT("deliver.after_delivery_key");
    if (status == STORE_OK)
        hold(keys, bal->id, out);
    return status;
}
