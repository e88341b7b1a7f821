/* What differs between mx and submission on a message's road: who may speak, from whom, to whom, and what becomes of it.
 * Each function answers the command by itself, at once or after a job.
 */
#ifndef CADUCEE_SMTPD_ROAD_H
#define CADUCEE_SMTPD_ROAD_H

#include "smtpd/session.h"
#include "smtpd/write_as.h"

struct road {
    bool (*identified)(struct session *); /* false: it has refused */
    void (*sender)(struct session *, const struct smtp_mail *, const char *domain /* normalised; "" for <> */);
    void (*recipient)(struct session *); /* s->rcpt, whose spans live as long as the envelope */
    void (*deliver)(struct session *);   /* the whole message is there */
    enum trace_actor (*actor)(const struct session *, const char **name);
    const char *direction;                     /* of traces: "in", "out" */
    const char *refuse_action;                 /* of traces: "mx.refuse" */
    uint64_t (*hold_max)(const struct conf *); /* FUTURERELEASE, seconds; NULL: not offered */
};
extern const struct road road_mx, road_submission;

/* submission.c: what write_as.h judges. */
struct writer submission_writer(const struct session *);
/* command_auth.c: for EHLO. */
const char *auth_mechanisms(struct session *);

#endif
