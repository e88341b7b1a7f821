/* What a manager settles besides members: what the Annuaire shows, the red list, application certificates (manage.c). */
#ifndef CADUCEE_WEBMAIL_MANAGE_H
#define CADUCEE_WEBMAIL_MANAGE_H

#include "webmail-cgi/web.h"

void manage_forms(struct request *, const char *action);
/* acte=decrire; certificates: bind.h. */
enum store_status manage_describe(struct request *);

#endif
