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

/* What decides between two by one criterion, in one number: a date, or eight bytes of a text. */
struct placed {
    uint64_t mark;
    uint32_t index, uid;
};

/* Many have the same eight bytes, and many of them the same text: those are gone on with, eight bytes further or by the next
 * criterion. Few are compared as they are; so are texts that differ only far behind, for each step is a call deeper. */
enum { FEW = 64, STEPS_MAX = 16 };

struct ordering {
    const struct imap_sort_item *items;
    const struct imap_sort *sort;
    struct placed *spare;
};

static bool is_text(enum imap_sort_by by)
{
    return by != SORT_ARRIVAL && by != SORT_DATE && by != SORT_SIZE;
}

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

struct extent { /* of some texts: what all begin with, and their lengths */
    size_t common, shortest, longest;
};

/* `known` bytes are the same in all, zeros where a text has ended. */
static struct extent extent_of(const struct ordering *o, const struct placed *all, size_t count, enum imap_sort_by by,
                               size_t known)
{
    struct span first = text_by(&o->items[all[0].index], by);
    struct extent e = {first.n, first.n, first.n};
    for (size_t i = 1; i < count; i++) {
        struct span text = text_by(&o->items[all[i].index], by);
        size_t n = known, most = text.n < e.common ? text.n : e.common;
        while (n < most && text.p[n] == first.p[n])
            n++;
        e.common = n < most ? n : most;
        e.shortest = text.n < e.shortest ? text.n : e.shortest;
        e.longest = text.n > e.longest ? text.n : e.longest;
    }
    return e;
}

static uint64_t mark_of_text(struct span text, size_t skipped)
{
    uint8_t bytes[8] = {0};
    size_t left = text.n > skipped ? text.n - skipped : 0;
    memcpy(bytes, left ? text.p + skipped : "", left < sizeof(bytes) ? left : sizeof(bytes));
    return get_u64(bytes);
}

static uint64_t mark_of(const struct imap_sort_item *item, enum imap_sort_by by, size_t skipped)
{
    const uint64_t sign = (uint64_t)1 << 63; /* below zero first */
    switch (by) {
    case SORT_ARRIVAL:
        return (uint64_t)item->arrival ^ sign;
    case SORT_DATE:
        return (uint64_t)item->sent ^ sign;
    case SORT_SIZE:
        return item->size;
    default:
        return mark_of_text(text_by(item, by), skipped);
    }
}

/* By one byte of the mark after the other, the last one first; a byte that all share costs a look. */
static void sort_by_mark(struct placed *all, size_t count, struct placed *spare)
{
    struct placed *from = all, *to = spare;
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
}

static int compare(const void *a, const void *b, void *arg)
{
    const struct placed *x = a, *y = b;
    const struct ordering *o = arg;
    return compare_items(&o->items[x->index], &o->items[y->index], o->sort);
}

static bool uids_rise(const struct placed *all, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (all[i].uid < all[i - 1].uid)
            return false;
    return true;
}

/* `all` are equal by the criteria before `key`, and in the first `known` bytes of that one's text. */
static void sort_range(struct ordering *o, struct placed *all, size_t count, size_t key, size_t known, unsigned steps)
{
    if (key == o->sort->count && uids_rise(all, count))
        return;
    if (count <= FEW || steps == STEPS_MAX || key == o->sort->count) {
        qsort_r(all, count, sizeof(*all), compare, o);
        return;
    }
    enum imap_sort_by by = o->sort->keys[key].by;
    bool text = is_text(by);
    if (text) {
        struct extent e = extent_of(o, all, count, by, known);
        bool ended = e.shortest < known;
        if (e.shortest == e.longest && (ended || e.common == e.longest)) {
            sort_range(o, all, count, key + 1, 0, steps + 1);
            return;
        }
        if (ended) { /* a text goes on with zeros where another ends */
            qsort_r(all, count, sizeof(*all), compare, o);
            return;
        }
        known = e.common;
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t mark = mark_of(&o->items[all[i].index], by, known);
        all[i].mark = o->sort->keys[key].reverse ? ~mark : mark;
    }
    sort_by_mark(all, count, o->spare);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && all[end].mark == all[i].mark; end++)
            ;
        if (end - i > 1)
            sort_range(o, all + i, end - i, text ? key : key + 1, text ? known + 8 : 0, steps + 1);
    }
}

void imap_sort_order(uint32_t *uids, const struct imap_sort_item *items, size_t count, const struct imap_sort *sort)
{
    struct placed *all = xcalloc(count + 1, sizeof(*all));
    struct ordering o = {items, sort, xcalloc(count + 1, sizeof(*all))};
    for (size_t i = 0; i < count; i++)
        all[i] = (struct placed){0, (uint32_t)i, items[i].uid};
    sort_range(&o, all, count, 0, 0, 0);
    for (size_t i = 0; i < count; i++)
        uids[i] = all[i].uid;
    xfree(&all);
    xfree(&o.spare);
}
