/* libxml2's HTML parser makes a tree of it; what is on the list is written anew, everything else is not. Text is always
 * escaped, and no element that a browser reads by other rules (script, style, title, textarea, svg, math, template,
 * noscript …) is ever written: so nothing can change its meaning when the browser parses it again.
 */
#include "lib/proto/html_clean.h"

#include "lib/base/text.h"

#include <libxml/HTMLparser.h>
#include <limits.h>
#include <string.h>

enum { URL_MAX = 2000, DATA_URL_MAX = 4 << 20, VALUE_MAX = 1000 };

enum treatment { UNWRAP /* its children stay */, KEEP, VOID /* kept, no end tag */, DROP /* with all it holds */ };

enum value {
    V_TEXT,
    V_NUMBER, /* digits, perhaps with % */
    V_COLOUR, /* #hex or a name */
    V_ALIGN,
    V_DIRECTION,
    V_LIST_TYPE,
    V_LINK,
    V_PICTURE,
    V_OUR_CLASS
};

static const struct {
    const char *name;
    enum treatment treatment;
} elements[] = {
    {"a", KEEP},        {"abbr", KEEP},     {"address", KEEP},    {"article", KEEP},   {"aside", KEEP},
    {"b", KEEP},        {"big", KEEP},      {"blockquote", KEEP}, {"br", VOID},        {"caption", KEEP},
    {"center", KEEP},   {"cite", KEEP},     {"code", KEEP},       {"col", VOID},       {"colgroup", KEEP},
    {"dd", KEEP},       {"del", KEEP},      {"dfn", KEEP},        {"div", KEEP},       {"dl", KEEP},
    {"dt", KEEP},       {"em", KEEP},       {"figcaption", KEEP}, {"figure", KEEP},    {"font", KEEP},
    {"footer", KEEP},   {"h1", KEEP},       {"h2", KEEP},         {"h3", KEEP},        {"h4", KEEP},
    {"h5", KEEP},       {"h6", KEEP},       {"header", KEEP},     {"hr", VOID},        {"i", KEEP},
    {"img", VOID},      {"ins", KEEP},      {"kbd", KEEP},        {"li", KEEP},        {"mark", KEEP},
    {"ol", KEEP},       {"p", KEEP},        {"pre", KEEP},        {"q", KEEP},         {"s", KEEP},
    {"samp", KEEP},     {"section", KEEP},  {"small", KEEP},      {"span", KEEP},      {"strike", KEEP},
    {"strong", KEEP},   {"sub", KEEP},      {"sup", KEEP},        {"table", KEEP},     {"tbody", KEEP},
    {"td", KEEP},       {"tfoot", KEEP},    {"th", KEEP},         {"thead", KEEP},     {"tr", KEEP},
    {"tt", KEEP},       {"u", KEEP},        {"ul", KEEP},         {"var", KEEP},       {"wbr", VOID},
    {"applet", DROP},   {"audio", DROP},    {"base", DROP},       {"button", DROP},    {"canvas", DROP},
    {"datalist", DROP}, {"dialog", DROP},   {"embed", DROP},      {"frame", DROP},     {"frameset", DROP},
    {"head", DROP},     {"iframe", DROP},   {"input", DROP},      {"isindex", DROP},   {"keygen", DROP},
    {"link", DROP},     {"listing", DROP},  {"map", DROP},        {"marquee", UNWRAP}, {"math", DROP},
    {"meta", DROP},     {"noembed", DROP},  {"noframes", DROP},   {"noscript", DROP},  {"object", DROP},
    {"option", DROP},   {"optgroup", DROP}, {"param", DROP},      {"picture", UNWRAP}, {"plaintext", DROP},
    {"portal", DROP},   {"script", DROP},   {"select", DROP},     {"slot", DROP},      {"source", DROP},
    {"style", DROP},    {"svg", DROP},      {"template", DROP},   {"textarea", DROP},  {"title", DROP},
    {"track", DROP},    {"video", DROP},    {"xml", DROP},        {"xmp", DROP},
};

