#include "webmail-cgi/html_writer.h"

#include "lib/base/text.h"

#include <string.h>

void html_init(struct html *h, struct str *out)
{
    *h = (struct html){.out = out};
}

void html_doctype(struct html *h)
{
    str_puts(h->out, "<!DOCTYPE html>\n");
}

/* The five characters that mean something in text or in a double-quoted attribute. */
static void escape(struct str *out, struct span in)
{
    size_t from = 0;
    for (size_t i = 0; i < in.n; i++) {
        const char *entity = NULL;
        switch (in.p[i]) {
        case '&':
            entity = "&amp;";
            break;
        case '<':
            entity = "&lt;";
            break;
        case '>':
            entity = "&gt;";
            break;
        case '"':
            entity = "&quot;";
            break;
        case '\'':
            entity = "&#39;";
            break;
        default:
            continue;
        }
        str_add(out, in.p + from, i - from);
        str_puts(out, entity);
        from = i + 1;
    }
    str_add(out, in.p + from, in.n - from);
}

static bool needs_cleaning(struct span in)
{
    for (size_t i = 0; i < in.n; i++) {
        unsigned char c = (unsigned char)in.p[i];
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f || c >= 0x80)
            return true;
    }
    return false;
}

/* Line ends and tabs are text here, controls to text_sanitize(): they are kept, what is between them is cleaned. */
static void clean_text(struct str *out, struct span in)
{
    if (!needs_cleaning(in)) {
        escape(out, in);
        return;
    }
    struct str clean;
    str_init(&clean, in.n * 3 + 16);
    size_t from = 0;
    for (size_t i = 0; i <= in.n; i++) {
        bool kept = i < in.n && (in.p[i] == '\n' || in.p[i] == '\t');
        if (i < in.n && !kept && in.p[i] != '\r')
            continue;
        text_sanitize(&clean, (struct span){in.p + from, i - from});
        if (kept)
            str_putc(&clean, in.p[i]);
        from = i + 1;
    }
    escape(out, str_span(&clean));
    str_free(&clean);
}

static bool url_allowed(struct span url)
{
    for (size_t i = 0; i < url.n; i++)
        if ((unsigned char)url.p[i] <= 0x20 || url.p[i] == '\\' || url.p[i] == 0x7f)
            return false;
    if (url.n == 0 || url.p[0] == '#' || url.p[0] == '?')
        return true;
    if (url.p[0] == '/')
        return url.n == 1 || url.p[1] != '/';
    return span_starts_nocase(url, "https://") || span_starts_nocase(url, "mailto:");
}

static void write_attribute(struct html *h, const struct html_attr *attr)
{
    struct span value = attr->text ? span_of(attr->text) : attr->span;
    bool absent = !attr->name || (attr->kind <= HTML_URL && !attr->text && !attr->span.p);
    if (absent)
        return;
    str_putc(h->out, ' ');
    str_puts(h->out, attr->name);
    if (attr->kind == HTML_FLAG)
        return;
    str_puts(h->out, "=\"");
    if (attr->kind == HTML_NUMBER)
        str_addf(h->out, "%llu", (unsigned long long)attr->number);
    else if (attr->kind == HTML_URL)
        escape(h->out, url_allowed(value) ? value : SPAN_LIT("#"));
    else
        clean_text(h->out, value);
    str_putc(h->out, '"');
}

static void write_tag(struct html *h, const char *element, const struct html_attr *attrs, size_t count)
{
    str_putc(h->out, '<');
    str_puts(h->out, element);
    for (size_t i = 0; i < count; i++)
        write_attribute(h, &attrs[i]);
    str_putc(h->out, '>');
}

void html_open(struct html *h, const char *element, const struct html_attr *attrs, size_t count)
{
    must(h->depth < HTML_DEPTH_MAX);
    h->open[h->depth++] = element;
    write_tag(h, element, attrs, count);
}

void html_void(struct html *h, const char *element, const struct html_attr *attrs, size_t count)
{
    write_tag(h, element, attrs, count);
}

void html_close(struct html *h, const char *element)
{
    must(h->depth > 0 && strcmp(h->open[h->depth - 1], element) == 0);
    h->depth--;
    str_puts(h->out, "</");
    str_puts(h->out, element);
    str_putc(h->out, '>');
}

void html_text(struct html *h, const char *text)
{
    if (text)
        clean_text(h->out, span_of(text));
}

void html_span(struct html *h, struct span text)
{
    clean_text(h->out, text);
}

void html_number(struct html *h, uint64_t number)
{
    str_addf(h->out, "%llu", (unsigned long long)number);
}

bool html_done(const struct html *h)
{
    return h->depth == 0 && !h->out->overflow;
}
