#include "lib/base/num.h"

bool num_u64(struct span text, uint64_t max, uint64_t *out)
{
    if (text.n == 0)
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text.p[i] - '0'), &value))
            return false;
    }
    if (value > max)
        return false;
    *out = value;
    return true;
}

bool num_u32(struct span text, uint32_t max, uint32_t *out)
{
    uint64_t value;
    if (!num_u64(text, max, &value))
        return false;
    *out = (uint32_t)value;
    return true;
}

bool num_i64(struct span text, int64_t *out)
{
    bool negative = text.n && text.p[0] == '-';
    if (negative)
        text.p++, text.n--;
    uint64_t value;
    if (!num_u64(text, (uint64_t)INT64_MAX + (negative ? 1 : 0), &value))
        return false;
    *out = negative ? (int64_t)(~value + 1) : (int64_t)value;
    return true;
}

struct unit {
    char letter;
    uint64_t factor;
};

static bool with_unit(struct span text, const struct unit *units, size_t count, uint64_t *out)
{
    uint64_t factor = 1;
    for (size_t i = 0; i < count && text.n; i++)
        if (text.p[text.n - 1] == units[i].letter) {
            factor = units[i].factor;
            text.n--;
            break;
        }
    uint64_t value;
    return num_u64(text, UINT64_MAX, &value) && !__builtin_mul_overflow(value, factor, out);
}

bool num_size(struct span text, uint64_t *bytes)
{
    static const struct unit units[] = {{'K', 1u << 10}, {'M', 1u << 20}, {'G', 1u << 30}};
    return with_unit(text, units, COUNT(units), bytes);
}

bool num_duration(struct span text, uint64_t *seconds)
{
    static const struct unit units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    return with_unit(text, units, COUNT(units), seconds);
}

bool size_add(size_t a, size_t b, size_t *sum)
{
    return !__builtin_add_overflow(a, b, sum);
}

bool size_mul(size_t a, size_t b, size_t *product)
{
    return !__builtin_mul_overflow(a, b, product);
}
