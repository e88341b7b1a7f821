#include "tests/unit/unit.h"

#include "lib/proto/address_patient.h"

#include <stdio.h>

static void keys_are_checked(void **state UNUSED)
{
    static const struct {
        const char *input;
        bool want;
    } rows[] = {
        {"199209900000100", false}, {"", false},
        {"19920990000014", false},  {"1992099000001490", false},
        {"3992099000001 0", false}, {"19920C900000149", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(patient_local_part_valid(span_of(rows[i].input)), rows[i].want);
}

/* Synthetic numbers only: month 20 and more, department 99 or Corsica's with the same month. */
static void every_right_key_and_no_other_passes(void **state UNUSED)
{
    static const struct {
        const char *thirteen;
        uint64_t worth;
    } rows[] = {{"1992099000001", 1992099000001},
                {"2852099123456", 2852099123456},
                {"185202A123456", 1852019123456},
                {"285202B123456", 2852018123456}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        unsigned right = 0;
        for (unsigned key = 0; key < 100; key++) {
            char text[24];
            snprintf(text, sizeof(text), "%s%02u", rows[i].thirteen, key);
            if (!patient_local_part_valid(span_of(text)))
                continue;
            assert_int_equal(key, 97 - rows[i].worth % 97);
            right++;
        }
        assert_int_equal(right, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_checked),
        cmocka_unit_test(every_right_key_and_no_other_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
