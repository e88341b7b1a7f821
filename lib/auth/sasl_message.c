#include "lib/auth/sasl_message.h"

#include "lib/base/json.h"
#include "lib/base/text.h"

#include <string.h>

enum { IDENTITY_MAX = 1024, SEPARATOR = 1 };

static bool sound_identity(struct span text)
{
    return text.n <= IDENTITY_MAX && utf8_valid(text) && !(text.n && memchr(text.p, '\0', text.n));
}

/* saslname (RFC 5801 4): "=2C" is ',' and "=3D" is '='. */
static bool decode_saslname(struct str *out, struct span name)
{
    for (size_t i = 0; i < name.n; i++) {
        struct span three = {name.p + i, name.n - i < 3 ? name.n - i : 3};
        if (name.p[i] == ',')
            return false;
        if (name.p[i] != '=') {
            str_putc(out, name.p[i]);
            continue;
        }
        if (!span_is(three, "=2C") && !span_is(three, "=3D"))
            return false;
        str_putc(out, span_is(three, "=2C") ? ',' : '=');
        i += 2;
    }
    return !out->overflow;
}

static bool is_b64token(struct span token)
{
    for (size_t i = 0; i < token.n; i++) {
        char c = token.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && !memchr("-._~+/=", c, 7))
            return false;
    }
    return token.n > 0;
}

static bool read_bearer(struct span value, struct span *token)
{
    if (!span_starts_nocase(value, "bearer ")) /* RFC 6750 2.1; the scheme's case does not matter */
        return false;
    *token = span_trim((struct span){value.p + 7, value.n - 7});
    return is_b64token(*token);
}

/* key=value pairs, each ended by ^A, the whole by one more ^A. */
static bool read_pairs(struct span rest, struct sasl_token *out, struct span *user)
{
    bool has_token = false;
    while (rest.n && rest.p[0] != SEPARATOR) {
        struct span pair, key;
        const char *end = memchr(rest.p, SEPARATOR, rest.n);
        if (!end)
            return false;
        pair = (struct span){rest.p, (size_t)(end - rest.p)};
        rest = (struct span){end + 1, rest.n - pair.n - 1};
        if (!span_cut(&pair, '=', &key) || !key.n)
            return false;
        if (span_is_nocase(key, "auth")) {
            if (has_token || !read_bearer(pair, &out->token))
                return false;
            has_token = true;
        } else if (user && span_is(key, "user")) {
            if (user->p)
                return false;
            *user = pair;
        }
    }
    return has_token && rest.n == 1;
}

bool sasl_read_oauthbearer(struct span message, struct str *buffer, struct sasl_token *out)
{
    struct span flag, authzid;
    *out = (struct sasl_token){.token = SPAN_NONE};
    const char *end = message.n ? memchr(message.p, SEPARATOR, message.n) : NULL;
    if (!end)
        return false;
    struct span header = {message.p, (size_t)(end - message.p)};
    struct span rest = {end + 1, message.n - header.n - 1};
    /* gs2-header: "n," or "y," (no channel binding with this mechanism), [a=authzid] "," */
    if (!span_cut(&header, ',', &flag) || !(span_is(flag, "n") || span_is(flag, "y")))
        return false;
    if (header.n == 0 || header.p[header.n - 1] != ',')
        return false;
    authzid = (struct span){header.p, header.n - 1};
    str_clear(buffer);
    if (authzid.n && (authzid.n < 2 || authzid.p[0] != 'a' || authzid.p[1] != '=' ||
                      !decode_saslname(buffer, (struct span){authzid.p + 2, authzid.n - 2})))
        return false;
    out->identity = str_span(buffer);
    return sound_identity(out->identity) && read_pairs(rest, out, NULL);
}

bool sasl_read_xoauth2(struct span message, struct str *buffer, struct sasl_token *out)
{
    struct span user = SPAN_NONE;
    *out = (struct sasl_token){.token = SPAN_NONE};
    if (!read_pairs(message, out, &user) || !user.n || !sound_identity(user))
        return false;
    str_clear(buffer);
    if (!str_add_span(buffer, user))
        return false;
    out->identity = str_span(buffer);
    return true;
}

bool sasl_read_external(struct span message, struct sasl_token *out)
{
    *out = (struct sasl_token){.identity = message};
    return sound_identity(message);
}

void sasl_write_failure(struct str *out, bool temporary, const char *discovery_url)
{
    json_open(out, '{');
    json_put(out, "status", temporary ? "temporary_failure" : "invalid_token");
    json_put(out, "scope", "openid scope_all");
    if (discovery_url)
        json_put(out, "openid-configuration", discovery_url);
    json_close(out, '}');
}
