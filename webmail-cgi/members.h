/* Who shares a mailbox: the same table and form for its manager and for whoever administers the structure. Forms post
 * acte=ajouter|retirer to `action`. */
#ifndef CADUCEE_WEBMAIL_MEMBERS_H
#define CADUCEE_WEBMAIL_MEMBERS_H

#include "webmail-cgi/web.h"

void members_table(struct request *, const web_member_list *, const char *action, bool may_change);
void members_form(struct request *, const char *action);

#endif
