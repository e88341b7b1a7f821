/* Sequence and UID sets (RFC 3501 9 sequence-set): kept as ranges, never as lists, so that 1:* costs sixteen bytes. Pure. */
#ifndef CADUCEE_PROTO_IMAP_SET_H
#define CADUCEE_PROTO_IMAP_SET_H

#include "lib/base/str.h"
#include "lib/base/vec.h"

struct imap_range {
    uint32_t from, to; /* from <= to once resolved; UINT32_MAX stands for "*" before that */
};
enum { IMAP_STAR = UINT32_MAX };
typedef VEC(struct imap_range) imap_set;

bool imap_set_parse(struct span text, imap_set *out) MUST_USE; /* not "$": SEARCHRES is the session's */
void imap_set_resolve(imap_set *,
                      uint32_t star); /* "*" becomes `star`; sorted, merged, without what lies above it kept */
bool imap_set_contains(const imap_set *, uint32_t); /* of a resolved set */
uint64_t imap_set_count(const imap_set *);          /* of a resolved set */
void imap_set_add(imap_set *, uint32_t);            /* in rising order: extends the last range or begins one */
void imap_set_write(struct str *out, const imap_set *);
/* The n-th number (0 …) of a resolved set, or 0. */
uint32_t imap_set_at(const imap_set *, uint64_t n);

#endif
