/* Tidying a long folder (lib/store/mailbox.h), after its SELECT has been answered: in the background, a transaction at a
 * time, so that neither the session nor the worker waits for it. */
#ifndef CADUCEE_IMAPD_TIDY_H
#define CADUCEE_IMAPD_TIDY_H

#include "imapd/session.h"

void tidy_begin(struct worker *, const struct bal *, int64_t folder_id); /* (loop); one folder at a time */

#endif
