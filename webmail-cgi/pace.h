/* How many requests a minute one session, or one address that nobody has logged in from, may make of this worker process:
 * what goes beyond is answered 429 before it costs anything. Pure but for its own table; time is the caller's.
 */
#ifndef CADUCEE_WEBMAIL_PACE_H
#define CADUCEE_WEBMAIL_PACE_H

#include "lib/base/str.h"

struct pace;
struct pace *pace_new(void);
void pace_destroy(struct pace **);
/* False: `who` has had its `limit` (0: none) in the minute of `now_ms`. From any thread. */
bool pace_allows(struct pace *, struct span who, unsigned limit, uint64_t now_ms);

#endif
