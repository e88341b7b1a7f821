#ifndef CADUCEE_WEBMAIL_TOPBAR_H
#define CADUCEE_WEBMAIL_TOPBAR_H

#include "webmail-cgi/web.h"

void topbar_write(struct request *); /* brand, mailbox switcher, search, person */
void card_brand(struct request *);   /* the mark at the head of a card */

#endif
