/* The messages by which a client hands a token over; pure, hence fuzzed. */
#ifndef CADUCEE_AUTH_SASL_MESSAGE_H
#define CADUCEE_AUTH_SASL_MESSAGE_H

#include "lib/base/str.h"

struct sasl_token {
    struct span identity; /* who one wants to be: a BAL's address; decoded into the caller's buffer; empty = none */
    struct span token;    /* points into the message */
};

/* RFC 7628 3.1: "n,a=user@example,^Ahost=…^Aport=…^Aauth=Bearer TOKEN^A^A". `buffer` holds the decoded identity. False: not
 * that syntax (channel bindings asked for, no auth, another scheme, a key twice). */
bool sasl_read_oauthbearer(struct span message, struct str *buffer, struct sasl_token *out) MUST_USE;
/* Google's form: "user=user@example^Aauth=Bearer TOKEN^A^A". */
bool sasl_read_xoauth2(struct span message, struct str *buffer, struct sasl_token *out) MUST_USE;
/* RFC 4422 A: the authorisation identity alone, UTF-8 without NUL; may be empty. */
bool sasl_read_external(struct span message, struct sasl_token *out) MUST_USE;

/* What tells a client that its token was refused (RFC 7628 3.2.2). */
void sasl_write_failure(struct str *out, bool temporary, const char *discovery_url /* NULL: none */);

#endif
