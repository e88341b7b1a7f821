/* Who a session is, under keyd's own MAC: handed out with a grant, shown again to open a further BAL. keyd remembers
 * nothing, so it may be restarted under open sessions.
 */
#ifndef CADUCEE_KEYD_PROOF_H
#define CADUCEE_KEYD_PROOF_H

#include "lib/auth/keyd.h"

enum { PROOF_LIFE_S = 12 * 3600 };

struct proof {
    int64_t person_id, binding_id;
    int64_t expires; /* wall seconds */
    uint32_t uid;    /* of the process it was given to: of no use to another */
};
void proof_make(uint8_t out[KEYD_PROOF_BYTES], const struct key *, const struct proof *);
bool proof_open(struct proof *, const struct key *, struct span shown, uint32_t uid, int64_t now) MUST_USE;

#endif
