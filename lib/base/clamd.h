/* clamd's configuration, "Name value" a line: what it takes for clean because it has not read it. */
#ifndef CADUCEE_BASE_CLAMD_H
#define CADUCEE_BASE_CLAMD_H

#include "lib/base/base.h"

bool clamd_value(struct span text, const char *name, char out[static 256]);
/* The first of its limits that is below `least`, with its value; NULL: it reads messages of that size to their end. */
const char *clamd_limit_below(struct span text, uint64_t least, uint64_t *value);

#endif
