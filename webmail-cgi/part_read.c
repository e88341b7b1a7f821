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
