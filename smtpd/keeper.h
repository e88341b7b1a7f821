/* The trust snapshot in force in this process: asked after every second, swapped whole, in the loop thread. */
#ifndef CADUCEE_SMTPD_KEEPER_H
#define CADUCEE_SMTPD_KEEPER_H

#include "lib/net/loop.h"
#include "lib/store/db.h"
#include "lib/trust/trust.h"

struct keeper;
/* `db_of` gives the database connection of a job thread's state. */
struct keeper *keeper_new(struct loop *, struct jobs *, struct db *(*db_of)(void *thread));
struct trust_snapshot *keeper_snapshot(const struct keeper *); /* NULL until the first load */
void keeper_destroy(struct keeper **);                         /* after jobs_destroy() */

#endif
