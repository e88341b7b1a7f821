/* The two proofs that a change was asked for by a page of ours: where the request comes from, and a token that only our
 * pages hold. Pure: tests/unit/test_web_csrf.c.
 */
#include "webmail-cgi/session.h"

#include "lib/base/text.h"

#include <string.h>

/* Under Referrer-Policy: no-referrer a form of ours comes with "Origin: null" (Fetch, "append a request Origin header"): it
 * is then Sec-Fetch-Site that tells it from a form in somebody's sandbox. */
bool request_is_ours(const char *base_url, const char *origin, const char *fetch_site)
{
    bool same_site_said = fetch_site && strcmp(fetch_site, "same-origin") == 0;
    if (fetch_site && fetch_site[0] && !same_site_said)
        return false;
    if (origin && origin[0] && strcmp(origin, "null") != 0)
        return strcmp(origin, base_url) == 0;
    return same_site_said;
}

void session_key(const struct session *session, const char *purpose, struct key *out)
{
    hkdf_sha256(out, (struct span){(const char *)session->secret, sizeof(session->secret)}, SPAN_LIT("caducee-webmail"),
                span_of(purpose));
}

void session_from_secret(struct session *session, const uint8_t secret[32])
{
    struct key csrf;
    struct str text;
    if (secret != session->secret)
        memcpy(session->secret, secret, sizeof(session->secret));
    sha256(session->hash, (struct span){(const char *)session->secret, sizeof(session->secret)});
    session_key(session, "csrf", &csrf);
    str_init(&text, 64);
    base64url_encode(&text, (struct span){(const char *)csrf.b, sizeof(csrf.b)});
    must(text.len < sizeof(session->csrf));
    memcpy(session->csrf, text.data, text.len + 1);
    str_free(&text);
    crypto_wipe(&csrf, sizeof(csrf));
}

bool csrf_token_ok(const struct session *session, struct span given)
{
    size_t n = strlen(session->csrf);
    return n > 0 && given.n == n && crypto_equal(given.p, session->csrf, n);
}
