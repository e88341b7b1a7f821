/* Pro Santé Connect's tokens: a JWT's shape and claims, judged without its signature (keyd checks that by the JWKS, with
 * cjose). Pure. Nothing here is ever logged: a token is a key.
 */
#ifndef CADUCEE_PROTO_TOKEN_H
#define CADUCEE_PROTO_TOKEN_H

#include "lib/base/str.h"

enum { TOKEN_MAX = 16 << 10, TOKEN_IDS_MAX = 16, TOKEN_CLOCK_SKEW_S = 60 };

enum token_algorithm { TOKEN_ALG_NONE, TOKEN_RS256, TOKEN_PS256, TOKEN_ES256 };
enum token_use { TOKEN_ACCESS, TOKEN_ID };

struct token {
    enum token_algorithm algorithm; /* NONE: not one that we take */
    char kid[256];
    char issuer[512], subject[256];
    char type[32];    /* claim typ: "Bearer", "ID" */
    char client[256]; /* azp, else client_id */
    char nonce[256];
    char thumbprint[64];                 /* cnf.x5t#S256 */
    int64_t expires, not_before, issued; /* wall seconds; 0 = absent */
    unsigned acr;                        /* eidas1 … eidas3: 1 … 3; 0 = absent or unknown */
    bool has_audience, audience_has_client, audience_has_ours;
    char ids[TOKEN_IDS_MAX][72]; /* national ids: preferred_username, SubjectNameID, otherIds[] */
    size_t id_count;
    char given_name[128], family_name[128];
};

/* The three parts; false: not a compact JWS of ours (JWE has five, `alg: none` an empty third). */
bool token_split(struct span token, struct span *header, struct span *payload, struct span *signature) MUST_USE;
/* Header and claims; `ours` is the audience that we are, if we are one (NULL: none). False: not JSON, a name twice, a claim
 * of another type. */
bool token_read(struct span token, const char *ours, struct token *out) MUST_USE;

struct token_rules {
    enum token_use use;
    const char *issuer;
    bool (*accepts_client)(const char *client, void *); /* [psc.accepted_clients]; the webmail's own for an ID token */
    void *arg;
    const char *nonce;              /* ID token */
    struct span certificate_sha256; /* of the client's certificate; empty = none shown */
    unsigned least_acr;
    int64_t now;
};
/* NULL: it holds; else which rule refuses: "token.expired", "token.client" … */
const char *token_judge(const struct token *, const struct token_rules *);

/* Is it a national id (type digit + value, or a test card's "ANS…")? */
bool token_is_national_id(struct span);

#endif
