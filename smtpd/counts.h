/* How many sessions a key (an address, a DN) has now. Keys that fall to zero are forgotten. */
#ifndef CADUCEE_SMTPD_COUNTS_H
#define CADUCEE_SMTPD_COUNTS_H

#include "lib/base/str.h"

struct counts;
struct counts *counts_new(void);
void counts_destroy(struct counts **);
/* False, and nothing counted, when the key stands at `limit` already. */
bool counts_enter(struct counts *, const char *key, uint64_t limit) MUST_USE;
void counts_leave(struct counts *, const char *key);
uint64_t counts_of(const struct counts *, const char *key);

#endif
