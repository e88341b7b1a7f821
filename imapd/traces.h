/* The traces that imapd writes (lib/store/trace.h). */
#ifndef CADUCEE_IMAPD_TRACES_H
#define CADUCEE_IMAPD_TRACES_H

#include "imapd/session.h"
#include "lib/store/trace.h"

/* A trace to be written in the transaction it tells of; its spans are the session's. */
struct trace trace_of_act(const struct session *, const char *action, const struct access *);
/* Something was done to a BAL: which messages of which folder (`uids` NULL, folder 0: none), by whom. Committed when it
 * returns STORE_OK: the tagged OK comes after. */
enum store_status trace_act(struct session *, const char *action, const struct access *, int64_t folder_id,
                            const imap_set *uids);
/* The same for what has been committed already: a trace that cannot be written must not make a peer do it twice. Logged. */
void trace_done(struct session *, const char *action, const struct access *, int64_t folder_id, const imap_set *uids);
/* A log-in, or why it was refused. */
void trace_login(struct session *, const char *answer, const char *rule, const char *detail);

#endif
