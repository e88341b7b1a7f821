#include "webmail-cgi/mail.h"

#include "lib/proto/charset.h"
#include "lib/proto/mime_decode.h"

enum store_status part_read(struct request *rq, const struct card *card, const struct summary_part *part, bool as_text,
                            struct str *out)
{
    struct str raw, decoded;
    uint64_t offset = (uint64_t)card->head_size + part->body_begin;
    uint64_t length = part->body_end - part->body_begin;
    if (as_text && length > BODY_SHOWN_MAX * 2)
        length = BODY_SHOWN_MAX * 2;
    str_init(&raw, length + 1);
    str_init(&decoded, length + 1);
    enum store_status status =
        length == 0 ? STORE_OK : message_read(rq->thread->db, rq->mailbox, card->blob_id, offset, length, &raw);
    if (status == STORE_OK) {
        mime_decode(&decoded, part->encoding, str_span(&raw));
        if (as_text)
            charset_to_utf8(out, part->charset, str_span(&decoded));
        else
            str_add_span(out, str_span(&decoded));
    }
    str_free(&raw);
    str_free(&decoded);
    return status;
}

enum { PASS_STEP = 768 << 10 };

/* Base64 is cut where a group of four ends, quoted-printable at a line's end: the rest is read again with what follows. */
static size_t whole_part(enum part_encoding encoding, struct span raw, bool last)
{
    if (last || (encoding != ENCODING_BASE64 && encoding != ENCODING_QP))
        return raw.n;
    for (size_t n = raw.n; n > raw.n / 2; n--)
        if (raw.p[n - 1] == '\n')
            return n;
    return raw.n - raw.n % 4;
}

enum store_status bytes_pass(struct request *rq, int64_t blob_id, uint64_t offset, uint64_t end,
                             enum part_encoding encoding, bool (*take)(void *, struct span), void *arg)
{
    struct str raw, decoded;
    enum store_status status = STORE_OK;
    str_init(&raw, PASS_STEP + 1);
    str_init(&decoded, PASS_STEP + 1);
    while (status == STORE_OK && offset < end) {
        uint64_t length = end - offset < PASS_STEP ? end - offset : PASS_STEP;
        str_clear(&raw);
        str_clear(&decoded);
        status = message_read(rq->thread->db, rq->mailbox, blob_id, offset, length, &raw);
        if (status == STORE_OK && raw.len == 0)
            status = STORE_DAMAGED;
        if (status != STORE_OK)
            break;
        size_t taken = whole_part(encoding, str_span(&raw), offset + raw.len >= end);
        mime_decode(&decoded, encoding, (struct span){raw.data, taken});
        if (!take(arg, str_span(&decoded)))
            status = STORE_INVALID;
        offset += taken;
    }
    str_wipe(&raw);
    str_wipe(&decoded);
    return status;
}

enum store_status part_pass(struct request *rq, const struct card *card, const struct summary_part *part,
                            bool (*take)(void *, struct span), void *arg)
{
    uint64_t head = card->head_size;
    enum part_encoding encoding = part->kind == PART_MESSAGE ? ENCODING_8BIT : part->encoding;
    return bytes_pass(rq, card->blob_id, head + part->body_begin, head + part->body_end, encoding, take, arg);
}
