#include "lib/proto/mime_summary.h"

#include "lib/proto/charset.h"
#include "lib/proto/mime_address.h"
#include "lib/proto/mime_decode.h"
#include "lib/proto/mime_documents.h"
#include "lib/proto/mime_imap.h"
#include "lib/proto/mime_subject.h"
#include "lib/proto/mime_text.h"

#include <string.h>

enum { ARENA_MAX = 128 << 20, FIELD_MAX = 64 << 10, KEY_MAX = 1024, REFERENCES_MAX = 16 << 10, NAME_MAX_BYTES = 1024 };

struct making {
    struct mime_tree tree;
    struct arena *arena;
    struct span header; /* the message's */
    struct str *out;
    uint32_t flags;
    bool test_counts;
};

static void put_str(struct making *m, enum summary_field field, struct str *value)
{
    summary_put(m->out, field, str_span(value));
    str_free(value);
}

static void put_imap_forms(struct making *m)
{
    struct str form;
    str_init(&form, SUMMARY_MAX);
    mime_imap_envelope(&form, m->arena, m->header);
    m->out->overflow |= form.overflow;
    put_str(m, SUMMARY_ENVELOPE, &form);
    for (unsigned extended = 0; extended < 2; extended++) {
        str_init(&form, SUMMARY_MAX);
        mime_imap_structure(&form, &m->tree, extended);
        m->out->overflow |= form.overflow;
        put_str(m, extended ? SUMMARY_BODYSTRUCTURE : SUMMARY_BODY, &form);
    }
}

static void put_headers(struct making *m)
{
    struct span rest = m->header, whole, name, value;
    struct str listed;
    bool fits = m->tree.parts.items[0].header_end <= MIME_HEADER_MAX;
    str_init(&listed, SUMMARY_HEADERS_MAX);
    while (summary_next_header(&rest, &whole, &name, &value)) {
        if (!summary_lists_header(name))
            continue;
        str_add_span(&listed, whole);
        if (whole.p[whole.n - 1] != '\n')
            str_puts(&listed, "\r\n");
    }
    if (fits && !listed.overflow)
        summary_put(m->out, SUMMARY_HEADERS, str_span(&listed));
    str_free(&listed);
}

static void put_dates(struct making *m)
{
    struct span raw;
    int64_t sent;
    int zone;
    if (!mime_find(m->header, "Date", &raw))
        m->flags |= SUMMARY_NO_DATE;
    else if (mime_date(raw, &sent, &zone))
        summary_put_dates(m->out, sent, zone);
}

static struct span subject_of(struct making *m)
{
    struct span raw;
    if (!mime_find(m->header, "Subject", &raw))
        return SPAN_NONE;
    return utf8_prefix(mime_words(m->arena, raw), FIELD_MAX);
}

static const struct address_field {
    const char *name;
    enum summary_field text, sort, display; /* 0: none */
} address_fields[] = {
    {"From", SUMMARY_FROM, SUMMARY_SORT_FROM, SUMMARY_DISPLAY_FROM},
    {"Sender", SUMMARY_SENDER, 0, 0},
    {"Reply-To", SUMMARY_REPLY_TO, 0, 0},
    {"To", SUMMARY_TO, SUMMARY_SORT_TO, SUMMARY_DISPLAY_TO},
    {"Cc", SUMMARY_CC, SUMMARY_SORT_CC, 0},
    {"Bcc", SUMMARY_BCC, 0, 0},
    {"Disposition-Notification-To", SUMMARY_MDN_TO, 0, 0},
};
enum { ADDRESS_FIELDS = COUNT(address_fields) };

/* Values by tag, so that they can be put in rising order whatever field they come from. */
struct values {
    struct span by_tag[SUMMARY_FIELD_END];
};

static const struct mime_address *first_mailbox(const mime_address_list *list)
{
    vec_each (list, address)
        if (address->kind == MIME_MAILBOX)
            return address;
    return NULL;
}

static struct span display_name(struct making *m, const struct mime_address *first)
{
    struct mime_address one = *first;
    mime_address_list list = {.items = &one, .len = 1};
    struct str text;
    if (one.name.n)
        return utf8_prefix(mime_words(m->arena, one.name), KEY_MAX);
    str_init(&text, KEY_MAX);
    mime_addresses_text(&text, &list);
    struct span kept = arena_span(m->arena, str_span(&text));
    str_free(&text);
    return kept;
}

static struct span folded(struct making *m, struct span utf8)
{
    struct str key;
    str_init(&key, KEY_MAX * 4);
    charset_fold(&key, utf8_prefix(utf8, KEY_MAX));
    struct span kept = arena_span(m->arena, str_span(&key));
    str_free(&key);
    return kept;
}

