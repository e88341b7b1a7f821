/* LIST patterns (RFC 3501 6.3.8): '*' is anything, '%' anything within one level. Pure; no exponential time. */
#ifndef CADUCEE_PROTO_IMAP_MATCH_H
#define CADUCEE_PROTO_IMAP_MATCH_H

#include "lib/base/base.h"

bool imap_match(struct span pattern, struct span name);

#endif
