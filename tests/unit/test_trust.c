#include "tests/unit/unit.h"

#include "lib/base/text.h"
#include "lib/net/x509.h"
#include "lib/trust/trust.h"

#include <stdio.h>

/* tests/data/trust/make.py made the certificates around this moment: 2026-06-01T00:00:00Z. */
enum { NOW = 1780272000 };

static void load(struct str *out, const char *name)
{
    char path[256], buffer[4096];
    snprintf(path, sizeof(path), "tests/data/trust/%s", name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    str_init(out, 1 << 20);
    for (size_t n; (n = fread(buffer, 1, sizeof(buffer), f)) > 0;)
        str_add(out, buffer, n);
    fclose(f);
}

static void add_ca(struct trust_builder *b, const char *file, bool servers, bool applications)
{
    struct str der;
    load(&der, file);
    assert_true(trust_builder_add_ca(b, str_span(&der), servers, applications, NULL));
    str_free(&der);
}

static bool add_crl(struct trust_builder *b, const char *file, int64_t extended)
{
    struct str der;
    load(&der, file);
    bool ok = trust_builder_add_crl(b, str_span(&der), extended, NULL);
    str_free(&der);
    return ok;
}

static void add_entry(struct trust_builder *b, const char *domain, const char *dn_text)
{
    struct dn dn;
    assert_true(dn_from_string(&dn, span_of(dn_text), NULL));
    trust_builder_add_entry(b, span_of(domain), &dn, SPAN_LIT("Autre opérateur"));
    dn_free(&dn);
}

#define PEER "CN=mx.autre.mssante.fr,O=AUTRE,C=FR"
#define OURS "CN=mx.nous.mssante.fr,O=NOUS,C=FR"

struct setup {
    const char *servers_crl; /* NULL: none */
    int64_t extended;
    bool no_whitelist, client_eku;
    const char *root_crl;
};

static struct trust_snapshot *build(struct setup how)
{
    struct trust_builder *b = trust_builder_new(7);
    struct dn own;
    add_ca(b, "ca-root.der", false, false);
    add_ca(b, "ca-servers.der", true, false);
    add_ca(b, "ca-applications.der", false, true);
    add_ca(b, "ca-old.der", true, false);
    if (how.servers_crl)
        assert_true(add_crl(b, how.servers_crl, how.extended));
    assert_true(add_crl(b, "applications.crl", 0));
    assert_true(add_crl(b, "old.crl", 0));
    assert_true(add_crl(b, how.root_crl ? how.root_crl : "root.crl", 0));
    assert_false(add_crl(b, "foreign.crl", 0));
    if (!how.no_whitelist) {
        add_entry(b, "lab.autre.mssante.fr", PEER);
        add_entry(b, "lab.autre.mssante.fr", "CN=mx2,O=AUTRE,C=FR");
        add_entry(b, "côte.autre.mssante.fr", PEER);
        add_entry(b, "ailleurs.mssante.fr", "CN=mx,O=AILLEURS,C=FR");
        add_entry(b, "patient.mssante.fr", "CN=mx,O=MES,C=FR");
        add_entry(b, "nous.mssante.fr", OURS);
    }
    trust_builder_add_own_domain(b, SPAN_LIT("Nous.mssante.fr"));
    assert_true(dn_from_string(&own, span_of(OURS), NULL));
    trust_builder_set_own_dn(b, &own);
    dn_free(&own);
    trust_builder_require_client_eku(b, how.client_eku);
    return trust_builder_finish(&b);
}

static void judge(const struct trust_snapshot *s, enum trust_profile profile, const char *file, struct trust_verdict *v)
{
    struct str der;
    load(&der, file);
    struct span chain[] = {str_span(&der)};
    trust_judge_certificate(s, profile, chain, 1, NOW, v);
    str_free(&der);
}

static void certificates(void **state)
{
    (void)state;
    const struct setup plain = {.servers_crl = "servers.crl"};
    const enum trust_profile op = TRUST_PROFILE_OPERATOR, app = TRUST_PROFILE_APPLICATION;
    const struct {
        struct setup setup;
        enum trust_profile profile;
        const char *file;
        enum trust_rule want;
    } cases[] = {
        {plain, op, "peer.der", TRUST_OK},
        {plain, op, "peer-server-only.der", TRUST_OK},
        {plain, op, "peer-no-eku.der", TRUST_OK},
        {{.servers_crl = "servers.crl", .client_eku = true}, op, "peer-server-only.der", TRUST_PROFILE},
        {{.servers_crl = "servers.crl", .client_eku = true}, op, "peer.der", TRUST_OK},
        {plain, op, "ours.der", TRUST_OK},
        {plain, op, "trick.der", TRUST_DN_NOT_LISTED},
        {plain, op, "expired.der", TRUST_EXPIRED},
        {plain, op, "future.der", TRUST_NOT_YET_VALID},
        {plain, op, "revoked.der", TRUST_REVOKED},
        {plain, op, "weak.der", TRUST_PROFILE},
        {plain, op, "no-signature-usage.der", TRUST_PROFILE},
        {plain, op, "under-old.der", TRUST_CHAIN},
        {plain, op, "other.der", TRUST_CHAIN},
        {plain, op, "same-name.der", TRUST_CHAIN},
        {plain, op, "under-root.der", TRUST_CHAIN},
        {plain, op, "ca-servers.der", TRUST_CHAIN},
        {plain, op, "clone.der", TRUST_PROFILE},
        {plain, op, "dui.der", TRUST_PROFILE},
        {plain, op, "signed.xml", TRUST_CHAIN},
        {plain, app, "dui.der", TRUST_OK},
        {plain, app, "clone.der", TRUST_OK},
        {plain, app, "peer.der", TRUST_PROFILE},
        {plain, app, "other.der", TRUST_CHAIN},
        /* a CA issues for persons only when an operator has said so: neither servers nor applications log in */
        {plain, TRUST_PROFILE_PERSON, "peer.der", TRUST_PROFILE},
        {plain, TRUST_PROFILE_PERSON, "dui.der", TRUST_PROFILE},
        {plain, TRUST_PROFILE_PERSON, "other.der", TRUST_CHAIN},
        /* ours to mend: temporary */
        {{.servers_crl = NULL}, op, "peer.der", TRUST_CRL_UNAVAILABLE},
        {{.servers_crl = "servers-future.crl"}, op, "peer.der", TRUST_CRL_UNAVAILABLE},
        {{.servers_crl = "servers-expired.crl"}, op, "peer.der", TRUST_CRL_EXPIRED},
        {{.servers_crl = "servers-expired.crl", .extended = NOW + 60}, op, "peer.der", TRUST_OK},
        {{.servers_crl = "servers-expired.crl"}, op, "revoked.der", TRUST_REVOKED},
        {{.servers_crl = "servers.crl", .no_whitelist = true}, op, "peer.der", TRUST_WHITELIST_UNAVAILABLE},
        {{.servers_crl = "servers.crl", .root_crl = "root-revokes-servers.crl"}, op, "peer.der", TRUST_REVOKED},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct trust_snapshot *s = build(cases[i].setup);
        struct trust_verdict v;
        judge(s, cases[i].profile, cases[i].file, &v);
        print_message("%zu %s: %s (%s)\n", i, cases[i].file, trust_rule_name(v.rule), v.detail);
        assert_string_equal(trust_rule_name(v.rule), trust_rule_name(cases[i].want));
        assert_int_equal(v.temporary, trust_rule_enhanced(v.rule)[0] == '4');
        trust_release(&s);
        assert_null(s);
    }
}

/* OCSP: what the fetcher brought in. Revocation is certain, so it comes before trouble with the CRL. */
static void ocsp(void **state)
{
    (void)state;
    struct trust_snapshot *plain = build((struct setup){.servers_crl = "servers.crl"});
    struct trust_verdict v, other;
    judge(plain, TRUST_PROFILE_OPERATOR, "peer.der", &v);
    judge(plain, TRUST_PROFILE_OPERATOR, "peer-no-eku.der", &other);
    assert_int_equal(v.rule, TRUST_OK);
    struct trust_builder *b = trust_builder_new(8);
    add_ca(b, "ca-servers.der", true, false);
    add_entry(b, "lab.autre.mssante.fr", PEER);
    trust_builder_add_revoked(b, SPAN_LIT("too short"), NOW);
    trust_builder_add_revoked(b, span_of(v.fingerprint), NOW - 60);
    struct trust_snapshot *s = trust_builder_finish(&b);
    judge(s, TRUST_PROFILE_OPERATOR, "peer.der", &v);
    assert_int_equal(v.rule, TRUST_REVOKED);
    assert_false(v.temporary);
    assert_non_null(strstr(v.detail, "OCSP"));
    assert_non_null(strstr(v.detail, "2026-05-31T23:59:00Z"));
    judge(s, TRUST_PROFILE_OPERATOR, "peer-no-eku.der", &v);
    assert_int_equal(v.rule, TRUST_CRL_UNAVAILABLE); /* the CRL stays the ground */
    trust_release(&s);
    trust_release(&plain);
}

static void verdicts(void **state)
{
    (void)state;
    struct trust_snapshot *s = build((struct setup){.servers_crl = "servers.crl"});
    struct trust_verdict v;
    judge(s, TRUST_PROFILE_OPERATOR, "peer.der", &v);
    assert_string_equal(v.dn, PEER);
    assert_string_equal(v.issuer, "CN=SERVEURS,C=FR");
    assert_string_equal(v.operator_name, "Autre opérateur");
    assert_int_equal(strlen(v.fingerprint), 64);
    assert_int_equal(strlen(v.dn_key), 64);
    assert_string_not_equal(v.serial, "");
    trust_judge_certificate(s, TRUST_PROFILE_OPERATOR, NULL, 0, NOW, &v);
    assert_int_equal(v.rule, TRUST_NO_CERTIFICATE);
    judge(NULL, TRUST_PROFILE_OPERATOR, "peer.der", &v);
    assert_int_equal(v.rule, TRUST_SNAPSHOT_MISSING);
    assert_true(v.temporary);
    assert_int_equal(trust_generation(s), 7);
    assert_int_equal(trust_entry_count(s), 6);
    trust_release(&s);
}

static void senders(void **state)
{
    (void)state;
    static const struct {
        const char *peer, *domain;
        enum trust_rule sender, header;
        bool mark;
    } cases[] = {
        {"peer.der", "lab.autre.mssante.fr", TRUST_OK, TRUST_OK, false},
        {"peer.der", "LAB.Autre.mssante.fr.", TRUST_OK, TRUST_OK, false},
        {"peer.der", "côte.autre.mssante.fr", TRUST_OK, TRUST_OK, false},
        {"peer.der", "xn--cte-kna.autre.mssante.fr", TRUST_OK, TRUST_OK, false},
        {"peer.der", "", TRUST_OK, TRUST_OK, true},
        {"peer.der", "ailleurs.mssante.fr", TRUST_DOMAIN_OTHER_DN, TRUST_OK, true},
        {"peer.der", "inconnu.fr", TRUST_DOMAIN_NOT_LISTED, TRUST_OK, true},
        {"peer.der", "not a domain", TRUST_DOMAIN_NOT_LISTED, TRUST_OK, true},
        {"peer.der", "nous.mssante.fr", TRUST_OUR_DOMAIN, TRUST_HEADER_FROM, false},
        {"peer.der", "NOUS.mssante.fr", TRUST_OUR_DOMAIN, TRUST_HEADER_FROM, false},
        {"peer.der", "patient.mssante.fr", TRUST_DOMAIN_OTHER_DN, TRUST_HEADER_FROM, false},
        {"ours.der", "nous.mssante.fr", TRUST_OK, TRUST_OK, false},
        {"revoked.der", "lab.autre.mssante.fr", TRUST_REVOKED, TRUST_REVOKED, false},
        {"clone.der", "lab.autre.mssante.fr", TRUST_PROFILE, TRUST_PROFILE, false},
    };
    struct trust_snapshot *s = build((struct setup){.servers_crl = "servers.crl"});
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct trust_verdict peer, v;
        bool mark = !cases[i].mark;
        print_message("%s %s\n", cases[i].peer, cases[i].domain);
        judge(s, TRUST_PROFILE_OPERATOR, cases[i].peer, &peer);
        trust_judge_sender(s, &peer, span_of(cases[i].domain), &v);
        assert_string_equal(trust_rule_name(v.rule), trust_rule_name(cases[i].sender));
        trust_judge_header_from(s, &peer, span_of(cases[i].domain), &mark, &v);
        assert_string_equal(trust_rule_name(v.rule), trust_rule_name(cases[i].header));
        assert_int_equal(mark, cases[i].mark);
    }
    trust_release(&s);
}

