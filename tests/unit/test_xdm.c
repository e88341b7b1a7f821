/* Archives as labs send them and as attackers would: tests/data/xdm (made by tests/data/make_xdm), one verdict each. */
#include "tests/unit/archives.h"

#include "lib/proto/cda.h"
#include "lib/proto/ins.h"
#include "lib/proto/xdm.h"
#include "lib/proto/xdm_build.h"
#include "lib/proto/xdm_named.h"

#include <stdio.h>

static void load(struct str *out, const char *name)
{
    load_data(out, "xdm", name, ".zip");
}

static void archives(void **state)
{
    (void)state;
    static const struct {
        const char *name, *codes, *problem, *document_problem;
        uint32_t documents;
        bool qualified, discordant, hash_right, size_right, replaces;
    } cases[] = {
        {"level1", "11502-2", "", "", 1, true, false, true, true, false},
        {"level3", "34133-9", "", "", 1, true, false, true, true, false},
        {"two", "11502-2,34133-9", "", "", 2, true, false, true, true, false},
        {"pdf-beside", "11502-2", "", "", 2, true, false, true, true, false},
        {"bad-hash", "11502-2", "", "", 1, true, false, false, true, false},
        {"bad-size", "11502-2", "", "", 1, true, false, true, false, false},
        {"other-patient", "11502-2", "", "", 1, false, true, true, true, false},
        {"replaces", "11502-2", "", "", 1, true, false, true, true, true},
        {"no-metadata", "", "no metadata", "", 0, false, false, false, false, false},
        {"uri-climbs", "", "", "unsafe name", 1, false, false, false, false, false},
        {"member-climbs", "11502-2", "unsafe name", "", 1, false, false, true, true, false},
        {"zip-bomb", "", "", "too large", 1, false, false, false, false, false},
        {"entity-bomb", "", "", "doctype", 1, false, false, false, false, false},
        {"metadata-bomb", "", "doctype", "", 0, false, false, false, false, false},
        {"external-entity", "", "", "doctype", 1, false, false, false, false, false},
        {"many-members", "", "too many members", "", 0, false, false, false, false, false},
        {"truncated", "", "not a zip", "", 0, false, false, false, false, false},
        {"not-a-zip", "", "not a zip", "", 0, false, false, false, false, false},
        {"empty", "", "not a zip", "", 0, false, false, false, false, false},
    };
    struct str zip, facts;
    str_init(&zip, XDM_ZIP_MAX);
    str_init(&facts, XDM_FACTS_MAX);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct xdm_view view;
        struct xdm_document document = {.size = 0};
        load(&zip, cases[i].name);
        xdm_read(&facts, str_span(&zip), true);
        assert_true(xdm_open(&view, str_span(&facts)));
        assert_span(view.cda_codes, cases[i].codes);
        assert_span(view.problem, cases[i].problem);
        assert_int_equal(view.document_count, cases[i].documents);
        assert_int_equal(view.ins_qualified, cases[i].qualified);
        assert_int_equal(view.discordant, cases[i].discordant);
        assert_int_equal(xdm_next(&view, &document), cases[i].documents > 0);
        assert_span(document.problem, cases[i].document_problem);
        assert_int_equal(document.hash_right, cases[i].hash_right);
        assert_int_equal(document.size_right, cases[i].size_right);
        assert_int_equal(document.replaces.n > 0, cases[i].replaces);
    }
    str_free(&zip);
    str_free(&facts);
}

