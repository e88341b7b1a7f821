/* BODY[section]<partial>, RFC822 and friends: ranges of blobs, found by the offsets that the summary holds. A long literal
 * goes out in pieces; its length is said before, so that a read that fails in the middle ends the connection. */
#include "imapd/fetch.h"

#include "imapd/reply.h"

struct range {
    bool exists;
    uint64_t begin, end; /* in the blob */
};

static struct range of_part(const struct fetched *m, uint32_t begin, uint32_t end)
{
    return (struct range){true, (uint64_t)m->head_size + begin, (uint64_t)m->head_size + end};
}

/* RFC 9051 6.4.5.1. The root's header begins at the blob's first byte: our own fields are part of it. */
static struct range find(const struct fetch *f, const struct fetched *m, const struct imap_section *section)
{
    struct summary_part part, inside;
    if (section->depth == 0 && section->kind == SECTION_ALL)
        return (struct range){true, 0, m->size};
    if (!f->view_ok || !summary_part_find(&f->view, section->numbers, section->depth, &part))
        return (struct range){0};
    if (section->kind == SECTION_ALL)
        return of_part(m, part.body_begin, part.body_end);
    if (section->kind == SECTION_MIME)
        return of_part(m, part.header_begin, part.header_end);
    if (section->depth == 0)
        inside = part;
    else if (part.kind != PART_MESSAGE || !summary_part_inside(&f->view, &part, &inside))
        return (struct range){0};
    if (section->kind == SECTION_TEXT)
        return of_part(m, inside.body_begin, inside.body_end);
    struct range header = of_part(m, inside.header_begin, inside.header_end);
    if (section->depth == 0)
        header.begin = 0;
    return header;
}

static struct range cut(struct range range, const struct imap_body_item *item)
{
    if (!item->partial)
        return range;
    uint64_t size = range.end - range.begin;
    range.begin = item->offset < size ? range.begin + item->offset : range.end;
    if (range.end - range.begin > item->length)
        range.end = range.begin + item->length;
    return range;
}

/* "BODY[1.MIME]<0> " */
static void write_name(struct session *s, struct fetch *f, const struct imap_body_item *item)
{
    static const char *const names[] = {[BODY_TEXT] = "BODY[",
                                        [BODY_BINARY] = "BINARY[",
                                        [BODY_BINARY_SIZE] = "BINARY.SIZE[",
                                        [BODY_RFC822] = "RFC822 ",
                                        [BODY_RFC822_HEADER] = "RFC822.HEADER ",
                                        [BODY_RFC822_TEXT] = "RFC822.TEXT "};
    fetch_item(s, f, names[item->form]);
    if (item->form >= BODY_RFC822)
        return;
    str_add_span(&s->out, item->section.echo);
    str_putc(&s->out, ']');
    if (item->partial) {
        str_putc(&s->out, '<');
        imap_write_u64(&s->out, item->offset);
        str_putc(&s->out, '>');
    }
    str_putc(&s->out, ' ');
}

/* Goes on with the literal that is open. */
static enum store_status pump(struct session *s, struct fetch *f, const struct fetched *m, bool *full)
{
    while (f->literal.left > 0) {
        if (s->out.len >= SLICE_BYTES) {
            *full = true;
            return STORE_OK;
        }
        uint64_t n = f->literal.left < READ_BYTES ? f->literal.left : READ_BYTES;
        size_t before = s->out.len;
        enum store_status status = fetch_read(s, f, m, f->literal.offset, n, &s->out);
        if (status != STORE_OK || s->out.len - before != n) {
            f->broken = true;
            return status == STORE_OK ? STORE_DAMAGED : status;
        }
        f->literal.offset += n;
        f->literal.left -= n;
    }
    f->literal.open = false;
    return STORE_OK;
}

/* The first piece is read before the literal is announced, so that the usual failures leave the line whole. */
static enum store_status write_range(struct session *s, struct fetch *f, const struct fetched *m, struct range range)
{
    uint64_t n = range.end - range.begin, first = n < READ_BYTES ? n : READ_BYTES;
    size_t before = s->out.len;
    imap_write_literal_head(&s->out, n, false);
    size_t data_at = s->out.len;
    enum store_status status = STORE_OK;
    if (first > 0)
        status = fetch_read(s, f, m, range.begin, first, &s->out);
    if (status == STORE_OK && s->out.len - data_at != first)
        status = STORE_DAMAGED;
    if (status != STORE_OK) {
        str_truncate(&s->out, before);
        return status;
    }
    f->literal.open = true;
    f->literal.offset = range.begin + first;
    f->literal.left = n - first;
    return STORE_OK;
}

