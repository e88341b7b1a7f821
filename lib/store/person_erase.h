/* A person asks to be forgotten (RGPD art. 17): what the law lets go goes at once; the identity that traces name is kept as long as
 * they are (SC.MSS/CONF.17, RGPD art. 17.3), then goes by itself (role retention). */
#ifndef CADUCEE_STORE_PERSON_ERASE_H
#define CADUCEE_STORE_PERSON_ERASE_H

#include "lib/store/db.h"
#include "lib/store/trace.h"

struct person_erasure {
    char holds[1024];   /* STORE_CONFLICT: BALs of the person's own that must be erased first, or are on legal hold */
    char roles[256];    /* STORE_CONFLICT: operator's roles that must end first */
    int64_t kept_until; /* wall seconds; 0: the identity is gone already */
    int64_t traces;     /* that name the person */
    int64_t shares, sessions, settings, own; /* ended, erased; own: drafts, marks, notes, cards in BALs of others */
};
enum store_status person_erase(struct db *, int64_t person_id, uint64_t keep_traces_s, const struct trace *,
                               struct person_erasure *out);

#endif