static void one_archive(void **state)
{
    (void)state;
    struct str zip, facts, bytes, media, html;
    struct xdm_view view;
    struct xdm_document document;
    const char *problem = NULL;
    str_init(&zip, XDM_ZIP_MAX);
    str_init(&facts, XDM_FACTS_MAX);
    str_init(&bytes, XDM_MEMBER_MAX);
    str_init(&media, 100);
    str_init(&html, 1 << 20);
    load(&zip, "level1");
    assert_true(xdm_is(str_span(&zip)));
    xdm_read(&facts, str_span(&zip), false);
    assert_true(xdm_open(&view, str_span(&facts)));
    assert_false(view.ins_qualified); /* a test identity never is one, out of a test installation */
    assert_true(view.test_identity);
    assert_span(view.patient.birth_name, "OCTAVIO");
    assert_span(view.patient.birth_date, "1937-02-02");
    assert_span(view.patient.sex, "M");
    assert_true(view.patient.key_right && view.patient.complete);
    assert_true(xdm_next(&view, &document));
    assert_span(document.title, "CR d'examens biologiques");
    assert_span(document.date, "2026-11-20");
    assert_span(document.author, "DR Odile BIOLOGISTE");
    assert_span(document.member, "IHE_XDM/SUBSET01/DOC0001.XML");
    assert_true(document.has_pdf_body && !document.has_narrative);
    assert_true(xdm_member(&bytes, str_span(&zip), document.member));
    assert_int_equal(bytes.len, document.size);
    assert_true(cda_html(&html, str_span(&bytes), &problem));
    assert_true(span_find(str_span(&html), SPAN_LIT("<strong>OCTAVIO ANATOLE")) > 0);
    struct str pdf;
    str_init(&pdf, XDM_MEMBER_MAX);
    assert_true(cda_body(&pdf, &media, str_span(&bytes)));
    assert_str(&media, "application/pdf");
    assert_true(span_starts_nocase(str_span(&pdf), "%PDF-1.4"));
    assert_false(xdm_member(&bytes, str_span(&zip), SPAN_LIT("../x")));
    assert_false(xdm_member(&bytes, str_span(&zip), SPAN_LIT("none")));
    load(&zip, "level3");
    assert_true(xdm_member(&bytes, str_span(&zip), document.member));
    str_clear(&html);
    assert_true(cda_html(&html, str_span(&bytes), &problem));
    assert_true(span_find(str_span(&html), SPAN_LIT("<td>13,2 g/dL</td>")) > 0);
    str_free(&zip);
    str_free(&facts);
    str_free(&bytes);
    str_free(&media);
    str_free(&html);
    str_free(&pdf);
}

/* Cut or changed anywhere, the archive is read within its bounds and the facts stay a sound form. */
static void damaged(void **state)
{
    (void)state;
    struct str zip, facts;
    struct xdm_view view;
    struct xdm_document document;
    str_init(&zip, XDM_ZIP_MAX);
    str_init(&facts, XDM_FACTS_MAX);
    load(&zip, "two");
    for (size_t i = 0; i < zip.len; i += 97) {
        zip.data[i] = (char)~zip.data[i];
        xdm_read(&facts, str_span(&zip), true);
        assert_true(xdm_open(&view, str_span(&facts)));
        while (xdm_next(&view, &document))
            assert_true(document.size <= XDM_MEMBER_MAX);
        zip.data[i] = (char)~zip.data[i];
    }
    for (size_t i = 0; i < facts.len; i += 7) {
        facts.data[i] = (char)~facts.data[i];
        if (xdm_open(&view, str_span(&facts)))
            while (xdm_next(&view, &document))
                assert_true(document.status <= XDM_DEPRECATED);
        facts.data[i] = (char)~facts.data[i];
    }
    str_free(&zip);
    str_free(&facts);
}

static void matricules(void **state)
{
    (void)state;
    static const struct {
        const char *matricule;
        bool right;
        char sex;
        unsigned year, month;
        const char *department, *agrees_sex, *agrees_birth;
        bool agrees;
    } cases[] = {
        {"137219910200213", true, 'M', 37, 0, "99", "M", "1937-02-02", true},
        {"137219910200213", true, 'M', 37, 0, "99", "F", "1937-02-02", false},
        {"137219910200213", true, 'M', 37, 0, "99", "M", "1938-02-02", false},
        {"137219910200214", false, 0, 0, 0, "", "", "", false},
        {"255082A10200178", false, 0, 0, 0, "", "", "", false},
        {"25508\0", false, 0, 0, 0, "", "", "", false},
        {"13721991020021X", false, 0, 0, 0, "", "", "", false},
        {"337219910200213", false, 0, 0, 0, "", "", "", false},
        {"", false, 0, 0, 0, "", "", "", false},
    };
    struct ins ins;
    unsigned key;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(ins_read(span_of(cases[i].matricule), &ins), cases[i].right);
        if (!cases[i].right)
            continue;
        assert_int_equal(ins.sex, cases[i].sex);
        assert_int_equal(ins.year, cases[i].year);
        assert_int_equal(ins.month, cases[i].month);
        assert_string_equal(ins.department, cases[i].department);
        assert_int_equal(ins_agrees(&ins, span_of(cases[i].agrees_sex), span_of(cases[i].agrees_birth)),
                         cases[i].agrees);
    }
    /* 2A counts as 19, 2B as 18 */
    assert_true(ins_key(SPAN_LIT("255082A102001"), &key));
    assert_int_equal(key, 97 - 2550819102001 % 97);
    assert_true(ins_key(SPAN_LIT("155082B102001"), &key));
    assert_int_equal(key, 97 - 1550818102001 % 97);
    assert_false(ins_key(SPAN_LIT("155083B102001"), &key));
}

