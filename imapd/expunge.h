/* Expunging, as the role of who does it allows. */
#ifndef CADUCEE_IMAPD_EXPUNGE_H
#define CADUCEE_IMAPD_EXPUNGE_H

#include "imapd/session.h"

/* Those of `uids` (NULL: all) that are \Deleted leave the selected folder. What a membre expunges goes to that BAL's Trash
 * (issue: "Who, and shared mailboxes"). STORE_REFUSED: not here, not by this role. Wakes others. *modseq (may be NULL): of
 * this change, 0 when nothing went or it is not known. */
enum store_status expunge_deleted(struct session *, const uint32_t *uids, size_t count, uint64_t *modseq);
/* "HIGHESTMODSEQ n" for the tagged OK where QRESYNC is on (RFC 7162 3.2.7); NULL. */
const char *expunge_code(const struct session *, struct command *, uint64_t modseq);
/* Rights in one folder: in the Trash only those who may really destroy have `e`. */
unsigned expunge_rights_in(const struct access *, const char *special_use);

#endif
