/* The trace fields that we put in front of a message (RFC 5321 4.4, RFC 8601). Everything a peer chose is sanitized:
 * no line breaks, no control characters, parentheses and backslashes gone from comments.
 */
#ifndef CADUCEE_PROTO_RECEIVED_H
#define CADUCEE_PROTO_RECEIVED_H

#include "lib/base/str.h"

struct received {
    struct span helo;    /* what the peer called itself */
    const char *address; /* numeric */
    const char *by;      /* our host name */
    const char *id;      /* session and message: no spaces */
    bool esmtp, tls, authenticated, utf8;
    const char *tls_protocol, *tls_cipher; /* NULL without TLS */
    struct span only_recipient;            /* "for <…>": only when there is one; empty else */
    int64_t now;
};
bool received_build(struct str *out, const struct received *);

/* Return-Path: <text>; the null sender gives "<>". */
bool return_path_build(struct str *out, struct span sender);

struct authentication {
    const char *authserv; /* our host name */
    const char *dn, *operator_name;
    const char *sender_domain; /* "" for the null sender */
};
/* Authentication-Results: NAME; x-mssante=pass … */
bool authentication_results_build(struct str *out, const struct authentication *);

#endif