static struct xdm_order good_order(void)
{
    return (struct xdm_order){.pdf = SPAN_LIT("%PDF-1.4\nfake but for the reader\n%%EOF"),
                              .kind = *cda_kind_of(SPAN_LIT("11488-4")),
                              .patient = {.authority = INS_TEST,
                                          .matricule = SPAN_LIT("137219910200213"),
                                          .birth_name = SPAN_LIT("O'CTAVIO & <fils>"),
                                          .first_names = SPAN_LIT("Anatole Jean"),
                                          .birth_date = SPAN_LIT("1937-02-02"),
                                          .sex = SPAN_LIT("M")},
                              .author_id = SPAN_LIT("899700000013"),
                              .author_title = SPAN_LIT("DR"),
                              .author_given = SPAN_LIT("Claire"),
                              .author_family = SPAN_LIT("MARTIN"),
                              .structure_name = SPAN_LIT("EHPAD \"Les Tilleuls\""),
                              .structure_id = SPAN_LIT("1990000015"),
                              .replaces = SPAN_LIT("2.25.42"),
                              .act = 1795190400,
                              .now = 1795190400};
}

/* What we build is read back by the reader of strangers' archives, and says what was ordered. */
static void built(void **state)
{
    (void)state;
    struct xdm_order order = good_order();
    struct xdm_built made;
    struct xdm_view view;
    struct xdm_document document;
    struct str facts, pdf, media;
    const char *problem = NULL;
    str_init(&facts, XDM_FACTS_MAX);
    str_init(&pdf, 1 << 20);
    str_init(&media, 100);
    assert_true(xdm_build(&made, &order, &problem));
    xdm_read(&facts, str_span(&made.zip), true);
    assert_true(xdm_open(&view, str_span(&facts)));
    assert_span(view.problem, "");
    assert_true(view.ins_qualified && !view.discordant);
    assert_span(view.cda_codes, "11488-4");
    assert_span(view.patient.birth_name, "O'CTAVIO & <fils>");
    assert_span(view.patient.first_names, "Anatole Jean");
    assert_true(xdm_next(&view, &document));
    assert_true(document.hash_right && document.size_right && document.has_pdf_body);
    assert_span(document.title, "Compte rendu de consultation");
    assert_span(document.author, "DR Claire MARTIN");
    assert_span(document.author_structure, "EHPAD \"Les Tilleuls\"");
    assert_span(document.replaces, "2.25.42");
    assert_span(document.unique_id, made.unique_id);
    assert_true(cda_body(&pdf, &media, str_span(&made.cda)));
    assert_true(span_eq(str_span(&pdf), order.pdf));
    assert_string_equal(made.subject,
                        "XDM/1.0/DDM+Compte rendu de consultation O'CTAVIO & <fils> Anatole Jean 02/02/1937");
    assert_string_equal(made.pdf_name, "20261120_11488-4_O-CTAVIO----fils-_Anatole-Jean.pdf");
    xdm_built_free(&made);
    str_free(&facts);
    str_free(&pdf);
    str_free(&media);
}

static void refused_orders(void **state)
{
    (void)state;
    struct xdm_order orders[7];
    struct xdm_built made;
    const char *problem;
    for (size_t i = 0; i < COUNT(orders); i++)
        orders[i] = good_order();
    orders[0].pdf = SPAN_LIT("GIF89a not a PDF");
    orders[1].patient.matricule = SPAN_LIT("137219910200214");
    orders[2].patient.sex = SPAN_LIT("F");
    orders[3].patient.birth_date = SPAN_LIT("1938-02-02");
    orders[4].patient.birth_name = SPAN_NONE;
    orders[5].patient.authority = INS_UNKNOWN;
    orders[6].author_id = SPAN_NONE;
    for (size_t i = 0; i < COUNT(orders); i++) {
        assert_false(xdm_build(&made, &orders[i], &problem));
        assert_true(problem && problem[0]);
        xdm_built_free(&made);
    }
}

