/* Small lists that a mailbox keeps as one text (contacts, templates): a record a line of bytes, its first field its id.
 * Fields end with US, records with RS (ASCII 31, 30): what people type holds neither (input.h). Pure.
 */
#ifndef CADUCEE_WEBMAIL_RECORDS_H
#define CADUCEE_WEBMAIL_RECORDS_H

#include "lib/base/str.h"

enum { RECORD_FIELDS = 6 };
struct record {
    struct span field[RECORD_FIELDS]; /* [0] is the id; absent ones are empty */
};

/* Takes the next record off the front; false at the end. */
bool record_next(struct span *rest, struct record *out) MUST_USE;
bool record_find(struct span text, struct span id, struct record *out) MUST_USE;
/* Puts a record in the place of the one of its id, or at the end. False: there are `max` of them, or no room. */
bool record_put(struct str *text, const struct record *, size_t max) MUST_USE;
bool record_remove(struct str *text, struct span id) MUST_USE; /* false: no such record */

#endif
