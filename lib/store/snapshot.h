/* The trust snapshot as the database holds it: whitelist in force, CAs, CRLs, our domains and certificates. */
#ifndef CADUCEE_STORE_SNAPSHOT_H
#define CADUCEE_STORE_SNAPSHOT_H

#include "lib/store/db.h"
#include "lib/trust/trust.h"

/* STORE_NOT_FOUND when the generation is still `known_generation` (cheap: one row; ask each second); 0 loads always. The
 * caller releases *out. A CA or CRL that cannot be used is left out and logged. */
enum store_status snapshot_load(struct db *, uint64_t known_generation, struct trust_snapshot **out);

/* Our own certificate's name, one a host: the fetcher and `caducee` say it, mx learns it with the snapshot (our domains may be
 * senders under it alone). Touches the generation when new. */
enum store_status snapshot_own_dn(struct db *, const char *hostname, const struct dn *);

/* A value of the installation, shared by all hosts. */
enum store_status setting_read(struct db *, const char *name, struct str *value); /* STORE_NOT_FOUND */
enum store_status setting_write(struct db *, const char *name, const char *value);

#endif
