/* Private to lib/store: a block of folder_order, as bytes. One kind of one block:
 *
 *     u8 version (1), u8 kind, u32 count
 *     count x u32 uid, each less the one before
 *     ORDER_FACTS: count x u64 arrival, sent, size, each less the one before; count x u8 reply
 *     for each text: count x u32 length; then the bytes of all, text after text
 *
 * zstd, then AES-256-GCM under a key that the BAL's private half gives: only who reads the mailbox makes or opens one.
 */
#ifndef CADUCEE_STORE_ORDER_BLOCK_H
#define CADUCEE_STORE_ORDER_BLOCK_H

#include "lib/base/crypto.h"
#include "lib/store/order.h"

enum { ORDER_BLOCK = 2048, ORDER_CLEAR_MAX = 8 << 20 /* a block of longer texts is not kept, but read each time */ };

struct order_place {
    const struct key *key;
    int64_t bal_id, folder_id, block;
};
void order_key(struct key *out, const struct key *private_half, int64_t bal_id);
/* False: too much text. `out` was made with ORDER_CLEAR_MAX. */
bool order_block_seal(struct str *out, const struct order_place *, enum order_kind, const struct imap_sort_item *,
                      size_t count) MUST_USE;
/* Adds a kind to the items of a block: the first one makes them. `clear` holds the texts from then on. False: it does not
 * authenticate, or does not go with what is there. */
bool order_block_open(order_list *items, struct str *clear, const struct order_place *, enum order_kind,
                      struct span sealed) MUST_USE;

#endif
