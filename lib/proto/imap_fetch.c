/* FETCH items and body sections. See imap_fetch.h. */
#include "lib/proto/imap_fetch.h"

#include "lib/proto/imap_write.h"
#include "lib/proto/summary.h"

#include <string.h>

static const struct {
    const char *name;
    unsigned items;
} plain_items[] = {
    {"UID", FETCH_UID},           {"FLAGS", FETCH_FLAGS},       {"INTERNALDATE", FETCH_INTERNALDATE},
    {"RFC822.SIZE", FETCH_SIZE},  {"ENVELOPE", FETCH_ENVELOPE}, {"BODYSTRUCTURE", FETCH_BODYSTRUCTURE},
    {"MODSEQ", FETCH_MODSEQ},     {"SAVEDATE", FETCH_SAVEDATE}, {"EMAILID", FETCH_EMAILID},
    {"THREADID", FETCH_THREADID},
};
static const struct {
    const char *name;
    unsigned items;
} macros[] = {
    {"ALL", FETCH_FLAGS | FETCH_INTERNALDATE | FETCH_SIZE | FETCH_ENVELOPE},
    {"FAST", FETCH_FLAGS | FETCH_INTERNALDATE | FETCH_SIZE},
    {"FULL", FETCH_FLAGS | FETCH_INTERNALDATE | FETCH_SIZE | FETCH_ENVELOPE | FETCH_BODY},
};

/* item names end at '[' too, which is an ATOM-CHAR */
static bool item_name(struct imap_reader *r, struct span *out)
{
    const char *begin = r->p;
    while (r->p < r->end && imap_is_atom_char(*r->p) && *r->p != '[')
        r->p++;
    *out = (struct span){begin, (size_t)(r->p - begin)};
    return out->n > 0;
}

/* RFC 5322 3.6.8: printable, without a colon. What is echoed must not end a line, nor begin a literal. */
static bool is_field_name(struct span name)
{
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] <= ' ' || name.p[i] >= 0x7f || name.p[i] == ':')
            return false;
    }
    return name.n > 0;
}

/* Names that came as literals are said back as atoms or in quotes. */
static bool echo_of_fields(struct imap_reader *r, struct imap_section *section, const char *begin)
{
    struct str echo;
    str_init(&echo, 1 << 20);
    for (size_t i = 0; i < section->depth; i++)
        str_addf(&echo, "%u.", section->numbers[i]);
    str_puts(&echo, section->kind == SECTION_FIELDS ? "HEADER.FIELDS (" : "HEADER.FIELDS.NOT (");
    vec_each (&section->fields, field) {
        if (field != section->fields.items)
            str_putc(&echo, ' ');
        imap_write_astring(&echo, *field, false);
    }
    str_putc(&echo, ')');
    bool as_given = memchr(begin, '\n', (size_t)(r->p - begin)) == NULL;
    section->echo = as_given ? (struct span){begin, (size_t)(r->p - begin)} : arena_span(r->arena, str_span(&echo));
    str_free(&echo);
    return section->echo.p != NULL;
}

static bool section_fields(struct imap_reader *r, struct imap_section *section)
{
    if (!imap_sp(r) || !imap_char(r, '('))
        return false;
    do {
        struct span name;
        if (section->fields.len == SECTION_FIELDS_MAX || !imap_astring(r, &name) || !is_field_name(name))
            return false;
        vec_push(&section->fields, name);
    } while (imap_sp(r));
    return imap_char(r, ')');
}

/* section-msgtext, and MIME behind numbers only */
static bool section_text(struct imap_reader *r, struct imap_section *section)
{
    struct span word;
    const char *begin = r->p;
    while (r->p < r->end && imap_is_atom_char(*r->p))
        r->p++;
    word = (struct span){begin, (size_t)(r->p - begin)};
    if (span_is_nocase(word, "HEADER"))
        section->kind = SECTION_HEADER;
    else if (span_is_nocase(word, "TEXT"))
        section->kind = SECTION_TEXT;
    else if (span_is_nocase(word, "MIME") && section->depth > 0)
        section->kind = SECTION_MIME;
    else if (span_is_nocase(word, "HEADER.FIELDS"))
        section->kind = SECTION_FIELDS;
    else if (span_is_nocase(word, "HEADER.FIELDS.NOT"))
        section->kind = SECTION_FIELDS_NOT;
    else
        return false;
    return (section->kind != SECTION_FIELDS && section->kind != SECTION_FIELDS_NOT) || section_fields(r, section);
}

static bool section_numbers(struct imap_reader *r, struct imap_section *section, bool *more)
{
    *more = !imap_peek(r, ']');
    while (r->p < r->end && *r->p >= '0' && *r->p <= '9') {
        if (section->depth == SECTION_DEPTH_MAX || !imap_nz_u32(r, &section->numbers[section->depth]))
            return false;
        section->depth++;
        *more = imap_char(r, '.');
    }
    return true;
}

