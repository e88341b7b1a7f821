/* Writing IMAP responses: what hot loops write has no printf in it. Pure. */
#ifndef CADUCEE_PROTO_IMAP_WRITE_H
#define CADUCEE_PROTO_IMAP_WRITE_H

#include "lib/base/str.h"
#include "lib/base/vec.h"

enum { IMAP_U64_BYTES = 20 };
/* Writes decimal digits at `at` (room for IMAP_U64_BYTES) and returns the byte after them. */
char *imap_put_u64(char *at, uint64_t);
void imap_write_u64(struct str *, uint64_t);

/* Quoted when it can be, a literal otherwise (RFC 3501 9 string). `utf8`: 8-bit text may be quoted (RFC 9051, 6855). */
void imap_write_string(struct str *, struct span, bool utf8);
void imap_write_astring(struct str *, struct span, bool utf8);
void imap_write_nstring(struct str *, struct span, bool utf8); /* p NULL: NIL */
void imap_write_mailbox(struct str *, struct span utf8_name, bool utf8);
void imap_write_literal_head(struct str *, uint64_t bytes, bool literal8);

/* "(\Seen $Label)" without its parentheses, for the flags of one message; `keywords` are those of bits 6 …. */
void imap_write_flags(struct str *, uint64_t flags, char *const *keywords, size_t keyword_count);

#endif
