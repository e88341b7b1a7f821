/* Archives of documents, and the flat form of what they say. */
#include "lib/proto/xdm.h"
#include "lib/proto/xdm_named.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_facts(struct span facts, bool ours)
{
    struct xdm_view view;
    struct xdm_document document;
    uint32_t seen = 0;
    bool open = xdm_open(&view, facts);
    must(open || !ours);
    if (!open)
        return;
    while (xdm_next(&view, &document))
        seen++;
    must(seen == view.document_count || !ours);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct span bytes = {(const char *)data, n};
    struct str facts;
    str_init(&facts, XDM_FACTS_MAX);
    xdm_read(&facts, bytes, true);
    read_facts(str_span(&facts), true);
    read_facts(bytes, false);
    struct xdm_patient patient = {.birth_name = bytes, .first_names = bytes, .birth_date = SPAN_LIT("1937-02-03")};
    (void)xdm_subject_agrees(bytes, &patient);
    (void)xdm_pdf_name_agrees(bytes, &patient);
    str_free(&facts);
    return 0;
}
