/* How many sessions a key (an address, a DN, a mailbox) has now, over all workers of a daemon. The supervisor maps one shared
 * table before it starts workers (daemon.c does it); each worker counts in a part of its own, which it alone writes, and reads
 * everybody's. A worker that dies takes its part with it: the supervisor clears it, so that kill -9 leaves no session
 * counted that is none. No locks; a worker stopped anywhere stops nobody.
 *
 * For the loop's thread only. Without a supervisor (tests) a process counts for itself. Keys are kept as 64 bits of a keyed
 * hash — strangers choose DNs — never as text. Sessions on other hosts are not counted.
 */
#ifndef CADUCEE_NET_TALLY_H
#define CADUCEE_NET_TALLY_H

#include "lib/base/str.h"

int tally_create(void); /* the supervisor: a memfd for its workers; it is attached as slot 0, which counts nothing */
void tally_attach(int fd, unsigned slot); /* slots as for metrics */
void tally_forget(unsigned slot);         /* the supervisor, when a worker has ended */

/* `kind` keeps keys of different sorts apart ("mx.address"). False, and nothing counted, when the key has `limit` sessions
 * already, or this worker has no room for another key (65,536 in all). Two workers that come at once to the last place may
 * both be refused it: the limit is never passed. */
bool tally_enter(const char *kind, const char *key, uint64_t limit) MUST_USE;
void tally_leave(const char *kind, const char *key); /* what was entered by this worker */
uint64_t tally_of(const char *kind, const char *key);

#endif
