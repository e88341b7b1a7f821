/* The base subject of RFC 5256 2.1: what is left when replies, forwards and list tags are taken off. */
#ifndef CADUCEE_PROTO_MIME_SUBJECT_H
#define CADUCEE_PROTO_MIME_SUBJECT_H

#include "lib/base/str.h"

/* `subject` is decoded, UTF-8. Appends the base subject, folded for comparison. */
void mime_base_subject(struct str *out, struct span subject, bool *is_reply);

#endif
