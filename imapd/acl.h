/* What the ACL commands share. */
#ifndef CADUCEE_IMAPD_ACL_H
#define CADUCEE_IMAPD_ACL_H

#include "imapd/session.h"

enum store_status acl_folder(struct session *, struct span name, struct access **, struct folder *);

#endif
