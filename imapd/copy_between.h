/* COPY and MOVE from one BAL into another. */
#ifndef CADUCEE_IMAPD_COPY_BETWEEN_H
#define CADUCEE_IMAPD_COPY_BETWEEN_H

#include "imapd/session.h"

/* STORE_INVALID: more bytes than APPEND takes at once. Job only. */
enum store_status copy_between(struct session *, struct access *to, const struct folder *, const uid_list *uids,
                               bool move, copied_list *, uint32_t *uidvalidity);

#endif
