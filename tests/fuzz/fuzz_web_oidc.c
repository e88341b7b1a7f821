/* What an OpenID provider, or whoever stands for it, may answer. */
#include "lib/proto/token_oidc.h"
#include "webmail-cgi/login.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct span in = {(const char *)data, n};
    struct oidc_provider provider;
    struct oidc_tokens tokens;
    struct login login;
    if (oidc_provider_read(&provider, in))
        must(span_starts_nocase(span_of(provider.token), "https://"));
    oidc_tokens_init(&tokens);
    if (oidc_tokens_read(&tokens, in))
        must(tokens.error[0] || tokens.access.len > 0);
    oidc_tokens_free(&tokens);
    struct oidc_userinfo userinfo;
    if (oidc_userinfo_read(&userinfo, in))
        must(userinfo.subject[0] && userinfo.site_count <= OIDC_SITES_MAX);
    (void)!login_from_cookie(&login, in);
    return 0;
}
