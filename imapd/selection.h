/* The messages that a command names: "2:4", "UID 7:*", "$" — as UIDs in view. */
#ifndef CADUCEE_IMAPD_SELECTION_H
#define CADUCEE_IMAPD_SELECTION_H

#include "imapd/session.h"

enum selection { SELECTION_OK, SELECTION_BAD, SELECTION_STORE /* *status says */ };
/* Reads the set and resolves it against the view, loading it. `uids` is sorted and merged; UIDs that are not there are
 * still in its ranges. Job only. */
enum selection selection_read(struct session *, struct command *, imap_set *uids, enum store_status *status);
/* The reply for what selection_read() said. */
enum outcome selection_reply(struct command *, enum selection, enum store_status);

#endif
