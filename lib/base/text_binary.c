/* Bytes as text: base64 (RFC 4648 4), base64url without padding (RFC 4648 5, RFC 7515 2) and hex. Decoding is strict: one
 * text for one value, so that two spellings never name one thing.
 */
#include "lib/base/text.h"

static const char alphabet_standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char alphabet_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static bool encode(struct str *out, struct span in, const char *alphabet, bool padded)
{
    size_t length;
    if (__builtin_mul_overflow(in.n / 3 + 1, (size_t)4, &length) || !str_reserve(out, in.n ? (in.n + 2) / 3 * 4 : 0))
        return false;
    const uint8_t *p = (const uint8_t *)in.p;
    char *to = out->data + out->len, *start = to;
    size_t n = in.n;
    for (; n >= 3; n -= 3, p += 3) {
        *to++ = alphabet[p[0] >> 2];
        *to++ = alphabet[(p[0] & 3) << 4 | p[1] >> 4];
        *to++ = alphabet[(p[1] & 15) << 2 | p[2] >> 6];
        *to++ = alphabet[p[2] & 63];
    }
    if (n) {
        uint8_t second = n == 2 ? p[1] : 0;
        *to++ = alphabet[p[0] >> 2];
        *to++ = alphabet[(p[0] & 3) << 4 | second >> 4];
        if (n == 2)
            *to++ = alphabet[(second & 15) << 2];
        else if (padded)
            *to++ = '=';
        if (padded)
            *to++ = '=';
    }
    if (to == start)
        return true;
    out->len += (size_t)(to - start);
    *to = '\0';
    return true;
}

int base64_value(char c, const char last[2])
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == last[0] ? 62 : c == last[1] ? 63 : -1;
}

/* The last group: 2 or 3 letters whose unused bits are zero (RFC 4648 3.5). */
static bool decode_tail(struct str *out, const char *p, size_t n, const char *alphabet)
{
    int a = base64_value(p[0], alphabet + 62), b = n > 1 ? base64_value(p[1], alphabet + 62) : -1;
    int c = n > 2 ? base64_value(p[2], alphabet + 62) : 0;
    if (a < 0 || b < 0 || c < 0 || (n == 2 && (b & 15)) || (n == 3 && (c & 3)))
        return false;
    uint8_t bytes[2] = {(uint8_t)(a << 2 | b >> 4), (uint8_t)((b & 15) << 4 | c >> 2)};
    return str_add(out, bytes, n - 1);
}

static bool decode(struct str *out, struct span in, const char *alphabet)
{
    size_t before = out->len;
    if (!str_reserve(out, in.n / 4 * 3 + 2))
        return false;
    for (; in.n >= 4; in.p += 4, in.n -= 4) {
        int v[4];
        for (size_t i = 0; i < 4; i++)
            v[i] = base64_value(in.p[i], alphabet + 62);
        if (v[0] < 0 || v[1] < 0 || v[2] < 0 || v[3] < 0) {
            str_truncate(out, before);
            return false;
        }
        char *to = out->data + out->len;
        to[0] = (char)(uint8_t)(v[0] << 2 | v[1] >> 4);
        to[1] = (char)(uint8_t)((v[1] & 15) << 4 | v[2] >> 2);
        to[2] = (char)(uint8_t)((v[2] & 3) << 6 | v[3]);
        out->len += 3;
        to[3] = '\0';
    }
    if (in.n && !decode_tail(out, in.p, in.n, alphabet)) {
        str_truncate(out, before);
        return false;
    }
    return true;
}

bool base64_encode(struct str *out, struct span in)
{
    return encode(out, in, alphabet_standard, true);
}

bool base64_decode(struct str *out, struct span in)
{
    if (in.n % 4)
        return false;
    for (int i = 0; i < 2 && in.n && in.p[in.n - 1] == '='; i++)
        in.n--;
    return in.n % 4 != 1 && decode(out, in, alphabet_standard);
}

bool base64url_encode(struct str *out, struct span in)
{
    return encode(out, in, alphabet_url, false);
}

bool base64url_decode(struct str *out, struct span in)
{
    return in.n % 4 != 1 && decode(out, in, alphabet_url);
}

bool hex_encode(struct str *out, struct span in)
{
    static const char digits[] = "0123456789abcdef";
    if (in.n > SIZE_MAX / 4 || !str_reserve(out, in.n * 2))
        return false;
    for (size_t i = 0; i < in.n; i++) {
        uint8_t b = (uint8_t)in.p[i];
        char pair[2] = {digits[b >> 4], digits[b & 15]};
        str_add(out, pair, 2);
    }
    return true;
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool hex_decode(struct str *out, struct span in)
{
    if (in.n % 2)
        return false;
    for (size_t i = 0; i < in.n; i++)
        if (hex_value(in.p[i]) < 0)
            return false;
    if (!str_reserve(out, in.n / 2))
        return false;
    for (size_t i = 0; i < in.n; i += 2)
        str_putc(out, (char)(uint8_t)(hex_value(in.p[i]) << 4 | hex_value(in.p[i + 1])));
    return true;
}

void percent_encode(struct str *out, struct span in)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < in.n; i++) {
        uint8_t c = (uint8_t)in.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                     c == '.' || c == '_' || c == '~';
        if (plain) {
            str_putc(out, (char)c);
        } else {
            str_putc(out, '%');
            str_putc(out, digits[c >> 4]);
            str_putc(out, digits[c & 15]);
        }
    }
}
