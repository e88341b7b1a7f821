/* Sets of message numbers. See imap_set.h. */
#include "lib/proto/imap_set.h"

#include "lib/base/num.h"

#include <stdlib.h>

static bool bound(struct span text, uint32_t *out)
{
    if (span_is(text, "*")) {
        *out = IMAP_STAR;
        return true;
    }
    return num_u32(text, UINT32_MAX, out) && *out > 0;
}

bool imap_set_parse(struct span text, imap_set *out)
{
    if (text.n == 0 || text.p[text.n - 1] == ',')
        return false;
    struct span item, from;
    while (span_cut(&text, ',', &item)) {
        struct imap_range range;
        bool pair = span_find(item, SPAN_LIT(":")) >= 0;
        if (!span_cut(&item, ':', &from) || !bound(from, &range.from))
            return false;
        range.to = range.from;
        if (pair && !bound(item, &range.to))
            return false;
        vec_push(out, range);
    }
    return true;
}

static int by_from(const void *a, const void *b)
{
    const struct imap_range *x = a, *y = b;
    return x->from < y->from ? -1 : x->from > y->from;
}

void imap_set_resolve(imap_set *set, uint32_t star)
{
    vec_each (set, range) {
        if (range->from == IMAP_STAR)
            range->from = star;
        if (range->to == IMAP_STAR)
            range->to = star;
        if (range->from > range->to) /* RFC 3501 9: "4:2" is "2:4" */
            *range = (struct imap_range){range->to, range->from};
    }
    if (set->len < 2)
        return;
    qsort(set->items, set->len, sizeof(set->items[0]), by_from);
    size_t last = 0;
    for (size_t i = 1; i < set->len; i++) {
        struct imap_range *into = &set->items[last], next = set->items[i];
        if (into->to == UINT32_MAX || next.from <= into->to + 1) {
            if (next.to > into->to)
                into->to = next.to;
        } else {
            set->items[++last] = next;
        }
    }
    set->len = last + 1;
}

bool imap_set_contains(const imap_set *set, uint32_t number)
{
    size_t low = 0, high = set->len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (number < set->items[middle].from)
            high = middle;
        else if (number > set->items[middle].to)
            low = middle + 1;
        else
            return true;
    }
    return false;
}

uint64_t imap_set_count(const imap_set *set)
{
    uint64_t count = 0;
    vec_each (set, range)
        count += (uint64_t)range->to - range->from + 1;
    return count;
}

uint32_t imap_set_at(const imap_set *set, uint64_t n)
{
    vec_each (set, range) {
        uint64_t here = (uint64_t)range->to - range->from + 1;
        if (n < here)
            return range->from + (uint32_t)n;
        n -= here;
    }
    return 0;
}

void imap_set_add(imap_set *set, uint32_t number)
{
    if (set->len > 0 && set->items[set->len - 1].to != UINT32_MAX && set->items[set->len - 1].to + 1 == number)
        set->items[set->len - 1].to = number;
    else
        vec_push(set, (struct imap_range){number, number});
}

void imap_set_write(struct str *out, const imap_set *set)
{
    for (size_t i = 0; i < set->len; i++) {
        const struct imap_range *range = &set->items[i];
        str_addf(out, i > 0 ? ",%u" : "%u", range->from);
        if (range->to != range->from)
            str_addf(out, ":%u", range->to);
    }
}
