/* RFC 4514 strings, as the whitelist writes them: "CN=a\, b,OU=3…,O=x,ST=Paris (75),C=FR", most specific first. Read more
 * widely than written: spaces around separators, RFC 2253's quotes and ';', "OID." before a dotted type. */
#include "lib/proto/dn.h"

#include "lib/base/text.h"
#include "lib/proto/dn_parts.h"

#include <string.h>

static void skip_spaces(struct span *in)
{
    while (in->n && (*in->p == ' ' || *in->p == '\t' || *in->p == '\n' || *in->p == '\r'))
        in->p++, in->n--;
}

static bool is_separator(char c)
{
    return c == ',' || c == ';' || c == '+';
}

static bool is_dotted(struct span s)
{
    bool digit = false, dot = false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '.' && digit) {
            digit = false;
            dot = true;
        } else if (s.p[i] >= '0' && s.p[i] <= '9') {
            digit = true;
        } else {
            return false;
        }
    }
    return digit && dot;
}

static bool take_type(struct span *in, char *oid, size_t size, struct str *error)
{
    struct span type = {in->p, 0};
    while (type.n < in->n && in->p[type.n] != '=')
        type.n++;
    if (type.n == in->n)
        return dn_fail(error, "an attribute without '='");
    in->p += type.n + 1, in->n -= type.n + 1;
    type = span_trim(type);
    if (span_starts_nocase(type, "OID."))
        type.p += 4, type.n -= 4;
    const char *known = dn_oid_of(type);
    if (known)
        type = span_of(known);
    else if (!is_dotted(type))
        return dn_fail(error, "an attribute type that is neither known nor dotted");
    if (type.n >= size)
        return dn_fail(error, "an attribute type that is too long");
    memcpy(oid, type.p, type.n);
    oid[type.n] = 0;
    return true;
}

/* RFC 4514 3 "pair": a backslash, then a special character or two hex digits of one byte. */
static bool take_pair(struct span *in, struct str *value)
{
    if (in->n && strchr(" \"#+,;<=>\\", in->p[0]) && in->p[0]) {
        str_putc(value, in->p[0]);
        in->p++, in->n--;
        return true;
    }
    if (in->n < 2 || !hex_decode(value, (struct span){in->p, 2}))
        return false;
    in->p += 2, in->n -= 2;
    return true;
}

static bool take_quoted(struct span *in, struct str *value)
{
    in->p++, in->n--;
    while (in->n && in->p[0] != '"') {
        char c = in->p[0];
        in->p++, in->n--;
        if (c == '\\' ? !take_pair(in, value) : !str_putc(value, c))
            return false;
    }
    if (in->n == 0)
        return false;
    in->p++, in->n--;
    skip_spaces(in);
    return true;
}

/* Spaces that were not escaped are not part of the value's end. */
static bool take_plain(struct span *in, struct str *value)
{
    size_t keep = 0;
    while (in->n && !is_separator(in->p[0])) {
        char c = in->p[0];
        in->p++, in->n--;
        if (c == 0 || c == '"')
            return false;
        if (c == '\\' ? !take_pair(in, value) : !str_putc(value, c))
            return false;
        if (c == '\\' || (c != ' ' && c != '\t' && c != '\n' && c != '\r'))
            keep = value->len;
    }
    str_truncate(value, keep);
    return !value->overflow;
}

static bool take_hex(struct span *in, struct dn *dn, const char *oid, uint16_t rdn, struct str *error)
{
    struct span hex = {in->p + 1, 0};
    while (hex.n + 1 < in->n && !is_separator(in->p[hex.n + 1]))
        hex.n++;
    in->p += hex.n + 1, in->n -= hex.n + 1;
    struct str der;
    str_init(&der, 4 * DN_VALUE_MAX);
    bool ok = hex_decode(&der, span_trim(hex)) ? dn_add_der(dn, oid, str_span(&der), rdn, error)
                                               : dn_fail(error, "'#' without an even number of hex digits");
    str_free(&der);
    return ok;
}

static bool take_value(struct span *in, struct dn *dn, const char *oid, uint16_t rdn, struct str *error)
{
    skip_spaces(in);
    if (in->n && in->p[0] == '#')
        return take_hex(in, dn, oid, rdn, error);
    struct str value;
    str_init(&value, DN_VALUE_MAX);
    bool ok = in->n && in->p[0] == '"' ? take_quoted(in, &value) : take_plain(in, &value);
    ok = ok && !(value.len && memchr(value.data, 0, value.len)) && utf8_valid(str_span(&value))
             ? dn_add(dn, oid, str_span(&value), true, rdn, error)
             : dn_fail(error, "an attribute value that is badly escaped, too long or not UTF-8");
    str_free(&value);
    return ok;
}

/* The string runs from the most specific RDN to the most general; struct dn the other way, as certificates do. */
static void reverse(struct dn *dn)
{
    if (dn->count == 0)
        return;
    uint16_t last = dn->attributes[dn->count - 1].rdn;
    for (size_t i = 0; i < dn->count; i++)
        dn->attributes[i].rdn = (uint16_t)(last - dn->attributes[i].rdn);
    dn_settle(dn);
}

bool dn_from_string(struct dn *dn, struct span in, struct str *error)
{
    *dn = (struct dn){.count = 0};
    skip_spaces(&in); /* not at the end: a space there may be escaped */
    bool ok = in.n > 0 || dn_fail(error, "an empty distinguished name");
    for (uint16_t rdn = 0; ok;) {
        char oid[64];
        skip_spaces(&in);
        ok = take_type(&in, oid, sizeof(oid), error) && take_value(&in, dn, oid, rdn, error);
        if (!ok || in.n == 0)
            break;
        if (!is_separator(in.p[0])) {
            ok = dn_fail(error, "a character that separates no attributes");
            break;
        }
        rdn = (uint16_t)(rdn + (in.p[0] == '+' ? 0 : 1));
        in.p++, in.n--;
    }
    if (ok)
        reverse(dn);
    else
        dn_free(dn);
    return ok;
}
