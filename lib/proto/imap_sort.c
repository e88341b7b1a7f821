/* SORT. See imap_sort.h. */
#include "lib/proto/imap_sort.h"

#include "lib/base/num.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = {[SORT_ARRIVAL] = "ARRIVAL",
                                    [SORT_CC] = "CC",
                                    [SORT_DATE] = "DATE",
                                    [SORT_FROM] = "FROM",
                                    [SORT_SIZE] = "SIZE",
                                    [SORT_SUBJECT] = "SUBJECT",
                                    [SORT_TO] = "TO",
                                    [SORT_DISPLAYFROM] = "DISPLAYFROM",
                                    [SORT_DISPLAYTO] = "DISPLAYTO",
                                    [SORT_RELEVANCY] = "RELEVANCY"};

static bool parse_key(struct imap_reader *r, struct imap_sort *sort)
{
    if (sort->count == SORT_KEYS_MAX)
        return false;
    bool reverse = imap_word(r, "REVERSE");
    if (reverse && !imap_sp(r))
        return false;
    for (size_t i = 0; i < COUNT(names); i++) {
        if (imap_word(r, names[i])) {
            sort->keys[sort->count].by = (enum imap_sort_by)i;
            sort->keys[sort->count++].reverse = reverse;
            return true;
        }
    }
    return false;
}

bool imap_sort_parse(struct imap_reader *r, struct imap_sort *sort)
{
    if (!imap_char(r, '('))
        return false;
    do {
        if (!parse_key(r, sort))
            return false;
    } while (imap_sp(r));
    return imap_char(r, ')');
}

static int by_text(struct span a, struct span b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : a.n < b.n ? -1 : a.n > b.n;
}

static int by_number(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_key(const struct imap_sort_item *a, const struct imap_sort_item *b, enum imap_sort_by by)
{
    switch (by) {
    case SORT_ARRIVAL:
        return by_number(a->arrival, b->arrival);
    case SORT_DATE:
        return by_number(a->sent, b->sent);
    case SORT_SIZE:
        return by_number((int64_t)a->size, (int64_t)b->size);
    case SORT_CC:
        return by_text(a->cc, b->cc);
    case SORT_FROM:
        return by_text(a->from, b->from);
    case SORT_TO:
        return by_text(a->to, b->to);
    case SORT_SUBJECT:
        return by_text(a->subject, b->subject);
    case SORT_DISPLAYFROM:
        return by_text(a->display_from, b->display_from);
    case SORT_DISPLAYTO:
        return by_text(a->display_to, b->display_to);
    case SORT_RELEVANCY:
        return 0;
    }
    return 0;
}

static int compare_items(const struct imap_sort_item *x, const struct imap_sort_item *y, const struct imap_sort *sort)
{
    for (size_t i = 0; i < sort->count; i++) {
        int order = by_key(x, y, sort->keys[i].by);
        if (order)
            return sort->keys[i].reverse ? -order : order;
    }
    return x->uid < y->uid ? -1 : x->uid > y->uid;
}

/* What decides most comparisons of the first criterion, in one number: a date, or eight bytes of a text. */
struct placed {
    uint64_t mark;
    uint32_t index, uid;
};

static struct span text_by(const struct imap_sort_item *item, enum imap_sort_by by)
{
    switch (by) {
    case SORT_CC:
        return item->cc;
    case SORT_FROM:
        return item->from;
    case SORT_TO:
        return item->to;
    case SORT_SUBJECT:
        return item->subject;
    case SORT_DISPLAYFROM:
        return item->display_from;
    case SORT_DISPLAYTO:
        return item->display_to;
    default:
        return SPAN_NONE;
    }
}

static size_t common_prefix(const struct imap_sort_item *items, size_t count, enum imap_sort_by by)
{
    struct span first = text_by(&items[0], by);
    size_t common = first.n;
    for (size_t i = 1; i < count && common > 0; i++) {
        struct span text = text_by(&items[i], by);
        size_t n = 0, most = text.n < common ? text.n : common;
        while (n < most && text.p[n] == first.p[n])
            n++;
        common = n;
    }
    return common;
}

/* Eight bytes behind what all have in common; a text that ends earlier goes on with zeros, and ties are looked at whole. */
static uint64_t mark_of_text(struct span text, size_t skipped)
{
    uint8_t bytes[8] = {0};
    size_t n = text.n - skipped < sizeof(bytes) ? text.n - skipped : sizeof(bytes);
    if (n > 0)
        memcpy(bytes, text.p + skipped, n);
    return get_u64(bytes);
}

static uint64_t mark_of_number(int64_t number)
{
    return (uint64_t)number ^ (uint64_t)1 << 63; /* below zero first */
}

static void place_all(struct placed *all, const struct imap_sort_item *items, size_t count, enum imap_sort_by by)
{
    size_t skipped = common_prefix(items, count, by);
    for (size_t i = 0; i < count; i++) {
        uint64_t mark = by == SORT_ARRIVAL ? mark_of_number(items[i].arrival)
                        : by == SORT_DATE  ? mark_of_number(items[i].sent)
                        : by == SORT_SIZE  ? items[i].size
                                           : mark_of_text(text_by(&items[i], by), skipped);
        all[i] = (struct placed){mark, (uint32_t)i, items[i].uid};
    }
}

/* By one byte of the mark after the other, the last one first; a byte that all share costs a look. */
static void sort_by_mark(struct placed *all, size_t count)
{
    struct placed *from = all, *spare = xcalloc(count, sizeof(*spare)), *to = spare;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        size_t behind[257] = {0};
        for (size_t i = 0; i < count; i++)
            behind[(from[i].mark >> shift & 0xff) + 1]++;
        if (behind[(from[0].mark >> shift & 0xff) + 1] == count)
            continue;
        for (unsigned i = 1; i < 257; i++)
            behind[i] += behind[i - 1];
        for (size_t i = 0; i < count; i++)
            to[behind[from[i].mark >> shift & 0xff]++] = from[i];
        struct placed *swapped = from;
        from = to;
        to = swapped;
    }
    if (from != all)
        memcpy(all, from, count * sizeof(*all));
    xfree(&spare);
}

struct comparing {
    const struct imap_sort_item *items;
    const struct imap_sort *sort;
};

static int compare(const void *a, const void *b, void *arg)
{
    const struct placed *x = a, *y = b;
    const struct comparing *c = arg;
    return compare_items(&c->items[x->index], &c->items[y->index], c->sort);
}

void imap_sort_order(uint32_t *uids, const struct imap_sort_item *items, size_t count, const struct imap_sort *sort)
{
    struct comparing c = {items, sort};
    bool reverse = sort->count > 0 && sort->keys[0].reverse;
    if (count == 0)
        return;
    struct placed *all = xcalloc(count, sizeof(*all));
    place_all(all, items, count, sort->count > 0 ? sort->keys[0].by : SORT_RELEVANCY);
    for (size_t i = 0; reverse && i < count; i++)
        all[i].mark = ~all[i].mark;
    sort_by_mark(all, count);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && all[end].mark == all[i].mark; end++)
            ;
        if (end - i > 1)
            qsort_r(all + i, end - i, sizeof(*all), compare, &c);
    }
    for (size_t i = 0; i < count; i++)
        uids[i] = all[i].uid;
    xfree(&all);
}