static void read_address_field(struct making *m, const struct address_field *field, struct values *values)
{
    struct span rest = m->header, whole, name, value;
    mime_address_list list = {0};
    struct str text;
    while (summary_next_header(&rest, &whole, &name, &value))
        if (span_is_nocase(name, field->name))
            mime_addresses(m->arena, value, &list);
    str_init(&text, FIELD_MAX);
    mime_addresses_text(&text, &list);
    values->by_tag[field->text] = arena_span(m->arena, str_span(&text));
    str_free(&text);
    const struct mime_address *first = first_mailbox(&list);
    if (first && field->sort)
        values->by_tag[field->sort] = folded(m, mime_words(m->arena, first->local));
    if (first && field->display)
        values->by_tag[field->display] = display_name(m, first);
    vec_free(&list);
}

/* "<…>" tokens of a field; `most` of them, in one string. */
static struct span message_ids(struct making *m, const char *name, unsigned most)
{
    struct span raw, value;
    struct str ids;
    str_init(&ids, REFERENCES_MAX);
    if (mime_find(m->header, name, &raw)) {
        value = mime_unfold(m->arena, raw);
        while (value.n && most) {
            const char *open = memchr(value.p, '<', value.n);
            const char *close = open ? memchr(open, '>', value.n - (size_t)(open - value.p)) : NULL;
            if (!close)
                break;
            struct span id = {open, (size_t)(close + 1 - open)};
            if (id.n > 2 && !memchr(id.p, ' ', id.n) && ids.len + id.n < ids.max) {
                str_puts(&ids, ids.len ? " " : "");
                mime_words_decode(&ids, id);
                most--;
            }
            value = (struct span){close + 1, value.n - (size_t)(close + 1 - value.p)};
        }
    }
    struct span kept = arena_span(m->arena, str_span(&ids));
    str_free(&ids);
    return kept;
}

static struct span plain_field(struct making *m, const char *name)
{
    struct span raw;
    return mime_find(m->header, name, &raw) ? utf8_prefix(mime_words(m->arena, raw), KEY_MAX) : SPAN_NONE;
}

static void read_subject(struct making *m, struct values *values)
{
    struct str base;
    bool is_reply;
    values->by_tag[SUMMARY_SUBJECT] = subject_of(m);
    str_init(&base, KEY_MAX * 8);
    mime_base_subject(&base, values->by_tag[SUMMARY_SUBJECT], &is_reply);
    values->by_tag[SUMMARY_BASE_SUBJECT] = arena_span(m->arena, str_span(&base));
    values->by_tag[SUMMARY_IS_REPLY] = is_reply ? SPAN_LIT("1") : SPAN_NONE;
    str_free(&base);
}

static void read_preview(struct making *m, struct values *values)
{
    struct str preview;
    str_init(&preview, SUMMARY_PREVIEW_CHARACTERS * 4 + 4);
    mime_preview(&preview, &m->tree, SUMMARY_PREVIEW_CHARACTERS);
    values->by_tag[SUMMARY_PREVIEW] = arena_span(m->arena, str_span(&preview));
    str_free(&preview);
}

static void read_values(struct making *m, struct values *values)
{
    read_subject(m, values);
    for (size_t i = 0; i < ADDRESS_FIELDS; i++)
        read_address_field(m, &address_fields[i], values);
    values->by_tag[SUMMARY_MESSAGE_ID] = message_ids(m, "Message-ID", 1);
    values->by_tag[SUMMARY_IN_REPLY_TO] = message_ids(m, "In-Reply-To", 1);
    values->by_tag[SUMMARY_REFERENCES] = message_ids(m, "References", UINT32_MAX);
    values->by_tag[SUMMARY_MSS_CODECDA] = plain_field(m, "X-MSS-CODECDA");
    values->by_tag[SUMMARY_MSS_INS] = plain_field(m, "X-MSS-INS");
    values->by_tag[SUMMARY_MSS_NIL] = plain_field(m, "X-MSS-NIL");
    values->by_tag[SUMMARY_MSS_MES] = plain_field(m, "X-MSS-MES");
    read_preview(m, values);
}

