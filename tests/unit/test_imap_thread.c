#include "tests/unit/unit.h"

#include "lib/proto/imap_sort.h"
#include "lib/proto/imap_thread.h"

#include <stdio.h>

static struct imap_thread_item item(uint32_t n, const char *id, const char *refs, const char *subject, bool reply)
{
    return (struct imap_thread_item){.number = n,
                                     .sent = n,
                                     .id = span_of(id),
                                     .references = span_of(refs),
                                     .subject = span_of(subject),
                                     .reply = reply};
}

static void assert_threads(const struct imap_thread_item *items, size_t n, const char *want)
{
    struct str out;
    str_init(&out, 1 << 24);
    imap_thread_references(&out, items, n, 42);
    assert_str(&out, want);
    str_free(&out);
}

static void references(void **state UNUSED)
{
    const struct imap_thread_item chain[] = {item(1, "<a>", "", "s", false), item(2, "<b>", "<a>", "s", true),
                                             item(3, "<c>", "<a> <b>", "s", true), item(4, "<d>", "<a>", "s", true)};
    assert_threads(chain, 4, " (1 (2 3)(4))");
    const struct imap_thread_item missing[] = {item(1, "<b>", "<a>", "x", false), item(2, "<c>", "<a>", "y", false)};
    assert_threads(missing, 2, " ((1)(2))"); /* the father is not here: a dummy with two children */
    const struct imap_thread_item lonely[] = {item(1, "<b>", "<x> <a>", "x", false)};
    assert_threads(lonely, 1, " (1)");
    const struct imap_thread_item ring[] = {item(1, "<a>", "<b>", "x", false), item(2, "<b>", "<a>", "y", false)};
    assert_threads(ring, 2, " (2 1)");
    const struct imap_thread_item self[] = {item(1, "<a>", "<a>", "x", false)};
    assert_threads(self, 1, " (1)");
    const struct imap_thread_item twins[] = {item(1, "<a>", "", "x", false), item(2, "<a>", "", "y", false)};
    assert_threads(twins, 2, " (1)(2)");
    assert_threads(NULL, 0, "");
}

static void subjects_gather(void **state UNUSED)
{
    const struct imap_thread_item reply[] = {item(1, "<a>", "", "s", false), item(2, "<b>", "", "s", true)};
    assert_threads(reply, 2, " (1 2)");
    const struct imap_thread_item equals[] = {item(1, "<a>", "", "s", false), item(2, "<b>", "", "s", false),
                                              item(3, "<c>", "", "", false), item(4, "<d>", "", "", false)};
    assert_threads(equals, 4, " ((1)(2))(3)(4)");
    const struct imap_thread_item before[] = {item(1, "<b>", "", "s", true), item(2, "<a>", "", "s", false)};
    assert_threads(before, 2, " (2 1)");
}

static void ordered_subject(void **state UNUSED)
{
    const struct imap_thread_item items[] = {item(1, "<a>", "", "s", false), item(2, "<b>", "", "t", false),
                                             item(3, "<c>", "", "s", true), item(4, "<d>", "", "s", true),
                                             item(5, "<e>", "", "t", true)};
    struct str out;
    str_init(&out, 4096);
    imap_thread_ordered_subject(&out, items, 5);
    assert_str(&out, " (1 (3)(4))(2 5)");
    str_free(&out);
}

/* A chain of 20,000 answers: bounded in depth, every message once. */
static void hostile_chains_end(void **state UNUSED)
{
    enum { N = 20000 };
    struct imap_thread_item *items = xcalloc(N, sizeof(*items));
    char(*ids)[32] = xcalloc(N, 32);
    struct str out;
    size_t seen = 0;
    for (uint32_t i = 0; i < N; i++) {
        snprintf(ids[i], 32, "<%u>", i);
        items[i] = item(i + 1, ids[i], i ? ids[i - 1] : "", "", true);
    }
    str_init(&out, 1 << 24);
    imap_thread_references(&out, items, N, 7);
    for (size_t i = 0; i < out.len; i++)
        seen += out.data[i] >= '0' && out.data[i] <= '9' &&
                (i + 1 == out.len || out.data[i + 1] < '0' || out.data[i + 1] > '9');
    assert_int_equal(seen, N);
    str_free(&out);
    xfree(&items);
    xfree(&ids);
}

