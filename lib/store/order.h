/* What SORT and THREAD compare of many messages. Most of it comes from blocks of 2,048 UIDs that an earlier reader has left
 * behind, encrypted (design: Storage); the rest from the messages' own summaries, and what is read whole that way is left
 * behind in turn. The answer is the same either way.
 */
#ifndef CADUCEE_STORE_ORDER_H
#define CADUCEE_STORE_ORDER_H

#include "lib/proto/imap_sort.h"
#include "lib/store/mailbox.h"

enum order_kind {
    ORDER_FACTS = 1,  /* arrival, sent, size, subject, reply */
    ORDER_PEOPLE = 2, /* from, to, cc, display_from, display_to */
    ORDER_THREAD = 4  /* id, references */
};

typedef VEC(struct imap_sort_item) order_list;

struct order {        /* zero is empty */
    order_list items; /* by rising UID; UIDs that are not there are passed over */
    struct arena *texts;
    VEC(struct str) opened; /* texts of the items are here and there */
};

/* `kinds`: what is filled in. `last`: the highest UID that the caller has seen in the folder; blocks up to it are complete.
 * Outside a transaction. */
enum store_status messages_order(struct db *, struct mailbox *, int64_t folder_id, const uint32_t *uids, size_t count,
                                 uint32_t last, unsigned kinds, struct order *out);
void order_free(struct order *);

#endif
