/* What the cleaner writes it leaves alone when it cleans again: nothing in it is read another way the second time. */
#include "lib/proto/html_clean.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *const never[] = {"<script", "<style", "<svg",  "<math", "<iframe", "<object", "<embed",     "<form",
                                    "<input",  "<meta",  "<link", "<base", " on",     " style=", "javascript:"};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str once, twice;
    unsigned remote;
    str_init(&once, HTML_OUTPUT_MAX);
    str_init(&twice, HTML_OUTPUT_MAX);
    if (html_clean(&once, (struct span){(const char *)data, n}, HTML_OF_MAIL, &remote)) {
        /* Inside tags only: text may say anything. */
        struct span rest = str_span(&once), text, tag;
        while (span_cut(&rest, '<', &text) && span_cut(&rest, '>', &tag))
            for (size_t i = 0; i < COUNT(never); i++)
                must(never[i][0] == '<' ? !span_starts_nocase(tag, never[i] + 1)
                     : i < 14           ? span_find(tag, span_of(never[i])) < 0 || span_find(tag, SPAN_LIT("=\"")) >= 0
                                        : span_find(tag, SPAN_LIT("=\"javascript:")) < 0);
        must(html_clean(&twice, str_span(&once), HTML_OF_MAIL, &remote));
        must(remote == 0);
    }
    str_free(&once);
    str_free(&twice);
    return 0;
}
