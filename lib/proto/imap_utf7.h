/* Mailbox names on the wire: modified UTF-7 (RFC 3501 5.1.3). Pure. */
#ifndef CADUCEE_PROTO_IMAP_UTF7_H
#define CADUCEE_PROTO_IMAP_UTF7_H

#include "lib/base/str.h"

/* False when the bytes are not valid modified UTF-7: superfluous shifts, bad base64, lone surrogates, 8-bit bytes. */
bool imap_utf7_decode(struct str *out, struct span wire) MUST_USE;
bool imap_utf7_encode(struct str *out, struct span utf8) MUST_USE;

#endif
