/* PSC's tokens: good ones, and every way of being wrong; claims and signatures. */
#include "tests/unit/unit.h"

#include "lib/auth/jwks.h"
#include "lib/proto/token.h"
#include "lib/proto/token_introspection.h"
#include "tests/unit/token_vectors.h"

static bool accepts(const char *client, void *arg)
{
    return span_is(span_of(client), arg);
}

/* In keyd's order: shape, signature, claims. */
static const char *verdict_of(const struct jwks *jwks, struct span compact, const struct token_rules *rules,
                              const char *ours)
{
    static const char *const signature[] = {
        [JWKS_BAD_SIGNATURE] = "signature", [JWKS_UNKNOWN_KEY] = "unknown_key", [JWKS_WRONG_KEY] = "key_type"};
    struct token token;
    if (!token_read(compact, ours, &token))
        return "malformed";
    enum jwks_verdict verdict = jwks_verify(jwks, &token, compact);
    if (verdict != JWKS_GOOD)
        return signature[verdict];
    const char *rule = token_judge(&token, rules);
    return rule ? rule : "good";
}

static void access_tokens(void **state)
{
    (void)state;
    static const struct {
        const char *token, *want;
    } cases[] = {
        {TOKEN_GOOD, "good"},
        {TOKEN_GOOD_PS256, "good"},
        {TOKEN_GOOD_ES256, "good"},
        {TOKEN_AUD_CLIENT, "good"},
        {TOKEN_ACR_3, "good"},
        {TOKEN_MANY_IDS, "good"},
        {TOKEN_NONE, "malformed"},
        {TOKEN_HS256, "key_type"},
        {TOKEN_UNKNOWN_KID, "unknown_key"},
        {TOKEN_OTHER_KEY, "signature"},
        {TOKEN_KEY_CONFUSED, "key_type"},
        {TOKEN_OLD, "token.expired"},
        {TOKEN_FUTURE, "token.not_yet"},
        {TOKEN_OTHER_ISSUER, "token.issuer"},
        {TOKEN_REFRESH, "token.type"},
        {ID_GOOD, "token.type"},
        {TOKEN_OTHER_CLIENT, "token.client"},
        {TOKEN_NO_CLIENT, "token.client"},
        {TOKEN_AUD_OTHER, "token.audience"},
        {TOKEN_ACR_NONE, "token.acr"},
        {TOKEN_ACR_UNKNOWN, "token.acr"},
        {TOKEN_BOUND, "token.certificate"},
        {TOKEN_BOUND_UNKNOWN, "malformed"},
        {TOKEN_NO_PERSON, "token.no_id"},
        {TOKEN_EXP_TEXT, "malformed"},
        {"", "malformed"},
        {"a.b", "malformed"},
        {"e30.e30.e30.e30.e30", "malformed"}, /* JWE */
        {"e30.e30.e30", "key_type"},          /* {}: no algorithm */
        {"W10.e30.e30", "malformed"},
        {"eyJhIjoxLCJhIjoyfQ.e30.e30", "malformed"}, /* a name twice */
        {TOKEN_GOOD "=", "signature"},               /* not base64url: cjose would abort */
        {TOKEN_GOOD "A", "signature"},
    };
    struct jwks *jwks = jwks_read(SPAN_LIT(TOKEN_JWKS));
    const struct token_rules rules = {.use = TOKEN_ACCESS,
                                      .issuer = TOKEN_ISSUER,
                                      .accepts_client = accepts,
                                      .arg = (void *)(uintptr_t) "dui-1",
                                      .least_acr = 1,
                                      .now = TOKEN_NOW};
    assert_int_equal(jwks_count(jwks), 2);
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(verdict_of(jwks, span_of(cases[i].token), &rules, NULL), cases[i].want);
    struct token_rules strict = rules;
    strict.least_acr = 3;
    assert_string_equal(verdict_of(jwks, SPAN_LIT(TOKEN_GOOD), &strict, NULL), "token.acr");
    assert_string_equal(verdict_of(jwks, SPAN_LIT(TOKEN_AUD_OTHER), &rules, "account"), "good");
    uint8_t zeros[32] = {0};
    struct token_rules shown = rules;
    shown.certificate_sha256 = (struct span){(const char *)zeros, sizeof(zeros)};
    assert_string_equal(verdict_of(jwks, SPAN_LIT(TOKEN_BOUND), &shown, NULL), "good");
    jwks_free(&jwks);
}

