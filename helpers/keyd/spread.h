/* One access token seen from how many addresses: a stolen one is used beside its owner. Only a digest of the token is
 * remembered, until it expires.
 */
#ifndef CADUCEE_KEYD_SPREAD_H
#define CADUCEE_KEYD_SPREAD_H

#include "lib/base/base.h"

/* False: this address is one too many for this token. Thread-safe. */
bool spread_note(struct span token, struct span address, unsigned most, int64_t expires, int64_t now);

#endif
