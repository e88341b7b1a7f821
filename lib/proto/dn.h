/* Distinguished names compared as RFC 5280 7.1 asks: structurally, over decoded attributes, never over a printed form (a
 * subject whose O holds ",CN=other" is not a CN). Two sources: the DER of a certificate, and the string of the whitelist
 * (RFC 4514, "most specific first").
 */
#ifndef CADUCEE_PROTO_DN_H
#define CADUCEE_PROTO_DN_H

#include "lib/base/str.h"

enum { DN_ATTRIBUTES_MAX = 32, DN_VALUE_MAX = 1024 };

struct dn_attribute {
    char oid[64]; /* dotted: "2.5.4.3" */
    char *value;  /* UTF-8, as written */
    char *folded; /* prepared for comparison: RFC 4518 case fold, insignificant spaces */
    uint16_t rdn; /* which RDN it stands in: several attributes of one RDN are a set */
};
struct dn {
    struct dn_attribute attributes[DN_ATTRIBUTES_MAX]; /* most general first, as in the certificate */
    size_t count;
};

bool dn_from_string(struct dn *, struct span rfc4514, struct str *error) MUST_USE;
bool dn_from_der(struct dn *, struct span name_der, struct str *error) MUST_USE;
void dn_free(struct dn *);
bool dn_equal(const struct dn *, const struct dn *);
uint64_t dn_hash(const struct dn *);                      /* equal names hash equal; keyed against floods */
void dn_canonical(struct str *out, const struct dn *);    /* one text for equal names: what the database keys on */
void dn_print(struct str *out, const struct dn *);        /* RFC 4514, escaped, most specific first: for people */
const char *dn_first(const struct dn *, const char *oid); /* NULL when absent */

#endif
