#include "lib/proto/mime_imap.h"

#include "lib/proto/mime_address.h"
#include "lib/proto/mime_decode.h"

#include <string.h>

enum { QUOTED_MAX = 1000 };

static bool may_be_quoted(struct span text)
{
    if (text.n > QUOTED_MAX)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if ((c < ' ' && c != '\t') || c >= 0x7f)
            return false;
    }
    return true;
}

void mime_imap_string(struct str *out, struct span text)
{
    if (!text.p) {
        str_puts(out, "NIL");
        return;
    }
    if (!may_be_quoted(text)) {
        str_addf(out, "{%zu}\r\n", text.n);
        str_add_span(out, text);
        return;
    }
    str_putc(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"' || text.p[i] == '\\')
            str_putc(out, '\\');
        str_putc(out, text.p[i]);
    }
    str_putc(out, '"');
}

static void string_or_nil(struct str *out, struct span text)
{
    mime_imap_string(out, text.n ? text : SPAN_NONE);
}

static void string_or_empty(struct str *out, struct span text)
{
    mime_imap_string(out, text.n ? text : SPAN_LIT(""));
}

static void write_address(struct str *out, const struct mime_address *address)
{
    str_putc(out, '(');
    if (address->kind == MIME_MAILBOX) {
        string_or_nil(out, address->name);
        str_putc(out, ' ');
        string_or_nil(out, address->route);
        str_putc(out, ' ');
        string_or_empty(out, address->local);
        str_putc(out, ' ');
        string_or_empty(out, address->domain); /* NIL would say that it is a group */
    } else {
        str_puts(out, "NIL NIL ");
        if (address->kind == MIME_GROUP_BEGIN)
            string_or_empty(out, address->name);
        else
            str_puts(out, "NIL");
        str_puts(out, " NIL");
    }
    str_putc(out, ')');
}

static void read_addresses(struct arena *arena, struct span header, const char *wanted, mime_address_list *list)
{
    struct span whole, name, value;
    while (summary_next_header(&header, &whole, &name, &value))
        if (span_is_nocase(name, wanted))
            mime_addresses(arena, value, list);
}

static void write_addresses(struct str *out, const mime_address_list *list)
{
    if (!list->len) {
        str_puts(out, "NIL");
        return;
    }
    str_putc(out, '(');
    vec_each (list, address)
        write_address(out, address);
    str_putc(out, ')');
}

/* Sender and Reply-To default to From (RFC 9051 7.5.2). */
static void write_address_fields(struct str *out, struct arena *arena, struct span header)
{
    static const char *const fields[] = {"From", "Sender", "Reply-To", "To", "Cc", "Bcc"};
    mime_address_list from = {0};
    read_addresses(arena, header, "From", &from);
    for (size_t i = 0; i < COUNT(fields); i++) {
        mime_address_list list = {0};
        if (i)
            read_addresses(arena, header, fields[i], &list);
        str_putc(out, ' ');
        write_addresses(out, i == 0 || (i <= 2 && !list.len) ? &from : &list);
        vec_free(&list);
    }
    vec_free(&from);
}

static void write_field(struct str *out, struct arena *arena, struct span header, const char *name)
{
    struct span raw;
    if (!mime_find(header, name, &raw)) {
        str_puts(out, "NIL");
        return;
    }
    string_or_empty(out, mime_unfold(arena, raw));
}

void mime_imap_envelope(struct str *out, struct arena *arena, struct span header)
{
    str_putc(out, '(');
    write_field(out, arena, header, "Date");
    str_putc(out, ' ');
    write_field(out, arena, header, "Subject");
    write_address_fields(out, arena, header);
    str_putc(out, ' ');
    write_field(out, arena, header, "In-Reply-To");
    str_putc(out, ' ');
    write_field(out, arena, header, "Message-ID");
    str_putc(out, ')');
}

