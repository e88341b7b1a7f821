/* SASL: the messages, and the exchanges over libsasl2 with a keyd that is away. */
#include "tests/unit/unit.h"

#include "lib/auth/sasl.h"
#include "lib/auth/sasl_message.h"

static void messages(void **state)
{
    (void)state;
    static const struct {
        bool (*read)(struct span, struct str *, struct sasl_token *);
        const char *message, *identity, *token; /* token NULL: refused */
    } cases[] = {
        {sasl_read_oauthbearer, "n,a=bal@x.fr,\1host=h\1port=143\1auth=Bearer a.b-c_d~+/=\1\1", "bal@x.fr",
         "a.b-c_d~+/="},
        {sasl_read_oauthbearer, "n,,\1auth=bearer t\1\1", "", "t"},
        {sasl_read_oauthbearer, "y,a=a=2Cb=3Dc,\1auth=Bearer t\1\1", "a,b=c", "t"},
        {sasl_read_oauthbearer, "n,a=a=2Xb,\1auth=Bearer t\1\1", NULL, NULL},
        {sasl_read_oauthbearer, "p=tls-unique,,\1auth=Bearer t\1\1", NULL, NULL},
        {sasl_read_oauthbearer, "n,\1auth=Bearer t\1\1", NULL, NULL},
        {sasl_read_oauthbearer, "n,a=x\1auth=Bearer t\1\1", NULL, NULL},
        {sasl_read_oauthbearer, "n,,\1auth=Bearer t\1", NULL, NULL},
        {sasl_read_oauthbearer, "n,,\1auth=Bearer t\1\1x", NULL, NULL},
        {sasl_read_oauthbearer, "n,,\1auth=Bearer t\1auth=Bearer u\1\1", NULL, NULL},
        {sasl_read_oauthbearer, "n,,\1auth=Basic dXNlcg==\1\1", NULL, NULL},
        {sasl_read_oauthbearer, "n,,\1auth=Bearer \1\1", NULL, NULL},
        {sasl_read_oauthbearer, "n,,\1auth=Bearer a b\1\1", NULL, NULL},
        {sasl_read_oauthbearer, "n,,\1host=h\1\1", NULL, NULL},
        {sasl_read_oauthbearer, "n,a=\xff,\1auth=Bearer t\1\1", NULL, NULL},
        {sasl_read_oauthbearer, "", NULL, NULL},
        {sasl_read_xoauth2, "user=bal@x.fr\1auth=Bearer t\1\1", "bal@x.fr", "t"},
        {sasl_read_xoauth2, "auth=Bearer t\1user=bal@x.fr\1\1", "bal@x.fr", "t"},
        {sasl_read_xoauth2, "user=a\1user=b\1auth=Bearer t\1\1", NULL, NULL},
        {sasl_read_xoauth2, "user=\1auth=Bearer t\1\1", NULL, NULL},
        {sasl_read_xoauth2, "user=a\1\1", NULL, NULL},
        {sasl_read_xoauth2, "=a\1auth=Bearer t\1\1", NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str buffer;
        struct sasl_token claim;
        str_init(&buffer, 2048);
        assert_int_equal(cases[i].read(span_of(cases[i].message), &buffer, &claim), cases[i].token != NULL);
        if (cases[i].token) {
            assert_span(claim.identity, cases[i].identity);
            assert_span(claim.token, cases[i].token);
        }
        str_free(&buffer);
    }
}

struct step {
    bool has_answer;
    const char *answer;
    enum sasl_outcome want;
    const char *challenge;
};

static void run_exchange(const char *mechanism, const struct sasl_peer *peer, const struct step *steps)
{
    struct keyd_client *away = keyd_client_new("/nonexistent/keyd.sock");
    struct sasl_exchange *x = sasl_exchange_new(span_of(mechanism), peer);
    struct str challenge;
    struct keyd_grant grant;
    str_init(&challenge, 1000);
    assert_non_null(x);
    for (; steps->challenge; steps++) {
        assert_int_equal(sasl_exchange_step(x, away, steps->has_answer, span_of(steps->answer), &challenge, &grant),
                         steps->want);
        assert_str(&challenge, steps->challenge);
    }
    sasl_exchange_free(&x);
    keyd_client_destroy(&away);
    str_free(&challenge);
}

#define AWAY_SEE                                                                                                       \
    "{\"status\":\"temporary_failure\",\"scope\":\"openid "                                                            \
    "scope_all\",\"openid-configuration\":\"https://psc.example/w\"}"
#define AWAY "{\"status\":\"temporary_failure\",\"scope\":\"openid scope_all\"}"

static void exchanges(void **state)
{
    (void)state;
    const struct span certificate = SPAN_LIT("not DER");
    const struct sasl_peer without = {.service = "imap", .session = "S", .peer = "::1"},
                           with = {.service = "smtp", .chain = &certificate, .chain_count = 1},
                           told = {.service = "smtp", .discovery_url = "https://psc.example/w"};
    static const struct step token[] = {{true, "n,a=b@x.fr,\1auth=Bearer t\1\1", SASL_CONTINUE, AWAY},
                                        {true, "\1", SASL_TEMPORARY, ""},
                                        {true, "\1", SASL_BAD, ""},
                                        {0}};
    static const struct step late[] = {{false, "", SASL_CONTINUE, ""},
                                       {true, "user=b@x.fr\1auth=Bearer t\1\1", SASL_CONTINUE, AWAY},
                                       {true, "", SASL_TEMPORARY, ""},
                                       {0}};
    static const struct step discovery[] = {
        {true, "user=b@x.fr\1auth=Bearer t\1\1", SASL_CONTINUE, AWAY_SEE}, {true, "", SASL_TEMPORARY, ""}, {0}};
    static const struct step wrong[] = {{true, "user=b@x.fr", SASL_BAD, ""}, {0}};
    static const struct step external[] = {{true, "", SASL_REFUSED, ""}, {0}}; /* the certificate does not decode */
    static const struct step external_late[] = {
        {false, "", SASL_CONTINUE, ""}, {true, "b@x.fr", SASL_REFUSED, ""}, {0}};
    sasl_start_library();
    run_exchange("OAUTHBEARER", &without, token);
    run_exchange("xoauth2", &without, late);
    run_exchange("XOAUTH2", &told, discovery);
    run_exchange("XOAUTH2", &without, wrong);
    run_exchange("EXTERNAL", &with, external);
    run_exchange("EXTERNAL", &with, external_late);
    assert_null(sasl_exchange_new(SPAN_LIT("EXTERNAL"), &without));
    assert_null(sasl_exchange_new(SPAN_LIT("PLAIN"), &with));
    assert_null(sasl_exchange_new(SPAN_LIT("CRAM-MD5"), &with));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(messages), cmocka_unit_test(exchanges)};
    return cmocka_run_group_tests_name("sasl", tests, NULL, NULL);
}
