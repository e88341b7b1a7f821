/* What a message being written may take in besides what is typed: contacts, templates, a time to leave at; and how large it
 * may be for whom it goes to.
 */
#ifndef CADUCEE_WEBMAIL_COMPOSE_EXTRAS_H
#define CADUCEE_WEBMAIL_COMPOSE_EXTRAS_H

#include "webmail-cgi/compose.h"

/* compose_contacts.c: ?contact= names a contact or a group: they are who it goes to. */
void compose_from_contact(struct request *, struct compose *);
/* compose_templates.c: the menu under the text; and the button pressed in it puts that template before what is typed. */
void compose_templates_menu(struct request *);
void compose_insert_template(struct request *, struct compose *);
/* compose_later.c: the field under the text; its time as wall seconds, 0 when it is not one in the coming year. */
void compose_later_menu(struct request *);
int64_t compose_later_time(struct request *);
/* compose_limits.c: bytes that a message to these recipients may have, encoded; and a line that says so. */
uint64_t compose_limit(const struct request *, const struct compose *);
void compose_size_line(struct request *, const struct compose *);

#endif
