/* What became of sent messages, in words: one tag a message in the Sent list, recipient by recipient above a message. A
 * patient's address is never shown.
 */
#ifndef CADUCEE_WEBMAIL_FATES_H
#define CADUCEE_WEBMAIL_FATES_H

#include "webmail-cgi/mail.h"

#include "lib/store/queue.h"

/* Of the messages of a list: fills each card's `fate`, in the request's arena. */
enum store_status fates_load(struct request *, card_list *);
void fate_tag(struct request *, const struct card *);

/* What one piece of news says, as a tag; why, where it was refused: NULL when there is nothing to add. */
void fate_news(struct request *, const struct sent_fate *);

#endif
