/* What the pages of the administration part share (page_admin.c). What a session governs, the database decides
 * (store/web_admin.h); roles here only choose which pages are shown. */
#ifndef CADUCEE_WEBMAIL_ADMIN_H
#define CADUCEE_WEBMAIL_ADMIN_H

#include "webmail-cgi/mail.h"

#include "lib/store/listing.h"

bool admin_roles(struct request *, struct web_roles *);                 /* false: answered "Introuvable" */
bool admin_may(struct request *, const char *word, struct web_roles *); /* the same for the page of a tab */
/* Frame, title, tabs; the look is traced. frame_end(FRAME_PAGE) closes it. */
void admin_begin(struct request *, const struct web_roles *, const char *word);
void admin_table(struct request *, enum listing_kind, const struct listing *);
void admin_refused(struct request *, const char *what, int64_t bal_id); /* a try that the database refused: traced */
const char *admin_state(const struct request *, const char *state);     /* "suspended": "suspendue" */
struct trace admin_trace(struct request *, const char *action);

#endif
