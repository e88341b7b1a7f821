/* CDA documents: facts, body, and HTML by our style sheet. */
#include "lib/base/arena.h"
#include "lib/proto/cda.h"
#include "lib/proto/html_clean.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct span xml = {(const char *)data, n};
    struct arena *arena = arena_new(1 << 20);
    struct cda_facts facts;
    struct str out, media;
    const char *problem = NULL;
    str_init(&out, HTML_OUTPUT_MAX);
    str_init(&media, 8192);
    (void)!cda_read(&facts, arena, xml, &problem);
    (void)!cda_body(&out, &media, xml);
    str_clear(&out);
    if (cda_html(&out, xml, &problem))
        must(span_find(str_span(&out), SPAN_LIT("<script")) < 0);
    str_free(&out);
    str_free(&media);
    arena_destroy(&arena);
    return 0;
}
