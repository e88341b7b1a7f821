/* THREAD=REFERENCES, step by step as RFC 5256 4 numbers them, and THREAD=ORDEREDSUBJECT. Trees are arrays of boxes that
 * name each other by index, 0 being nobody: no recursion, whatever strangers wrote. */
#include "lib/proto/imap_thread.h"

#include "lib/base/vec.h"
#include "lib/proto/imap_write.h"

#include <stdlib.h>
#include <string.h>

struct box {
    struct span key; /* its message id, or its subject */
    uint32_t item;   /* index + 1; 0: a dummy, for a message we have not */
    uint32_t parent, child, next;
    uint32_t left; /* the next in its bucket */
};

struct forest {
    const struct imap_thread_item *items;
    size_t count;
    VEC(struct box) boxes; /* [0] is the root of all */
    uint32_t *buckets;
    size_t mask;
    uint64_t seed;
    VEC(uint32_t) scratch; /* boxes, parents first; after step 5, the roots */
};

static uint64_t hash_of(const struct forest *f, struct span key)
{
    uint64_t h = f->seed ^ 0xcbf29ce484222325u;
    for (size_t i = 0; i < key.n; i++)
        h = (h ^ (unsigned char)key.p[i]) * 0x100000001b3u;
    return h ^ h >> 29;
}

static uint32_t new_box(struct forest *f, struct span key, uint32_t item)
{
    vec_push(&f->boxes, (struct box){.key = key, .item = item});
    return (uint32_t)f->boxes.len - 1;
}

static uint32_t find_or_add(struct forest *f, struct span key)
{
    uint32_t *bucket = &f->buckets[hash_of(f, key) & f->mask];
    for (uint32_t i = *bucket; i; i = f->boxes.items[i].left) {
        if (span_eq(f->boxes.items[i].key, key))
            return i;
    }
    uint32_t added = new_box(f, key, 0);
    f->boxes.items[added].left = *bucket;
    *bucket = added;
    return added;
}

static struct box *at(struct forest *f, uint32_t i)
{
    return &f->boxes.items[i];
}

/* Would `child` under `parent` make a ring, or a tree too deep? */
static bool may_link(struct forest *f, uint32_t parent, uint32_t child)
{
    unsigned depth = 0;
    for (uint32_t i = parent; i; i = at(f, i)->parent) {
        if (i == child || ++depth > THREAD_DEPTH_MAX)
            return false;
    }
    return true;
}

/* Step 1.A and 1.B only note parents; the lists of children are made when all are known. */
static void note_references(struct forest *f, const struct imap_thread_item *item, uint32_t own)
{
    struct span rest = item->references, reference;
    uint32_t previous = 0;
    for (unsigned n = 0; n < THREAD_REFERENCES_MAX && span_cut(&rest, ' ', &reference);) {
        if (reference.n == 0)
            continue;
        n++;
        uint32_t box = find_or_add(f, reference);
        if (previous && !at(f, box)->parent && box != previous && may_link(f, previous, box))
            at(f, box)->parent = previous;
        previous = box;
    }
    at(f, own)->parent = 0;
    if (previous && previous != own && may_link(f, previous, own))
        at(f, own)->parent = previous;
}

static void add_messages(struct forest *f)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct imap_thread_item *item = &f->items[i];
        uint32_t own = item->id.n ? find_or_add(f, item->id) : 0;
        if (!own || at(f, own)->item) /* no id, or somebody's already: one of its own (4, step 1) */
            own = new_box(f, SPAN_NONE, 0);
        at(f, own)->item = (uint32_t)i + 1;
        note_references(f, item, own);
    }
}

/* Boxes come into their parents' lists in reverse, so that the lists are in order of appearance. */
static void make_lists(struct forest *f)
{
    for (size_t i = 0; i < f->boxes.len; i++)
        at(f, (uint32_t)i)->child = at(f, (uint32_t)i)->next = 0;
    for (uint32_t i = (uint32_t)f->boxes.len - 1; i > 0; i--) {
        struct box *parent = at(f, at(f, i)->parent);
        at(f, i)->next = parent->child;
        parent->child = i;
    }
}

/* Step 3. Dummies without children go; others give their children to their parents, at the top only when there is one.
 * Children are taken before parents: boxes are walked from the leaves up. */
static void prune(struct forest *f)
{
    f->scratch.len = 0;
    vec_push(&f->scratch, 0);
    for (size_t i = 0; i < f->scratch.len; i++) {
        for (uint32_t c = at(f, f->scratch.items[i])->child; c; c = at(f, c)->next)
            vec_push(&f->scratch, c);
    }
    for (size_t i = f->scratch.len; i-- > 0;) {
        uint32_t me = f->scratch.items[i];
        uint32_t *link = &at(f, me)->child;
        while (*link) {
            struct box *child = at(f, *link);
            uint32_t grandchild = child->child;
            bool dummy = child->item == 0;
            if (dummy && !grandchild) {
                *link = child->next;
            } else if (dummy && (me != 0 || !at(f, grandchild)->next)) {
                uint32_t last = grandchild, after = child->next;
                for (uint32_t g = grandchild; g; g = at(f, g)->next) {
                    at(f, g)->parent = me;
                    last = g;
                }
                at(f, last)->next = after;
                *link = grandchild;
            } else {
                link = &child->next;
            }
        }
    }
}

