/* Who may write as whom, in one place: the envelope's sender and the header's From (every address of it, also one hidden in
 * a display name, a comment or an encoded word) must be the BAL that the session has proven it may send from; Sender, when
 * there is one, too, or in a shared BAL the writer's own address. Pure: unit-tested without a server.
 */
#ifndef CADUCEE_SMTPD_WRITE_AS_H
#define CADUCEE_SMTPD_WRITE_AS_H

#include "lib/base/str.h"

struct writer {
    const char *bal; /* address_key() of the BAL */
    bool may_send;   /* owner, or member with the right to send; a binding that may */
    bool shared;     /* ORG, CAB: Sender: may name the person's own address, within our domains */
    /* Is this (normalised) domain ours? For Sender in shared BALs; NULL: no. */
    bool (*is_ours)(struct span domain, const void *);
    const void *arg;
    bool null_sender; /* MAIL FROM:<>, which only a read receipt may have (RFC 8098 3) */
};
enum write_as {
    WRITE_AS_OK,
    WRITE_AS_NO_RIGHT,     /* may read, not send */
    WRITE_AS_OTHER_SENDER, /* MAIL FROM */
    WRITE_AS_NO_FROM,      /* none, several, or one that cannot be read */
    WRITE_AS_OTHER_FROM,
    WRITE_AS_NULL_SENDER,
    WRITE_AS_OTHER_SENDER_FIELD
};
/* `sender` is what MAIL FROM holds, "" for the null sender. */
enum write_as write_as_envelope(const struct writer *, struct span sender);
enum write_as write_as_header(const struct writer *, struct span message);

const char *write_as_rule(enum write_as);  /* "sender.other" */
const char *write_as_reply(enum write_as); /* "550 5.7.1 …" */

#endif
