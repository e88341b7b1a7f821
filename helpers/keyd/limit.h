/* How often a BAL's key may be handed out, and how often all may: a taken-over worker must not drain the mailboxes of an
 * installation faster than an alarm is read. Buckets that refill; one thread-safe table.
 */
#ifndef CADUCEE_KEYD_LIMIT_H
#define CADUCEE_KEYD_LIMIT_H

#include "lib/base/base.h"

struct limits;
struct limits *limits_new(uint64_t per_bal_a_minute, uint64_t in_all_a_minute);
void limits_destroy(struct limits **);
/* NULL: go on; else the rule that refuses. */
const char *limits_take(struct limits *, int64_t bal_id, uint64_t now_ms);

#endif
