#include "tests/unit/unit.h"

#include "lib/proto/whitelist.h"

#include <stdio.h>

#define HEAD  "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListeBlanche xmlns=\"https://listeblanche.mssante.fr/schema\">"
#define DATE  "<DateDeGeneration>2026-05-02T10:00:00Z</DateDeGeneration>"
#define ENTRY "<Domaine><Nom>a.mssante.fr</Nom><DNCertificatOperateur>CN=a,C=FR</DNCertificatOperateur></Domaine>"
#define TAIL  "</ListeBlanche>"

static void documents(void **state)
{
    (void)state;
    static const struct {
        const char *xml;
        size_t entries, skipped;
        const char *error; /* NULL: accepted */
    } cases[] = {
        {HEAD DATE ENTRY TAIL, 1, 0, NULL},
        {HEAD DATE ENTRY ENTRY TAIL, 2, 0, NULL},
        {HEAD DATE "<Domaine><Nom>b</Nom></Domaine>" ENTRY TAIL, 1, 1, NULL},
        {HEAD DATE "<Domaine><Nom>b..c</Nom><DNCertificatOperateur>CN=a</DNCertificatOperateur></Domaine>" ENTRY TAIL,
         1, 1, NULL},
        {HEAD DATE "<Domaine><Nom>b.fr</Nom><DNCertificatOperateur>XX=a</DNCertificatOperateur></Domaine>" ENTRY TAIL,
         1, 1, NULL},
        {HEAD DATE "<Domaine><Nom>Clinique-de-la-C\u00f4te.mssante.fr</Nom><DNCertificatOperateur>CN=a</"
                   "DNCertificatOperateur></Domaine>" TAIL,
         1, 0, NULL},
        {"", 0, 0, "empty, or larger than 32 MiB"},
        {HEAD DATE ENTRY, 0, 0, "not well-formed XML"},
        {HEAD DATE ENTRY TAIL "x", 0, 0, "not well-formed XML"},
        {HEAD ENTRY TAIL, 0, 0, "DateDeGeneration is missing"},
        {HEAD DATE DATE ENTRY TAIL, 0, 0, "DateDeGeneration cannot be read, or stands twice"},
        {HEAD DATE TAIL, 0, 0, "no <Domaine> entry stands in it"},
        {"<ListeBlanche xmlns=\"urn:x\">" DATE ENTRY TAIL, 0, 0,
         "the root element is not in the namespace https://listeblanche.mssante.fr/schema"},
        {"<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>" HEAD DATE ENTRY TAIL, 0, 0,
         "a document type declaration: none is accepted"},
        {HEAD DATE ENTRY "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>" TAIL, 0, 0,
         "the signature is refused: exactly one Reference is expected"},
    };
    const struct whitelist_reading how = {.signature_required = false};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct whitelist list;
        struct str error;
        str_init(&error, 1024);
        bool ok = whitelist_parse(&list, span_of(cases[i].xml), &how, &error);
        if (cases[i].error)
            assert_str(&error, cases[i].error);
        assert_int_equal(ok, cases[i].error == NULL);
        if (ok) {
            assert_int_equal(list.entries.len, cases[i].entries);
            assert_int_equal(list.skipped, cases[i].skipped);
            assert_int_equal(list.generated, 1777716000);
        }
        whitelist_free(&list);
        str_free(&error);
    }
}

static void names(void **state)
{
    (void)state;
    const struct whitelist_reading how = {.signature_required = false};
    struct whitelist list;
    assert_true(whitelist_parse(&list,
                                SPAN_LIT(HEAD DATE "<Domaine><Nom> C\u00f4te.MSSante.fr </Nom><Description>a &amp; "
                                                   "b</Description><DNCertificatOperateur>CN=A, C=fr</"
                                                   "DNCertificatOperateur></Domaine>" TAIL),
                                &how, NULL));
    assert_string_equal(list.entries.items[0].domain, "xn--cte-kna.mssante.fr");
    assert_string_equal(list.entries.items[0].domain_text, "C\u00f4te.MSSante.fr");
    assert_string_equal(list.entries.items[0].description, "a & b");
    assert_string_equal(list.entries.items[0].dn, "2.5.4.6=fr,2.5.4.3=a");
    whitelist_free(&list);
}

static void dates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t want; /* -1: refused */
    } cases[] = {
        {"2026-05-02T10:00:00Z", 1777716000},
        {"2026-05-02T12:00:00+02:00", 1777716000},
        {"2026-05-02T10:00:00.123Z", 1777716000},
        {" 2026-05-02 ", 1777680000},
        {"2026-05-02T10:00:00", 1777716000},
        {"2026-13-02", -1},
        {"2026-00-02", -1},
        {"26-05-02", -1},
        {"2026-05-02T10:00", -1},
        {"2026-05-02T25:00:00Z", -1},
        {"2026-05-02T10:00:00X", -1},
        {"", -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t got = -1;
        print_message("%s\n", cases[i].text);
        assert_int_equal(whitelist_date(span_of(cases[i].text), &got), cases[i].want >= 0);
        if (cases[i].want >= 0)
            assert_int_equal(got, cases[i].want);
    }
}

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

static void signatures(void **state)
{
    (void)state;
    static const struct {
        const char *file, *signer;
        bool required;
        const char *error;
    } cases[] = {
        {"signed.xml", "signer.pem", true, NULL},
        {"signed.xml", "two-signers.pem", true, NULL},
        {"unsigned.xml", "signer.pem", false, NULL},
        {"unsigned.xml", "signer.pem", true, "the list is not signed, and a signature is required"},
        {"signed.xml", "other-signer.pem", false,
         "the signature is refused: it does not verify with the pinned signer's certificate"},
        {"signed.xml", NULL, false,
         "the signature is refused: the list is signed and no signer is pinned (setting whitelist.signer)"},
        {"altered.xml", "signer.pem", false,
         "the signature is refused: it does not verify with the pinned signer's certificate"},
        {"sha1.xml", "signer.pem", false,
         "the signature is refused: its algorithm is not RSA or ECDSA with SHA-256 or stronger"},
        {"xpath.xml", "signer.pem", false,
         "the signature is refused: its transforms are not enveloped-signature and C14N alone"},
        {"part.xml", "signer.pem", false,
         "the signature is refused: the Reference must have URI=\"\" (the whole document)"},
        {"two-references.xml", "signer.pem", false, "the signature is refused: exactly one Reference is expected"},
        {"moved.xml", "signer.pem", false,
         "the signature is refused: one Signature, directly under the root, is expected"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct whitelist list;
        struct str xml, signer, error;
        print_message("%s %s\n", cases[i].file, cases[i].signer ? cases[i].signer : "-");
        load(&xml, cases[i].file);
        str_init(&signer, 16);
        if (cases[i].signer)
            load(&signer, cases[i].signer);
        str_init(&error, 1024);
        struct whitelist_reading how = {str_span(&signer), cases[i].required};
        bool ok = whitelist_parse(&list, str_span(&xml), &how, &error);
        if (cases[i].error)
            assert_str(&error, cases[i].error);
        else
            assert_int_equal(error.len, 0);
        assert_int_equal(ok, cases[i].error == NULL);
        if (ok)
            assert_int_equal(list.is_signed, strcmp(cases[i].file, "unsigned.xml") != 0);
        whitelist_free(&list);
        str_free(&xml);
        str_free(&signer);
        str_free(&error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents),
        cmocka_unit_test(names),
        cmocka_unit_test(dates),
        cmocka_unit_test(signatures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
