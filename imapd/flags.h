/* Flags between the wire and a folder's bits. */
#ifndef CADUCEE_IMAPD_FLAGS_H
#define CADUCEE_IMAPD_FLAGS_H

#include "imapd/session.h"

/* Names to bits; keywords that the folder has not yet get one (STORE_OVER_QUOTA past 58). \Recent is refused
 * (STORE_INVALID), as are backslash flags we do not know. Job only. */
enum store_status flags_from_names(struct session *, struct access *, int64_t folder_id, const imap_flag_names *,
                                   uint64_t *bits);
/* The refusal of what would have set flags: where the folder holds as many keywords as it can, NO [LIMIT]. Job only. */
enum outcome flags_reply(struct session *, struct command *, struct access *, int64_t folder_id, enum store_status);
/* The bits among these that this access may change (RFC 4314 4: s, t, w). */
uint64_t flags_allowed(const struct access *, uint64_t bits);

#endif