static void sorting(void **state UNUSED)
{
    struct arena *arena = arena_new(4096);
    struct imap_reader r;
    struct imap_sort sort = {.count = 0};
    struct imap_sort_item items[] = {{.uid = 1, .size = 5, .subject = SPAN_LIT("b")},
                                     {.uid = 2, .size = 9, .subject = SPAN_LIT("a")},
                                     {.uid = 3, .size = 5, .subject = SPAN_LIT("a")},
                                     {.uid = 4, .size = 9, .subject = SPAN_LIT("")}};
    static const uint32_t want[] = {4, 2, 3, 1};
    uint32_t uids[4];
    imap_reader_init(&r, SPAN_LIT("(REVERSE SIZE SUBJECT)"), arena, false);
    assert_true(imap_sort_parse(&r, &sort));
    imap_sort_order(uids, items, 4, &sort);
    assert_memory_equal(uids, want, sizeof(want));
    imap_reader_init(&r, SPAN_LIT("(REVERSE)"), arena, false);
    assert_false(imap_sort_parse(&r, &sort));
    arena_destroy(&arena);
}

static int texts_in_order(struct span a, struct span b)
{
    int order = memcmp(a.n ? a.p : "", b.n ? b.p : "", a.n < b.n ? a.n : b.n);
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

/* What the criteria say of two that follow each other: at most 0. */
static int pair_in_order(const struct imap_sort *sort, const struct imap_sort_item *a, const struct imap_sort_item *b)
{
    for (size_t i = 0; i < sort->count; i++) {
        int order = sort->keys[i].by == SORT_SUBJECT ? texts_in_order(a->subject, b->subject)
                    : sort->keys[i].by == SORT_FROM  ? texts_in_order(a->from, b->from)
                    : sort->keys[i].by == SORT_DATE  ? (a->sent > b->sent) - (a->sent < b->sent)
                                                     : (a->size > b->size) - (a->size < b->size);
        if (order)
            return sort->keys[i].reverse ? -order : order;
    }
    return (a->uid > b->uid) - (a->uid < b->uid);
}

/* Words with long common beginnings, many of them equal, some with a NUL where another ends. */
static struct span random_text(struct arena *arena, unsigned *chance)
{
    static const char *const begins[] = {"", "compte rendu d'hospitalisation ", "compte rendu ", "ab"};
    char text[64];
    *chance = *chance * 1664525u + 1013904223u;
    size_t n = (size_t)snprintf(text, sizeof(text), "%s", begins[*chance >> 28 & 3]);
    for (unsigned i = *chance >> 20 & 15; i > 0; i--)
        text[n++] = "abc"[*chance >> i & 1];
    if ((*chance >> 16 & 7) == 0)
        text[n++] = '\0';
    return n ? arena_span(arena, (struct span){text, n}) : SPAN_NONE;
}

static void sorting_many(void **state UNUSED)
{
    enum { N = 5000 };
    static const char *const programs[] = {"(SUBJECT)", "(REVERSE SUBJECT DATE)", "(REVERSE DATE SUBJECT REVERSE FROM)",
                                           "(SIZE)",    "(FROM REVERSE SIZE)",    "(REVERSE SIZE FROM SUBJECT)"};
    struct arena *arena = arena_new(0);
    struct imap_sort_item *items = xcalloc(N, sizeof(*items));
    uint32_t *uids = xcalloc(N, sizeof(*uids));
    unsigned chance = 4711;
    for (size_t p = 0; p < 2 * COUNT(programs); p++) {
        struct imap_reader r;
        struct imap_sort sort = {.count = 0};
        for (uint32_t i = 0; i < N; i++) {
            items[i] = (struct imap_sort_item){.uid = p % 2 ? N - i : i + 1}; /* in their order, and not */
            items[i].subject = p < 2 ? SPAN_LIT("xdm/1.0/ddm") : random_text(arena, &chance);
            items[i].from = random_text(arena, &chance);
            items[i].sent = (int64_t)(chance >> 24) - 128;
            items[i].size = chance >> 29;
        }
        imap_reader_init(&r, span_of(programs[p / 2]), arena, false);
        assert_true(imap_sort_parse(&r, &sort));
        imap_sort_order(uids, items, N, &sort);
        for (size_t i = 1; i < N; i++) {
            const struct imap_sort_item *a = &items[p % 2 ? N - uids[i - 1] : uids[i - 1] - 1];
            const struct imap_sort_item *b = &items[p % 2 ? N - uids[i] : uids[i] - 1];
            assert_true(pair_in_order(&sort, a, b) < 0); /* each UID once, too */
        }
    }
    xfree(&items);
    xfree(&uids);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references),         cmocka_unit_test(subjects_gather), cmocka_unit_test(ordered_subject),
        cmocka_unit_test(hostile_chains_end), cmocka_unit_test(sorting),         cmocka_unit_test(sorting_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
