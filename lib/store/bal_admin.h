/* Making BALs and moving them through their life. Who creates a BAL makes its key pair, seals the private half to the current
 * epoch's public half, and forgets it: from then on keyd alone can open it.
 */
#ifndef CADUCEE_STORE_BAL_ADMIN_H
#define CADUCEE_STORE_BAL_ADMIN_H

#include "lib/store/bal.h"
#include "lib/store/trace.h"

struct bal_new {
    const char *address, *domain; /* keys of proto/address.h */
    enum bal_kind kind;
    enum bal_state state; /* BAL_WAITING or BAL_OPEN */
    int64_t structure_id;
    int64_t holder_id;                                /* PER: the titulaire; 0 otherwise */
    int64_t responsible_id;                           /* ORG, APP: who answers for it; 0: none yet */
    const char *display_name, *description, *service; /* NULL: none */
    const char *origin;                               /* "admin", "annuaire", "import" */
    bool red_listed, published;
    uint64_t quota_bytes; /* 0: none */
};
/* STORE_EXISTS: the address is taken. STORE_CONFLICT: no epoch yet (caducee key init). One transaction: row, wrapped key,
 * quota, folders, membership, trace. */
enum store_status bal_create(struct db *, const struct bal_new *, const struct trace *, int64_t *bal_id);

/* STORE_NOT_FOUND when it had that state. */
enum store_status bal_set_state(struct db *, int64_t bal_id, enum bal_state, const struct trace *);
enum store_status bal_set_quota(struct db *, int64_t bal_id, uint64_t bytes, const struct trace *);
enum store_status bal_set_quota_messages(struct db *, int64_t bal_id, uint64_t count, const struct trace *);
enum store_status bal_set_red_listed(struct db *, int64_t bal_id, bool, const struct trace *);
enum store_status bal_set_legal_hold(struct db *, int64_t bal_id, const char *reason /* NULL: ends */,
                                     const struct trace *);

#endif
