/* A success notification for recipients of ours (RFC 3461 4.1, NOTIFY=SUCCESS): into the sender's INBOX, once the message
 * has been delivered. Its own transaction: a report that is lost loses no mail.
 */
#ifndef CADUCEE_STORE_SEND_REPORT_H
#define CADUCEE_STORE_SEND_REPORT_H

#include "lib/store/send.h"

/* `delivered[i]`: recipient i of the request is a BAL of ours that has the message. */
void send_report_success(struct db *, struct delivery_keys *, const struct send_request *, struct span message,
                         const bool *delivered);

#endif