/* A dummy is as old as its first child (4, step 4). */
static const struct imap_thread_item *face_of(struct forest *f, uint32_t box)
{
    while (!at(f, box)->item && at(f, box)->child)
        box = at(f, box)->child;
    return at(f, box)->item ? &f->items[at(f, box)->item - 1] : NULL;
}

struct dated {
    int64_t sent;
    uint32_t item, box;
};

static int by_date(const void *a, const void *b)
{
    const struct dated *x = a, *y = b;
    if (x->sent != y->sent)
        return x->sent < y->sent ? -1 : 1;
    return x->item < y->item ? -1 : x->item > y->item;
}

static void sort_children(struct forest *f, uint32_t parent)
{
    VEC(struct dated) list = {0};
    for (uint32_t c = at(f, parent)->child; c; c = at(f, c)->next) {
        const struct imap_thread_item *face = face_of(f, c);
        vec_push(&list, (struct dated){face ? face->sent : 0, face ? (uint32_t)(face - f->items) : 0, c});
    }
    if (list.len > 1) {
        qsort(list.items, list.len, sizeof(list.items[0]), by_date);
        uint32_t *link = &at(f, parent)->child;
        vec_each (&list, one) {
            *link = one->box;
            link = &at(f, one->box)->next;
        }
        *link = 0;
    }
    vec_free(&list);
}

/* Steps 4 and 6, from the leaves up: a dummy's age is its first child's, once those are sorted. */
static void sort_all(struct forest *f)
{
    f->scratch.len = 0;
    vec_push(&f->scratch, 0);
    for (size_t i = 0; i < f->scratch.len; i++) {
        for (uint32_t c = at(f, f->scratch.items[i])->child; c; c = at(f, c)->next)
            vec_push(&f->scratch, c);
    }
    for (size_t i = f->scratch.len; i-- > 0;)
        sort_children(f, f->scratch.items[i]);
}

static void adopt(struct forest *f, uint32_t parent, uint32_t child)
{
    uint32_t *link = &at(f, parent)->child;
    while (*link)
        link = &at(f, *link)->next;
    *link = child;
    at(f, child)->parent = parent;
    at(f, child)->next = 0;
}

static bool is_reply(struct forest *f, uint32_t box)
{
    const struct imap_thread_item *face = face_of(f, box);
    return face && face->reply;
}

static struct span subject_of(struct forest *f, uint32_t box)
{
    const struct imap_thread_item *face = face_of(f, box);
    return face ? face->subject : SPAN_NONE;
}

/* The slot of a subject: its own, or an empty one. The table is never more than half full. */
static size_t slot_of(struct forest *f, const uint32_t *table, size_t mask, struct span subject)
{
    size_t slot = hash_of(f, subject) & mask;
    while (table[slot] && !span_eq(subject_of(f, table[slot]), subject))
        slot = (slot + 1) & mask;
    return slot;
}

/* The box that stands for a subject: a dummy rather than a message, a message rather than a reply (step 5.B). */
static void enter_subjects(struct forest *f, uint32_t *table, size_t mask)
{
    for (uint32_t c = at(f, 0)->child; c; c = at(f, c)->next) {
        struct span subject = subject_of(f, c);
        if (subject.n == 0)
            continue;
        size_t slot = slot_of(f, table, mask, subject);
        uint32_t known = table[slot];
        if (!known || (!at(f, c)->item && at(f, known)->item) ||
            (at(f, known)->item && is_reply(f, known) && !is_reply(f, c)))
            table[slot] = c;
    }
}

static void merge_subject(struct forest *f, uint32_t *known, uint32_t me)
{
    if (!at(f, *known)->item && !at(f, me)->item) {
        for (uint32_t c = at(f, me)->child, next; c; c = next) {
            next = at(f, c)->next;
            adopt(f, *known, c);
        }
        at(f, me)->child = 0;
    } else if (!at(f, *known)->item || (is_reply(f, me) && !is_reply(f, *known))) {
        adopt(f, *known, me);
    } else {
        uint32_t both = new_box(f, SPAN_NONE, 0);
        adopt(f, both, *known);
        adopt(f, both, me);
        *known = both;
    }
}

/* Step 5. The roots are taken down and put up again, one a subject. */
static void gather_subjects(struct forest *f)
{
    VEC(uint32_t) roots = {0};
    size_t mask = 15;
    for (uint32_t c = at(f, 0)->child; c; c = at(f, c)->next)
        vec_push(&roots, c);
    while (mask < 2 * roots.len)
        mask = 2 * mask + 1;
    uint32_t *table = xcalloc(mask + 1, sizeof(*table));
    uint32_t *stands = xcalloc(mask + 1, sizeof(*stands)); /* what stands at the top for that slot now */
    enter_subjects(f, table, mask);
    at(f, 0)->child = 0;
    for (size_t i = 0; i <= mask; i++)
        stands[i] = table[i];
    vec_each (&roots, root) {
        at(f, *root)->next = 0;
        struct span subject = subject_of(f, *root);
        if (subject.n == 0) {
            vec_push(&f->scratch, *root); /* no subject: stays by itself */
            continue;
        }
        size_t slot = slot_of(f, table, mask, subject);
        if (table[slot] != *root)
            merge_subject(f, &stands[slot], *root);
    }
    for (size_t i = 0; i <= mask; i++) {
        if (stands[i])
            vec_push(&f->scratch, stands[i]);
    }
    xfree(&table);
    xfree(&stands);
    vec_free(&roots);
}

