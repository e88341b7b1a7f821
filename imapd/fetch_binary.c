/* BINARY[n] and BINARY.SIZE[n] (RFC 3516): a part without its transfer encoding. The whole part is decoded in memory: no
 * larger than a message may be. */
#include "imapd/fetch.h"

#include "imapd/reply.h"
#include "lib/proto/mime_decode.h"

#include <string.h>

static enum store_status decode(struct session *s, struct fetch *f, const struct fetched *m,
                                const struct summary_part *part, struct str *out)
{
    struct str raw;
    uint64_t begin = (uint64_t)m->head_size + part->body_begin, bytes = part->body_end - part->body_begin;
    str_init(&raw, (size_t)bytes + 1);
    enum store_status status = bytes == 0 ? STORE_OK : fetch_read(s, f, m, begin, bytes, &raw);
    if (status == STORE_OK && !mime_decode(out, part->encoding, str_span(&raw)))
        status = STORE_INVALID;
    str_free(&raw);
    return status;
}

static void write_decoded(struct session *s, const struct imap_body_item *item, struct span decoded)
{
    if (item->form == BODY_BINARY_SIZE) {
        imap_write_u64(&s->out, decoded.n);
        return;
    }
    if (item->partial) {
        size_t begin = item->offset < decoded.n ? (size_t)item->offset : decoded.n;
        decoded = (struct span){decoded.p + begin, decoded.n - begin};
        if (decoded.n > item->length)
            decoded.n = (size_t)item->length;
    }
    bool has_nul = decoded.n > 0 && memchr(decoded.p, '\0', decoded.n) != NULL;
    imap_write_literal_head(&s->out, decoded.n, has_nul);
    str_add_span(&s->out, decoded);
}

static void write_head(struct session *s, struct fetch *f, const struct imap_body_item *item)
{
    fetch_item(s, f, item->form == BODY_BINARY ? "BINARY[" : "BINARY.SIZE[");
    str_add_span(&s->out, item->section.echo);
    str_putc(&s->out, ']');
    if (item->partial) {
        str_putc(&s->out, '<');
        imap_write_u64(&s->out, item->offset);
        str_putc(&s->out, '>');
    }
    str_putc(&s->out, ' ');
}

enum store_status fetch_write_binary(struct session *s, struct fetch *f, const struct fetched *m,
                                     const struct imap_body_item *item)
{
    struct summary_part part = {.body_end = (uint32_t)(m->size - m->head_size), .encoding = ENCODING_8BIT};
    struct str decoded;
    bool found = item->section.depth == 0 ||
                 (f->view_ok && summary_part_find(&f->view, item->section.numbers, item->section.depth, &part));
    if (found && item->section.depth > 0 && part.encoding == ENCODING_OTHER) {
        f->unknown_cte = true; /* RFC 3516 4.3: NO [UNKNOWN-CTE] */
        found = false;
    }
    write_head(s, f, item);
    if (!found) {
        str_puts(&s->out, item->form == BODY_BINARY ? "NIL" : "0");
        return STORE_OK;
    }
    str_init(&decoded, 1u << 30);
    enum store_status status = decode(s, f, m, &part, &decoded);
    if (status == STORE_OK)
        write_decoded(s, item, str_span(&decoded));
    str_free(&decoded);
    return status;
}