static const struct {
    const char *element; /* NULL: any that is kept */
    const char *name;
    enum value value;
} attributes[] = {
    {NULL, "dir", V_DIRECTION},
    {NULL, "lang", V_TEXT},
    {NULL, "title", V_TEXT},
    {NULL, "align", V_ALIGN},
    {NULL, "valign", V_ALIGN},
    {NULL, "bgcolor", V_COLOUR},
    {NULL, "class", V_OUR_CLASS},
    {"a", "href", V_LINK},
    {"img", "src", V_PICTURE},
    {"img", "alt", V_TEXT},
    {"img", "width", V_NUMBER},
    {"img", "height", V_NUMBER},
    {"font", "color", V_COLOUR},
    {"font", "size", V_NUMBER},
    {"table", "border", V_NUMBER},
    {"table", "width", V_NUMBER},
    {"table", "cellpadding", V_NUMBER},
    {"table", "cellspacing", V_NUMBER},
    {"td", "colspan", V_NUMBER},
    {"td", "rowspan", V_NUMBER},
    {"td", "width", V_NUMBER},
    {"td", "height", V_NUMBER},
    {"th", "colspan", V_NUMBER},
    {"th", "rowspan", V_NUMBER},
    {"th", "width", V_NUMBER},
    {"col", "span", V_NUMBER},
    {"col", "width", V_NUMBER},
    {"ol", "start", V_NUMBER},
    {"ol", "type", V_LIST_TYPE},
    {"ul", "type", V_LIST_TYPE},
    {"li", "value", V_NUMBER},
    {"hr", "width", V_NUMBER},
};

struct cleaning {
    struct str *out;
    enum html_source source;
    unsigned remote, nodes;
};

static enum treatment treatment_of(const xmlNode *node)
{
    for (size_t i = 0; i < COUNT(elements); i++)
        if (span_is_nocase(span_of((const char *)node->name), elements[i].name))
            return elements[i].treatment;
    return UNWRAP;
}

/* ---- values ---- */

static bool all_in(struct span value, const char *allowed)
{
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && !strchr(allowed, c))
            return false;
    }
    return value.n > 0;
}

static bool is_number(struct span value)
{
    if (value.n && value.p[value.n - 1] == '%')
        value.n--;
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] < '0' || value.p[i] > '9')
            return false;
    return value.n > 0 && value.n <= 4;
}

static bool is_one_of(struct span value, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (span_is_nocase(value, words[i]))
            return true;
    return false;
}

static bool has_control(struct span value)
{
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)value.p[i] <= ' ' || value.p[i] == 0x7f)
            return true;
    return false;
}

/* The scheme must stand there plainly: what a browser would skip to find one (blanks, controls) is refused. */
static bool is_link(struct span url)
{
    static const char *const schemes[] = {"https://", "http://", "mailto:", "tel:"};
    if (url.n > URL_MAX || has_control(url) || !utf8_valid(url))
        return false;
    for (size_t i = 0; i < COUNT(schemes); i++)
        if (span_starts_nocase(url, schemes[i]) && url.n > strlen(schemes[i]))
            return true;
    return false;
}

static bool is_data_picture(struct span url)
{
    static const char *const kinds[] = {"data:image/png;base64,", "data:image/jpeg;base64,", "data:image/gif;base64,"};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        size_t n = strlen(kinds[i]);
        if (span_starts_nocase(url, kinds[i]) && url.n <= DATA_URL_MAX &&
            all_in((struct span){url.p + n, url.n - n}, "+/="))
            return true;
    }
    return false;
}

static bool is_picture(struct cleaning *c, struct span url)
{
    if (span_starts_nocase(url, "cid:") && url.n <= URL_MAX &&
        all_in((struct span){url.p + 4, url.n - 4}, "._@+%$=~!*-"))
        return true;
    if (c->source == HTML_OF_CDA && is_data_picture(url))
        return true;
    c->remote += span_starts_nocase(url, "http") || span_starts_nocase(url, "//");
    return false;
}

static bool is_good(struct cleaning *c, enum value kind, struct span value)
{
    static const char *const aligns[] = {"left", "right", "center", "justify", "top", "middle", "bottom", "baseline"};
    static const char *const directions[] = {"ltr", "rtl", "auto"};
    static const char *const types[] = {"1", "a", "i", "disc", "circle", "square"};
    switch (kind) {
    case V_TEXT:
        return value.n <= VALUE_MAX && utf8_valid(value);
    case V_NUMBER:
        return is_number(value);
    case V_COLOUR:
        return value.n <= 30 && all_in(value, "#");
    case V_ALIGN:
        return is_one_of(value, aligns, COUNT(aligns));
    case V_DIRECTION:
        return is_one_of(value, directions, COUNT(directions));
    case V_LIST_TYPE:
        return is_one_of(value, types, COUNT(types));
    case V_LINK:
        return is_link(value);
    case V_PICTURE:
        return is_picture(c, value);
    case V_OUR_CLASS:
        return c->source == HTML_OF_CDA && span_starts_nocase(value, "cda-") && value.n <= 40 && all_in(value, "-");
    }
    return false;
}

/* ---- writing ---- */