static bool all_listed(const struct imap_section *section)
{
    vec_each (&section->fields, field) {
        if (!summary_lists_header(*field))
            return false;
    }
    return true;
}

/* HEADER.FIELDS: from the summary when it holds all that is asked, else from the header's bytes. */
static enum store_status write_fields(struct session *s, struct fetch *f, const struct fetched *m,
                                      const struct imap_body_item *item, struct range range)
{
    struct str header, kept;
    enum store_status status = STORE_OK;
    struct span source = f->view_ok ? f->view.field[SUMMARY_HEADERS] : SPAN_NONE;
    str_init(&header, 64 << 20);
    str_init(&kept, 64 << 20);
    bool in_summary =
        source.n > 0 && item->section.depth == 0 && item->section.kind == SECTION_FIELDS && all_listed(&item->section);
    if (!in_summary) {
        status = fetch_read(s, f, m, range.begin, range.end - range.begin, &header);
        source = str_span(&header);
    }
    if (status == STORE_OK) {
        imap_header_filter(&kept, source, &item->section);
        struct range part = cut((struct range){true, 0, kept.len}, item);
        imap_write_literal_head(&s->out, part.end - part.begin, false);
        str_add(&s->out, kept.data + part.begin, (size_t)(part.end - part.begin));
    }
    str_free(&header);
    str_free(&kept);
    return status;
}

static enum store_status begin_item(struct session *s, struct fetch *f, const struct fetched *m,
                                    const struct imap_body_item *item)
{
    struct range range = find(f, m, &item->section);
    if (item->form == BODY_BINARY || item->form == BODY_BINARY_SIZE)
        return fetch_write_binary(s, f, m, item);
    write_name(s, f, item);
    if (!range.exists) {
        str_puts(&s->out, "NIL");
        return STORE_OK;
    }
    if (item->section.kind == SECTION_FIELDS || item->section.kind == SECTION_FIELDS_NOT)
        return write_fields(s, f, m, item, range);
    return write_range(s, f, m, cut(range, item));
}

enum store_status fetch_section(struct session *s, struct mailbox *mailbox, const struct fetch *f,
                                const struct fetched *m, const struct imap_body_item *item, struct str *out)
{
    struct range range = find(f, m, &item->section);
    if (!range.exists)
        return STORE_NOT_FOUND;
    if (item->section.kind != SECTION_FIELDS && item->section.kind != SECTION_FIELDS_NOT) {
        range = cut(range, item);
        return message_read(s->thread->db, mailbox, m->blob_id, range.begin, range.end - range.begin, out);
    }
    struct str header, kept;
    str_init(&header, 64 << 20);
    str_init(&kept, 64 << 20);
    enum store_status status =
        message_read(s->thread->db, mailbox, m->blob_id, range.begin, range.end - range.begin, &header);
    imap_header_filter(&kept, str_span(&header), &item->section);
    range = cut((struct range){true, 0, kept.len}, item);
    if (status == STORE_OK)
        str_add(out, kept.data + range.begin, (size_t)(range.end - range.begin));
    str_free(&header);
    str_free(&kept);
    return status;
}

enum store_status fetch_write_bodies(struct session *s, struct fetch *f, const struct fetched *m, bool *full)
{
    enum store_status status = STORE_OK;
    *full = false;
    if (f->literal.open)
        status = pump(s, f, m, full);
    while (status == STORE_OK && !*full && f->body < f->items.bodies.len) {
        status = begin_item(s, f, m, &f->items.bodies.items[f->body++]);
        if (status == STORE_OK && f->literal.open)
            status = pump(s, f, m, full);
    }
    return status;
}

bool fetch_reads_bodies(const struct fetch *f)
{
    vec_each (&f->items.bodies, item) {
        enum imap_section_kind kind = item->section.kind;
        if (item->form != BODY_BINARY_SIZE && (kind == SECTION_ALL || kind == SECTION_TEXT))
            return true;
    }
    return false;
}
