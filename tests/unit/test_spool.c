/* Bytes too many for the heap. */
#include "tests/unit/unit.h"

#include "lib/base/spool.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGE = 3 << 20 };

static char pattern(size_t i)
{
    return (char)(i * 31 + i / 4096);
}

static void fill(struct spool *s, size_t n, size_t step)
{
    char *bytes = xmalloc(n);
    for (size_t i = 0; i < n; i++)
        bytes[i] = pattern(i);
    for (size_t at = 0; at < n; at += step)
        assert_true(spool_add(s, (struct span){bytes + at, n - at < step ? n - at : step}));
    xfree(&bytes);
}

static void check(struct span got, size_t n)
{
    assert_int_equal(got.n, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(got.p[i], pattern(i));
}

static void holds_what_was_added(void **state UNUSED)
{
    static const size_t sizes[] = {0, 1, SPOOL_SMALL, SPOOL_SMALL + 1, SPOOL_SMALL + SPOOL_STEP + 1, LARGE};
    static const size_t steps[] = {4097, SPOOL_STEP, LARGE};
    for (size_t i = 0; i < COUNT(sizes); i++)
        for (size_t j = 0; j < COUNT(steps); j++) {
            struct spool s;
            spool_init(&s, LARGE);
            fill(&s, sizes[i], steps[j]);
            check(spool_span(&s), sizes[i]);
            spool_passed(spool_span(&s));
            check(spool_span(&s), sizes[i]); /* passed is not lost */
            assert_false(s.overflow);
            spool_free(&s);
            spool_free(&s);
        }
}

static void takes_no_more_than_its_maximum(void **state UNUSED)
{
    struct spool s;
    spool_init(&s, 10);
    assert_true(spool_add(&s, SPAN_LIT("0123456789")));
    assert_false(spool_add(&s, SPAN_LIT("x")));
    assert_true(s.overflow);
    spool_clear(&s);
    assert_false(s.overflow);
    assert_true(spool_add(&s, SPAN_LIT("y")));
    assert_span(spool_span(&s), "y");
    spool_free(&s);
}

static void heap_and_stack_are_left_alone(void **state UNUSED)
{
    struct spool s;
    char *bytes = xmalloc(LARGE);
    memset(bytes, 'a', LARGE);
    spool_init(&s, LARGE);
    fill(&s, LARGE, LARGE);
    (void)spool_span(&s);
    spool_passed((struct span){bytes, LARGE});
    for (size_t i = 0; i < LARGE; i++)
        assert_int_equal(bytes[i], 'a');
    spool_free(&s);
    xfree(&bytes);
}

static void shares_whole_spools_sealed(void **state UNUSED)
{
    enum { SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };
    struct spool s;
    struct stat st;
    spool_init(&s, LARGE);
    fill(&s, LARGE, LARGE);
    struct span all = spool_span(&s);
    assert_int_equal(spool_share((struct span){all.p, all.n - 1}), -1);
    assert_int_equal(spool_share((struct span){all.p + 1, all.n - 1}), -1);
    assert_int_equal(spool_share(SPAN_LIT("x")), -1);
    int fd = spool_share(all);
    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_GET_SEALS) & SEALS, SEALS);
    spool_free(&s);
    assert_int_equal(fstat(fd, &st), 0); /* the other side's, as long as it wants it */
    assert_int_equal(st.st_size, LARGE);
    close(fd);
}

static void gives_its_descriptor_away(void **state UNUSED)
{
    struct spool s;
    char back[16] = "";
    spool_init(&s, 100);
    assert_true(spool_add(&s, SPAN_LIT("small")));
    int fd = spool_take(&s);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, back, sizeof(back), 0), 5);
    assert_string_equal(back, "small");
    assert_int_equal(write(fd, "x", 1), -1);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_what_was_added),          cmocka_unit_test(takes_no_more_than_its_maximum),
        cmocka_unit_test(heap_and_stack_are_left_alone), cmocka_unit_test(shares_whole_spools_sealed),
        cmocka_unit_test(gives_its_descriptor_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