/* A message and its only children, in line; gives the first of several children, 0 at the end. */
static uint32_t write_line(struct str *out, struct forest *f, uint32_t box)
{
    bool any = false;
    for (;;) {
        const struct box *b = at(f, box);
        if (b->item) {
            if (any)
                str_putc(out, ' ');
            imap_write_u64(out, f->items[b->item - 1].number);
            any = true;
        }
        if (!b->child)
            return 0;
        if (at(f, b->child)->next) {
            if (any)
                str_putc(out, ' ');
            return b->child;
        }
        box = b->child;
    }
}

/* "(3 6 (4 23)(44 7 96))": with several children, each has its own parenthesis. The stack holds, for each open one, the
 * brother that comes next. */
static void write_tree(struct str *out, struct forest *f, uint32_t root)
{
    VEC(uint32_t) stack = {0};
    uint32_t box = root;
    for (;;) {
        str_putc(out, '(');
        uint32_t several = write_line(out, f, box);
        if (several)
            vec_push(&stack, several);
        else
            str_putc(out, ')');
        while (stack.len > 0 && stack.items[stack.len - 1] == 0) {
            str_putc(out, ')');
            stack.len--;
        }
        if (stack.len == 0)
            break;
        box = stack.items[stack.len - 1];
        stack.items[stack.len - 1] = at(f, box)->next;
    }
    vec_free(&stack);
}

static void write_forest(struct str *out, struct forest *f)
{
    if (at(f, 0)->child)
        str_putc(out, ' ');
    for (uint32_t c = at(f, 0)->child; c; c = at(f, c)->next) {
        if (face_of(f, c))
            write_tree(out, f, c);
    }
}

static void forest_begin(struct forest *f, const struct imap_thread_item *items, size_t count, uint64_t seed)
{
    *f = (struct forest){.items = items, .count = count, .seed = seed, .mask = 1023};
    while (f->mask < 2 * count)
        f->mask = 2 * f->mask + 1;
    f->buckets = xcalloc(f->mask + 1, sizeof(*f->buckets));
    new_box(f, SPAN_NONE, 0);
}

static void forest_end(struct forest *f)
{
    xfree(&f->buckets);
    vec_free(&f->boxes);
    vec_free(&f->scratch);
}

void imap_thread_references(struct str *out, const struct imap_thread_item *items, size_t count, uint64_t seed)
{
    struct forest f;
    forest_begin(&f, items, count, seed);
    add_messages(&f);
    make_lists(&f);
    prune(&f);
    sort_all(&f);
    f.scratch.len = 0;
    gather_subjects(&f);
    at(&f, 0)->child = 0;
    for (size_t i = f.scratch.len; i-- > 0;) {
        struct box *box = at(&f, f.scratch.items[i]);
        box->parent = 0;
        box->next = at(&f, 0)->child;
        at(&f, 0)->child = f.scratch.items[i];
    }
    sort_all(&f);
    write_forest(out, &f);
    forest_end(&f);
}

static int by_subject(const void *a, const void *b)
{
    const struct imap_thread_item *x = *(const struct imap_thread_item *const *)a;
    const struct imap_thread_item *y = *(const struct imap_thread_item *const *)b;
    size_t n = x->subject.n < y->subject.n ? x->subject.n : y->subject.n;
    int order = n ? memcmp(x->subject.p, y->subject.p, n) : 0;
    if (order || x->subject.n != y->subject.n)
        return order ? order : x->subject.n < y->subject.n ? -1 : 1;
    if (x->sent != y->sent)
        return x->sent < y->sent ? -1 : 1;
    return x < y ? -1 : x > y;
}

void imap_thread_ordered_subject(struct str *out, const struct imap_thread_item *items, size_t count)
{
    struct forest f;
    const struct imap_thread_item **order = xcalloc(count + 1, sizeof(*order));
    uint32_t first = 0;
    forest_begin(&f, items, count, 0);
    for (size_t i = 0; i < count; i++)
        order[i] = &items[i];
    qsort(order, count, sizeof(*order), by_subject);
    for (size_t i = 0; i < count; i++) {
        uint32_t box = new_box(&f, SPAN_NONE, (uint32_t)(order[i] - items) + 1);
        if (i > 0 && span_eq(order[i]->subject, order[i - 1]->subject))
            at(&f, box)->parent = first;
        else
            first = box;
    }
    make_lists(&f);
    sort_all(&f);
    write_forest(out, &f);
    xfree(&order);
    forest_end(&f);
}
