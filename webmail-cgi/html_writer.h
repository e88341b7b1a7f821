/* HTML leaves through these writers only: text and attribute values are escaped here, element and attribute names are
 * literals of ours, elements are closed by name and in order (a slip is our bug: panic). Addresses in href, src, action
 * and formaction go through URL(), which lets pass a path of ours ("/…" but not "//…"), "#…", https: and mailto:, and
 * writes "#" for the rest. Text that strangers wrote has its controls and bidi overrides replaced (text_sanitize).
 *
 *   OPEN(h, "p", CLASS("note"));
 *   html_text(h, subject);
 *   CLOSE(h, "p");
 *   LEAF(h, "a", "Répondre", URL("href", path), CLASS("button"));
 *   VOID(h, "input", ATTR("name", "q"), FLAG_IF(required, "required"));
 */
#ifndef CADUCEE_WEBMAIL_HTML_WRITER_H
#define CADUCEE_WEBMAIL_HTML_WRITER_H

#include "lib/base/str.h"

enum { HTML_DEPTH_MAX = 48 };

struct html {
    struct str *out;
    const char *open[HTML_DEPTH_MAX];
    unsigned depth;
};

struct html_attr {
    const char *name; /* NULL: skipped */
    enum { HTML_TEXT, HTML_URL, HTML_NUMBER, HTML_FLAG } kind;
    const char *text; /* NULL: the attribute is left out */
    struct span span;
    uint64_t number;
};

#define ATTR(n, value)           ((struct html_attr){.name = (n), .kind = HTML_TEXT, .text = (value)})
#define ATTR_SPAN(n, value)      ((struct html_attr){.name = (n), .kind = HTML_TEXT, .span = (value)})
#define ATTR_N(n, value)         ((struct html_attr){.name = (n), .kind = HTML_NUMBER, .number = (uint64_t)(value)})
#define URL(n, value)            ((struct html_attr){.name = (n), .kind = HTML_URL, .text = (value)})
#define CLASS(value)             ATTR("class", (value))
#define FLAG(n)                  ((struct html_attr){.name = (n), .kind = HTML_FLAG})
#define FLAG_IF(condition, n)    ((struct html_attr){.name = (condition) ? (n) : NULL, .kind = HTML_FLAG})
#define ATTR_IF(condition, n, v) ((struct html_attr){.name = (condition) ? (n) : NULL, .kind = HTML_TEXT, .text = (v)})

void html_init(struct html *, struct str *out);
void html_doctype(struct html *);
void html_open(struct html *, const char *element, const struct html_attr *, size_t count);
void html_void(struct html *, const char *element, const struct html_attr *, size_t count); /* input, img, meta, link */
void html_close(struct html *, const char *element);
void html_text(struct html *, const char *);
void html_span(struct html *, struct span);
void html_number(struct html *, uint64_t);
void html_lines(struct html *, struct span); /* text whose URLs (https, http, mailto) become links; lines kept by CSS */
bool html_done(const struct html *);         /* everything opened is closed */

#define HTML_ATTRS_(...)                                                                                               \
    (const struct html_attr[]){{.name = NULL}, ##__VA_ARGS__} + 1,                                                     \
        sizeof((const struct html_attr[]){{.name = NULL}, ##__VA_ARGS__}) / sizeof(struct html_attr) - 1
#define OPEN(h, element, ...) html_open((h), (element), HTML_ATTRS_(__VA_ARGS__))
#define VOID(h, element, ...) html_void((h), (element), HTML_ATTRS_(__VA_ARGS__))
#define CLOSE(h, element)     html_close((h), (element))
#define LEAF(h, element, content, ...)                                                                                 \
    do {                                                                                                               \
        OPEN((h), (element), ##__VA_ARGS__);                                                                           \
        html_text((h), (content));                                                                                     \
        CLOSE((h), (element));                                                                                         \
    } while (0)
#define LEAF_SPAN(h, element, content, ...)                                                                            \
    do {                                                                                                               \
        OPEN((h), (element), ##__VA_ARGS__);                                                                           \
        html_span((h), (content));                                                                                     \
        CLOSE((h), (element));                                                                                         \
    } while (0)

#endif
