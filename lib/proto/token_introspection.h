/* What an introspection endpoint answers about one token (RFC 7662 2.2), and the form that asks it (2.1). Pure. */
#ifndef CADUCEE_PROTO_TOKEN_INTROSPECTION_H
#define CADUCEE_PROTO_TOKEN_INTROSPECTION_H

#include "lib/base/str.h"

enum { INTROSPECTION_ANSWER_MAX = 64 << 10 };

enum introspection {
    INTROSPECTION_ACTIVE,
    INTROSPECTION_INACTIVE, /* revoked, over, or not one of theirs */
    INTROSPECTION_UNKNOWN   /* no answer, or one that says neither: a passing trouble, never a yes */
};

enum introspection introspection_read(struct span json);
/* The body: token, hint, and what is not NULL of the client's name and secret (client_secret_post, RFC 6749 2.3.1). */
void introspection_form(struct str *out, struct span token, const char *client_id, const char *secret);
/* The value of an Authorization field: each half form-encoded, then base64 (RFC 6749 2.3.1). */
void introspection_basic(struct str *out, const char *client_id, const char *secret);

#endif
