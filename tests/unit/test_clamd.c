/* What clamd's configuration says of how much it reads of a message. */
#include "tests/unit/unit.h"

#include "lib/base/clamd.h"

static void limits_below_ours_are_named(void **state UNUSED)
{
    static const struct {
        const char *text, *want; /* NULL: all of it is read */
    } rows[] = {
        {"", NULL}, /* clamd's own defaults are wide enough */
        {"StreamMaxLength 64M\nMaxFileSize 64M\nMaxScanSize 256M\n", NULL},
        {"StreamMaxLength 25M\n", "StreamMaxLength"},
        {"StreamMaxLength\t25M\n", "StreamMaxLength"},
        {"#StreamMaxLength 25M\nStreamMaxLengthX 1\n", NULL},
        {"StreamMaxLength 64M\nMaxFileSize 10485760\n", "MaxFileSize"},
        {"MaxScanSize 1M\r\nMaxFileSize 64M", "MaxScanSize"},
        {"StreamMaxLength 0\nMaxFileSize 0\nMaxScanSize 0\n", NULL}, /* 0: no limit */
        {"StreamMaxLength many\n", NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t value;
        const char *name = clamd_limit_below(span_of(rows[i].text), 36 << 20, &value);
        if (rows[i].want)
            assert_string_equal(name, rows[i].want);
        else
            assert_null(name);
    }
}

static void values_are_found_by_their_whole_name(void **state UNUSED)
{
    char value[256];
    struct span text = SPAN_LIT("TemporaryDirectoryX /a\nTemporaryDirectory /run/clamd \n");
    assert_true(clamd_value(text, "TemporaryDirectory", value));
    assert_string_equal(value, "/run/clamd");
    assert_false(clamd_value(text, "Temporary", value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_below_ours_are_named),
        cmocka_unit_test(values_are_found_by_their_whole_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
