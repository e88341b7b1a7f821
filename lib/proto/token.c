#include "lib/proto/token.h"

#include "lib/base/crypto.h"
#include "lib/base/text.h"

#include <jansson.h>
#include <string.h>

bool token_split(struct span token, struct span *header, struct span *payload, struct span *signature)
{
    struct span rest = token;
    if (!token.n || token.n > TOKEN_MAX || !span_cut(&rest, '.', header) || !span_cut(&rest, '.', payload))
        return false;
    *signature = rest;
    return header->n && payload->n && signature->n && !memchr(signature->p, '.', signature->n);
}

static json_t *read_part(struct span part)
{
    struct str text;
    json_error_t error;
    str_init_secret(&text, TOKEN_MAX);
    json_t *object = NULL;
    if (base64url_decode(&text, part) && utf8_valid(str_span(&text)))
        object = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, &error);
    str_wipe(&text);
    if (object && !json_is_object(object)) {
        json_decref(object);
        object = NULL;
    }
    return object;
}

/* A claim that is a string, or absent; false when it is something else, too long, or holds a control. */
static bool take_text(const json_t *claims, const char *name, char *out, size_t size)
{
    const json_t *value = json_object_get(claims, name);
    out[0] = '\0';
    if (!value || json_is_null(value))
        return true;
    if (!json_is_string(value) || json_string_length(value) >= size)
        return false;
    const char *text = json_string_value(value);
    for (size_t i = 0; i < json_string_length(value); i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return false;
    memcpy(out, text, json_string_length(value) + 1);
    return true;
}

/* Seconds (RFC 7519 2, NumericDate); fractions are cut off. */
static bool take_time(const json_t *claims, const char *name, int64_t *out)
{
    const json_t *value = json_object_get(claims, name);
    *out = 0;
    if (!value || json_is_null(value))
        return true;
    if (!json_is_number(value))
        return false;
    double seconds = json_number_value(value);
    if (!(seconds > 0 && seconds < 1e11))
        return false;
    *out = (int64_t)seconds;
    return true;
}

static enum token_algorithm algorithm_of(const char *name)
{
    static const struct {
        const char *name;
        enum token_algorithm algorithm;
    } known[] = {{"RS256", TOKEN_RS256}, {"PS256", TOKEN_PS256}, {"ES256", TOKEN_ES256}};
    for (size_t i = 0; i < COUNT(known); i++)
        if (span_is(span_of(name), known[i].name))
            return known[i].algorithm;
    return TOKEN_ALG_NONE;
}

/* "crit" would name what we do not know (RFC 7515 4.1.11); a key that comes with the token is never used. */
static bool read_header(const json_t *header, struct token *out)
{
    char name[32], type[32];
    if (json_object_get(header, "crit") || !take_text(header, "alg", name, sizeof(name)) ||
        !take_text(header, "typ", type, sizeof(type)) || !take_text(header, "kid", out->kid, sizeof(out->kid)))
        return false;
    out->algorithm = algorithm_of(name);
    return true;
}

static void note_audience(struct token *out, const json_t *value, const char *ours)
{
    const char *text = json_string_value(value);
    if (!text)
        return;
    out->audience_has_client |= out->client[0] && span_is(span_of(text), out->client);
    out->audience_has_ours |= ours && span_is(span_of(text), ours);
}

static bool read_audience(const json_t *claims, const char *ours, struct token *out)
{
    const json_t *audience = json_object_get(claims, "aud");
    if (!audience || json_is_null(audience))
        return true;
    out->has_audience = true;
    if (json_is_string(audience)) {
        note_audience(out, audience, ours);
        return true;
    }
    for (size_t i = 0; i < json_array_size(audience); i++)
        note_audience(out, json_array_get(audience, i), ours);
    return json_is_array(audience);
}

bool token_is_national_id(struct span id)
{
    if (id.n < 2 || id.n > 64)
        return false;
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!letter && !(i && (c == '/' || c == '.' || c == '-')))
            return false;
    }
    return true;
}

static void add_id(struct token *out, struct span id)
{
    if (!token_is_national_id(id) || id.n >= sizeof(out->ids[0]) || out->id_count == TOKEN_IDS_MAX)
        return;
    for (size_t i = 0; i < out->id_count; i++)
        if (span_is(id, out->ids[i]))
            return;
    memcpy(out->ids[out->id_count], id.p, id.n);
    out->ids[out->id_count++][id.n] = '\0';
}

static void read_ids(const json_t *claims, struct token *out)
{
    const json_t *others = json_object_get(claims, "otherIds");
    add_id(out, span_of(json_string_value(json_object_get(claims, "SubjectNameID"))));
    add_id(out, span_of(json_string_value(json_object_get(claims, "preferred_username"))));
    for (size_t i = 0; i < json_array_size(others) && i < TOKEN_IDS_MAX; i++)
        add_id(out, span_of(json_string_value(json_object_get(json_array_get(others, i), "identifiant"))));
}

