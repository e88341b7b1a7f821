/* The pages of a mailbox beside its mail: contacts, templates, rules, out-of-office, folders, messages that wait, who read
 * what, download. One frame, tabs between them.
 */
#ifndef CADUCEE_WEBMAIL_DESK_H
#define CADUCEE_WEBMAIL_DESK_H

#include "webmail-cgi/web.h"

void desk_begin(struct request *, const char *here); /* `here`: the last word of the page's own path */
void desk_end(struct request *);
const char *desk_path(struct request *, const char *rest); /* "/b/7/<rest>" */
void desk_done(struct request *, const char *here,
               enum store_status);                /* back to the page, which says that it is done */
bool desk_may_manage(const struct request *);     /* rules, out-of-office, who read what */
bool desk_may_change(const struct request *);     /* contacts, templates, folders */
bool desk_allows(struct request *, bool allowed); /* false: the refusal is written */
void desk_empty(struct request *, const char *symbol, const char *words);
/* "A, B" for a record's new id: letters and digits that stood nowhere before. */
struct span new_record_id(struct request *);

#endif
