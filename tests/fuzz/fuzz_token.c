/* Claims and signatures of tokens. The first byte chooses what is read: '{' a key set, and what introspection says; 'C' claims, which
 * are put into a token here, since nothing that changes base64 at random finds its way to them; else a token as it came. */
#include "lib/auth/jwks.h"
#include "lib/base/text.h"
#include "lib/proto/token.h"
#include "lib/proto/token_introspection.h"
#include "tests/unit/token_vectors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool everybody(const char *client, void *arg)
{
    return client && !arg;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct jwks *jwks;
    struct span bytes = {(const char *)data, n};
    struct token token;
    struct str whole;
    if (!jwks)
        jwks = jwks_read(SPAN_LIT(TOKEN_JWKS));
    if (n && data[0] == '{') {
        struct jwks *other = jwks_read(bytes);
        must(!other || jwks_count(other) <= JWKS_KEYS_MAX);
        jwks_free(&other);
        (void)introspection_read(bytes); /* {"active": …}: what an introspection endpoint says */
        return 0;
    }
    str_init(&whole, 2 * n + 256);
    if (n && data[0] == 'C') {
        str_puts(&whole, "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ."); /* {"alg":"RS256","kid":"k"} */
        base64url_encode(&whole, (struct span){bytes.p + 1, n - 1});
        str_puts(&whole, ".AAAA");
        bytes = str_span(&whole);
    }
    if (!token_read(bytes, "ours", &token)) {
        str_free(&whole);
        return 0;
    }
    const struct token_rules rules = {
        .issuer = TOKEN_ISSUER, .accepts_client = everybody, .least_acr = 1, .now = TOKEN_NOW};
    const char *rule = token_judge(&token, &rules);
    if (jwks_verify(jwks, &token, bytes) == JWKS_GOOD && !rule)
        must(token.id_count > 0 && token.acr > 0);
    str_free(&whole);
    return 0;
}
