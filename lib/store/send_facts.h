/* The X-MSS fields of a message that leaves (ECO.2.4.1, ECO.2.4.2): computed where the client's product has set neither,
 * compared where it has. A client's own field is never changed: a wrong one is counted for its structure's administrator.
 */
#ifndef CADUCEE_STORE_SEND_FACTS_H
#define CADUCEE_STORE_SEND_FACTS_H

#include "lib/store/send.h"

/* The two fields to put in front; false: nothing to add. */
bool send_facts_missing(char extra[static 512], const struct summary *, struct span message);
/* Inside the transaction that accepts the message; queued. */
void send_facts_compare(struct db *, const struct send_request *, const struct summary *);

#endif
