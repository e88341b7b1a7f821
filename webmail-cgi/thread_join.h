/* Conversations: messages that name each other by Message-ID, In-Reply-To or References are one (RFC 5256's REFERENCES,
 * without its guess by subject). Pure. What strangers wrote cannot slow it down: identifiers are looked up by a digest.
 */
#ifndef CADUCEE_WEBMAIL_THREAD_JOIN_H
#define CADUCEE_WEBMAIL_THREAD_JOIN_H

#include "lib/base/vec.h"

enum { THREAD_NAMES_MAX = 32 }; /* of one message: its own, its parent's, and the last of its References */

struct thread_slot {
    uint64_t digest; /* 0: free */
    uint32_t node;
};
struct thread_join {
    VEC(uint32_t) parent; /* a node each message */
    struct thread_slot *slots;
    size_t slot_count, slot_used;
};
void thread_join_free(struct thread_join *);
/* The next message; nodes are numbered from 0 in order. */
uint32_t thread_join_add(struct thread_join *, struct span message_id, struct span in_reply_to, struct span references);
/* Two nodes have the same root when they are of one conversation. */
uint32_t thread_join_root(struct thread_join *, uint32_t node);

#endif