static void write_params(struct str *out, const struct mime_params *params, bool text)
{
    struct span charset;
    bool add_charset = text && !mime_param(params, "charset", &charset);
    if (!params->count && !add_charset) {
        str_puts(out, "NIL");
        return;
    }
    str_putc(out, '(');
    for (size_t i = 0; i < params->count; i++) {
        str_puts(out, i ? " " : "");
        string_or_empty(out, params->items[i].name);
        str_putc(out, ' ');
        string_or_empty(out, params->items[i].value);
    }
    if (add_charset) /* RFC 2045 5.2: what is meant by saying nothing */
        str_addf(out, "%s\"charset\" \"us-ascii\"", params->count ? " " : "");
    str_putc(out, ')');
}

static void write_language(struct str *out, struct span language)
{
    struct span tag, rest = language;
    if (!language.n || !memchr(language.p, ',', language.n)) {
        string_or_nil(out, language);
        return;
    }
    str_putc(out, '(');
    for (bool first = true; span_cut(&rest, ',', &tag); first = false) {
        str_puts(out, first ? "" : " ");
        string_or_empty(out, span_trim(tag));
    }
    str_putc(out, ')');
}

/* What BODYSTRUCTURE says more than BODY. */
static void write_extension(struct str *out, const struct mime_part *part)
{
    str_putc(out, ' ');
    if (part->kind == PART_MULTIPART)
        write_params(out, &part->params, false);
    else
        string_or_nil(out, part->md5);
    str_putc(out, ' ');
    if (part->disposition.n) {
        str_putc(out, '(');
        mime_imap_string(out, part->disposition);
        str_putc(out, ' ');
        write_params(out, &part->disposition_params, false);
        str_putc(out, ')');
    } else {
        str_puts(out, "NIL");
    }
    str_putc(out, ' ');
    write_language(out, part->language);
    str_putc(out, ' ');
    string_or_nil(out, part->location);
}

static size_t write_part(struct str *, const struct mime_tree *, size_t index, bool extended);

static size_t write_multipart(struct str *out, const struct mime_tree *tree, size_t index, bool extended)
{
    size_t next = index + 1;
    while (next < tree->parts.len && tree->parts.items[next].parent == index)
        next = write_part(out, tree, next, extended);
    str_putc(out, ' ');
    mime_imap_string(out, tree->parts.items[index].subtype);
    return next;
}

static void write_basic(struct str *out, const struct mime_part *part)
{
    bool hollow = part->kind == PART_LEAF && mime_type_is(part, "message", NULL) &&
                  (mime_type_is(part, "message", "rfc822") || mime_type_is(part, "message", "global"));
    /* A message that is encoded, or too deep, has no envelope to show: it must not carry the type that promises one. */
    mime_imap_string(out, hollow ? SPAN_LIT("application") : part->type);
    str_putc(out, ' ');
    mime_imap_string(out, hollow ? SPAN_LIT("octet-stream") : part->subtype);
    str_putc(out, ' ');
    write_params(out, &part->params, mime_type_is(part, "text", NULL));
    str_putc(out, ' ');
    string_or_nil(out, part->id);
    str_putc(out, ' ');
    string_or_nil(out, part->description);
    str_putc(out, ' ');
    mime_imap_string(out, part->cte.n ? part->cte : SPAN_LIT("7bit"));
    str_addf(out, " %zu", part->body_end - part->body_begin);
}

static size_t write_part(struct str *out, const struct mime_tree *tree, size_t index, bool extended)
{
    const struct mime_part *part = &tree->parts.items[index];
    size_t next = index + 1;
    str_putc(out, '(');
    if (part->kind == PART_MULTIPART) {
        next = write_multipart(out, tree, index, extended);
    } else {
        write_basic(out, part);
        if (part->kind == PART_MESSAGE) {
            str_putc(out, ' ');
            mime_imap_envelope(out, tree->arena, mime_header_of(tree, &tree->parts.items[next]));
            str_putc(out, ' ');
            next = write_part(out, tree, next, extended);
        }
        if (part->kind == PART_MESSAGE || mime_type_is(part, "text", NULL))
            str_addf(out, " %u", part->lines);
    }
    if (extended)
        write_extension(out, part);
    str_putc(out, ')');
    return next;
}

void mime_imap_structure(struct str *out, const struct mime_tree *tree, bool extended)
{
    write_part(out, tree, 0, extended);
}
