/* Whatever a message is, its summary is a sound form: parts inside the message, IMAP forms balanced. */
#include "lib/proto/mime_summary.h"
#include "lib/proto/summary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Parentheses outside strings and literals close as often as they open. */
static bool is_balanced(struct span form)
{
    long depth = 0;
    for (size_t i = 0; i < form.n; i++) {
        if (form.p[i] == '"') {
            while (++i < form.n && form.p[i] != '"')
                i += form.p[i] == '\\';
        } else if (form.p[i] == '{') {
            size_t bytes = 0;
            while (++i < form.n && form.p[i] != '}')
                bytes = bytes * 10 + (size_t)(form.p[i] - '0');
            i += 2 + bytes;
        } else {
            depth += (form.p[i] == '(') - (form.p[i] == ')');
        }
    }
    return depth == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct mime_summary made;
    struct summary_view view;
    struct summary_parts it;
    struct summary_part part;
    uint32_t seen = 0;
    mime_summarise(&made, (struct span){(const char *)data, n}, true);
    must(summary_open(&view, str_span(&made.structure)));
    must(is_balanced(view.field[SUMMARY_ENVELOPE]) && is_balanced(view.field[SUMMARY_BODYSTRUCTURE]));
    for (summary_parts_begin(&view, &it); summary_parts_next(&it, &part); seen++)
        must(part.body_end <= n && part.header_begin <= n);
    must(seen == view.part_count && seen >= 1);
    mime_summary_free(&made);
    return 0;
}
