/* The sync role: the Annuaire followed, and what it proposes. */
#ifndef CADUCEE_DIRECTORY_SYNC_H
#define CADUCEE_DIRECTORY_SYNC_H

#include "directory/duty.h"

void sync_beat(struct duty *);
void publisher_beat(struct duty *);
/* Makes BALs of what the Annuaire proposes, when directory.provision says so. */
void provision_beat(struct duty *);

#endif
