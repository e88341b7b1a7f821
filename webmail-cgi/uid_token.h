/* A few UIDs as one word that an address may hold: "12-15.18". Pure. */
#ifndef CADUCEE_WEBMAIL_UID_TOKEN_H
#define CADUCEE_WEBMAIL_UID_TOKEN_H

#include "lib/base/str.h"
#include "lib/store/mailbox.h"

enum { UID_TOKEN_MAX = 1500, UID_TOKEN_UIDS_MAX = 1000 };
/* False when they do not fit: then there is nothing to undo with. */
bool uid_token_write(struct str *out, const uint32_t *uids, size_t count) MUST_USE;
bool uid_token_read(struct span, uid_list *out) MUST_USE;

#endif
