/* What a BAL's users keep beside its mail: text templates, contacts and groups. One text a kind, shared by who shares the
 * BAL; sealed to the BAL's public half, for a contact may be a patient: without the BAL's key it is noise.
 */
#ifndef CADUCEE_STORE_BAL_DOCUMENT_H
#define CADUCEE_STORE_BAL_DOCUMENT_H

#include "lib/store/mailbox.h"

enum { BAL_DOCUMENT_MAX = 512 << 10 };
enum bal_document { DOCUMENT_TEMPLATES, DOCUMENT_CONTACTS };

/* Empty when nothing was ever kept. STORE_DAMAGED: it is not what this BAL sealed under that kind. */
enum store_status bal_document_read(struct db *, struct mailbox *, enum bal_document, struct str *out);
/* Reads, changes and writes in one transaction, so that two members never lose each other's change. `change` may be called
 * again; false: nothing is written, and the answer is STORE_INVALID. */
enum store_status bal_document_change(struct db *, struct mailbox *, enum bal_document,
                                      bool (*change)(struct str *content, void *), void *arg);

#endif
