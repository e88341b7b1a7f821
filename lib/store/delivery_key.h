/* Private to lib/store: the delivery keys a process holds (deliver.h makes and destroys the set). */
#ifndef CADUCEE_STORE_DELIVERY_KEY_H
#define CADUCEE_STORE_DELIVERY_KEY_H

#include "lib/store/deliver.h"

struct delivery_key {
    int64_t id;
    struct key key;
};
/* A key of that BAL that is committed and young enough; made and committed here when there is none. Counts one message.
 * Outside a transaction. */
enum store_status delivery_key_get(struct db *, struct delivery_keys *, const struct bal *, struct delivery_key *out);

#endif
