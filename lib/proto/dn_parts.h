/* What the two readers of names share (dn.c: DER; dn_string.c: RFC 4514). Private to them. */
#ifndef CADUCEE_PROTO_DN_PARTS_H
#define CADUCEE_PROTO_DN_PARTS_H

#include "lib/proto/dn.h"

const char *dn_oid_of(struct span attribute_name); /* NULL: unknown */
bool dn_fail(struct str *error, const char *what); /* always false; `error` may be NULL */
/* `text` false: `value` is "#hex" of a type that is no string. */
bool dn_add(struct dn *, const char *oid, struct span value, bool text, uint16_t rdn, struct str *error);
bool dn_add_der(struct dn *, const char *oid, struct span der, uint16_t rdn, struct str *error);
void dn_settle(struct dn *); /* when all attributes are in: sorts within each RDN */

#endif
