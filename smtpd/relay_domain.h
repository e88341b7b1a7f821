/* What the relay knows of the domains it writes to: how many errands each runs and may run, and the connection kept for the
 * next one. Kept for minutes after the last errand, so that what was learnt of a server is not learnt again with each message.
 */
#ifndef CADUCEE_SMTPD_RELAY_DOMAIN_H
#define CADUCEE_SMTPD_RELAY_DOMAIN_H

#include "lib/base/vec.h"

#include <stddef.h>
#include <stdint.h>

enum {
    RELAY_DOMAIN_ALLOWED_FIRST = 2,
    RELAY_DOMAIN_KEPT_MS = 10 * 60 * 1000, /* at rest */
    RELAY_DOMAINS_KEPT = 1000              /* at rest; beyond it those longest at rest go first */
};

struct relay_client;
struct relay_domain {
    char name[256];
    unsigned running, allowed;
    struct relay_client *idle; /* a connection kept for the next errand; NULL: none */
    size_t idle_identity;      /* under which certificate of ours */
    uint64_t idle_since, used; /* when its last errand began or ended */
};
struct relay_domains {
    VEC(struct relay_domain *) all;
};

/* The one of that name, made when it is not known. */
struct relay_domain *relay_domain_of(struct relay_domains *, const char *name, uint64_t now);
void relay_domain_begin(struct relay_domain *, uint64_t now);
void relay_domain_end(struct relay_domain *, uint64_t now);
/* One more at once with each connection that opens, up to `most`; half with each that fails, down to one. */
void relay_domain_opened(struct relay_domain *, uint64_t most);
void relay_domain_failed(struct relay_domain *);
/* Those at rest for long, or too many. Never one with an errand or a connection. */
void relay_domains_forget(struct relay_domains *, uint64_t now);
void relay_domains_free(struct relay_domains *);

#endif