static void servers(void **state)
{
    (void)state;
    static const struct {
        const char *domain, *file;
        enum trust_rule domain_rule, server_rule;
    } cases[] = {
        {"lab.autre.mssante.fr", "peer.der", TRUST_OK, TRUST_OK},
        {"lab.autre.mssante.fr", "peer-server-only.der", TRUST_OK, TRUST_OK},
        {"lab.autre.mssante.fr", "ours.der", TRUST_OK, TRUST_DOMAIN_OTHER_DN},
        {"lab.autre.mssante.fr", "dui.der", TRUST_OK, TRUST_PROFILE},
        {"lab.autre.mssante.fr", "other.der", TRUST_OK, TRUST_CHAIN},
        {"ailleurs.mssante.fr", "peer.der", TRUST_OK, TRUST_DOMAIN_OTHER_DN},
        {"inconnu.fr", "peer.der", TRUST_DOMAIN_NOT_LISTED, TRUST_DOMAIN_NOT_LISTED},
        {"nous.mssante.fr", "ours.der", TRUST_OK, TRUST_OK},
    };
    struct trust_snapshot *s = build((struct setup){.servers_crl = "servers.crl"});
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct trust_verdict v;
        struct str der;
        load(&der, cases[i].file);
        struct span chain[] = {str_span(&der)};
        trust_judge_recipient_domain(s, span_of(cases[i].domain), &v);
        assert_string_equal(trust_rule_name(v.rule), trust_rule_name(cases[i].domain_rule));
        trust_judge_server(s, span_of(cases[i].domain), chain, 1, NOW, &v);
        assert_string_equal(trust_rule_name(v.rule), trust_rule_name(cases[i].server_rule));
        str_free(&der);
    }
    trust_release(&s);
}

