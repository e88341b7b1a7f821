/* One leader for a duty among all hosts: a session's advisory lock, given back by PostgreSQL when the connection ends. */
#ifndef CADUCEE_STORE_LEAD_H
#define CADUCEE_STORE_LEAD_H

#include "lib/store/db.h"

enum lead_lock { /* any numbers; one a duty */
                 LEAD_FETCHER = 0x4341440001,
                 LEAD_SEALER,
                 LEAD_SWEEPER,
                 LEAD_RETENTION,
                 LEAD_SYNC,
                 LEAD_PUBLISHER,
                 LEAD_REMINDER
};

/* Asks each time (a connection that was lost has lost the lock with it). *leads is false when another holds it. */
enum store_status db_lead(struct db *, int64_t lock, bool *leads);

#endif
