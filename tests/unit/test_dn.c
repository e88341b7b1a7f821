#include "tests/unit/unit.h"

#include "lib/base/text.h"
#include "lib/proto/dn.h"
#include "lib/proto/dn_fold.h"

static bool read_name(struct dn *dn, const char *text)
{
    /* "0x…" is the hex of DER, anything else a string of RFC 4514. */
    if (!span_starts_nocase(span_of(text), "0x"))
        return dn_from_string(dn, span_of(text), NULL);
    struct str der;
    str_init(&der, 8192);
    assert_true(hex_decode(&der, span_of(text + 2)));
    bool ok = dn_from_der(dn, str_span(&der), NULL);
    str_free(&der);
    return ok;
}

static void equality(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool equal;
    } cases[] = {
        {"CN=a,O=b,C=FR", "cn=A, o=B , c=fr", true},
        {"CN=a,O=b,C=FR", "C=FR,O=b,CN=a", false},
        {"CN=a,O=b", "CN=a", false},
        {"CN=db1.111.mesimagesmedicales.fr,OU=31598513500187,O=editeur,ST=Paris (75),C=FR",
         "2.5.4.3=db1.111.mesimagesmedicales.fr;OID.2.5.4.11=31598513500187;O=Editeur;ST=paris (75);C=FR", true},
        /* the attack the structure is for */
        {"O=x\\,CN\\=other,C=FR", "CN=other,O=x,C=FR", false},
        {"O=\"x,CN=other\",C=FR", "O=x\\,CN\\=other,C=FR", true},
        {"O=x\\2cCN\\3dother,C=FR", "O=x\\,CN\\=other,C=FR", true},
        {"CN=a+OU=b,C=FR", "OU=b+CN=a,C=FR", true},
        {"CN=a+OU=b,C=FR", "CN=a,OU=b,C=FR", false},
        {"CN=a  b", "CN= a b ", true},
        {"CN=a\\ ", "CN=a", true},
        {"CN=ab", "CN=a b", false},
        {"CN=H\\C3\\94PITAL", "CN=hôpital", true},
        {"CN=H\u00d4PITAL", "CN=ho\u0302pital", true},
        {"CN=stra\u00dfe", "CN=STRASSE", true},
        {"CN=a\u00adb", "CN=ab", true},
        {"CN=#0c0161", "CN=a", true},
        {"CN=#13016d", "CN=#0c014d", true},
        {"CN=#020105", "CN=#020105", true},
        {"CN=#020105", "CN=\\#020105", false},
        {"CN=a\\+b", "CN=a+OU=b", false},
        /* C=FR,O=x as PrintableString, UTF8String, BMPString, TeletexString */
        {"0x3019310b3009060355040613024652310a30080603550"
         "40a130178",
         "O=X,C=fr", true},
        {"0x3019310b3009060355040613024652310a30080603550"
         "40a0c0178",
         "O=X,C=fr", true},
        {"0x301a310b3009060355040613024652310b30090603550"
         "40a1e020078",
         "O=X,C=fr", true},
        {"0x3019310b3009060355040613024652310a30080603550"
         "40a1401e9",
         "O=É,C=fr", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct dn a, b;
        print_message("%s | %s\n", cases[i].a, cases[i].b);
        assert_true(read_name(&a, cases[i].a));
        assert_true(read_name(&b, cases[i].b));
        assert_int_equal(dn_equal(&a, &b), cases[i].equal);
        assert_int_equal(dn_equal(&b, &a), cases[i].equal);
        assert_int_equal(dn_hash(&a) == dn_hash(&b), cases[i].equal);
        struct str ca, cb;
        str_init(&ca, 8192);
        str_init(&cb, 8192);
        dn_canonical(&ca, &a);
        dn_canonical(&cb, &b);
        assert_int_equal(span_eq(str_span(&ca), str_span(&cb)), cases[i].equal);
        str_free(&ca);
        str_free(&cb);
        dn_free(&a);
        dn_free(&b);
    }
}

