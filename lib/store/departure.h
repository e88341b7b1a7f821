/* Has a domain left the trust space for good? One bad whitelist must not bounce a queue: only after two generations and
 * 24 hours without it (design: "Failure is a design input").
 */
#ifndef CADUCEE_STORE_DEPARTURE_H
#define CADUCEE_STORE_DEPARTURE_H

#include "lib/store/db.h"

enum store_status domain_departed(struct db *, const char *domain /* normalised */, bool *departed);

#endif
