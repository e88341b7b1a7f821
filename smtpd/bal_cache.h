/* BALs looked up a moment ago, so that a busy recipient costs one query a second and not one a message. A second is what
 * the rules allow a change of state to take (issue of the smtpd); the delivering transaction asks again in any case.
 * Loop thread only. Absent addresses are not kept: their refusals are traced one by one.
 */
#ifndef CADUCEE_SMTPD_BAL_CACHE_H
#define CADUCEE_SMTPD_BAL_CACHE_H

#include "lib/store/bal.h"

enum { BAL_CACHE_MS = 1000 };

struct bal_cache;
struct bal_cache *bal_cache_new(void);
void bal_cache_destroy(struct bal_cache **);
const struct bal *bal_cache_get(const struct bal_cache *, struct span key, uint64_t now_ms);
void bal_cache_put(struct bal_cache *, struct span key, const struct bal *, uint64_t now_ms);

#endif
