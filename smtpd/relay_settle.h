/* Private to relay_settle.c and relay_report.c: a letter whose fate is being written. */
#ifndef CADUCEE_SMTPD_RELAY_SETTLE_H
#define CADUCEE_SMTPD_RELAY_SETTLE_H

#include "lib/proto/dsn.h"
#include "smtpd/relay.h"

struct settling {
    struct relay_thread *thread;
    struct letter *letter;
    const struct queue_message *message;
    int64_t now;
    bool departed; /* the domain has left the trust space for good */
    VEC(struct queue_result) results;
    VEC(struct dsn_recipient) told; /* in the DSN */
};

#endif
