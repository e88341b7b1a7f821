/* Address lists of header fields (RFC 5322 3.4), read tolerantly and within bounds: libetpan where it is right, a scanner
 * of ours where libetpan is not (comments, routes, quoted local parts, what follows an error).
 */
#ifndef CADUCEE_PROTO_MIME_ADDRESS_H
#define CADUCEE_PROTO_MIME_ADDRESS_H

#include "lib/base/arena.h"
#include "lib/base/str.h"
#include "lib/base/vec.h"

enum mime_address_kind { MIME_MAILBOX, MIME_GROUP_BEGIN /* name is the group's */, MIME_GROUP_END };

struct mime_address {
    enum mime_address_kind kind;
    struct span name;   /* unquoted, RFC 2047 words not decoded; empty = none */
    struct span route;  /* RFC 5322 4.4, "@a,@b": obsolete, for ENVELOPE alone */
    struct span local;  /* unquoted */
    struct span domain; /* empty = none */
};
typedef VEC(struct mime_address) mime_address_list;

enum { MIME_ADDRESSES_MAX = 20000 };

/* `raw` is a field's value, still folded. The spans live in the arena. */
void mime_addresses(struct arena *, struct span raw, mime_address_list *out);

/* "Name <local@domain>, …", decoded, for people and for SEARCH. */
void mime_addresses_text(struct str *out, const mime_address_list *);

/* The date of a Date: field (libetpan's reader); false when it is none. */
bool mime_date(struct span raw, int64_t *utc, int *zone_minutes);

#endif
