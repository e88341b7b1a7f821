/* Searches that a client asked to be kept up to date (CONTEXT=SEARCH, RFC 5267 4.3): RETURN (UPDATE …). They live as long
 * as the folder is selected. */
#ifndef CADUCEE_IMAPD_CONTEXT_H
#define CADUCEE_IMAPD_CONTEXT_H

#include "imapd/search.h"

enum { CONTEXTS_MAX = 8 /* of one session; a further one is answered NO [NOUPDATE] and not kept */ };

/* After the answer: takes the program out of the command, whose reader must not be used any more. */
void context_keep(struct session *, struct command *, struct searching *);
void context_refuse(struct session *, struct span tag, const char *why); /* "* NO [NOUPDATE "tag"] …" */
bool context_known(const struct session *, struct span tag);
bool context_cancel(struct session *, struct span tag);
void contexts_free(struct session *);

/* REMOVEFROM of what is about to be said to be expunged (before the EXPUNGE lines: their numbers still hold). */
void contexts_expunged(struct session *, const uint32_t *uids, size_t count);
/* ADDTO and REMOVEFROM of what has come or changed; `states` rise by UID. Job only. */
enum store_status contexts_changed(struct session *, const state_list *states);

#endif
