/* What the BAL commands share. */
#ifndef CADUCEE_CTL_BAL_H
#define CADUCEE_CTL_BAL_H

#include "ctl/command.h"
#include "lib/store/bal.h"

/* The next word as a BAL; false after saying why, with the exit status. */
bool take_bal(struct invocation *, struct bal *out, int *status);

#endif
