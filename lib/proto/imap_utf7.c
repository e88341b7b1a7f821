/* Modified UTF-7. See imap_utf7.h. */
#include "lib/proto/imap_utf7.h"

#include "lib/base/text.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/* One UTF-16 unit; *high waits for its second half. */
static bool put_unit(struct str *out, uint32_t unit, uint32_t *high)
{
    if (*high) {
        if (unit < 0xdc00 || unit > 0xdfff)
            return false;
        uint32_t code_point = 0x10000 + ((*high - 0xd800) << 10) + (unit - 0xdc00);
        *high = 0;
        return utf8_put(out, code_point);
    }
    if (unit >= 0xd800 && unit <= 0xdbff) {
        *high = unit;
        return true;
    }
    if (unit >= 0xdc00 && unit <= 0xdfff)
        return false;
    return (unit < 0x20 || unit > 0x7e) && utf8_put(out, unit); /* what ASCII can say must be said in ASCII */
}

/* What stands between '&' and '-'. */
static bool decode_shifted(struct str *out, struct span base64)
{
    uint32_t bits = 0, high = 0;
    unsigned held = 0;
    for (size_t i = 0; i < base64.n; i++) {
        int value = base64_value(base64.p[i], alphabet + 62);
        if (value < 0)
            return false;
        bits = (bits << 6) | (uint32_t)value;
        held += 6;
        if (held < 16)
            continue;
        held -= 16;
        if (!put_unit(out, (bits >> held) & 0xffff, &high))
            return false;
        bits &= (1u << held) - 1;
    }
    return !high && held < 6 && bits == 0;
}

bool imap_utf7_decode(struct str *out, struct span wire)
{
    bool after_shift = false;
    for (size_t i = 0; i < wire.n; i++) {
        unsigned char c = (unsigned char)wire.p[i];
        if (c < 0x20 || c > 0x7e)
            return false;
        if (c != '&') {
            if (!str_putc(out, (char)c))
                return false;
            after_shift = false;
            continue;
        }
        size_t begin = ++i;
        while (i < wire.n && wire.p[i] != '-')
            i++;
        if (i == wire.n)
            return false;
        if (i == begin) {
            if (!str_putc(out, '&'))
                return false;
            after_shift = false;
            continue;
        }
        if (after_shift || !decode_shifted(out, (struct span){wire.p + begin, i - begin}))
            return false; /* "&AOk-&AOk-" is one shift too many (RFC 3501 5.1.3) */
        after_shift = true;
    }
    return !out->overflow;
}

struct shift {
    uint32_t bits;
    unsigned held;
    bool open;
};

static void shift_unit(struct str *out, struct shift *shift, uint32_t unit)
{
    if (!shift->open)
        str_putc(out, '&');
    shift->open = true;
    shift->bits = (shift->bits << 16) | unit;
    shift->held += 16;
    while (shift->held >= 6) {
        shift->held -= 6;
        str_putc(out, alphabet[(shift->bits >> shift->held) & 63]);
    }
    shift->bits &= (1u << shift->held) - 1;
}

static void shift_close(struct str *out, struct shift *shift)
{
    if (!shift->open)
        return;
    if (shift->held > 0)
        str_putc(out, alphabet[(shift->bits << (6 - shift->held)) & 63]);
    str_putc(out, '-');
    *shift = (struct shift){0};
}

bool imap_utf7_encode(struct str *out, struct span utf8)
{
    struct shift shift = {0};
    uint32_t c;
    while (utf8.n > 0) {
        if (!utf8_next(&utf8, &c))
            return false;
        if (c >= 0x20 && c <= 0x7e) {
            shift_close(out, &shift);
            str_putc(out, (char)c);
            if (c == '&')
                str_putc(out, '-');
        } else if (c >= 0x10000) {
            shift_unit(out, &shift, 0xd800 + ((c - 0x10000) >> 10));
            shift_unit(out, &shift, 0xdc00 + ((c - 0x10000) & 0x3ff));
        } else {
            shift_unit(out, &shift, c);
        }
    }
    shift_close(out, &shift);
    return !out->overflow;
}
