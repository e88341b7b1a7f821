#include "tests/unit/unit.h"

#include "imapd/view.h"

/* A view of these UIDs, made as arrivals make it. */
static struct view view_of(const uint32_t *uids, size_t n)
{
    struct view view = {.loaded = true};
    for (size_t i = 0; i < n; i++)
        view_append(&view, uids[i]);
    return view;
}

static void numbers_and_uids(void **state UNUSED)
{
    static const uint32_t uids[] = {1, 2, 3, 7, 8, 20};
    struct view view = view_of(uids, COUNT(uids));
    assert_int_equal(view.runs.len, 3);
    assert_int_equal(view.count, 6);
    for (uint32_t i = 0; i < COUNT(uids); i++) {
        assert_int_equal(view_uid(&view, i + 1), uids[i]);
        assert_int_equal(view_seq(&view, uids[i]), i + 1);
    }
    assert_int_equal(view_uid(&view, 0), 0);
    assert_int_equal(view_uid(&view, 7), 0);
    assert_int_equal(view_seq(&view, 5), 0);
    assert_int_equal(view_seq(&view, 21), 0);
    assert_int_equal(view_seq_at_least(&view, 4), 4);
    assert_int_equal(view_seq_at_least(&view, 21), 7);
    assert_int_equal(view_last_uid(&view), 20);
    vec_free(&view.runs);
}

/* Random removals against a plain array. */
static void removals_agree_with_a_plain_list(void **state UNUSED)
{
    enum { N = 400 };
    uint32_t plain[N], count = 0, seed = 7;
    struct view view = {.loaded = true};
    for (uint32_t uid = 1; count < N; uid += seed % 3 ? 1 : 2, seed = seed * 1103515245 + 12345) {
        plain[count++] = uid;
        view_append(&view, uid);
    }
    while (count > 0) {
        uint32_t gone[N + 2], n = 0, kept = 0;
        gone[n++] = 0; /* not there */
        for (uint32_t i = 0; i < count; i++) {
            seed = seed * 1103515245 + 12345;
            if ((seed >> 16) % 4 == 0 || count < 5)
                gone[n++] = plain[i];
            else
                plain[kept++] = plain[i];
        }
        gone[n++] = 1000000;
        view_remove(&view, gone, n);
        count = kept;
        assert_int_equal(view.count, count);
        for (uint32_t i = 0; i < count; i++) {
            assert_int_equal(view_uid(&view, i + 1), plain[i]);
            assert_int_equal(view_seq(&view, plain[i]), i + 1);
        }
    }
    vec_free(&view.runs);
}

static void sets_are_resolved(void **state UNUSED)
{
    static const uint32_t uids[] = {1, 2, 3, 7, 8, 20};
    static const struct {
        const char *set;
        bool uid, ok;
        const char *want; /* UIDs that are in view */
    } rows[] = {
        {"1:*", false, true, "1:3,7:8,20"}, {"2:4", false, true, "2:3,7"},
        {"*", false, true, "20"},           {"7", false, false, ""},
        {"1:7", false, false, ""},          {"6,1", false, true, "1,20"},
        {"1:*", true, true, "1:3,7:8,20"},  {"4:6", true, true, ""},
        {"8:100", true, true, "8,20"},      {"100:*", true, true, "20"},
        {"2,7", true, true, "2,7"},
    };
    struct view view = view_of(uids, COUNT(uids));
    struct str out;
    str_init(&out, 4096);
    for (size_t i = 0; i < COUNT(rows); i++) {
        imap_set given = {0}, resolved = {0}, there = {0};
        uid_list list = {0};
        assert_true(imap_set_parse(span_of(rows[i].set), &given));
        assert_int_equal(view_resolve(&view, &given, rows[i].uid, &resolved), rows[i].ok);
        if (rows[i].ok) {
            imap_set_resolve(&resolved, 0);
            view_expand(&view, &resolved, &list);
            vec_each (&list, uid)
                imap_set_add(&there, *uid);
            str_clear(&out);
            str_puts(&out, "");
            imap_set_write(&out, &there);
            assert_string_equal(out.len ? out.data : "", rows[i].want);
        }
        vec_free(&given);
        vec_free(&resolved);
        vec_free(&there);
        vec_free(&list);
    }
    str_free(&out);
    vec_free(&view.runs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_uids),
        cmocka_unit_test(removals_agree_with_a_plain_list),
        cmocka_unit_test(sets_are_resolved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
