/* A BAL opened: its key pair, and the delivery keys it has opened so far. */
#include "lib/store/mailbox_private.h"

#include <string.h>

enum { OPENED_MAX = 1 << 16 }; /* 2.5 MiB of keys; beyond it the set starts anew */

struct mailbox *mailbox_open(const struct bal *bal, const struct key_pair *keys, int64_t viewer, bool seen_per_person)
{
    struct mailbox *m = xcalloc(1, sizeof(*m));
    m->bal = *bal;
    m->keys = *keys;
    m->viewer = viewer;
    m->seen_per_person = seen_per_person;
    m->may_change = UINT64_MAX;
    return m;
}

void mailbox_may_change(struct mailbox *m, uint64_t flags)
{
    m->may_change = flags;
}

static void forget_keys(struct mailbox *m)
{
    if (m->opened)
        crypto_wipe(m->opened, m->opened_capacity * sizeof(*m->opened));
    xfree(&m->opened);
    m->opened_count = m->opened_capacity = 0;
}

void mailbox_close(struct mailbox **at)
{
    struct mailbox *m = *at;
    if (!m)
        return;
    forget_keys(m);
    delivery_keys_destroy(&m->writing);
    crypto_wipe(m, sizeof(*m));
    xfree(at);
}

const struct bal *mailbox_bal(const struct mailbox *m)
{
    return &m->bal;
}

static struct opened_key *place(struct opened_key *set, size_t capacity, int64_t id)
{
    size_t at = (size_t)((uint64_t)id * 0x9e3779b97f4a7c15ULL >> 20) & (capacity - 1);
    while (set[at].id && set[at].id != id)
        at = (at + 1) & (capacity - 1);
    return &set[at];
}

const struct key *mailbox_key(const struct mailbox *m, int64_t id)
{
    if (!m->opened_capacity)
        return NULL;
    const struct opened_key *k = place(m->opened, m->opened_capacity, id);
    return k->id ? &k->key : NULL;
}

static void grow(struct mailbox *m)
{
    size_t capacity = m->opened_capacity ? m->opened_capacity * 2 : 16;
    struct opened_key *set = xcalloc(capacity, sizeof(*set));
    size_t count = m->opened_count;
    for (size_t i = 0; i < m->opened_capacity; i++)
        if (m->opened[i].id)
            *place(set, capacity, m->opened[i].id) = m->opened[i];
    forget_keys(m);
    m->opened = set;
    m->opened_capacity = capacity;
    m->opened_count = count;
}

enum store_status mailbox_hold_key(struct mailbox *m, int64_t id, struct span sealed)
{
    struct str clear;
    str_init_secret(&clear, KEY_BYTES);
    bool good = seal_open(&clear, &m->keys, sealed) && clear.len == KEY_BYTES;
    if (good) {
        if (m->opened_count >= OPENED_MAX)
            forget_keys(m);
        if (m->opened_count * 2 >= m->opened_capacity)
            grow(m);
        struct opened_key *k = place(m->opened, m->opened_capacity, id);
        m->opened_count += k->id == 0;
        k->id = id;
        memcpy(k->key.b, clear.data, KEY_BYTES);
    }
    str_wipe(&clear);
    return good ? STORE_OK : STORE_DAMAGED;
}

enum store_status mailbox_need_keys(struct db *db, struct mailbox *m, const int64_t *ids, size_t count)
{
    if (count == 0)
        return STORE_OK;
    struct sql_args args = {.count = 0};
    struct str array;
    const PGresult *r;
    arg_i64(&args, m->bal.id);
    arg_array(&args, &array, ids, count);
    enum store_status status = sql_run(db, SQL_delivery_keys, &args, &r);
    for (int i = 0; status == STORE_OK && i < sql_rows(r); i++)
        (void)mailbox_hold_key(m, sql_i64(r, i, 0),
                               sql_span(r, i, 1)); /* its messages will say that they are damaged */
    str_free(&array);
    return status;
}
