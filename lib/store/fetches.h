/* What somebody wants fetched now ("whitelist", "crl", "jwks", "directory", "publication"): asked by a row, done by the
 * process whose work it is.
 */
#ifndef CADUCEE_STORE_FETCHES_H
#define CADUCEE_STORE_FETCHES_H

#include "lib/store/db.h"

enum store_status fetch_ask(struct db *, const char *what, const char *who);
/* STORE_OK: somebody has asked and nobody has answered yet; the request is then taken. STORE_NOT_FOUND: nothing asked. */
enum store_status fetch_take(struct db *, const char *what);

/* The same with words: who asks and what for ("dry-run", "force:reason"); "" when none. */
struct fetch_asked {
    char who[128], detail[1024];
};
enum store_status fetch_ask_for(struct db *, const char *what, const char *who, const char *detail);
enum store_status fetch_take_asked(struct db *, const char *what, struct fetch_asked *out);

/* "discovery" or "jwks" of Pro Santé Connect, as fetched; etag NULL: none. */
enum store_status oidc_store(struct db *, const char *name, const char *url, struct span document, const char *etag,
                             int64_t expires);

#endif
