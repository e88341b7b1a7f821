#include "lib/base/text.h"

#include <string.h>

/* RFC 3629 4: the table of well-formed sequences. Gives the length, 0 when what stands there is none of them. */
static size_t utf8_decode(struct span s, uint32_t *code_point)
{
    const uint8_t *p = (const uint8_t *)s.p;
    if (s.n == 0)
        return 0;
    if (p[0] < 0x80) {
        *code_point = p[0];
        return 1;
    }
    size_t length = p[0] >= 0xc2 && p[0] <= 0xdf   ? 2
                    : p[0] >= 0xe0 && p[0] <= 0xef ? 3
                    : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4
                                                   : 0;
    if (length == 0 || s.n < length)
        return 0;
    uint32_t value = p[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (p[i] & 0x3fu);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *code_point = value;
    return length;
}

bool utf8_next(struct span *rest, uint32_t *code_point)
{
    size_t n = utf8_decode(*rest, code_point);
    if (n == 0)
        return false;
    rest->p += n;
    rest->n -= n;
    return true;
}

/* Bytes of ASCII at the front, eight at a time: most of most texts. */
static size_t ascii_run(struct span s)
{
    size_t n = 0;
    uint64_t eight;
    while (s.n - n >= sizeof eight) {
        memcpy(&eight, s.p + n, sizeof eight);
        eight &= UINT64_C(0x8080808080808080);
        if (eight)
            return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? n + (size_t)__builtin_ctzll(eight) / 8 : n;
        n += sizeof eight;
    }
    return n;
}

/* "é" and its like, the usual exception in a French text. */
static bool two_bytes(struct span s)
{
    const uint8_t *p = (const uint8_t *)s.p;
    return s.n >= 2 && p[0] >= 0xc2 && p[0] <= 0xdf && (p[1] & 0xc0) == 0x80;
}

bool utf8_valid(struct span s)
{
    uint32_t c;
    while (s.n) {
        size_t plain = ascii_run(s);
        s.p += plain;
        s.n -= plain;
        if (two_bytes(s))
            s = (struct span){s.p + 2, s.n - 2};
        else if (s.n && !utf8_next(&s, &c))
            return false;
    }
    return true;
}

bool ascii_printable(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 0x20 || s.p[i] > 0x7e)
            return false;
    return true;
}

bool utf8_put(struct str *out, uint32_t c)
{
    uint8_t b[4];
    if (c < 0x80)
        return str_putc(out, (char)c);
    if (c < 0x800) {
        b[0] = (uint8_t)(0xc0 | c >> 6);
        b[1] = (uint8_t)(0x80 | (c & 0x3f));
        return str_add(out, b, 2);
    }
    if (c >= 0xd800 && (c <= 0xdfff || c > 0x10ffff))
        c = 0xfffd;
    if (c < 0x10000) {
        b[0] = (uint8_t)(0xe0 | c >> 12);
        b[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        b[2] = (uint8_t)(0x80 | (c & 0x3f));
        return str_add(out, b, 3);
    }
    b[0] = (uint8_t)(0xf0 | c >> 18);
    b[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
    b[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    b[3] = (uint8_t)(0x80 | (c & 0x3f));
    return str_add(out, b, 4);
}

/* Controls (C0, C1, DEL) and what turns the direction of a line (bidirectional marks, overrides, isolates), line and
 * paragraph separators, and the byte order mark: none of them has a place in one line that a person reads. */
static bool is_unfit_for_a_line(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x61c || (c >= 0x200e && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

void text_sanitize(struct str *out, struct span in)
{
    while (in.n) {
        uint32_t c;
        if (!utf8_next(&in, &c)) {
            c = 0xfffd;
            in.p++, in.n--;
        }
        utf8_put(out, is_unfit_for_a_line(c) ? 0xfffd : c);
    }
}
