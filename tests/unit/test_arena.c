#include "tests/unit/unit.h"

#include "lib/base/arena.h"

static void hands_out_zeroed_aligned_memory(void **state UNUSED)
{
    struct arena *a = arena_new(0);
    for (size_t n = 0; n < 5000; n += 37) {
        unsigned char *p = arena_alloc(a, n);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xff, n);
    }
    arena_reset(a);
    assert_int_equal(arena_used(a), 0);
    unsigned char *again = arena_alloc(a, 64);
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(again[i], 0);
    arena_destroy(&a);
    assert_null(a);
    arena_destroy(&a);
}

static void keeps_its_limit(void **state UNUSED)
{
    struct arena *a = arena_new(1024);
    assert_non_null(arena_alloc(a, 1000));
    assert_null(arena_alloc(a, 1000));
    assert_null(arena_alloc(a, SIZE_MAX));
    assert_null(arena_strndup(a, "x", SIZE_MAX));
    assert_non_null(arena_alloc(a, 10));
    arena_reset(a);
    assert_non_null(arena_alloc(a, 1024));
    assert_null(arena_alloc(a, 1));
    assert_null(arena_strdup(a, "no room"));
    assert_null(arena_printf(a, "%d", 1));
    arena_destroy(&a);
}

static void copies_text(void **state UNUSED)
{
    struct arena *a = arena_new(0);
    char *s = arena_printf(a, "%s/%d", "INBOX", 7);
    assert_string_equal(s, "INBOX/7");
    struct span copy = arena_span(a, SPAN_LIT("a\0b"));
    assert_int_equal(copy.n, 3);
    assert_memory_equal(copy.p, "a\0b\0", 4);
    assert_string_equal(arena_strndup(a, "abcdef", 3), "abc");
    arena_destroy(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hands_out_zeroed_aligned_memory),
        cmocka_unit_test(keeps_its_limit),
        cmocka_unit_test(copies_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
