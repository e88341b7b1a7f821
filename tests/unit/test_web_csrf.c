#include "tests/unit/unit.h"

#include "webmail-cgi/login.h"
#include "webmail-cgi/session.h"

static void knows_its_own_pages(void **state UNUSED)
{
    static const struct {
        const char *origin, *site;
        bool want;
    } table[] = {
        {"https://w.mssante.fr:8443", "same-origin", true},
        {"https://w.mssante.fr:8443", NULL, true},
        {NULL, "same-origin", true},
        {NULL, NULL, false},
        {"", "", false},
        {"null", "same-origin", true},
        {"null", "cross-site", false},
        {"null", NULL, false},
        {"https://w.mssante.fr", "same-origin", false},
        {"https://w.mssante.fr:8443.evil.example", NULL, false},
        {"http://w.mssante.fr:8443", NULL, false},
        {"https://w.mssante.fr:8443", "cross-site", false},
        {"https://w.mssante.fr:8443", "same-site", false},
        {NULL, "none", false},
    };
    for (size_t i = 0; i < COUNT(table); i++)
        assert_int_equal(request_is_ours("https://w.mssante.fr:8443", table[i].origin, table[i].site), table[i].want);
}

static void ties_the_token_to_the_session(void **state UNUSED)
{
    static const uint8_t one[32] = {1}, two[32] = {2};
    struct session a = {0}, b = {0}, nobody = {0};
    session_from_secret(&a, one);
    session_from_secret(&b, two);
    assert_true(csrf_token_ok(&a, span_of(a.csrf)));
    assert_false(csrf_token_ok(&a, span_of(b.csrf)));
    assert_false(csrf_token_ok(&a, SPAN_LIT("")));
    assert_false(csrf_token_ok(&a, (struct span){a.csrf, strlen(a.csrf) - 1}));
    assert_false(csrf_token_ok(&nobody, SPAN_LIT("")));
    assert_int_not_equal(memcmp(a.hash, b.hash, sizeof(a.hash)), 0);
}

static void a_login_comes_back_from_its_cookie_only(void **state UNUSED)
{
    struct login out, back;
    struct str cookie, url;
    struct oidc_provider psc = {.authorization = "https://psc.example/auth"};
    login_new(&out, true);
    str_init(&cookie, 100);
    login_cookie(&cookie, &out);
    assert_true(login_from_cookie(&back, str_span(&cookie)));
    assert_string_equal(back.state, out.state);
    assert_string_equal(back.nonce, out.nonce);
    assert_string_equal(back.verifier, out.verifier);
    assert_true(back.shared_computer);
    assert_string_not_equal(back.state, back.nonce);
    str_init(&url, 4000);
    login_authorization_url(&url, &psc, &out, "web mail", "https://w/retour", true);
    assert_true(strstr(url.data, "https://psc.example/auth?response_type=code&client_id=web%20mail&") == url.data);
    assert_non_null(strstr(url.data, "&code_challenge_method=S256&prompt=login"));
    assert_null(strstr(url.data, out.verifier));
    assert_false(login_from_cookie(&back, SPAN_LIT("")));
    assert_false(login_from_cookie(&back, SPAN_LIT("abc.n")));
    str_free(&url);
    str_free(&cookie);
}

static void reads_what_the_provider_answers(void **state UNUSED)
{
    struct oidc_provider p;
    struct oidc_tokens t;
    assert_true(oidc_provider_read(&p, SPAN_LIT("{\"issuer\":\"https://i\",\"authorization_endpoint\":\"https://a\","
                                                "\"token_endpoint\":\"https://t\",\"userinfo_endpoint\":\"https://u\","
                                                "\"new\":[1]}")));
    assert_string_equal(p.end_session, "");
    assert_false(oidc_provider_read(&p, SPAN_LIT("{\"issuer\":\"http://i\"}")));
    assert_false(oidc_provider_read(&p, SPAN_LIT("[]")));
    oidc_tokens_init(&t);
    assert_true(oidc_tokens_read(&t, SPAN_LIT("{\"access_token\":\"a\",\"id_token\":\"b\",\"expires_in\":120}")));
    assert_str(&t.id, "b");
    assert_int_equal(t.expires_in, 120);
    oidc_tokens_free(&t);
    oidc_tokens_init(&t);
    assert_true(oidc_tokens_read(&t, SPAN_LIT("{\"error\":\"invalid_grant\",\"access_token\":\"a\"}")));
    assert_string_equal(t.error, "invalid_grant");
    assert_int_equal(t.access.len, 0);
    oidc_tokens_free(&t);
    oidc_tokens_init(&t);
    assert_false(oidc_tokens_read(&t, SPAN_LIT("{\"id_token\":\"a\"}")));
    assert_false(oidc_tokens_read(&t, SPAN_LIT("{\"access_token\":\"a\",\"access_token\":\"b\",\"id_token\":\"c\"}")));
    oidc_tokens_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_its_own_pages),
        cmocka_unit_test(ties_the_token_to_the_session),
        cmocka_unit_test(a_login_comes_back_from_its_cookie_only),
        cmocka_unit_test(reads_what_the_provider_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
