#include "lib/proto/dn.h"

#include "lib/base/crypto.h"
#include "lib/base/num.h"
#include "lib/base/text.h"
#include "lib/proto/der.h"
#include "lib/proto/dn_fold.h"
#include "lib/proto/dn_parts.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* RFC 4514 3, RFC 4519, and what certificates of the French administrations and health use besides. */
static const struct {
    const char *name, *oid;
} attribute_names[] = {
    {"CN", "2.5.4.3"},
    {"OU", "2.5.4.11"},
    {"O", "2.5.4.10"},
    {"L", "2.5.4.7"},
    {"ST", "2.5.4.8"},
    {"C", "2.5.4.6"},
    {"STREET", "2.5.4.9"},
    {"DC", "0.9.2342.19200300.100.1.25"},
    {"UID", "0.9.2342.19200300.100.1.1"},
    {"SN", "2.5.4.4"},
    {"SURNAME", "2.5.4.4"},
    {"GN", "2.5.4.42"},
    {"GIVENNAME", "2.5.4.42"},
    {"SERIALNUMBER", "2.5.4.5"},
    {"T", "2.5.4.12"},
    {"TITLE", "2.5.4.12"},
    {"POSTALCODE", "2.5.4.17"},
    {"DNQ", "2.5.4.46"},
    {"ORGANIZATIONIDENTIFIER", "2.5.4.97"},
    {"EMAILADDRESS", "1.2.840.113549.1.9.1"},
    {"E", "1.2.840.113549.1.9.1"},
    {"S", "2.5.4.8"},
};

const char *dn_oid_of(struct span name)
{
    for (size_t i = 0; i < COUNT(attribute_names); i++)
        if (span_is_nocase(name, attribute_names[i].name))
            return attribute_names[i].oid;
    return NULL;
}

static const char *name_of(const char *oid)
{
    for (size_t i = 0; i < COUNT(attribute_names); i++)
        if (strcmp(attribute_names[i].oid, oid) == 0)
            return attribute_names[i].name;
    return oid;
}

bool dn_fail(struct str *error, const char *what)
{
    if (error)
        str_puts(error, what);
    return false;
}

bool dn_add(struct dn *dn, const char *oid, struct span value, bool text, uint16_t rdn, struct str *error)
{
    if (dn->count == DN_ATTRIBUTES_MAX)
        return dn_fail(error, "a distinguished name of more than 32 attributes");
    if (value.n > DN_VALUE_MAX || strnlen(oid, sizeof(dn->attributes[0].oid)) >= sizeof(dn->attributes[0].oid))
        return dn_fail(error, "an attribute value or type that is too long");
    struct str folded;
    str_init(&folded, 4 * DN_VALUE_MAX + 8);
    /* A value that is no string is kept as "#hex" and never equals text of the same look: 0x01 goes in front, which the
     * folding of text takes out. */
    bool ok = text ? fold_for_match(&folded, value) : str_putc(&folded, 1) && str_add_span(&folded, value);
    if (ok && folded.len == 0)
        ok = dn_fail(error, "an empty attribute value");
    else if (!ok)
        dn_fail(error, "an attribute value that is not text");
    if (ok) {
        struct dn_attribute *a = &dn->attributes[dn->count++];
        memcpy(a->oid, oid, strlen(oid) + 1);
        a->value = xstrndup(value.p, value.n);
        a->folded = xstrndup(folded.data, folded.len);
        a->rdn = rdn;
    }
    str_free(&folded);
    return ok;
}

static int compare_in_rdn(const void *left, const void *right)
{
    const struct dn_attribute *a = left, *b = right;
    if (a->rdn != b->rdn)
        return a->rdn < b->rdn ? -1 : 1;
    int by_oid = strcmp(a->oid, b->oid);
    return by_oid ? by_oid : strcmp(a->folded, b->folded);
}

void dn_settle(struct dn *dn)
{
    /* An RDN is a set: one order for equal sets, so that comparison is a walk. */
    qsort(dn->attributes, dn->count, sizeof(dn->attributes[0]), compare_in_rdn);
}

static bool add_der_value(struct dn *dn, const char *oid, const struct der_element *value, uint16_t rdn,
                          struct str *error)
{
    struct str text;
    str_init(&text, 4 * DN_VALUE_MAX);
    bool is_text = value->tag == DER_UTF8_STRING || value->tag == DER_NUMERIC_STRING ||
                   (value->tag >= DER_PRINTABLE_STRING && value->tag <= DER_BMP_STRING);
    bool ok = is_text ? der_text(&text, value) : str_putc(&text, '#') && hex_encode(&text, value->whole);
    ok = ok ? dn_add(dn, oid, str_span(&text), is_text, rdn, error)
            : dn_fail(error, "an attribute value that is badly encoded, holds NUL or is too long");
    str_free(&text);
    return ok;
}

