#include "tests/unit/unit.h"

#include "lib/base/num.h"

static void reads_numbers_strictly(void **state UNUSED)
{
    static const struct {
        const char *input;
        uint64_t max, want;
        bool ok;
    } table[] = {
        {"0", 10, 0, true},
        {"007", 10, 7, true},
        {"18446744073709551615", UINT64_MAX, UINT64_MAX, true},
        {"18446744073709551616", UINT64_MAX, 0, false},
        {"99999999999999999999999", UINT64_MAX, 0, false},
        {"11", 10, 0, false},
        {"", 10, 0, false},
        {"-1", 10, 0, false},
        {"+1", 10, 0, false},
        {" 1", 10, 0, false},
        {"1 ", 10, 0, false},
        {"0x1", 10, 0, false},
        {"1e3", 9999, 0, false},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        uint64_t got = 0;
        assert_int_equal(num_u64(span_of(table[i].input), table[i].max, &got), table[i].ok);
        if (table[i].ok)
            assert_true(got == table[i].want);
    }
    uint32_t small;
    assert_true(num_u32(SPAN_LIT("4294967295"), UINT32_MAX, &small));
    assert_int_equal(small, UINT32_MAX);
    assert_false(num_u32(SPAN_LIT("4294967296"), UINT32_MAX, &small));
}

static void reads_signed_numbers(void **state UNUSED)
{
    static const struct {
        const char *input;
        int64_t want;
        bool ok;
    } table[] = {
        {"-1", -1, true},
        {"9223372036854775807", INT64_MAX, true},
        {"-9223372036854775808", INT64_MIN, true},
        {"9223372036854775808", 0, false},
        {"-9223372036854775809", 0, false},
        {"--1", 0, false},
        {"-", 0, false},
        {"", 0, false},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        int64_t got = 0;
        assert_int_equal(num_i64(span_of(table[i].input), &got), table[i].ok);
        if (table[i].ok)
            assert_true(got == table[i].want);
    }
}

static void reads_sizes_and_durations(void **state UNUSED)
{
    static const struct {
        bool (*read)(struct span, uint64_t *);
        const char *input;
        uint64_t want;
        bool ok;
    } table[] = {
        {num_size, "512", 512, true},
        {num_size, "64K", 65536, true},
        {num_size, "36M", 36u << 20, true},
        {num_size, "2G", 2ull << 30, true},
        {num_size, "64k", 0, false},
        {num_size, "K", 0, false},
        {num_size, "18014398509481984K", 0, false},
        {num_duration, "30", 30, true},
        {num_duration, "30s", 30, true},
        {num_duration, "15m", 900, true},
        {num_duration, "10h", 36000, true},
        {num_duration, "5d", 432000, true},
        {num_duration, "1w", 0, false},
        {num_duration, "", 0, false},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        uint64_t got = 0;
        assert_int_equal(table[i].read(span_of(table[i].input), &got), table[i].ok);
        if (table[i].ok)
            assert_true(got == table[i].want);
    }
}

static void says_when_arithmetic_does_not_fit(void **state UNUSED)
{
    size_t n;
    assert_true(size_add(1, 2, &n));
    assert_int_equal(n, 3);
    assert_false(size_add(SIZE_MAX, 1, &n));
    assert_true(size_mul(7, 6, &n));
    assert_int_equal(n, 42);
    assert_false(size_mul(SIZE_MAX / 2, 3, &n));
}

static void big_endian_fields_come_back(void **state UNUSED)
{
    uint8_t b[8];
    put_u64(b, 0x0102030405060708u);
    for (uint8_t i = 0; i < 8; i++)
        assert_int_equal(b[i], i + 1);
    assert_true(get_u64(b) == 0x0102030405060708u);
    put_u64(b, UINT64_MAX - 1);
    assert_true(get_u64(b) == UINT64_MAX - 1);
    put_u32(b, 0xfffefdfcu);
    assert_true(get_u32(b) == 0xfffefdfcu);
    put_u16(b, 0xfffe);
    assert_int_equal(get_u16(b), 0xfffe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_numbers_strictly),      cmocka_unit_test(reads_signed_numbers),
        cmocka_unit_test(reads_sizes_and_durations),   cmocka_unit_test(says_when_arithmetic_does_not_fit),
        cmocka_unit_test(big_endian_fields_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