static struct span lower(struct making *m, struct span in)
{
    char *p = in.n ? arena_alloc(m->arena, in.n) : NULL;
    if (!p)
        return SPAN_NONE;
    for (size_t i = 0; i < in.n; i++) {
        char c = in.p[i];
        p[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : (unsigned char)c < ' ' || (unsigned char)c >= 0x7f ? '?' : c;
    }
    return (struct span){p, in.n};
}

static struct span type_of(struct making *m, const struct mime_part *part)
{
    struct str type;
    str_init(&type, 256);
    str_add(&type, part->type.p, part->type.n < 100 ? part->type.n : 100);
    str_putc(&type, '/');
    str_add(&type, part->subtype.p, part->subtype.n < 100 ? part->subtype.n : 100);
    struct span kept = lower(m, str_span(&type));
    str_free(&type);
    return kept;
}

static uint32_t decoded_size(const struct mime_part *part)
{
    size_t n = part->body_end - part->body_begin;
    if (part->encoding == ENCODING_BASE64) {
        size_t ends = (size_t)part->lines * 2;
        n = (n > ends ? n - ends : 0) / 4 * 3;
    }
    return (uint32_t)n;
}

static bool is_attachment(const struct mime_part *part, const struct summary_part *out)
{
    if (part->kind == PART_MULTIPART || out->index == 0)
        return out->index == 0 && part->kind == PART_LEAF && span_is(out->disposition, "attachment");
    if (part->kind == PART_MESSAGE || span_is(out->disposition, "attachment"))
        return true;
    if (mime_type_is(part, "image", NULL) && out->content_id.n) /* shown inside the text */
        return false;
    return out->name.n || !mime_type_is(part, "text", NULL);
}

static struct span content_id(struct making *m, const struct mime_part *part)
{
    struct span id = mime_words(m->arena, part->id);
    if (id.n >= 2 && id.p[0] == '<' && id.p[id.n - 1] == '>')
        id = (struct span){id.p + 1, id.n - 2};
    return utf8_prefix(id, KEY_MAX);
}

static struct summary_part summary_part_of(struct making *m, uint32_t index)
{
    const struct mime_part *part = &m->tree.parts.items[index];
    struct span charset = SPAN_NONE;
    mime_param(&part->params, "charset", &charset);
    struct summary_part out = {.index = index,
                               .parent = part->parent,
                               .number = part->number,
                               .header_begin = (uint32_t)part->header_begin,
                               .header_end = (uint32_t)part->header_end,
                               .body_begin = (uint32_t)part->body_begin,
                               .body_end = (uint32_t)part->body_end,
                               .kind = part->kind,
                               .encoding = part->encoding,
                               .size = decoded_size(part),
                               .type = type_of(m, part),
                               .charset = lower(m, (struct span){charset.p, charset.n < 64 ? charset.n : 64}),
                               .name = utf8_prefix(mime_part_name(&m->tree, part), NAME_MAX_BYTES),
                               .content_id = content_id(m, part),
                               .disposition = lower(m, utf8_prefix(part->disposition, 64))};
    out.attachment = is_attachment(part, &out);
    return out;
}

static void put_parts(struct making *m)
{
    uint32_t count = (uint32_t)m->tree.parts.len;
    struct summary_part *parts = xcalloc(count, sizeof(parts[0]));
    for (uint32_t i = 0; i < count; i++) {
        parts[i] = summary_part_of(m, i);
        if (parts[i].attachment)
            m->flags |= SUMMARY_ATTACHMENTS;
        if (span_is_nocase(parts[i].name, "IHE_XDM.ZIP"))
            m->flags |= SUMMARY_HAS_XDM;
    }
    summary_put_parts(m->out, parts, count);
    xfree(&parts);
}

static void read_documents(struct making *m, struct values *values)
{
    struct mime_documents documents;
    mime_documents_read(&documents, &m->tree, m->test_counts);
    m->flags |= documents.flags;
    values->by_tag[SUMMARY_CDA_CODES] = documents.codes;
    values->by_tag[SUMMARY_PATIENT] = documents.patient;
    values->by_tag[SUMMARY_DOCUMENTS] = documents.titles;
    values->by_tag[SUMMARY_DOCUMENT_AUTHOR] = documents.author;
    values->by_tag[SUMMARY_DOCUMENT_DATE] = documents.date;
}

static void make_structure(struct making *m)
{
    struct values values = {0};
    read_values(m, &values);
    read_documents(m, &values);
    summary_begin(m->out);
    put_imap_forms(m);
    put_headers(m);
    put_dates(m);
    for (unsigned tag = SUMMARY_SUBJECT; tag < SUMMARY_PARTS; tag++)
        summary_put(m->out, (enum summary_field)tag, values.by_tag[tag]);
    put_parts(m);
}

void mime_summarise(struct mime_summary *summary, struct span message, bool test_counts)
{
    struct making m = {.out = &summary->structure, .arena = arena_new(ARENA_MAX), .test_counts = test_counts};
    str_init(&summary->structure, SUMMARY_MAX);
    str_init(&summary->text, SUMMARY_TEXT_MAX);
    mime_tree_parse(&m.tree, m.arena, message);
    m.header = mime_header_of(&m.tree, &m.tree.parts.items[0]);
    if (mime_count(m.header, "From") > 1)
        m.flags |= SUMMARY_TWO_FROM;
    make_structure(&m);
    if (m.out->overflow) {
        summary_opaque(m.out, (uint32_t)message.n);
        m.flags |= SUMMARY_BROKEN;
    }
    if (!mime_search_text(&summary->text, &m.tree) || m.tree.cut)
        m.flags |= SUMMARY_CUT;
    summary->flags = m.flags;
    mime_tree_free(&m.tree);
    arena_destroy(&m.arena);
}

void mime_summary_free(struct mime_summary *summary)
{
    str_free(&summary->structure);
    str_free(&summary->text);
}