static void refusals(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "CN",
        "CN=",
        "=a",
        "CN=a,",
        "CN=a,,C=FR",
        "XX=a",
        "1.=a",
        "CN=a\\",
        "CN=a\\g1",
        "CN=#0",
        "CN=#zz",
        "CN=#0c0261",
        "CN=a\"b",
        "CN=\"a",
        "CN=\"a\"b",
        "CN=\\ff",
        "CN=a\\00b",
        "CN=\xff",
        /* NUL inside a string: "a\0.b" must not read as "a" */
        "0x300c310a300806035504030c0361"
        "0062",
        "0x30",
        "0x3100",
        "0x300a3108300606035504030c",
        "0x300b3109300706035504030cff",
        "0x30800000",
        "0x3002310030",
        "0x300c310a3008060355040316036180"
        "62",
        "0x300c310a300806035504031e03006100",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct dn dn;
        print_message("%s\n", cases[i]);
        assert_false(read_name(&dn, cases[i]));
        assert_int_equal(dn.count, 0);
    }
}

static void bounds(void **state)
{
    (void)state;
    struct str text, error;
    struct dn dn;
    str_init(&text, 100000);
    str_init(&error, 256);
    for (int i = 0; i < 32; i++)
        str_addf(&text, "%sOU=u%d", i ? "," : "", i);
    assert_true(dn_from_string(&dn, str_span(&text), &error));
    assert_int_equal(dn.count, 32);
    dn_free(&dn);
    str_puts(&text, ",C=FR");
    assert_false(dn_from_string(&dn, str_span(&text), &error));
    assert_string_equal(error.data, "a distinguished name of more than 32 attributes");
    str_clear(&text);
    str_puts(&text, "CN=");
    for (int i = 0; i < 1025; i++)
        str_putc(&text, 'a');
    assert_false(dn_from_string(&dn, str_span(&text), NULL));
    str_free(&text);
    str_free(&error);
}

static void printing(void **state)
{
    (void)state;
    static const struct {
        const char *in, *printed, *canonical;
    } cases[] = {
        {"cn=Lab ,o=Autre  Op,c=FR", "CN=Lab,O=Autre  Op,C=FR", "2.5.4.6=fr,2.5.4.10=autre op,2.5.4.3=lab"},
        {"CN=\\#a\\ ", "CN=\\#a\\ ", "2.5.4.3=#a"},
        {"OU=b+CN=a,C=FR", "OU=b+CN=a,C=FR", "2.5.4.6=fr,2.5.4.11=b+2.5.4.3=a"},
        {"1.2.3.4=#020105", "1.2.3.4=#020105", "1.2.3.4=\x01#020105"},
        {"2.5.4.97=NTRFR-1", "ORGANIZATIONIDENTIFIER=NTRFR-1", "2.5.4.97=ntrfr-1"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct dn dn, again;
        struct str out;
        str_init(&out, 8192);
        assert_true(dn_from_string(&dn, span_of(cases[i].in), NULL));
        dn_print(&out, &dn);
        assert_str(&out, cases[i].printed);
        assert_true(dn_from_string(&again, str_span(&out), NULL));
        assert_true(dn_equal(&dn, &again));
        str_clear(&out);
        dn_canonical(&out, &dn);
        assert_str(&out, cases[i].canonical);
        dn_free(&dn);
        dn_free(&again);
        str_free(&out);
    }
}

static void folding(void **state)
{
    (void)state;
    static const struct {
        const char *in, *match, *search;
    } cases[] = {
        {" Élodie  LE\tGOFF ", "élodie le goff", "elodie le goff"},
        {"ŒUVRE", "œuvre", "œuvre"},
        {"L\u2019H\u00d4PITAL", "l\u2019hôpital", "l\u2019hopital"},
        {"\ufb01n", "fin", "fin"},
        {"a\x01"
         "b",
         "ab", "ab"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str out;
        str_init(&out, 1024);
        assert_true(fold_for_match(&out, span_of(cases[i].in)));
        assert_str(&out, cases[i].match);
        str_clear(&out);
        assert_true(fold_for_search(&out, span_of(cases[i].in)));
        assert_str(&out, cases[i].search);
        str_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality), cmocka_unit_test(refusals), cmocka_unit_test(bounds),
        cmocka_unit_test(printing), cmocka_unit_test(folding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
