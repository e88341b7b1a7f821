/* Transfer encodings and encoded words, read tolerantly: strangers wrote them, and a message is shown as well as it can. */
#ifndef CADUCEE_PROTO_MIME_DECODE_H
#define CADUCEE_PROTO_MIME_DECODE_H

#include "lib/base/arena.h"
#include "lib/base/str.h"
#include "lib/proto/summary.h"

/* Appends the decoded bytes; stops, false, when `out` is full. Base64: what is not of its alphabet is skipped, it ends at
 * '='. Quoted-printable: a bad "=xy" stays as it is (RFC 2045 6.7). */
bool mime_decode(struct str *out, enum part_encoding, struct span in);
enum part_encoding mime_encoding_of(struct span name); /* of Content-Transfer-Encoding's value */

/* Appends a header value as people read it: unfolded, RFC 2047 words decoded, controls turned into spaces, UTF-8. */
void mime_words_decode(struct str *out, struct span raw);
/* The same into an arena; the empty span when there is no more room. */
struct span mime_words(struct arena *, struct span raw);
/* A header value without its line ends and NULs, otherwise as it was. */
struct span mime_unfold(struct arena *, struct span raw);

#endif
