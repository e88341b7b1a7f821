/* A log-in on its way to Pro Santé Connect and back. One random secret in a cookie of the browser; state, nonce and PKCE
 * verifier are derived from it, so that nothing is stored and nobody else's browser can finish it. Pure.
 */
#ifndef CADUCEE_WEBMAIL_LOGIN_H
#define CADUCEE_WEBMAIL_LOGIN_H

#include "lib/base/crypto.h"
#include "lib/proto/token_oidc.h"

struct login {
    uint8_t secret[32];
    bool shared_computer;
    char state[48], nonce[48], verifier[48], challenge[48];
};
void login_new(struct login *, bool shared_computer);
void login_cookie(struct str *out, const struct login *);
bool login_from_cookie(struct login *, struct span value) MUST_USE;

/* The address that the browser is sent to (OpenID Connect Core 3.1.2.1, RFC 7636 4.3). */
void login_authorization_url(struct str *out, const struct oidc_provider *, const struct login *, const char *client_id,
                             const char *redirect_uri, bool ask_again);
/* The body for the token endpoint (Core 3.1.3.1). */
void login_token_body(struct str *out, const struct login *, struct span code, const char *client_id,
                      const char *client_secret, const char *redirect_uri);

#endif
