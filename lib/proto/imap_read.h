/* Reading a complete IMAP command (see imap_frame.h): each function takes one element of RFC 3501 9 / RFC 9051 9 and
 * moves on, or returns false and has moved nowhere that matters — the command is then BAD. Pure.
 *
 * Strings are views into the command, except quoted ones with escapes, which are copied into the arena.
 */
#ifndef CADUCEE_PROTO_IMAP_READ_H
#define CADUCEE_PROTO_IMAP_READ_H

#include "lib/base/arena.h"
#include "lib/base/str.h"
#include "lib/base/vec.h"

enum { IMAP_NAME_MAX = 1000, IMAP_FLAGS_IN_LIST_MAX = 128 };

struct imap_reader {
    const char *p, *end; /* the line's end is not part of it */
    struct arena *arena;
    bool utf8; /* ENABLE UTF8=ACCEPT or IMAP4rev2: 8-bit in quoted strings, mailbox names in UTF-8 */
};

void imap_reader_init(struct imap_reader *, struct span command, struct arena *, bool utf8);

bool imap_at_end(const struct imap_reader *);
bool imap_char(struct imap_reader *, char);
bool imap_peek(const struct imap_reader *, char);
bool imap_sp(struct imap_reader *);
bool imap_word(struct imap_reader *, const char *word); /* this atom, any case, and no longer one */
bool imap_tag(struct imap_reader *, struct span *);
bool imap_atom(struct imap_reader *, struct span *);
bool imap_string(struct imap_reader *, struct span *); /* quoted or literal, literal8 too */
bool imap_literal(struct imap_reader *, struct span *, bool *binary);
bool imap_astring(struct imap_reader *, struct span *);
bool imap_nstring(struct imap_reader *, struct span *, bool *nil);
bool imap_u32(struct imap_reader *, uint32_t *);
bool imap_nz_u32(struct imap_reader *, uint32_t *);
bool imap_u63(struct imap_reader *, uint64_t *); /* mod-sequence-value, number64 */
bool imap_set_text(struct imap_reader *,
                   struct span *); /* characters of a sequence set, "$" included; imap_set.h reads */

typedef VEC(struct span) imap_flag_names;
bool imap_flag(struct imap_reader *, struct span *);           /* "\Seen", "$Label" */
bool imap_flag_list(struct imap_reader *, imap_flag_names *);  /* with parentheses */
bool imap_flags_bare(struct imap_reader *, imap_flag_names *); /* STORE also takes them without */

/* A mailbox name in UTF-8, "INBOX" in upper case whatever the peer wrote; false also for a name that is no name:
 * controls, bad modified UTF-7, longer than IMAP_NAME_MAX. */
bool imap_mailbox(struct imap_reader *, struct span *);
bool imap_list_pattern(struct imap_reader *, struct span *); /* list-mailbox: atom with wildcards, or a string */

bool imap_is_atom_char(char);

#endif