static bool parse_section(struct imap_reader *r, struct imap_section *section, bool numbers_only)
{
    bool more;
    if (!imap_char(r, '['))
        return false;
    const char *begin = r->p;
    if (!section_numbers(r, section, &more))
        return false;
    if (more && (numbers_only || !section_text(r, section)))
        return false;
    section->echo = (struct span){begin, (size_t)(r->p - begin)};
    if (section->fields.len > 0 && !echo_of_fields(r, section, begin))
        return false;
    return imap_char(r, ']');
}

/* "<offset.length>" (RFC 9051 6.4.5) */
static bool parse_partial(struct imap_reader *r, struct imap_body_item *item)
{
    if (!imap_char(r, '<'))
        return true;
    item->partial = true;
    return imap_u63(r, &item->offset) && imap_char(r, '.') && imap_u63(r, &item->length) && item->length > 0 &&
           imap_char(r, '>');
}

static bool add_body(struct imap_reader *r, struct imap_fetch *fetch, struct imap_body_item item)
{
    bool rfc822 = item.form >= BODY_RFC822, binary = item.form == BODY_BINARY || item.form == BODY_BINARY_SIZE;
    bool ok = fetch->bodies.len < FETCH_SECTIONS_MAX;
    if (ok && !rfc822)
        ok = parse_section(r, &item.section, binary) && (item.form == BODY_BINARY_SIZE || parse_partial(r, &item));
    if (!ok) {
        vec_free(&item.section.fields);
        return false;
    }
    vec_push(&fetch->bodies, item);
    return true;
}

static bool preview(struct imap_reader *r, struct imap_fetch *fetch)
{
    struct imap_reader ahead = *r;
    fetch->items |= FETCH_PREVIEW;
    if (imap_sp(&ahead) && imap_char(&ahead, '(')) { /* RFC 8970 3: PREVIEW (LAZY) */
        if (!imap_word(&ahead, "LAZY") || !imap_char(&ahead, ')'))
            return false;
        fetch->preview_lazy = true;
        *r = ahead;
    }
    return true;
}

static bool body_like(struct imap_reader *r, struct imap_fetch *fetch, struct span name)
{
    static const struct {
        const char *name;
        struct imap_body_item item;
    } forms[] = {
        {"BODY", {.form = BODY_TEXT}},
        {"BODY.PEEK", {.form = BODY_TEXT, .peek = true}},
        {"BINARY", {.form = BODY_BINARY}},
        {"BINARY.PEEK", {.form = BODY_BINARY, .peek = true}},
        {"BINARY.SIZE", {.form = BODY_BINARY_SIZE, .peek = true}},
        {"RFC822", {.form = BODY_RFC822}},
        {"RFC822.HEADER", {.form = BODY_RFC822_HEADER, .peek = true, .section = {.kind = SECTION_HEADER}}},
        {"RFC822.TEXT", {.form = BODY_RFC822_TEXT, .section = {.kind = SECTION_TEXT}}},
    };
    for (size_t i = 0; i < COUNT(forms); i++) {
        if (span_is_nocase(name, forms[i].name))
            return add_body(r, fetch, forms[i].item);
    }
    return false;
}

static bool parse_item(struct imap_reader *r, struct imap_fetch *fetch)
{
    struct span name;
    if (!item_name(r, &name))
        return false;
    for (size_t i = 0; i < COUNT(plain_items); i++) {
        if (span_is_nocase(name, plain_items[i].name)) {
            fetch->items |= plain_items[i].items;
            return true;
        }
    }
    if (span_is_nocase(name, "PREVIEW"))
        return preview(r, fetch);
    if (span_is_nocase(name, "BODY") && !imap_peek(r, '[')) {
        fetch->items |= FETCH_BODY;
        return true;
    }
    return body_like(r, fetch, name);
}

bool imap_fetch_parse(struct imap_reader *r, struct imap_fetch *fetch)
{
    for (size_t i = 0; i < COUNT(macros); i++) {
        if (imap_word(r, macros[i].name)) {
            fetch->items |= macros[i].items;
            return true;
        }
    }
    if (!imap_char(r, '('))
        return parse_item(r, fetch);
    do {
        if (!parse_item(r, fetch))
            return false;
    } while (imap_sp(r));
    return imap_char(r, ')');
}

void imap_fetch_free(struct imap_fetch *fetch)
{
    vec_each (&fetch->bodies, body)
        vec_free(&body->section.fields);
    vec_free(&fetch->bodies);
}

bool imap_fetch_marks_seen(const struct imap_fetch *fetch)
{
    vec_each (&fetch->bodies, body) {
        if (!body->peek)
            return true;
    }
    return false;
}

void imap_header_filter(struct str *out, struct span header, const struct imap_section *section)
{
    struct span whole, name, value;
    while (summary_next_header(&header, &whole, &name, &value)) {
        bool listed = false;
        vec_each (&section->fields, field)
            listed = listed || span_eq_nocase(*field, name);
        if (listed == (section->kind == SECTION_FIELDS))
            str_add_span(out, whole);
    }
    str_puts(out, "\r\n");
}
