/* Private to lib/store/queue_*.c: how the key of a queued blob waits for the relay.
 *
 * A writer keeps a random key for at most 15 minutes or 10,000 messages, as it does for each BAL (design: delivery keys):
 * sealed once to the queue's public half (80 octets), it then wraps each blob's key (AES-256-GCM, 60 octets), bound to its
 * BAL and blob. A row carries both, so that it needs no other. A row of 80 octets is the blob's own key sealed: what older
 * writers left.
 */
#ifndef CADUCEE_STORE_QUEUE_KEY_H
#define CADUCEE_STORE_QUEUE_KEY_H

#include "lib/base/crypto.h"
#include "lib/store/sql.h"

enum { QUEUE_KEY_SEALED = KEY_BYTES + 48, QUEUE_KEY_MAX = QUEUE_KEY_SEALED + KEY_BYTES + 28 };

/* In the transaction that writes the row. STORE_INVALID: keyd has not made the queue's key pair yet. */
enum store_status queue_key_wrap(struct db *, int64_t bal_id, int64_t blob_id, const struct key *blob_key,
                                 struct str *out);
struct queue_opener;
enum store_status queue_key_open(struct queue_opener *, int64_t bal_id, int64_t blob_id, struct span stored,
                                 struct key *blob_key);

#endif
