/* Delivery status notifications (RFC 3461, 3462, 3464, 6533): multipart/report, French first, then English, in words that say
 * what to do. They go to mailboxes of ours only, from the null sender; what answers one is never answered.
 */
#ifndef CADUCEE_PROTO_DSN_H
#define CADUCEE_PROTO_DSN_H

#include "lib/base/str.h"

enum dsn_action { DSN_FAILED, DSN_DELAYED, DSN_DELIVERED, DSN_RELAYED };

/* Why, for people. */
enum dsn_cause {
    DSN_CAUSE_NONE,
    DSN_CAUSE_NOT_LISTED, /* the domain is not in the trust space any more */
    DSN_CAUSE_UNKNOWN,    /* no such mailbox */
    DSN_CAUSE_CLOSED,     /* the mailbox is closed or suspended */
    DSN_CAUSE_FULL,
    DSN_CAUSE_TOO_LARGE,
    DSN_CAUSE_CERTIFICATE, /* their server's certificate breaks a trust rule */
    DSN_CAUSE_POLICY,      /* they refuse us, or the content */
    DSN_CAUSE_VIRUS,
    DSN_CAUSE_UNREACHABLE,   /* DNS, connection, time-out */
    DSN_CAUSE_NO_MAIL,       /* null MX (RFC 7505): their domain says so itself */
    DSN_CAUSE_NOT_SUPPORTED, /* 8BITMIME, SMTPUTF8 */
    DSN_CAUSE_TEMPORARY,     /* they said 4xx */
    DSN_CAUSE_WITHDRAWN,     /* when its time came, the right to send had ended, or the patient had opposed */
    DSN_CAUSE_OTHER,
    DSN_CAUSE_COUNT
};
/* From the peer's last reply: code and enhanced code ("" none). */
enum dsn_cause dsn_cause_of_reply(unsigned code, const char *enhanced);
const char *dsn_cause_fr(enum dsn_cause);
const char *dsn_cause_en(enum dsn_cause);

struct dsn_recipient {
    const char *address;
    const char *orcpt; /* "rfc822;…", "" none */
    enum dsn_action action;
    const char *status; /* "5.1.1" */
    enum dsn_cause cause;
    const char *remote;       /* their host; "" never reached */
    const char *diagnostic;   /* their reply; "" none */
    int64_t last_attempt;     /* wall seconds */
    int64_t will_retry_until; /* DELAYED; 0 else */
};
struct dsn {
    const char *hostname;
    const char *to;         /* the sender of the message: a BAL of ours */
    const char *message_id; /* the original's, "" none */
    const char *envid;      /* "" none */
    int64_t arrived, now;
    const char *boundary; /* random, of the caller; stands nowhere in the original */
    struct span original;
    bool whole; /* RET=FULL: the message itself; else its header */
    const struct dsn_recipient *recipients;
    size_t count;
};
bool dsn_build(struct str *out, const struct dsn *);

#endif
