#ifndef CADUCEE_WEBMAIL_CAGE_H
#define CADUCEE_WEBMAIL_CAGE_H

#include "webmail-cgi/web.h"

/* The page around what strangers wrote; its route carries WEB_CAGE. */
void cage_begin(struct request *);
void cage_end(struct request *);

#endif
