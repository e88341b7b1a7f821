/* Private to lib/store: what a message row holds, made alike by delivery and APPEND. */
#ifndef CADUCEE_STORE_MESSAGE_WRITE_H
#define CADUCEE_STORE_MESSAGE_WRITE_H

#include "lib/base/crypto.h"
#include "lib/store/delivery_key.h"
#include "lib/store/summary.h"

/* In message.summary_flags only, never shown: our own Sent copy of a submitted message, which the client's own APPEND of
 * the same Message-ID replaces. */
enum { OWN_SENT_COPY = 1 << 30 };

struct sealed_summary {
    struct str structure, text;
    uint8_t msgid_hash[16];
    bool has_text, has_msgid;
};
/* Encrypts under the delivery key, bound to (bal, blob). Free with sealed_summary_free(). `head` is our own fields in front
 * of what parse has read: SEARCH looks at them too, so that their lines go before the text's. */
void sealed_summary_make(struct sealed_summary *, const struct summary *, struct span head, const struct delivery_key *,
                         int64_t bal_id, int64_t blob_id);
enum { SEARCH_HEAD_MAX = 64 << 10 }; /* bytes of such lines in the text for SEARCH */
void sealed_summary_free(struct sealed_summary *);
/* 16 bytes of SHA-256 over the BAL and a Message-ID with its brackets. */
void message_id_hash(uint8_t out[16], int64_t bal_id, struct span message_id);

#endif
