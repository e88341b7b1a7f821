/* The items of STATUS, also said by LIST … RETURN (STATUS …). */
#ifndef CADUCEE_IMAPD_STATUS_ITEMS_H
#define CADUCEE_IMAPD_STATUS_ITEMS_H

#include "imapd/session.h"

bool status_items_parse(struct imap_reader *, unsigned *items) MUST_USE; /* with parentheses */
/* "* STATUS INBOX (MESSAGES 17)" */
void status_write(struct session *, const struct access *, struct span full_name, const struct folder *,
                  unsigned items);

/* What is said of a mailbox when its messages have changed (RFC 5465 5.2, 5.3). */
unsigned status_items_of_events(bool condstore);

#endif
