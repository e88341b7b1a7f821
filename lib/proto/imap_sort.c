/* SORT. See imap_sort.h. */
#include "lib/proto/imap_sort.h"

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

static int compare(const void *a, const void *b, void *arg)
{
    const struct imap_sort_item *x = a, *y = b;
    const struct imap_sort *sort = arg;
    for (size_t i = 0; i < sort->count; i++) {
        int order = by_key(x, y, sort->keys[i].by);
        if (order)
            return sort->keys[i].reverse ? -order : order;
    }
    return x->uid < y->uid ? -1 : x->uid > y->uid;
}

void imap_sort_order(struct imap_sort_item *items, size_t count, const struct imap_sort *sort)
{
    if (count > 1)
        qsort_r(items, count, sizeof(*items), compare, (void *)(uintptr_t)sort);
}