/* 10,000 entries, 321 operators: built, and asked for each of them. */
static void size(void **state)
{
    (void)state;
    struct trust_builder *b = trust_builder_new(1);
    char domain[64], dn[128];
    for (int i = 0; i < 10000; i++) {
        snprintf(domain, sizeof(domain), "d%d.mssante.fr", i);
        snprintf(dn, sizeof(dn), "CN=mx%d,OU=3999%d,O=OP,C=FR", i % 321, i % 321);
        add_entry(b, domain, dn);
    }
    struct trust_snapshot *s = trust_builder_finish(&b), *held = trust_hold(s);
    for (int i = 0; i < 10000; i++) {
        snprintf(domain, sizeof(domain), "D%d.mssante.fr", i);
        assert_true(trust_is_listed(s, span_of(domain)));
    }
    assert_false(trust_is_listed(s, SPAN_LIT("d10000.mssante.fr")));
    assert_int_equal(trust_entry_count(s), 10000);
    trust_release(&s);
    assert_int_equal(trust_generation(held), 1);
    trust_release(&held);
}

static void words(void **state)
{
    (void)state;
    for (int rule = 0; rule < TRUST_RULE_COUNT; rule++) {
        assert_true(ascii_printable(span_of(trust_rule_sentence_en((enum trust_rule)rule))));
        assert_true(strlen(trust_rule_sentence_fr((enum trust_rule)rule)) > 0);
        assert_true(strlen(trust_rule_name((enum trust_rule)rule)) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates), cmocka_unit_test(ocsp), cmocka_unit_test(verdicts), cmocka_unit_test(senders),
        cmocka_unit_test(servers),      cmocka_unit_test(size), cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
