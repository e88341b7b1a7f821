/* Signatures of tokens by the provider's published keys (RFC 7517), by cjose. The algorithm is checked against the key's
 * type: a public RSA key is never a secret for HS256, an EC key never verifies RS256. Not thread-safe: one lock around it.
 */
#ifndef CADUCEE_AUTH_JWKS_H
#define CADUCEE_AUTH_JWKS_H

#include "lib/proto/token.h"

enum { JWKS_MAX = 256 << 10, JWKS_KEYS_MAX = 32, JWKS_RSA_BITS_MIN = 2048 };

enum jwks_verdict { JWKS_GOOD, JWKS_BAD_SIGNATURE, JWKS_UNKNOWN_KEY, JWKS_WRONG_KEY };

struct jwks;
struct jwks *jwks_read(struct span document); /* NULL: no key in it that we could use */
void jwks_free(struct jwks **);
size_t jwks_count(const struct jwks *);
enum jwks_verdict jwks_verify(const struct jwks *, const struct token *, struct span compact);

#endif
