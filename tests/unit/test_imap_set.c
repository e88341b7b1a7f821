#include "tests/unit/unit.h"

#include "lib/proto/imap_date.h"
#include "lib/proto/imap_set.h"

static void sets_are_sorted_and_merged(void **state UNUSED)
{
    static const struct {
        const char *input;
        uint32_t star;
        const char *want; /* NULL: refused */
    } rows[] = {
        {"1", 9, "1"},         {"1,3,2", 9, "1:3"},     {"4:2", 9, "2:4"},
        {"*", 9, "9"},         {"*:4", 9, "4:9"},       {"12:*", 9, "9:12"},
        {"1:5,3:8", 9, "1:8"}, {"5,5,5", 9, "5"},       {"1:4294967295,7", 9, "1:9"},
        {"0", 9, NULL},        {"", 9, NULL},           {"1,", 9, NULL},
        {",1", 9, NULL},       {"1::2", 9, NULL},       {"1:2:3", 9, NULL},
        {"a", 9, NULL},        {"4294967296", 9, NULL}, {"1:", 9, NULL},
        {":1", 9, NULL},
    };
    struct str out;
    str_init(&out, 4096);
    for (size_t i = 0; i < COUNT(rows); i++) {
        imap_set set = {0};
        bool ok = imap_set_parse(span_of(rows[i].input), &set);
        if (ok != (rows[i].want != NULL))
            fail_msg("row %zu: %s", i, rows[i].input);
        if (ok) {
            imap_set_resolve(&set, rows[i].star);
            str_clear(&out);
            imap_set_write(&out, &set);
            if (i != 8) /* 4294967295 is "*" to us: the same messages */
                assert_str(&out, rows[i].want);
        }
        vec_free(&set);
    }
    str_free(&out);
}

static void membership_and_places(void **state UNUSED)
{
    imap_set set = {0};
    assert_true(imap_set_parse(SPAN_LIT("2:4,8,10:11"), &set));
    imap_set_resolve(&set, 20);
    for (uint32_t n = 0; n < 13; n++)
        assert_int_equal(imap_set_contains(&set, n), (n >= 2 && n <= 4) || n == 8 || n == 10 || n == 11);
    assert_int_equal(imap_set_count(&set), 6);
    assert_int_equal(imap_set_at(&set, 0), 2);
    assert_int_equal(imap_set_at(&set, 3), 8);
    assert_int_equal(imap_set_at(&set, 5), 11);
    assert_int_equal(imap_set_at(&set, 6), 0);
    vec_free(&set);
}

static void dates(void **state UNUSED)
{
    static const struct {
        const char *input;
        bool ok;
        int32_t days;
    } rows[] = {
        {"1-Jan-1970", true, 0},
        {"01-jan-1970", true, 0},
        {"31-Dec-1969", true, -1},
        {"29-Feb-2000", true, 11016},
        {"29-Feb-1900", false, 0},
        {"31-Apr-2020", false, 0},
        {"0-Jan-2020", false, 0},
        {"1-Foo-2020", false, 0},
        {"1-Jan-20", false, 0},
        {"1-Jan-2020 ", false, 0},
        {"", false, 0},
        {"001-Jan-2020", false, 0},
        {"20-Nov-2026", true, 20777},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int32_t days = 0;
        assert_int_equal(imap_date_parse(span_of(rows[i].input), &days), rows[i].ok);
        if (rows[i].ok)
            assert_int_equal(days, rows[i].days);
    }
}

static void date_times(void **state UNUSED)
{
    static const struct {
        const char *input;
        bool ok;
        int64_t seconds;
        const char *utc;
    } rows[] = {
        {"17-Jul-1996 02:44:25 -0700", true, 837596665, "17-Jul-1996 09:44:25 +0000"},
        {" 1-Jan-1970 01:00:00 +0100", true, 0, "01-Jan-1970 00:00:00 +0000"},
        {"01-Jan-1970 00:00:00 +0100", true, -3600, "31-Dec-1969 23:00:00 +0000"},
        {"17-Jul-1996 24:44:25 -0700", false, 0, NULL},
        {"17-Jul-1996 02:44:25", false, 0, NULL},
        {"17-Jul-1996 02:44:25 0700x", false, 0, NULL},
    };
    struct str out;
    str_init(&out, 64);
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t seconds = 0;
        assert_int_equal(imap_date_time_parse(span_of(rows[i].input), &seconds), rows[i].ok);
        if (!rows[i].ok)
            continue;
        assert_int_equal(seconds, rows[i].seconds);
        str_clear(&out);
        imap_date_time_write(&out, seconds);
        assert_str(&out, rows[i].utc);
    }
    str_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_are_sorted_and_merged),
        cmocka_unit_test(membership_and_places),
        cmocka_unit_test(dates),
        cmocka_unit_test(date_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
