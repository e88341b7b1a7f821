/* French is what the source says; English comes from po/en.po, compiled by msgfmt and embedded. The .mo form (GNU gettext
 * manual, "The Format of GNU MO Files") is read here, because gettext()'s own language is the process's, and each of our
 * threads serves people of both.
 */
#include "webmail-cgi/web.h"

#include "webmail-cgi/embedded.h"

#include <string.h>

static uint32_t word_at(struct span file, size_t at)
{
    uint32_t word = 0;
    if (at + sizeof(word) <= file.n)
        memcpy(&word, file.p + at, sizeof(word));
    return word;
}

static const char *text_at(struct span file, size_t table, uint32_t index)
{
    uint32_t length = word_at(file, table + (size_t)index * 8), offset = word_at(file, table + (size_t)index * 8 + 4);
    bool inside = offset < file.n && length < file.n - offset && file.p[offset + length] == '\0';
    return inside ? file.p + offset : "";
}

/* A binary search in the sorted table of originals. */
static const char *lookup(struct span file, const char *text)
{
    if (word_at(file, 0) != 0x950412deu)
        return NULL;
    uint32_t low = 0, high = word_at(file, 8);
    size_t originals = word_at(file, 12), translations = word_at(file, 16);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(text, text_at(file, originals, middle));
        if (order == 0)
            return text_at(file, translations, middle);
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const char *tr(const struct request *rq, const char *french)
{
    if (rq->language == LANG_FR)
        return french;
    const char *english = lookup(embedded_english(), french);
    return english && english[0] ? english : french;
}

enum language language_choose(const char *accept_language, const char *preference)
{
    if (preference && strcmp(preference, "en") == 0)
        return LANG_EN;
    if (preference && strcmp(preference, "fr") == 0)
        return LANG_FR;
    struct span rest = span_of(accept_language), item;
    while (rest.n > 0 && span_cut(&rest, ',', &item)) {
        item = span_trim(item);
        if (span_starts_nocase(item, "fr"))
            return LANG_FR;
        if (span_starts_nocase(item, "en"))
            return LANG_EN;
    }
    return LANG_FR;
}