static void write_escaped(struct str *out, struct span text)
{
    struct span rest = text;
    uint32_t c;
    while (utf8_next(&rest, &c)) {
        if (c == '&')
            str_puts(out, "&amp;");
        else if (c == '<')
            str_puts(out, "&lt;");
        else if (c == '>')
            str_puts(out, "&gt;");
        else if (c == '"')
            str_puts(out, "&quot;");
        else if (c == '\'')
            str_puts(out, "&#39;");
        else if (c == '`')
            str_puts(out, "&#96;");
        else if ((c >= ' ' || c == '\n' || c == '\t') && c != 0x7f)
            utf8_put(out, c);
    }
}

static bool has_attribute_of(const xmlAttr *attribute, size_t row, const char *element)
{
    return (!attributes[row].element || span_is_nocase(span_of(element), attributes[row].element)) &&
           span_is_nocase(span_of((const char *)attribute->name), attributes[row].name);
}

static void write_attribute(struct cleaning *c, const xmlNode *node, const xmlAttr *attribute)
{
    if (attribute->ns || span_is_nocase(span_of((const char *)attribute->name), "background")) {
        c->remote++;
        return;
    }
    for (size_t row = 0; row < COUNT(attributes); row++) {
        if (!has_attribute_of(attribute, row, (const char *)node->name))
            continue;
        xmlChar *text = xmlNodeListGetString(node->doc, attribute->children, 1);
        struct span value = span_trim(span_of((const char *)text));
        if (text && is_good(c, attributes[row].value, value)) {
            str_addf(c->out, " %s=\"", attributes[row].name);
            write_escaped(c->out, value);
            str_putc(c->out, '"');
        }
        xmlFree(text);
        return;
    }
}

static void open_element(struct cleaning *c, const xmlNode *node)
{
    str_putc(c->out, '<');
    for (const char *p = (const char *)node->name; *p; p++)
        str_putc(c->out, *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p);
    for (const xmlAttr *attribute = node->properties; attribute; attribute = attribute->next)
        write_attribute(c, node, attribute);
    str_putc(c->out, '>');
}

static void close_element(struct cleaning *c, const xmlNode *node)
{
    if (node->type == XML_ELEMENT_NODE && treatment_of(node) == KEEP)
        str_addf(c->out, "</%s>", (const char *)node->name);
}

/* True: go into its children. */
static bool visit(struct cleaning *c, const xmlNode *node)
{
    if (node->type == XML_TEXT_NODE && node->content)
        write_escaped(c->out, span_of((const char *)node->content));
    if (node->type == XML_ENTITY_REF_NODE)
        str_addf(c->out, "&amp;%s;", (const char *)node->name);
    if (node->type != XML_ELEMENT_NODE)
        return false; /* comments, instructions, CDATA: nothing */
    enum treatment treatment = treatment_of(node);
    if (treatment == KEEP || treatment == VOID)
        open_element(c, node);
    return treatment == KEEP || treatment == UNWRAP;
}

static void walk(struct cleaning *c, const xmlNode *top)
{
    const xmlNode *node = top;
    while (node && !c->out->overflow && c->nodes++ < HTML_NODES_MAX) {
        if (visit(c, node) && node->children) {
            node = node->children;
            continue;
        }
        close_element(c, node);
        while (node != top && !node->next) {
            node = node->parent;
            close_element(c, node);
        }
        node = node == top ? NULL : node->next;
    }
    for (; node && node != top; node = node->parent) /* stopped by a limit: what is open is closed */
        close_element(c, node->parent);
}

static void say_nothing(void *context, const char *format, ...)
{
    (void)context;
    (void)format;
}

/* NUL ends libxml2's reading; here it is a blank. */
static xmlDoc *parse(struct span html)
{
    htmlParserCtxt *parser = htmlNewParserCtxt();
    if (!parser)
        fatal("libxml2 makes no HTML parser");
    char *copy = xmalloc(html.n + 1);
    for (size_t i = 0; i < html.n; i++)
        copy[i] = html.p[i] ? html.p[i] : ' ';
    copy[html.n] = '\0';
    parser->sax->warning = parser->sax->error = parser->sax->fatalError = say_nothing;
    xmlDoc *document =
        htmlCtxtReadMemory(parser, copy, (int)html.n, NULL, "UTF-8",
                           HTML_PARSE_RECOVER | HTML_PARSE_NONET | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING);
    htmlFreeParserCtxt(parser);
    xfree(&copy);
    return document;
}

bool html_clean(struct str *out, struct span utf8_html, enum html_source source, unsigned *remote)
{
    struct cleaning c = {.out = out, .source = source};
    *remote = 0;
    if (utf8_html.n > HTML_INPUT_MAX || !utf8_valid(utf8_html))
        return false;
    xmlDoc *document = utf8_html.n ? parse(utf8_html) : NULL;
    const xmlNode *root = document ? xmlDocGetRootElement(document) : NULL;
    if (root)
        walk(&c, root);
    if (document)
        xmlFreeDoc(document);
    *remote = c.remote;
    return !out->overflow;
}