/* ECO.2.1.5: a PDF/A-1; what is none is said in words, and leaves only after that. */
static void pdf_kinds(void **state)
{
    (void)state;
#define A1 "<pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>"
    static const struct {
        const char *bytes;
        enum xdm_pdf want;
    } cases[] = {
        {"%PDF-1.4\n" A1, XDM_PDF_A1},
        {"%PDF-1.3\n<rdf:Description pdfaid:part=\"1\" pdfaid:conformance=\"A\"/>", XDM_PDF_A1},
        {"%PDF-1.4\n<rdf:Description pdfaid:part='1'/>", XDM_PDF_A1},
        {"%PDF-1.4\nnothing", XDM_PDF_PLAIN},
        {"%PDF-1.7\n<pdfaid:part>2</pdfaid:part>", XDM_PDF_OTHER_PART},
        {"%PDF-1.7\n<x pdfaid:part=\"3\"/>", XDM_PDF_OTHER_PART},
        {"%PDF-1.4\n" A1 "trailer << /Encrypt 7 0 R >>", XDM_PDF_FORBIDDEN},
        {"%PDF-1.4\n" A1 "<< /S /JavaScript /JS (x) >>", XDM_PDF_FORBIDDEN},
        {"%PDF-1.4\n" A1 "<< /S /Launch >>", XDM_PDF_FORBIDDEN},
        {"%PDF-1.4\n" A1 "<< /EmbeddedFiles 3 0 R >>", XDM_PDF_FORBIDDEN},
        {"%PDF-1.4\n" A1 "<< /Filter /LZWDecode >>", XDM_PDF_FORBIDDEN},
        {"%PDF-1.7\n" A1, XDM_PDF_FORBIDDEN},
        {"%PDF-2.0\n" A1, XDM_PDF_FORBIDDEN},
        {"%PDF-1.4\n<pdfaid:part>", XDM_PDF_PLAIN},
        {"", XDM_PDF_PLAIN},
    };
#undef A1
    for (size_t i = 0; i < COUNT(cases); i++)
        if (xdm_pdf_kind(span_of(cases[i].bytes)) != cases[i].want)
            fail_msg("%s", cases[i].bytes);
}

/* Each source against the document's patient, one trait wrong at a time; twins have all but a first name in common. */
static void named(void **state)
{
    (void)state;
    const struct xdm_patient patient = {.birth_name = SPAN_LIT("DUPONT-LÉVÊQUE"),
                                        .used_name = SPAN_LIT("Martin"),
                                        .first_names = SPAN_LIT("Zoé Marie-Ange"),
                                        .birth_date = SPAN_LIT("1937-02-03")};
    static const struct {
        const char *text;
        bool subject, agrees;
    } cases[] = {
        {"XDM/1.0/DDM+CR d'examens DUPONT-LEVEQUE ZOE 03/02/1937", true, true},
        {"XDM/1.0/DDM+CR d'examens dupont lévêque Marie Ange 03/02/1937", true, true},
        {"XDM/1.0/DDM+CR d'examens MARTIN Zoé", true, true},
        {"XDM/1.0/DDM+CR d'examens DUPONT ZOE 03/02/1937", true, false},
        {"XDM/1.0/DDM+CR d'examens MARTINET ZOE 03/02/1937", true, false},
        {"XDM/1.0/DDM+CR d'examens MARTIN LEA 03/02/1937", true, false},
        {"XDM/1.0/DDM+CR d'examens MARTIN ZOE 02/03/1937", true, false},
        {"XDM/1.0/DDM+", true, false},
        {"xdm/1.0/ddm+Lettre de liaison DURAND Paul", true, false},
        {"Re: votre question sur M. Durand", true, true},
        {"", true, true},
        {"20261120_11502-2_DUPONT-LEVEQUE_ZOE_12.pdf", false, true},
        {"20261120_11502-2_MARTIN_Marie-Ange_12.pdf", false, true},
        {"20261120_11502-2_DURAND_PAUL_12.pdf", false, false},
        {"20261120_11502-2_MARTIN_LEA_12.pdf", false, false},
        {"notice du laboratoire.pdf", false, true},
        {"20261120.pdf", false, true},
        {"", false, true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct span text = span_of(cases[i].text);
        bool agrees = cases[i].subject ? xdm_subject_agrees(text, &patient) : xdm_pdf_name_agrees(text, &patient);
        if (agrees != cases[i].agrees)
            fail_msg("%s", cases[i].text);
    }
    assert_true(xdm_subject_agrees(SPAN_LIT("XDM/1.0/DDM+CR DURAND"), &(struct xdm_patient){.matricule = SPAN_NONE}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(archives),  cmocka_unit_test(one_archive),
                                       cmocka_unit_test(damaged),   cmocka_unit_test(matricules),
                                       cmocka_unit_test(built),     cmocka_unit_test(refused_orders),
                                       cmocka_unit_test(pdf_kinds), cmocka_unit_test(named)};
    return cmocka_run_group_tests_name("xdm", tests, NULL, NULL);
}
