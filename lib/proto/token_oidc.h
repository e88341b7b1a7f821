/* What an OpenID provider answers, read as JSON and bounded: discovery, token endpoint, userinfo. Pure. No signature is
 * judged here: the ID token is keyd's to verify.
 */
#ifndef CADUCEE_PROTO_TOKEN_OIDC_H
#define CADUCEE_PROTO_TOKEN_OIDC_H

#include "lib/base/str.h"

enum { OIDC_URL_MAX = 512, OIDC_TOKEN_MAX = 16384, OIDC_ANSWER_MAX = 256 << 10 };

struct oidc_provider {
    char issuer[OIDC_URL_MAX], authorization[OIDC_URL_MAX], token[OIDC_URL_MAX], userinfo[OIDC_URL_MAX];
    char end_session[OIDC_URL_MAX]; /* "": none */
};
bool oidc_provider_read(struct oidc_provider *, struct span json) MUST_USE; /* https addresses only */

struct oidc_tokens {
    struct str access, id, refresh; /* wiped by oidc_tokens_free(); id and refresh may be empty */
    uint64_t expires_in;
    char error[64]; /* "invalid_grant" …: then the rest is empty */
};
void oidc_tokens_init(struct oidc_tokens *);
bool oidc_tokens_read(struct oidc_tokens *, struct span json) MUST_USE; /* false: neither tokens nor an error */
void oidc_tokens_free(struct oidc_tokens *);

/* userinfo: whose it is, and where they work (SubjectRefPro.exercices[].activities[]). Fields come and go: whatever else is
 * there, or is not, is passed over. */
enum { OIDC_SITES_MAX = 256 };
struct oidc_userinfo {
    char subject[256];
    size_t site_count;
    char sites[OIDC_SITES_MAX][15]; /* FINESS (9) or SIRET (14), each once */
};
bool oidc_userinfo_read(struct oidc_userinfo *, struct span json) MUST_USE;

#endif
