/* The header block of a message, walked field by field without changing a byte. What is no field (no colon) is given
 * with an empty name, so that nothing of the block is left unseen.
 */
#ifndef CADUCEE_PROTO_HEADER_FIELDS_H
#define CADUCEE_PROTO_HEADER_FIELDS_H

#include "lib/base/str.h"

struct header_field {
    struct span whole; /* with its folded lines and last CRLF */
    struct span name;  /* without spaces; empty when the line is no field */
    struct span body;  /* behind the colon, folds and last CRLF included */
};
/* `rest` starts as the whole message. False at the empty line (which is left in `rest`) or the end. */
bool header_next(struct span *rest, struct header_field *out);
/* Bytes of the header block, without the empty line. */
size_t header_length(struct span message);
bool header_find(struct span message, const char *name, struct header_field *out);
size_t header_count(struct span message, const char *name);
/* The body on one line, trimmed. */
void header_unfold(struct str *out, struct span body);

/* RFC 8601 5: fields that claim to be our own results do not come in from outside. Removes, in place, every
 * Authentication-Results whose authserv-id is `our_name`; gives the new length of the message. */
size_t header_remove_authentication_results(char *message, size_t length, const char *our_name);

#endif
