/* Whom this mailbox has written to or heard from lately, read from its own newest messages as one types: nothing more is
 * kept of them.
 */
#ifndef CADUCEE_WEBMAIL_CORRESPONDENTS_H
#define CADUCEE_WEBMAIL_CORRESPONDENTS_H

#include "webmail-cgi/outgoing.h"
#include "webmail-cgi/web.h"

/* Those that hold each typed word, newest first, at most `limit`; what `out` points to lives in the arena. */
enum store_status correspondents_search(struct request *, struct span typed, size_t limit, outgoing_addresses *out);

#endif
