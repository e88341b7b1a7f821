#include "lib/auth/jwks.h"

#include "lib/base/text.h"

#include <cjose/cjose.h>
#include <jansson.h>
#include <string.h>

struct jwks_key {
    char kid[256];
    enum token_algorithm only; /* the key's own "alg"; NONE: any of its type */
    bool rsa;
    cjose_jwk_t *key;
};
struct jwks {
    struct jwks_key keys[JWKS_KEYS_MAX];
    size_t count;
};

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static bool is(const char *text, const char *literal)
{
    return span_is(span_of(text), literal);
}

/* Only public signature keys; "oct" and "alg: HS256" are no keys of anybody's. */
static bool is_usable(const json_t *json, struct jwks_key *out)
{
    const char *use = text_of(json, "use"), *alg = text_of(json, "alg"), *kid = text_of(json, "kid");
    out->rsa = is(text_of(json, "kty"), "RSA");
    if (!out->rsa && !(is(text_of(json, "kty"), "EC") && is(text_of(json, "crv"), "P-256")))
        return false;
    if ((use[0] && !is(use, "sig")) || strlen(kid) >= sizeof(out->kid) || json_object_get(json, "d"))
        return false;
    memcpy(out->kid, kid, strlen(kid) + 1);
    if (!alg[0])
        return true;
    out->only = is(alg, "RS256") ? TOKEN_RS256 : is(alg, "PS256") ? TOKEN_PS256 : is(alg, "ES256") ? TOKEN_ES256 : 0;
    return out->only != TOKEN_ALG_NONE && out->rsa == (out->only != TOKEN_ES256);
}

static bool is_base64url(const char *text)
{
    struct str bytes;
    str_init(&bytes, 4096);
    bool ok = base64url_decode(&bytes, span_of(text)) && bytes.len;
    str_free(&bytes);
    return ok;
}

/* Only what makes the key is given to cjose, and only after a look: cjose 0.6.2 ends the process (an assertion) on
 * base64url that is none. */
static cjose_jwk_t *import_key(const json_t *json, bool rsa)
{
    const char *first = text_of(json, rsa ? "n" : "x"), *second = text_of(json, rsa ? "e" : "y");
    struct str text;
    cjose_err error;
    if (!is_base64url(first) || !is_base64url(second))
        return NULL;
    str_init(&text, 16 << 10);
    if (rsa)
        str_addf(&text, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"}", first, second);
    else
        str_addf(&text, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"}", first, second);
    cjose_jwk_t *key = text.overflow ? NULL : cjose_jwk_import(text.data, text.len, &error);
    str_free(&text);
    return key;
}

static void add_key(struct jwks *jwks, const json_t *json)
{
    struct jwks_key key = {.only = TOKEN_ALG_NONE};
    cjose_err error;
    if (jwks->count == JWKS_KEYS_MAX || !json_is_object(json) || !is_usable(json, &key))
        return;
    key.key = import_key(json, key.rsa);
    if (!key.key)
        return;
    if (key.rsa && cjose_jwk_get_keysize(key.key, &error) < JWKS_RSA_BITS_MIN) {
        cjose_jwk_release(key.key);
        return;
    }
    jwks->keys[jwks->count++] = key;
}

struct jwks *jwks_read(struct span document)
{
    json_error_t error;
    json_t *json = document.n <= JWKS_MAX ? json_loadb(document.p, document.n, JSON_REJECT_DUPLICATES, &error) : NULL;
    struct jwks *jwks = xcalloc(1, sizeof(*jwks));
    const json_t *keys = json_object_get(json, "keys");
    for (size_t i = 0; i < json_array_size(keys); i++)
        add_key(jwks, json_array_get(keys, i));
    json_decref(json);
    if (!jwks->count)
        xfree(&jwks);
    return jwks;
}

void jwks_free(struct jwks **jwks)
{
    if (!*jwks)
        return;
    for (size_t i = 0; i < (*jwks)->count; i++)
        cjose_jwk_release((*jwks)->keys[i].key);
    xfree(jwks);
}

size_t jwks_count(const struct jwks *jwks)
{
    return jwks ? jwks->count : 0;
}

static bool fits(const struct jwks_key *key, enum token_algorithm algorithm)
{
    if (key->only != TOKEN_ALG_NONE && key->only != algorithm)
        return key->rsa &&
               algorithm != TOKEN_ES256; /* "alg" of an RSA key is a habit of providers: PS256 by it is sound */
    return key->rsa == (algorithm != TOKEN_ES256);
}

/* By kid; a token without one is taken when one key alone could have signed it. */
static enum jwks_verdict find(const struct jwks *jwks, const struct token *token, const struct jwks_key **found)
{
    size_t candidates = 0;
    bool named = false;
    *found = NULL;
    for (size_t i = 0; i < jwks->count; i++) {
        const struct jwks_key *key = &jwks->keys[i];
        if (token->kid[0] && !is(key->kid, token->kid))
            continue;
        named = true;
        if (fits(key, token->algorithm)) {
            *found = key;
            candidates++;
        }
    }
    if (candidates == 1)
        return JWKS_GOOD;
    return named ? JWKS_WRONG_KEY : JWKS_UNKNOWN_KEY;
}

/* As in import_key(): the header and the claims have been read by us, the signature is looked at here. */
static bool signature_is_base64url(struct span compact)
{
    struct span header, payload, signature;
    struct str bytes;
    str_init(&bytes, TOKEN_MAX);
    bool ok = token_split(compact, &header, &payload, &signature) && base64url_decode(&bytes, signature) && bytes.len;
    str_free(&bytes);
    return ok;
}

enum jwks_verdict jwks_verify(const struct jwks *jwks, const struct token *token, struct span compact)
{
    const struct jwks_key *key;
    cjose_err error;
    if (token->algorithm == TOKEN_ALG_NONE)
        return JWKS_WRONG_KEY;
    enum jwks_verdict verdict = find(jwks, token, &key);
    if (verdict != JWKS_GOOD)
        return verdict;
    if (!signature_is_base64url(compact))
        return JWKS_BAD_SIGNATURE;
    cjose_jws_t *jws = cjose_jws_import(compact.p, compact.n, &error);
    if (!jws)
        return JWKS_BAD_SIGNATURE;
    bool good = cjose_jws_verify(jws, key->key, &error);
    cjose_jws_release(jws);
    return good ? JWKS_GOOD : JWKS_BAD_SIGNATURE;
}
