/* What the files of lib/net share about the loop; nobody else includes it. */
#ifndef CADUCEE_NET_LOOP_PRIVATE_H
#define CADUCEE_NET_LOOP_PRIVATE_H

#include "lib/net/loop.h"

#include <event2/event.h>

enum { LOOP_SCRATCH_BYTES = 64 * 1024 };

struct event_base *loop_base(struct loop *);
char *loop_scratch(struct loop *); /* LOOP_SCRATCH_BYTES for one read; anyone's in the loop thread, until it returns */
/* What outlives its owner and goes with the loop at the latest. */
struct loop_guest {
    struct loop_guest *next, *previous;
    void (*free)(struct loop_guest *); /* dismisses it */
};
void loop_host(struct loop *, struct loop_guest *, void (*free)(struct loop_guest *));
void loop_dismiss(struct loop *, struct loop_guest *);
size_t loop_guests(const struct loop *);

bool loop_is_here(const struct loop *); /* is this the loop's thread? */

#endif
