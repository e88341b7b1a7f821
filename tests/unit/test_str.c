#include "tests/unit/unit.h"

#include "lib/base/vec.h"

static void appends_up_to_its_maximum_and_no_further(void **state UNUSED)
{
    struct str s;
    str_init(&s, 10);
    assert_string_equal(s.data, "");
    assert_true(str_puts(&s, "0123456789"));
    assert_false(str_putc(&s, 'x'));
    assert_true(s.overflow);
    assert_str(&s, "0123456789");
    assert_false(str_add(&s, "", 0)); /* overflow stays until it is cleared */
    str_clear(&s);
    assert_true(str_addf(&s, "%s-%d", "abc", 12));
    assert_str(&s, "abc-12");
    assert_false(str_addf(&s, "%0300d", 1));
    assert_str(&s, "abc-12");
    str_free(&s);
}

static void grows_over_long_formats(void **state UNUSED)
{
    struct str s;
    str_init(&s, 10000);
    for (int i = 0; i < 20; i++)
        assert_true(str_addf(&s, "%0400d", i));
    assert_int_equal(s.len, 8000);
    assert_memory_equal(s.data + 7990, "0000000019", 11);
    str_free(&s);
}

static void drops_truncates_and_gives_away(void **state UNUSED)
{
    struct str s;
    str_init(&s, 100);
    str_truncate(&s, 0);
    str_puts(&s, "hello world");
    str_drop_front(&s, 6);
    assert_str(&s, "world");
    str_truncate(&s, 3);
    assert_str(&s, "wor");
    char *mine = str_steal(&s);
    assert_string_equal(mine, "wor");
    assert_int_equal(s.len, 0);
    assert_true(str_puts(&s, "again"));
    xfree(&mine);
    assert_null(mine);
    str_wipe(&s);
    mine = str_steal(&s);
    assert_string_equal(mine, "");
    xfree(&mine);
}

/* What growing left behind is read where it stood: the allocator keeps a small freed block as it is, but for the links it
 * writes into its first words. */
static void a_secret_leaves_nothing_where_it_stood(void **state UNUSED)
{
    struct str s;
    static const char secret[] = "0123456789abcdef0123456789abcdef-the-key";
    str_init_secret(&s, 4096);
    str_puts(&s, secret);
    const volatile char *before = s.data;
    size_t capacity = s.capacity;
    assert_true(capacity < 4096);
    str_reserve(&s, capacity);
    assert_ptr_not_equal(s.data, before); /* never grown in place: the old block is ours to wipe */
    assert_str(&s, secret);
#if !defined(__SANITIZE_ADDRESS__)
    for (size_t i = 16; i < capacity; i++)
        assert_int_equal(before[i], 0);
#endif
    before = s.data;
    capacity = s.capacity;
    str_free(&s);
#if !defined(__SANITIZE_ADDRESS__)
    for (size_t i = 16; i < capacity; i++)
        assert_int_equal(before[i], 0);
#endif
    assert_true(s.secret); /* what it takes next is one as well */
    assert_true(str_addf(&s, "%0300d", 7));
    char *mine = str_steal(&s);
    assert_true(s.secret);
    xfree(&mine);
}

static void spans_are_compared_and_cut(void **state UNUSED)
{
    assert_true(span_eq_nocase(SPAN_LIT("MAIL from"), SPAN_LIT("mail FROM")));
    assert_false(span_eq_nocase(SPAN_LIT("@"), SPAN_LIT("`"))); /* 0x40 and 0x60 are no letters */
    assert_true(span_is(SPAN_NONE, ""));
    assert_true(span_starts_nocase(SPAN_LIT("STARTTLS"), "start"));
    assert_false(span_starts_nocase(SPAN_LIT("ST"), "start"));
    assert_span(span_trim(SPAN_LIT(" \t a b \r\n")), "a b");
    assert_span(span_trim(SPAN_LIT(" \r\n")), "");
    assert_int_equal(span_find(SPAN_LIT("abcabd"), SPAN_LIT("abd")), 3);
    assert_int_equal(span_find(SPAN_LIT("ab"), SPAN_LIT("abd")), -1);
    struct span rest = SPAN_LIT("a,,b,"), head;
    static const char *const want[] = {"a", "", "b"};
    for (size_t i = 0; i < COUNT(want); i++) {
        assert_true(span_cut(&rest, ',', &head));
        assert_span(head, want[i]);
    }
    assert_false(span_cut(&rest, ',', &head));
}

static void vectors_grow(void **state UNUSED)
{
    VEC(int) v = {0};
    for (int i = 0; i < 1000; i++)
        vec_push(&v, i);
    assert_int_equal(v.len, 1000);
    int sum = 0;
    vec_each (&v, it)
        sum += *it;
    assert_int_equal(sum, 499500);
    vec_free(&v);
    assert_null(v.items);
    vec_each (&v, it)
        fail();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_up_to_its_maximum_and_no_further),
        cmocka_unit_test(grows_over_long_formats),
        cmocka_unit_test(drops_truncates_and_gives_away),
        cmocka_unit_test(a_secret_leaves_nothing_where_it_stood),
        cmocka_unit_test(spans_are_compared_and_cut),
        cmocka_unit_test(vectors_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
