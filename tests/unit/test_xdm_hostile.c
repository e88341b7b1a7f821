/* tests/data/xdm_hostile (made by make_xdm_hostile): what the reader owes each archive is a row of its expected.tsv, and
 * whatever it shows holds nothing that runs, loads or comes from this machine.
 */
#include "tests/unit/archives.h"

#include "lib/proto/cda.h"
#include "lib/proto/xdm.h"

#include <stdio.h>

static void want(const char *name, const char *what, struct span got, struct span wanted)
{
    if (!span_is(wanted, "any") && !span_eq(got, wanted))
        fail_msg("%s: %s is \"%.*s\", not \"%.*s\"", name, what, (int)got.n, got.p, (int)wanted.n, wanted.p);
}

/* What a browser would act on; as text, each comes escaped. */
static void harmless(const char *name, struct span html)
{
    static const char *const never[] = {"<script",        "<svg",      "<style",        "<iframe",    "<object",
                                        "javascript:",    "127.0.0.1", "root:x:0",      "<link",      "data:image/svg",
                                        "<meta",          " style=",   " onclick=",     " onload=\"", "data:text",
                                        " onerror=\"top", "<form",     "xml-stylesheet"};
    for (size_t i = 0; i < COUNT(never); i++)
        if (span_find(html, span_of(never[i])) >= 0)
            fail_msg("%s: shows %s", name, never[i]);
}

static const char *shown(const char *name, struct span zip, const struct xdm_document *document)
{
    struct str bytes, html, media;
    const char *problem = NULL, *what = "none";
    if (document->problem.n || !document->is_cda)
        return what;
    str_init(&bytes, XDM_MEMBER_MAX);
    str_init(&html, 8 << 20);
    str_init(&media, 4096);
    assert_true(xdm_member(&bytes, zip, document->member));
    if (cda_html(&html, str_span(&bytes), &problem)) {
        harmless(name, str_span(&html));
        what = "html";
        str_clear(&html);
        if (document->has_pdf_body && cda_body(&html, &media, str_span(&bytes)) &&
            span_starts_nocase(str_span(&html), "%PDF-"))
            what = "pdf";
    }
    str_free(&bytes);
    str_free(&html);
    str_free(&media);
    return what;
}

static const char *integrity(const struct xdm_document *document)
{
    if (!document->has_hash)
        return document->size_right ? "unstated" : "wrong";
    return document->hash_right && document->size_right ? "right" : "wrong";
}

static void one(struct span row, struct str *zip, struct str *facts)
{
    struct span columns[7];
    struct xdm_view view;
    struct xdm_document document = {.size = 0};
    char name[100], count[16];
    for (size_t i = 0; i < COUNT(columns); i++)
        assert_true(span_cut(&row, '\t', &columns[i]));
    snprintf(name, sizeof(name), "%.*s", (int)columns[0].n, columns[0].p);
    load_data(zip, "xdm_hostile", name, ".zip");
    xdm_read(facts, str_span(zip), true);
    assert_true(xdm_open(&view, str_span(facts)));
    (void)xdm_next(&view, &document);
    snprintf(count, sizeof(count), "%u", view.document_count);
    want(name, "the archive's problem", view.problem, columns[1]);
    want(name, "the number of documents", span_of(count), columns[2]);
    want(name, "the document's problem", document.problem, columns[3]);
    want(name, "the identity",
         span_of(view.discordant      ? "discordant"
                 : view.ins_qualified ? "qualified"
                                      : "plain"),
         columns[4]);
    if (view.document_count)
        want(name, "the integrity", span_of(integrity(&document)), columns[5]);
    want(name, "what is shown", span_of(shown(name, str_span(zip), &document)), columns[6]);
}

static void corpus(void **state)
{
    struct str expected, zip, facts;
    struct span rows, row;
    unsigned count = 0;
    (void)state;
    str_init(&expected, 1 << 20);
    str_init(&zip, XDM_ZIP_MAX);
    str_init(&facts, XDM_FACTS_MAX);
    load_data(&expected, "xdm_hostile", "expected", ".tsv");
    rows = str_span(&expected);
    while (rows.n && span_cut(&rows, '\n', &row)) {
        one(row, &zip, &facts);
        count++;
    }
    assert_true(count > 100);
    str_free(&expected);
    str_free(&zip);
    str_free(&facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(corpus)};
    return cmocka_run_group_tests_name("xdm_hostile", tests, NULL, NULL);
}
