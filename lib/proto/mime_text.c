#include "lib/proto/mime_text.h"

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "lib/proto/charset.h"
#include "lib/proto/mime_decode.h"

#include <string.h>

enum { TAG_MAX = 16, ENTITY_MAX = 10, HEADER_TEXT_MAX = 128 << 10, META_SEARCH = 1024, PREVIEW_SOURCE = 16 << 10 };

static const struct {
    const char *name;
    uint32_t code_point;
} entities[] = {
    {"amp", '&'},      {"lt", '<'},       {"gt", '>'},        {"quot", '"'},     {"apos", '\''},    {"nbsp", ' '},
    {"eacute", 0xe9},  {"egrave", 0xe8},  {"ecirc", 0xea},    {"euml", 0xeb},    {"agrave", 0xe0},  {"acirc", 0xe2},
    {"ccedil", 0xe7},  {"ugrave", 0xf9},  {"ucirc", 0xfb},    {"uuml", 0xfc},    {"ocirc", 0xf4},   {"ouml", 0xf6},
    {"icirc", 0xee},   {"iuml", 0xef},    {"Eacute", 0xc9},   {"Egrave", 0xc8},  {"Ecirc", 0xca},   {"Agrave", 0xc0},
    {"Ccedil", 0xc7},  {"oelig", 0x153},  {"laquo", 0xab},    {"raquo", 0xbb},   {"rsquo", 0x2019}, {"lsquo", 0x2018},
    {"ldquo", 0x201c}, {"rdquo", 0x201d}, {"hellip", 0x2026}, {"ndash", 0x2013}, {"mdash", 0x2014}, {"euro", 0x20ac},
    {"deg", 0xb0},     {"micro", 0xb5},   {"copy", 0xa9},     {"reg", 0xae},     {"times", 0xd7},   {"frac12", 0xbd},
    {"sup2", 0xb2},    {"plusmn", 0xb1},  {"szlig", 0xdf},
};

static bool reference(struct span body, uint32_t *code_point)
{
    uint64_t n = 0;
    if (body.n > 1 && body.p[0] == '#' && (body.p[1] | 0x20) == 'x') {
        for (size_t i = 2; i < body.n; i++) {
            char c = (char)(body.p[i] | 0x20);
            int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
            if (digit < 0)
                return false;
            n = n << 4 | (uint64_t)digit;
        }
    } else if (body.n > 1 && body.p[0] == '#') {
        if (!num_u64((struct span){body.p + 1, body.n - 1}, 0x10ffff, &n))
            return false;
    } else {
        for (size_t i = 0; i < COUNT(entities) && !n; i++)
            if (span_is(body, entities[i].name))
                n = entities[i].code_point;
    }
    *code_point = n < ' ' || (n >= 0xd800 && n < 0xe000) || n > 0x10ffff ? ' ' : (uint32_t)n;
    return n > 0;
}

struct words {
    struct str *out;
    struct span in;
    size_t at;
    bool space, line; /* owed before the next word */
};

static void emit(struct words *w, const char *bytes, size_t n)
{
    if (w->out->len && w->line)
        str_putc(w->out, '\n');
    else if (w->out->len && w->space)
        str_putc(w->out, ' ');
    w->line = w->space = false;
    str_add(w->out, bytes, n);
}

static void take_reference(struct words *w)
{
    size_t end = w->at + 1;
    uint32_t code_point;
    while (end < w->in.n && end - w->at <= ENTITY_MAX && w->in.p[end] != ';')
        end++;
    struct span body = {w->in.p + w->at + 1, end - w->at - 1};
    if (end >= w->in.n || w->in.p[end] != ';' || !reference(body, &code_point)) {
        emit(w, "&", 1);
        w->at++;
        return;
    }
    w->at = end + 1;
    if (code_point == ' ') {
        w->space = true;
        return;
    }
    emit(w, "", 0);
    utf8_put(w->out, code_point);
}

