/* What the cleaner writes it leaves alone when it cleans again: nothing in it is read another way the second time. And in
 * its tags (text may say anything) stand only elements of the list, with addresses of four kinds.
 */
#include "lib/proto/html_clean.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *const never[] = {"script", "style", "svg",  "math", "iframe", "object", "embed",
                                    "form",   "input", "meta", "link", "base",   "body",   "html"};

static void look_at_attribute(struct span name, struct span value)
{
    static const char *const kinds[] = {"http://", "https://", "mailto:", "tel:", "cid:"};
    bool good = !span_is(name, "href") && !span_is(name, "src");
    for (size_t k = 0; k < COUNT(kinds) && !good; k++)
        good = span_starts_nocase(value, kinds[k]);
    must(good && !span_starts_nocase(name, "on") && !span_is(name, "style") && !span_is(name, "srcset"));
}

/* `element name="value" …`: every value is quoted, and holds no quote. */
static void look_at_tag(struct span tag)
{
    struct span element, name, nothing, value;
    span_cut(&tag, ' ', &element);
    for (size_t i = 0; i < COUNT(never); i++)
        must(!span_is_nocase(element, never[i]));
    while (span_cut(&tag, '=', &name)) {
        must(span_cut(&tag, '"', &nothing) && nothing.n == 0 && span_cut(&tag, '"', &value));
        look_at_attribute(span_trim(name), value);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str once, twice;
    unsigned remote;
    str_init(&once, HTML_OUTPUT_MAX);
    str_init(&twice, HTML_OUTPUT_MAX);
    if (html_clean(&once, (struct span){(const char *)data, n}, HTML_OF_MAIL, &remote)) {
        struct span rest = str_span(&once), text, tag;
        while (span_cut(&rest, '<', &text) && span_cut(&rest, '>', &tag))
            look_at_tag(tag);
        must(html_clean(&twice, str_span(&once), HTML_OF_MAIL, &remote));
        must(remote == 0);
    }
    str_free(&once);
    str_free(&twice);
    return 0;
}
