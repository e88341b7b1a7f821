/* Who a message says it is from: every address of every From and Sender field, by a small bounded scanner of ours that
 * runs in the worker (a parse that dies must not open this gate). It reads comments, quoted strings, folding, groups,
 * routes and encoded words; addresses that hide in display names and comments count too, because people read them.
 * What it cannot read sets `unreadable`: the message is marked, and refused when header_from_holds() finds one of our
 * domains or the patients' in the bytes.
 */
#ifndef CADUCEE_PROTO_HEADER_FROM_H
#define CADUCEE_PROTO_HEADER_FROM_H

#include "lib/base/arena.h"
#include "lib/base/vec.h"

enum {
    HEADER_FROM_ADDRESSES_MAX = 256,
    HEADER_FROM_COMMENT_DEPTH = 32,
    HEADER_FROM_FIELD_MAX = 65536 /* bytes read of one field */
};

struct header_address {
    struct span text;   /* local@domain, comments and spaces gone */
    struct span local;  /* as written: quotes included */
    struct span domain; /* behind the last @ */
    bool sender;        /* of a Sender field */
    bool shown;         /* hidden in a display name or a comment, not an address of the grammar */
};
struct header_from {
    VEC(struct header_address) addresses; /* bytes in the arena; free with vec_free(&from.addresses) */
    unsigned from_fields, sender_fields;
    bool unreadable;
};
/* `arena` must be unbounded; what is kept of a message is a few times HEADER_FROM_FIELD_MAX at most. */
void header_from_scan(struct span message, struct arena *arena, struct header_from *out);
/* Does this (normalised) domain stand in the bytes of a From or Sender field: as written, without white space, without
 * comments, or inside encoded words? */
bool header_from_holds(struct span message, const char *domain);

#endif