static size_t find_close(struct span in, size_t at, const char *name)
{
    size_t n = strlen(name);
    for (; at + n + 2 < in.n; at++) {
        const char *lt = memchr(in.p + at, '<', in.n - at);
        if (!lt)
            break;
        at = (size_t)(lt - in.p);
        if (at + n + 2 < in.n && in.p[at + 1] == '/' && span_is_nocase((struct span){in.p + at + 2, n}, name))
            return at;
    }
    return in.n;
}

static size_t tag_end(struct span in, size_t at)
{
    const char *gt = memchr(in.p + at, '>', in.n - at);
    return gt ? (size_t)(gt - in.p) + 1 : in.n;
}

static bool in_list(struct span name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (span_is_nocase(name, list[i]))
            return true;
    return false;
}

static void take_tag(struct words *w)
{
    static const char *const silent[] = {"script", "style", "title", "noscript", "template"};
    static const char *const blocks[] = {"p",  "br", "div", "tr", "li", "ul", "ol", "table",      "h1",  "h2",
                                         "h3", "h4", "h5",  "h6", "hr", "dt", "dd", "blockquote", "pre", "body"};
    struct span rest = {w->in.p + w->at, w->in.n - w->at};
    if (span_starts_nocase(rest, "<!--")) {
        ptrdiff_t end = span_find(rest, SPAN_LIT("-->"));
        w->at = end < 0 ? w->in.n : w->at + (size_t)end + 3;
        return;
    }
    size_t name_at = w->at + 1 + (rest.n > 1 && rest.p[1] == '/'), n = 0;
    while (n < TAG_MAX && name_at + n < w->in.n && (unsigned char)w->in.p[name_at + n] > ' ' &&
           !strchr("/>", w->in.p[name_at + n]))
        n++;
    struct span name = {w->in.p + name_at, n};
    bool closing = name_at == w->at + 2;
    w->at = tag_end(w->in, w->at);
    if (in_list(name, blocks, COUNT(blocks)))
        w->line = true;
    else if (span_is_nocase(name, "td") || span_is_nocase(name, "th"))
        w->space = true;
    for (size_t i = 0; i < COUNT(silent) && !closing; i++)
        if (span_is_nocase(name, silent[i]))
            w->at = find_close(w->in, w->at, silent[i]);
}

