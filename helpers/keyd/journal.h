/* The erasure journal beside the keys, fed from the database: what the retention job means to erase is written there first
 * (design: sentence 4), and only then erased.
 */
#ifndef CADUCEE_KEYD_JOURNAL_H
#define CADUCEE_KEYD_JOURNAL_H

#include "lib/store/db.h"

/* In a job: every intention that has not been journaled is appended, synced, and marked. */
void journal_beat(struct db *, const char *key_folder);

#endif
