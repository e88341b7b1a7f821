#include "tests/unit/unit.h"

#include "webmail-cgi/pace.h"

#include <stdio.h>

static void counts_each_minute_anew(void **state UNUSED)
{
    struct pace *p = pace_new();
    for (unsigned i = 0; i < 10; i++)
        assert_true(pace_allows(p, SPAN_LIT("192.0.2.7"), 10, 60000 + i));
    assert_false(pace_allows(p, SPAN_LIT("192.0.2.7"), 10, 119999));
    assert_true(pace_allows(p, SPAN_LIT("192.0.2.7"), 0, 119999)); /* no limit */
    assert_true(pace_allows(p, SPAN_LIT("192.0.2.7"), 10, 120000));
    pace_destroy(&p);
    assert_null(p);
}

/* Many come by: some share a place, most have their own; the table does not grow. */
static void keeps_people_apart(void **state UNUSED)
{
    struct pace *p = pace_new();
    unsigned refused = 0;
    for (unsigned i = 0; i < 400; i++) {
        char who[32];
        snprintf(who, sizeof(who), "192.0.2.%u", i);
        refused += !pace_allows(p, span_of(who), 1, 60000);
    }
    assert_true(refused < 40);
    assert_false(pace_allows(p, SPAN_LIT("192.0.2.1"), 1, 60001));
    pace_destroy(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_each_minute_anew), cmocka_unit_test(keeps_people_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