static bool opens_tag(struct span in, size_t at)
{
    char c = at + 1 < in.n ? in.p[at + 1] : ' ';
    return c == '/' || c == '!' || c == '?' || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

void mime_html_words(struct str *out, struct span html)
{
    struct words w = {.out = out, .in = html};
    while (w.at < html.n && !out->overflow) {
        char c = html.p[w.at];
        if (c == '<' && opens_tag(html, w.at)) {
            take_tag(&w);
        } else if (c == '&') {
            take_reference(&w);
        } else if ((unsigned char)c <= ' ') {
            w.space = true;
            w.at++;
        } else {
            size_t n = 1;
            while (w.at + n < html.n && (unsigned char)html.p[w.at + n] > ' ' && !strchr("<&", html.p[w.at + n]))
                n++;
            emit(&w, html.p + w.at, n);
            w.at += n;
        }
    }
}

/* <meta charset=…> or <meta … content="…; charset=…"> near the top. */
static struct span html_charset(struct span html)
{
    struct span head = {html.p, html.n < META_SEARCH ? html.n : META_SEARCH};
    for (size_t i = 0; i + 8 < head.n; i++) {
        struct span here = {head.p + i, head.n - i};
        if (!span_starts_nocase(here, "charset="))
            continue;
        size_t begin = i + 8, end;
        while (begin < head.n && strchr("\"' ", head.p[begin]))
            begin++;
        for (end = begin; end < head.n && !strchr("\"'> ;/", head.p[end]); end++)
            ;
        return (struct span){head.p + begin, end - begin};
    }
    return SPAN_NONE;
}

/* NUL would be mistaken for the end of the header lines. */
static void tame(struct str *text, size_t from)
{
    char *nul = text->len > from ? memchr(text->data + from, '\0', text->len - from) : NULL;
    for (; nul; nul = memchr(nul, '\0', text->len - (size_t)(nul - text->data)))
        *nul = ' ';
}

bool mime_part_text(struct str *out, const struct mime_tree *tree, const struct mime_part *part)
{
    struct str bytes, utf8;
    struct span charset = SPAN_NONE;
    size_t from = out->len;
    bool html = mime_type_is(part, "text", "html");
    str_init(&bytes, SUMMARY_TEXT_MAX * 2);
    str_init(&utf8, SUMMARY_TEXT_MAX * 2);
    bool whole = mime_decode(&bytes, part->encoding, mime_body_of(tree, part));
    mime_param(&part->params, "charset", &charset);
    if (html && !charset.n)
        charset = html_charset(str_span(&bytes));
    whole &= charset_to_utf8(html ? &utf8 : out, charset, str_span(&bytes));
    if (html)
        mime_html_words(out, str_span(&utf8));
    whole &= !out->overflow;
    tame(out, from);
    str_free(&bytes);
    str_free(&utf8);
    return whole;
}

static bool header_lines(struct str *out, struct span header, size_t most)
{
    struct span whole, name, value;
    size_t from = out->len;
    bool all = true;
    while (summary_next_header(&header, &whole, &name, &value)) {
        if (out->len - from > most || out->overflow)
            return false;
        all &= value.n <= most;
        mime_words_decode(out, name);
        str_puts(out, ": ");
        mime_words_decode(out, (struct span){value.p, value.n < most ? value.n : most});
        str_putc(out, '\n');
    }
    return all;
}

bool mime_search_text(struct str *out, const struct mime_tree *tree)
{
    bool whole = header_lines(out, mime_header_of(tree, &tree->parts.items[0]), HEADER_TEXT_MAX);
    str_putc(out, '\0');
    for (size_t i = 0; i < tree->parts.len && out->len + 16 < out->max; i++) {
        const struct mime_part *part = &tree->parts.items[i];
        if (i && part->kind != PART_MULTIPART && tree->parts.items[part->parent].kind == PART_MESSAGE)
            whole &= header_lines(out, mime_header_of(tree, part), HEADER_TEXT_MAX / 8);
        if (part->kind == PART_LEAF && mime_type_is(part, "text", NULL)) {
            whole &= mime_part_text(out, tree, part);
            str_putc(out, '\n');
        }
    }
    return whole && out->len + 16 < out->max;
}

static void squeeze(struct str *out, struct span text, size_t characters)
{
    bool space = false;
    uint32_t c;
    for (size_t n = 0; n < characters && utf8_next(&text, &c);) {
        if (c <= ' ' || c == 0xa0 || c == 0x7f || c == 0xfeff || c == 0x200c || c == 0x200b) {
            space = true;
            continue;
        }
        if (space && out->len && ++n < characters)
            str_putc(out, ' ');
        space = false;
        utf8_put(out, c);
        n++;
    }
}

void mime_preview(struct str *out, const struct mime_tree *tree, size_t characters)
{
    vec_each (&tree->parts, part) {
        if (part->kind != PART_LEAF || !mime_type_is(part, "text", NULL) ||
            span_is_nocase(part->disposition, "attachment"))
            continue;
        struct str text;
        struct mime_part some = *part;
        if (!mime_type_is(part, "text", "html") && some.body_end - some.body_begin > PREVIEW_SOURCE)
            some.body_end = some.body_begin + PREVIEW_SOURCE;
        str_init(&text, SUMMARY_TEXT_MAX);
        mime_part_text(&text, tree, &some);
        squeeze(out, str_span(&text), characters);
        str_free(&text);
        if (out->len)
            return;
    }
}
