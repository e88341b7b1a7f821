#include "lib/proto/der.h"

#include "lib/base/text.h"

#include <stdio.h>

/* X.690 8.1.3 and 10.1: the shortest form only; more than 16 MiB is nobody's name. */
static bool take_length(struct span *rest, size_t *length)
{
    if (rest->n == 0)
        return false;
    uint8_t first = (uint8_t)rest->p[0];
    rest->p++, rest->n--;
    if (first < 0x80) {
        *length = first;
        return true;
    }
    size_t bytes = first & 0x7f;
    if (bytes == 0 || bytes > 3 || bytes > rest->n)
        return false;
    size_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | (uint8_t)rest->p[i];
    if (value < 0x80 || value >> (8 * (bytes - 1)) == 0)
        return false;
    rest->p += bytes, rest->n -= bytes;
    *length = value;
    return true;
}

bool der_next(struct span *rest, struct der_element *out)
{
    struct span at = *rest;
    if (at.n < 2 || ((uint8_t)at.p[0] & 0x1f) == 0x1f)
        return false;
    out->tag = (uint8_t)at.p[0];
    at.p++, at.n--;
    size_t length;
    if (!take_length(&at, &length) || length > at.n)
        return false;
    out->content = (struct span){at.p, length};
    out->whole = (struct span){rest->p, (size_t)(at.p + length - rest->p)};
    rest->n -= out->whole.n;
    rest->p += out->whole.n;
    return true;
}

bool der_next_is(struct span *rest, enum der_tag tag, struct der_element *out)
{
    struct span before = *rest;
    if (der_next(rest, out) && out->tag == tag)
        return true;
    *rest = before;
    return false;
}

bool der_oid(char *out, size_t size, struct span content)
{
    uint64_t arc = 0;
    size_t used = 0;
    bool first = true;
    if (content.n == 0 || (uint8_t)content.p[content.n - 1] & 0x80)
        return false;
    for (size_t i = 0; i < content.n; i++) {
        uint8_t byte = (uint8_t)content.p[i];
        if (arc > UINT64_MAX >> 8 || (arc == 0 && byte == 0x80))
            return false;
        arc = arc << 7 | (byte & 0x7f);
        if (byte & 0x80)
            continue;
        uint64_t top = arc < 80 ? arc / 40 : 2;
        int n = first ? snprintf(out, size, "%llu.%llu", (unsigned long long)top, (unsigned long long)(arc - 40 * top))
                      : snprintf(out + used, size - used, ".%llu", (unsigned long long)arc);
        if (n < 0 || (size_t)n >= size - used)
            return false;
        used += (size_t)n;
        first = false;
        arc = 0;
    }
    return true;
}

/* Fixed-width code units of BMPString (2) and UniversalString (4). A surrogate is no character of BMPString. */
static bool add_wide(struct str *out, struct span in, size_t width)
{
    if (in.n % width)
        return false;
    for (size_t i = 0; i < in.n; i += width) {
        uint32_t code = 0;
        for (size_t k = 0; k < width; k++)
            code = code << 8 | (uint8_t)in.p[i + k];
        if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) || !utf8_put(out, code))
            return false;
    }
    return true;
}

/* TeletexString is read as Latin-1, as everybody writes it (RFC 5280 4.1.2.4 keeps it for old subjects only). */
static bool add_latin1(struct str *out, struct span in, uint8_t most)
{
    for (size_t i = 0; i < in.n; i++) {
        uint8_t byte = (uint8_t)in.p[i];
        if (byte == 0 || byte > most || !utf8_put(out, byte))
            return false;
    }
    return true;
}

bool der_text(struct str *out, const struct der_element *element)
{
    struct span in = element->content;
    switch (element->tag) {
    case DER_UTF8_STRING:
        for (size_t i = 0; i < in.n; i++)
            if (in.p[i] == 0)
                return false;
        return utf8_valid(in) && str_add_span(out, in);
    case DER_NUMERIC_STRING:
    case DER_PRINTABLE_STRING:
    case DER_IA5_STRING:
    case DER_VISIBLE_STRING:
        return add_latin1(out, in, 0x7f);
    case DER_TELETEX_STRING:
        return add_latin1(out, in, 0xff);
    case DER_BMP_STRING:
        return add_wide(out, in, 2);
    case DER_UNIVERSAL_STRING:
        return add_wide(out, in, 4);
    default:
        return false;
    }
}
