/* Contacts and groups of a mailbox, as records: id, "c" or "g", name, addresses (a group's separated by commas), note. */
#ifndef CADUCEE_WEBMAIL_CONTACTS_H
#define CADUCEE_WEBMAIL_CONTACTS_H

#include "webmail-cgi/records.h"
#include "webmail-cgi/web.h"

enum { CONTACTS_MAX = 2000, CONTACT_ID = 0, CONTACT_KIND, CONTACT_NAME, CONTACT_ADDRESSES, CONTACT_NOTE };

/* Those whose name, note or address hold each typed word, at most `limit`; what `out` points to lives in the arena. */
typedef VEC(struct record) record_list;
enum store_status contacts_search(struct request *, struct span typed, size_t limit, record_list *out);
bool contact_is_group(const struct record *);
/* "Nom" <adresse>, as a recipient's field takes it. */
struct span contact_as_recipient(struct request *, const struct record *);

#endif
