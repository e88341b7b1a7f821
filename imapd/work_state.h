/* The work state of messages in shared BALs (issue: "Who, and shared mailboxes"): one of $MSS-ATraiter, $MSS-EnCours,
 * $MSS-Traite, a keyword shared by all; who and when stand in a row beside it, which the webmail's list shows.
 */
#ifndef CADUCEE_IMAPD_WORK_STATE_H
#define CADUCEE_IMAPD_WORK_STATE_H

#include "imapd/session.h"

/* After a STORE that set or added `names` on these messages: takes the other two keywords off, and writes the rows. The
 * states of messages that this changes are put into `changed` anew. */
enum store_status work_state_apply(struct session *, const imap_flag_names *names, state_list *changed);

#endif
