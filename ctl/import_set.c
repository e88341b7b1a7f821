/* A set of digests: open addressing, at most half full. */
#include "ctl/import.h"

#include "lib/base/num.h"

#include <string.h>

struct slot {
    struct import_item item;
    uint8_t used, now;
};
struct import_set {
    struct slot *slots;
    size_t size, count;
};

static struct slot *place(const struct import_set *set, const struct import_item *item)
{
    size_t at = (size_t)get_u64(item->b) & (set->size - 1); /* a digest's first bytes are as good as any hash */
    while (set->slots[at].used && memcmp(set->slots[at].item.b, item->b, sizeof(item->b)) != 0)
        at = (at + 1) & (set->size - 1);
    return &set->slots[at];
}

static void grow(struct import_set *set, size_t size)
{
    struct import_set old = *set;
    set->slots = xcalloc(size, sizeof(*set->slots));
    set->size = size;
    for (size_t n = 0; n < old.size; n++)
        if (old.slots[n].used)
            *place(set, &old.slots[n].item) = old.slots[n];
    xfree(&old.slots);
}

static struct slot *add(struct import_set *set, const struct import_item *item)
{
    if (set->count * 2 >= set->size)
        grow(set, set->size * 2);
    struct slot *slot = place(set, item);
    slot->item = *item;
    slot->used = 1;
    set->count++;
    return slot;
}

struct import_set *import_set_new(const import_item_list *before)
{
    struct import_set *set = xcalloc(1, sizeof(*set));
    grow(set, 1024);
    for (size_t n = 0; n < before->len; n++)
        (void)add(set, &before->items[n]);
    return set;
}

void import_set_free(struct import_set **set)
{
    if (*set)
        xfree(&(*set)->slots);
    xfree(set);
}

enum import_seen import_set_see(struct import_set *set, const struct import_item *item)
{
    struct slot *slot = place(set, item);
    enum import_seen seen = !slot->used ? IMPORT_NEW : slot->now ? IMPORT_NOW : IMPORT_BEFORE;
    if (!slot->used)
        slot = add(set, item);
    slot->now = 1;
    return seen;
}
