/* The traces that imapd writes (lib/store/trace.h). */
#ifndef CADUCEE_IMAPD_TRACES_H
#define CADUCEE_IMAPD_TRACES_H

#include "imapd/session.h"

/* Messages were read: which, by whom. */
enum store_status trace_read(struct session *, const char *action, const struct view *, const imap_set *uids);
/* A log-in, or why it was refused. */
void trace_login(struct session *, const char *answer, const char *rule, const char *detail);

#endif
