/* Expunging, as the role of who does it allows. */
#ifndef CADUCEE_IMAPD_EXPUNGE_H
#define CADUCEE_IMAPD_EXPUNGE_H

#include "imapd/session.h"

/* Those of `uids` (NULL: all) that are \Deleted leave the selected folder. What a membre expunges goes to that BAL's Trash
 * (issue: "Who, and shared mailboxes"). STORE_REFUSED: not here, not by this role. Wakes others; the running command knows
 * (`removed`). */
enum store_status expunge_deleted(struct session *, const uint32_t *uids, size_t count);
/* The same, \Deleted or not: the second half of MOVE and REPLACE, which never set it (RFC 6851 3.3, RFC 8508 3.4). */
enum store_status expunge_any(struct session *, const uint32_t *uids, size_t count);
/* What follows, when they have gone already: wake-ups and the trace. */
void expunge_done(struct session *, const uint32_t *uids, size_t count);
/* Rights in one folder: in the Trash only those who may really destroy have `e`. */
unsigned expunge_rights_in(const struct access *, const char *special_use);

#endif
