#include "tests/unit/unit.h"

#include "lib/proto/address.h"

static void domains_are_one_when_their_a_labels_are(void **state UNUSED)
{
    static const struct {
        const char *input, *want; /* NULL: refused */
    } rows[] = {
        {"Chu.MSSante.FR", "chu.mssante.fr"},
        {"chu.mssante.fr.", "chu.mssante.fr"},
        {"h\303\264pital.mssante.fr", "xn--hpital-ixa.mssante.fr"},
        {"H\303\224PITAL.mssante.fr", "xn--hpital-ixa.mssante.fr"},
        {"ho\314\202pital.mssante.fr", "xn--hpital-ixa.mssante.fr"},
        {"XN--HPITAL-IXA.mssante.fr", "xn--hpital-ixa.mssante.fr"},
        {"a_b.fr", "a_b.fr"},
        {"", NULL},
        {".", NULL},
        {"a..b", NULL},
        {".a", NULL},
        {"a b.fr", NULL},
        {"[192.0.2.1]", NULL},
        {"xn--a\303\251.fr", NULL},
        {"h\303.fr", NULL},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.fr", NULL},
    };
    struct str out;
    str_init(&out, ADDRESS_DOMAIN_MAX);
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool ok = domain_normalise(&out, span_of(rows[i].input));
        assert_int_equal(ok, rows[i].want != NULL);
        if (ok)
            assert_str(&out, rows[i].want);
    }
    str_free(&out);
}

static void mailboxes_are_read_by_the_grammar(void **state UNUSED)
{
    static const struct {
        const char *input;
        bool utf8;
        const char *key; /* NULL: refused */
    } rows[] = {
        {"Jean.Dupont@Chu.mssante.fr", false, "jean.dupont@chu.mssante.fr"},
        {"\"jean dupont\"@chu.fr", false, "jean dupont@chu.fr"},
        {"\"JEAN\"@chu.fr", false, "jean@chu.fr"},
        {"\"a\\\"b@c\"@chu.fr", false, "a\"b@c@chu.fr"},
        {"h\303\251l\303\250ne@chu.fr", true, "h\303\251l\303\250ne@chu.fr"},
        {"H\303\211L\303\210NE@chu.fr", true, "h\303\251l\303\250ne@chu.fr"},
        {"h\303\251l\303\250ne@chu.fr", false, NULL},
        {"jean@", false, NULL},
        {"@chu.fr", false, NULL},
        {"jean", false, NULL},
        {".jean@chu.fr", false, NULL},
        {"jean.@chu.fr", false, NULL},
        {"je..an@chu.fr", false, NULL},
        {"jean@chu..fr", false, NULL},
        {"jean dupont@chu.fr", false, NULL},
        {"\"jean@chu.fr", false, NULL},
        {"a@b@chu.fr", false, NULL},
    };
    struct str out;
    str_init(&out, ADDRESS_MAX);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct address address;
        bool ok = address_parse(span_of(rows[i].input), rows[i].utf8, &address);
        assert_int_equal(ok, rows[i].key != NULL);
        if (!ok)
            continue;
        assert_true(address_key(&out, &address));
        assert_str(&out, rows[i].key);
    }
    str_free(&out);
}

static void patients_are_known_by_their_domain(void **state UNUSED)
{
    struct address address;
    assert_true(address_parse(span_of("299999999999999@Patient.MSSante.fr"), false, &address));
    assert_true(address_is_patient(&address));
    assert_true(address_parse(span_of("x@patient.mssante.fr.example"), false, &address));
    assert_false(address_is_patient(&address));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(domains_are_one_when_their_a_labels_are),
        cmocka_unit_test(mailboxes_are_read_by_the_grammar),
        cmocka_unit_test(patients_are_known_by_their_domain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
