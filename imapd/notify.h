/* After a commit of ours: wakes whoever looks at that BAL (lib/net/wake.h). Lost ones cost seconds, never mail. */
#ifndef CADUCEE_IMAPD_NOTIFY_H
#define CADUCEE_IMAPD_NOTIFY_H

#include "imapd/session.h"

void notify(struct session *, const struct access *, int64_t folder_id);

#endif
