/* Special uses of folders (RFC 6154): a closed list. */
#ifndef CADUCEE_IMAPD_SPECIAL_USE_H
#define CADUCEE_IMAPD_SPECIAL_USE_H

#include "lib/base/base.h"

const char *special_use_known(struct span flag); /* in its usual letters; NULL */

#endif
