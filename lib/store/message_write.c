#include "lib/store/message_write.h"

#include "lib/base/num.h"
#include "lib/store/blob.h"

#include <string.h>

void message_id_hash(uint8_t out[16], int64_t bal_id, struct span message_id)
{
    uint8_t bal[8], sum[SHA256_BYTES];
    struct str text;
    put_u64(bal, (uint64_t)bal_id);
    str_init(&text, message_id.n + sizeof(bal));
    str_add(&text, bal, sizeof(bal));
    str_add_span(&text, message_id);
    sha256(sum, str_span(&text));
    str_free(&text);
    memcpy(out, sum, 16);
}

void sealed_summary_make(struct sealed_summary *out, const struct summary *summary, const struct delivery_key *key,
                         int64_t bal_id, int64_t blob_id)
{
    char place[AAD_BYTES];
    struct summary_view view;
    *out = (struct sealed_summary){.has_text = summary->text.n > 0};
    str_init(&out->structure, summary->structure.n + 64);
    str_init(&out->text, summary->text.n + summary->text.n / 128 + 1024);
    must(gcm_seal(&out->structure, &key->key, aad(place, "message.structure", bal_id, blob_id, 0, true),
                  summary->structure));
    if (out->has_text) {
        struct str packed;
        str_init(&packed, summary->text.n + summary->text.n / 128 + 512);
        must(pack(&packed, summary->text));
        must(gcm_seal(&out->text, &key->key, aad(place, "message.text", bal_id, blob_id, 0, true), str_span(&packed)));
        str_free(&packed);
    }
    if (summary_open(&view, summary->structure) && view.field[SUMMARY_MESSAGE_ID].n) {
        message_id_hash(out->msgid_hash, bal_id, view.field[SUMMARY_MESSAGE_ID]);
        out->has_msgid = true;
    }
}

void sealed_summary_free(struct sealed_summary *s)
{
    str_free(&s->structure);
    str_free(&s->text);
}
