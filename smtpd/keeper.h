/* The trust snapshot in force in this process: asked after every second, swapped whole, in the loop thread. */
#ifndef CADUCEE_SMTPD_KEEPER_H
#define CADUCEE_SMTPD_KEEPER_H

#include "lib/net/loop.h"
#include "lib/store/db.h"
#include "lib/trust/trust.h"

struct keeper;
/* `db_of` gives the database connection of a job thread's state. `asked` (NULL: none) is called once, in the loop, when the
 * first load has ended, well or not: before it nobody should be let in to hear "try again later". */
struct keeper *keeper_new(struct loop *, struct jobs *, struct db *(*db_of)(void *thread), void (*asked)(void *),
                          void *arg);
struct trust_snapshot *keeper_snapshot(const struct keeper *); /* NULL until the first load */
void keeper_destroy(struct keeper **);                         /* after jobs_destroy() */

#endif