static void id_tokens(void **state)
{
    (void)state;
    static const struct {
        const char *token, *want;
    } cases[] = {
        {ID_GOOD, "good"},
        {ID_NO_AZP, "good"},
        {ID_OTHER_NONCE, "token.nonce"},
        {ID_OTHER_AUD, "token.audience"},
        {TOKEN_GOOD, "token.type"},
    };
    struct jwks *jwks = jwks_read(SPAN_LIT(TOKEN_JWKS));
    const struct token_rules rules = {.use = TOKEN_ID,
                                      .issuer = TOKEN_ISSUER,
                                      .accepts_client = accepts,
                                      .arg = (void *)(uintptr_t) "webmail",
                                      .nonce = "nonce-1",
                                      .least_acr = 1,
                                      .now = TOKEN_NOW};
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(verdict_of(jwks, span_of(cases[i].token), &rules, "webmail"), cases[i].want);
    jwks_free(&jwks);
}

static void people(void **state)
{
    (void)state;
    struct token token;
    assert_true(token_read(SPAN_LIT(TOKEN_MANY_IDS), NULL, &token));
    assert_int_equal(token.id_count, 2);
    assert_string_equal(token.ids[0], "899700245667");
    assert_string_equal(token.ids[1], "0123");
    assert_string_equal(token.given_name, "Élodie");
    static const struct {
        const char *id;
        bool is;
    } ids[] = {{"899700245667", true}, {"3123456789/12", true}, {"ANS20230001", true}, {"8", false},
               {"/1", false},          {"8 9", false},          {"8'--", false},       {"", false}};
    for (size_t i = 0; i < COUNT(ids); i++)
        assert_int_equal(token_is_national_id(span_of(ids[i].id)), ids[i].is);
}

/* A token with one byte changed, anywhere, is refused. */
static void changed(void **state)
{
    (void)state;
    struct jwks *jwks = jwks_read(SPAN_LIT(TOKEN_JWKS));
    char token[] = TOKEN_GOOD_ES256;
    const struct token_rules rules = {.use = TOKEN_ACCESS,
                                      .issuer = TOKEN_ISSUER,
                                      .accepts_client = accepts,
                                      .arg = (void *)(uintptr_t) "dui-1",
                                      .least_acr = 1,
                                      .now = TOKEN_NOW};
    for (size_t i = 0; i < sizeof(token) - 1; i += 7) {
        char was = token[i];
        token[i] = was == 'A' ? 'B' : 'A';
        assert_string_not_equal(verdict_of(jwks, (struct span){token, sizeof(token) - 1}, &rules, NULL), "good");
        token[i] = was;
    }
    assert_string_equal(verdict_of(jwks, (struct span){token, sizeof(token) - 1}, &rules, NULL), "good");
    jwks_free(&jwks);
}

static void key_sets(void **state)
{
    (void)state;
    static const char *const useless[] = {
        "",
        "{}",
        "{\"keys\":[]}",
        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"a\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"use\":\"enc\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"kid\":\"small\"}]}",
        "{\"keys\":7}",
        "[]"};
    for (size_t i = 0; i < COUNT(useless); i++)
        assert_null(jwks_read(span_of(useless[i])));
}

static void introspection(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        enum introspection want;
    } cases[] = {
        {"{\"active\":true}", INTROSPECTION_ACTIVE},
        {"{\"active\":true,\"sub\":\"x\",\"exp\":1}", INTROSPECTION_ACTIVE},
        {"{\"active\":false}", INTROSPECTION_INACTIVE},
        {"{\"active\":\"true\"}", INTROSPECTION_UNKNOWN}, /* RFC 7662 2.2: a boolean */
        {"{\"active\":1}", INTROSPECTION_UNKNOWN},
        {"{\"active\":false,\"active\":true}", INTROSPECTION_UNKNOWN},
        {"{}", INTROSPECTION_UNKNOWN},
        {"[true]", INTROSPECTION_UNKNOWN},
        {"true", INTROSPECTION_UNKNOWN},
        {"", INTROSPECTION_UNKNOWN},
        {"<html>", INTROSPECTION_UNKNOWN},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(introspection_read(span_of(cases[i].json)), cases[i].want);
    struct str out;
    str_init(&out, 4096);
    introspection_form(&out, SPAN_LIT("a.b+c"), "nous", "p&=");
    assert_string_equal(out.data, "token_type_hint=access_token&token=a.b%2Bc&client_id=nous&client_secret=p%26%3D");
    str_clear(&out);
    introspection_basic(&out, "nous", "p:=");
    assert_string_equal(out.data, "Basic bm91czpwJTNBJTNE");
    str_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(access_tokens), cmocka_unit_test(id_tokens),
                                       cmocka_unit_test(people),        cmocka_unit_test(changed),
                                       cmocka_unit_test(key_sets),      cmocka_unit_test(introspection)};
    return cmocka_run_group_tests_name("token", tests, NULL, NULL);
}
