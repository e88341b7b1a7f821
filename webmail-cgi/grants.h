/* Mailbox keys that keyd gave for proven sessions, for a minute: pages and polls of one person in one mailbox ask keyd once,
 * not each time. The right itself is read from the database at each request (gate.c): who loses it loses the mailbox at once.
 * A key goes with its session's lock or end, and is wiped.
 */
#ifndef CADUCEE_WEBMAIL_GRANTS_H
#define CADUCEE_WEBMAIL_GRANTS_H

#include "lib/auth/keyd.h"

struct grants; /* one a process, shared by its threads; has its own lock */
struct grants *grants_new(void);
void grants_destroy(struct grants **); /* wipes */

bool grants_recall(struct grants *, const uint8_t session[32], int64_t bal_id, struct keyd_grant *out) MUST_USE;
void grants_keep(struct grants *, const uint8_t session[32], const struct keyd_grant *);
void grants_forget(struct grants *, const uint8_t session[32]); /* all mailboxes of that session */

#endif
