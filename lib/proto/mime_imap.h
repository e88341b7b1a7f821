/* ENVELOPE, BODY and BODYSTRUCTURE as IMAP sends them (RFC 9051 7.5.2), rendered once, when a message is delivered. */
#ifndef CADUCEE_PROTO_MIME_IMAP_H
#define CADUCEE_PROTO_MIME_IMAP_H

#include "lib/proto/mime_tree.h"

/* nstring: NIL when `p` is NULL, quoted when it is ASCII without controls, else a literal. */
void mime_imap_string(struct str *out, struct span);
void mime_imap_envelope(struct str *out, struct arena *, struct span header);
void mime_imap_structure(struct str *out, const struct mime_tree *, bool extended);

#endif
