/* The items of STATUS, also said by LIST … RETURN (STATUS …). */
#ifndef CADUCEE_IMAPD_STATUS_ITEMS_H
#define CADUCEE_IMAPD_STATUS_ITEMS_H

#include "imapd/session.h"

bool status_items_parse(struct imap_reader *, unsigned *items) MUST_USE; /* with parentheses */
/* "* STATUS INBOX (MESSAGES 17)" */
void status_write(struct session *, const struct access *, struct span full_name, const struct folder *,
                  unsigned items);

#endif