bool dn_add_der(struct dn *dn, const char *oid, struct span der, uint16_t rdn, struct str *error)
{
    struct der_element value;
    if (!der_next(&der, &value) || der.n)
        return dn_fail(error, "an attribute value that is not DER");
    return add_der_value(dn, oid, &value, rdn, error);
}

static bool add_rdn(struct dn *dn, struct span set, uint16_t rdn, struct str *error)
{
    if (set.n == 0)
        return dn_fail(error, "an empty RDN");
    while (set.n) {
        struct der_element pair, oid, value;
        char dotted[64];
        if (!der_next_is(&set, DER_SEQUENCE, &pair) || !der_next_is(&pair.content, DER_OID, &oid) ||
            !der_next(&pair.content, &value) || pair.content.n || !der_oid(dotted, sizeof(dotted), oid.content))
            return dn_fail(error, "an RDN that is not a set of type and value");
        if (!add_der_value(dn, dotted, &value, rdn, error))
            return false;
    }
    return true;
}

bool dn_from_der(struct dn *dn, struct span name, struct str *error)
{
    *dn = (struct dn){.count = 0};
    struct der_element sequence, set;
    bool ok = der_next_is(&name, DER_SEQUENCE, &sequence) && name.n == 0;
    if (!ok)
        return dn_fail(error, "a name that is not a DER sequence");
    for (uint16_t rdn = 0; ok && sequence.content.n; rdn++)
        ok = der_next_is(&sequence.content, DER_SET, &set) ? add_rdn(dn, set.content, rdn, error)
                                                           : dn_fail(error, "an RDN that is not a set");
    if (ok)
        dn_settle(dn);
    else
        dn_free(dn);
    return ok;
}

void dn_free(struct dn *dn)
{
    for (size_t i = 0; i < dn->count; i++) {
        xfree(&dn->attributes[i].value);
        xfree(&dn->attributes[i].folded);
    }
    dn->count = 0;
}

bool dn_equal(const struct dn *a, const struct dn *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct dn_attribute *x = &a->attributes[i], *y = &b->attributes[i];
        if (x->rdn != y->rdn || strcmp(x->oid, y->oid) != 0 || strcmp(x->folded, y->folded) != 0)
            return false;
    }
    return true;
}

static struct key hash_key;

static void make_hash_key(void)
{
    crypto_random(&hash_key, sizeof(hash_key));
}

uint64_t dn_hash(const struct dn *dn)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, make_hash_key);
    struct str text;
    str_init(&text, (size_t)DN_ATTRIBUTES_MAX * 8 * DN_VALUE_MAX);
    dn_canonical(&text, dn);
    uint8_t digest[SHA256_BYTES];
    hmac_sha256(digest, &hash_key, str_span(&text));
    str_free(&text);
    return get_u64(digest);
}

/* `ends`: as RFC 4514 2.4 wants it, and control characters as hex pairs: a reader takes a bare CR for space around a value. */
static void add_escaped(struct str *out, const char *value, const char *special, bool ends)
{
    for (const char *p = value; *p; p++) {
        if (ends && ((uint8_t)*p < 0x20 || *p == 0x7f)) {
            str_addf(out, "\\%02X", (unsigned)(uint8_t)*p);
            continue;
        }
        bool edge = (p == value && (*p == ' ' || *p == '#')) || (p[1] == 0 && *p == ' ');
        if (strchr(special, *p) || (ends && edge))
            str_putc(out, '\\');
        str_putc(out, *p);
    }
}

void dn_canonical(struct str *out, const struct dn *dn)
{
    for (size_t i = 0; i < dn->count; i++) {
        const struct dn_attribute *a = &dn->attributes[i];
        if (i)
            str_putc(out, a->rdn == dn->attributes[i - 1].rdn ? '+' : ',');
        str_addf(out, "%s=", a->oid);
        add_escaped(out, a->folded, "\\,+", false);
    }
}

static void print_attribute(struct str *out, const struct dn_attribute *a)
{
    str_addf(out, "%s=", name_of(a->oid));
    if (a->folded[0] == 1)
        str_puts(out, a->value); /* RFC 4514 2.4: #hex stands as it is */
    else
        add_escaped(out, a->value, "\"+,;<>\\", true);
}

void dn_print(struct str *out, const struct dn *dn)
{
    for (size_t end = dn->count; end > 0;) {
        size_t begin = end - 1;
        while (begin > 0 && dn->attributes[begin - 1].rdn == dn->attributes[begin].rdn)
            begin--;
        for (size_t i = begin; i < end; i++) {
            if (i > begin)
                str_putc(out, '+');
            print_attribute(out, &dn->attributes[i]);
        }
        end = begin;
        if (end > 0)
            str_putc(out, ',');
    }
}

const char *dn_first(const struct dn *dn, const char *oid)
{
    for (size_t i = 0; i < dn->count; i++)
        if (strcmp(dn->attributes[i].oid, oid) == 0)
            return dn->attributes[i].value;
    return NULL;
}
