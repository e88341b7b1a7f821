/* A client's message made fit to leave: Bcc taken out (it stays in the Sent copy), Date and Message-ID put in when the
 * client has not (RFC 6409 8.1, 8.2), a Return-Path taken off (RFC 5321 4.4), nothing else touched.
 */
#ifndef CADUCEE_PROTO_HEADER_OUTWARD_H
#define CADUCEE_PROTO_HEADER_OUTWARD_H

#include "lib/base/str.h"

struct outward_options {
    const char *hostname; /* for a Message-ID of ours */
    int64_t now;
    struct span front; /* our own fields, CRLF ended: they leave in front of all others */
};
struct outward {
    struct str head;  /* what leaves in front … */
    struct span rest; /* … of these bytes of the message */
    struct str bcc;   /* the Bcc fields whole, for the Sent copy's head */
    char message_id[256];
};
/* The caller has str_init()ed both strings. False when they did not hold it. */
bool header_outward(struct outward *, struct span message, const struct outward_options *);

#endif