/* eidas1 < eidas2 < eidas3; what we do not know is nothing. */
static unsigned level_of(const char *acr)
{
    static const char *const levels[] = {"eidas1", "eidas2", "eidas3"};
    for (unsigned i = 0; i < COUNT(levels); i++)
        if (span_is(span_of(acr), levels[i]))
            return i + 1;
    return 0;
}

static bool read_claims(const json_t *claims, const char *ours, struct token *out)
{
    char acr[64], azp[256];
    const json_t *cnf = json_object_get(claims, "cnf");
    if (!take_text(claims, "iss", out->issuer, sizeof(out->issuer)) ||
        !take_text(claims, "sub", out->subject, sizeof(out->subject)) ||
        !take_text(claims, "typ", out->type, sizeof(out->type)) ||
        !take_text(claims, "nonce", out->nonce, sizeof(out->nonce)) ||
        !take_text(claims, "given_name", out->given_name, sizeof(out->given_name)) ||
        !take_text(claims, "family_name", out->family_name, sizeof(out->family_name)) ||
        !take_text(claims, "client_id", out->client, sizeof(out->client)) ||
        !take_text(claims, "azp", azp, sizeof(azp)) || !take_text(claims, "acr", acr, sizeof(acr)) ||
        !take_time(claims, "exp", &out->expires) || !take_time(claims, "nbf", &out->not_before) ||
        !take_time(claims, "iat", &out->issued))
        return false;
    if (azp[0])
        memcpy(out->client, azp, sizeof(azp));
    if (cnf && (!json_is_object(cnf) || !take_text(cnf, "x5t#S256", out->thumbprint, sizeof(out->thumbprint)) ||
                !out->thumbprint[0]))
        return false; /* bound to something that we cannot check */
    out->acr = level_of(acr);
    read_ids(claims, out);
    return read_audience(claims, ours, out);
}

bool token_read(struct span token, const char *ours, struct token *out)
{
    struct span header, payload, signature;
    *out = (struct token){.algorithm = TOKEN_ALG_NONE};
    if (!token_split(token, &header, &payload, &signature))
        return false;
    json_t *head = read_part(header), *claims = read_part(payload);
    bool ok = head && claims && read_header(head, out) && read_claims(claims, ours, out);
    json_decref(head);
    json_decref(claims);
    return ok;
}

static bool bound_to(const struct token *token, struct span certificate_sha256)
{
    struct str text;
    str_init(&text, 64);
    bool same = certificate_sha256.n == SHA256_BYTES && base64url_encode(&text, certificate_sha256) &&
                span_is(str_span(&text), token->thumbprint);
    str_free(&text);
    return same;
}

static const char *judge_use(const struct token *token, const struct token_rules *rules)
{
    bool is_id = rules->use == TOKEN_ID;
    if (is_id ? token->type[0] && !span_is(span_of(token->type), "ID") : !span_is(span_of(token->type), "Bearer"))
        return "token.type";
    if (is_id && (!rules->nonce || !span_is(span_of(token->nonce), rules->nonce)))
        return "token.nonce";
    if (is_id && !token->audience_has_ours)
        return "token.audience";
    if (!is_id && token->has_audience && !token->audience_has_ours && !token->audience_has_client)
        return "token.audience";
    return NULL;
}

static const char *judge_times(const struct token *token, int64_t now)
{
    if (!token->expires || token->expires <= now)
        return "token.expired";
    if (token->not_before > now + TOKEN_CLOCK_SKEW_S || token->issued > now + TOKEN_CLOCK_SKEW_S)
        return "token.not_yet";
    return NULL;
}

const char *token_judge(const struct token *token, const struct token_rules *rules)
{
    if (token->algorithm == TOKEN_ALG_NONE)
        return "token.algorithm";
    if (!span_is(span_of(token->issuer), rules->issuer) || !token->issuer[0])
        return "token.issuer";
    const char *rule = judge_use(token, rules);
    if (!rule)
        rule = judge_times(token, rules->now);
    if (rule)
        return rule;
    /* An ID token of one audience need not name its client (OIDC Core 2, azp). */
    if ((rules->use == TOKEN_ACCESS || token->client[0]) && !rules->accepts_client(token->client, rules->arg))
        return "token.client";
    if (!token->acr || token->acr < rules->least_acr)
        return "token.acr";
    if (token->thumbprint[0] && !bound_to(token, rules->certificate_sha256))
        return "token.certificate";
    return token->id_count ? NULL : "token.no_id";
}
