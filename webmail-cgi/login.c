#include "webmail-cgi/login.h"

#include "lib/base/text.h"
#include "webmail-cgi/fields.h"

#include <string.h>

static void put_text(char out[48], struct span bytes)
{
    struct str text;
    str_init_secret(&text, 64);
    base64url_encode(&text, bytes);
    must(text.len < 48);
    memcpy(out, text.data, text.len + 1);
    str_wipe(&text);
}

static void derive(char out[48], const struct login *login, const char *purpose)
{
    struct key key;
    hkdf_sha256(&key, (struct span){(const char *)login->secret, sizeof(login->secret)}, SPAN_LIT("caducee-connexion"),
                span_of(purpose));
    put_text(out, (struct span){(const char *)key.b, sizeof(key.b)});
    crypto_wipe(&key, sizeof(key));
}

static void derive_all(struct login *login)
{
    uint8_t digest[SHA256_BYTES];
    derive(login->state, login, "state");
    derive(login->nonce, login, "nonce");
    derive(login->verifier, login, "verifier");
    sha256(digest, span_of(login->verifier)); /* RFC 7636 4.2, S256 */
    put_text(login->challenge, (struct span){(const char *)digest, sizeof(digest)});
}

void login_new(struct login *login, bool shared_computer)
{
    crypto_random(login->secret, sizeof(login->secret));
    login->shared_computer = shared_computer;
    derive_all(login);
}

void login_cookie(struct str *out, const struct login *login)
{
    base64url_encode(out, (struct span){(const char *)login->secret, sizeof(login->secret)});
    str_puts(out, login->shared_computer ? ".p" : ".n");
}

bool login_from_cookie(struct login *login, struct span value)
{
    struct str bytes;
    struct span secret;
    if (value.n > 64 || !span_cut(&value, '.', &secret))
        return false;
    str_init_secret(&bytes, 64);
    bool ok = base64url_decode(&bytes, secret) && bytes.len == sizeof(login->secret);
    if (ok) {
        memcpy(login->secret, bytes.data, bytes.len);
        login->shared_computer = span_is(value, "p");
        derive_all(login);
    }
    str_wipe(&bytes);
    return ok;
}

static void add_parameter(struct str *out, const char *name, const char *value)
{
    bool first = out->len == 0 || out->data[out->len - 1] == '?';
    if (!first)
        str_putc(out, '&');
    str_puts(out, name);
    str_putc(out, '=');
    percent_encode(out, span_of(value));
}

void login_authorization_url(struct str *out, const struct oidc_provider *provider, const struct login *login,
                             const char *client_id, const char *redirect_uri, bool ask_again)
{
    str_puts(out, provider->authorization);
    if (!strchr(provider->authorization, '?'))
        str_putc(out, '?');
    add_parameter(out, "response_type", "code");
    add_parameter(out, "client_id", client_id);
    add_parameter(out, "redirect_uri", redirect_uri);
    add_parameter(out, "scope", "openid scope_all");
    add_parameter(out, "acr_values", "eidas1");
    add_parameter(out, "state", login->state);
    add_parameter(out, "nonce", login->nonce);
    add_parameter(out, "code_challenge", login->challenge);
    add_parameter(out, "code_challenge_method", "S256");
    if (ask_again)
        add_parameter(out, "prompt", "login");
}

void login_token_body(struct str *out, const struct login *login, struct span code, const char *client_id,
                      const char *client_secret, const char *redirect_uri)
{
    add_parameter(out, "grant_type", "authorization_code");
    str_puts(out, "&code=");
    percent_encode(out, code);
    add_parameter(out, "redirect_uri", redirect_uri);
    add_parameter(out, "code_verifier", login->verifier);
    add_parameter(out, "client_id", client_id);
    add_parameter(out, "client_secret", client_secret);
}
