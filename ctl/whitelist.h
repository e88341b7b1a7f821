/* What whitelist and trust commands share. */
#ifndef CADUCEE_CTL_WHITELIST_H
#define CADUCEE_CTL_WHITELIST_H

#include "ctl/command.h"
#include "lib/store/fetches.h"
#include "lib/store/snapshot.h"

/* Tells the database our own certificate's name (tls.certificate), when this account may read it. */
enum store_status remember_own_dn(struct invocation *);

#endif
