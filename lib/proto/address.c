#include "lib/proto/address.h"

#include "lib/base/text.h"

#include <string.h>

static bool is_atext(unsigned char c, bool utf8)
{
    if (c >= 0x80)
        return utf8;
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c != 0 && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* RFC 5321 4.1.2 Dot-string: atoms separated by single dots. */
static size_t dot_string(struct span text, bool utf8)
{
    size_t n = 0;
    while (n < text.n) {
        size_t atom = n;
        while (n < text.n && is_atext((unsigned char)text.p[n], utf8))
            n++;
        if (n == atom)
            return 0;
        if (n >= text.n || text.p[n] != '.')
            return n;
        n++;
    }
    return 0;
}

/* RFC 5321 4.1.2 Quoted-string, both quotes included; 0 when it does not end or holds a control character. */
static size_t quoted_string(struct span text, bool utf8)
{
    for (size_t n = 1; n < text.n; n++) {
        unsigned char c = (unsigned char)text.p[n];
        if (c == '"')
            return n + 1;
        if (c == '\\') {
            n++;
            if (n >= text.n)
                return 0;
            c = (unsigned char)text.p[n];
        }
        if (c < 0x20 || c == 0x7f || (c >= 0x80 && !utf8))
            return 0;
    }
    return 0;
}

static bool is_domain_text(struct span domain, bool utf8)
{
    size_t label = 0;
    if (domain.n == 0 || domain.n > 255)
        return false;
    for (size_t i = 0; i < domain.n; i++) {
        unsigned char c = (unsigned char)domain.p[i];
        if (c == '.') {
            if (label == 0)
                return false;
            label = 0;
            continue;
        }
        bool word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
        if (!word && !(c >= 0x80 && utf8))
            return false;
        label++;
    }
    return label > 0;
}

/* RFC 5321 4.1.3: kept as written, since no address literal is ever in the trust space. */
static bool is_literal(struct span domain)
{
    if (domain.n < 3 || domain.n > 255 || domain.p[0] != '[' || domain.p[domain.n - 1] != ']')
        return false;
    for (size_t i = 1; i + 1 < domain.n; i++) {
        unsigned char c = (unsigned char)domain.p[i];
        if (c < 0x21 || c > 0x7e || c == '[' || c == '\\' || c == ']')
            return false;
    }
    return true;
}

bool address_parse(struct span text, bool utf8, struct address *out)
{
    *out = (struct address){SPAN_NONE, SPAN_NONE};
    if (text.n == 0 || text.n > ADDRESS_MAX || (utf8 && !utf8_valid(text)))
        return false;
    size_t local = text.p[0] == '"' ? quoted_string(text, utf8) : dot_string(text, utf8);
    if (local == 0 || local > ADDRESS_LOCAL_MAX + 2 || local + 1 >= text.n || text.p[local] != '@')
        return false;
    struct span domain = {text.p + local + 1, text.n - local - 1};
    if (!is_domain_text(domain, utf8) && !is_literal(domain))
        return false;
    *out = (struct address){{text.p, local}, domain};
    return true;
}

static bool span_is_ascii(struct span text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] >= 0x80)
            return false;
    return true;
}

bool address_is_ascii(const struct address *address)
{
    return span_is_ascii(address->local) && span_is_ascii(address->domain);
}

bool domain_equal(struct span a, struct span b)
{
    struct str left, right;
    str_init(&left, ADDRESS_DOMAIN_MAX);
    str_init(&right, ADDRESS_DOMAIN_MAX);
    bool equal =
        domain_normalise(&left, a) && domain_normalise(&right, b) && span_eq(str_span(&left), str_span(&right));
    str_free(&left);
    str_free(&right);
    return equal;
}

bool domain_is_patient(struct span domain)
{
    return domain_equal(domain, SPAN_LIT("patient.mssante.fr"));
}

bool address_is_patient(const struct address *address)
{
    return domain_is_patient(address->domain);
}

bool address_key_of(struct str *out, struct span text)
{
    struct address address;
    return address_parse(text, true, &address) && address_key(out, &address);
}
