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

/* "Name: value\n", unfolded: the form of the lines that parse makes. */
static void add_lines(struct str *out, struct span head)
{
    struct span whole, name, value;
    while (summary_next_header(&head, &whole, &name, &value)) {
        str_add_span(out, name);
        str_puts(out, ": ");
        for (size_t i = 0; i < value.n; i++) {
            if (value.p[i] != '\r' && value.p[i] != '\n')
                str_putc(out, value.p[i]);
        }
        str_putc(out, '\n');
    }
}

static void seal_text(struct sealed_summary *out, const struct summary *summary, struct span head,
                      const struct delivery_key *key, struct span place)
{
    struct str clear, packed;
    size_t max = summary->text.n + SEARCH_HEAD_MAX;
    str_init(&clear, max);
    if (head.n < SEARCH_HEAD_MAX)
        add_lines(&clear, head);
    str_add_span(&clear, summary->text);
    str_init(&packed, max + max / 128 + 512);
    str_init(&out->text, max + max / 128 + 1024);
    must(pack(&packed, str_span(&clear)));
    must(gcm_seal(&out->text, &key->key, place, str_span(&packed)));
    str_free(&packed);
    str_free(&clear);
}

void sealed_summary_make(struct sealed_summary *out, const struct summary *summary, struct span head,
                         const struct delivery_key *key, int64_t bal_id, int64_t blob_id)
{
    char place[AAD_BYTES];
    struct summary_view view;
    *out = (struct sealed_summary){.has_text = summary->text.n > 0 || head.n > 0};
    str_init(&out->structure, summary->structure.n + 64);
    must(gcm_seal(&out->structure, &key->key, aad(place, "message.structure", bal_id, blob_id, 0, true),
                  summary->structure));
    if (out->has_text)
        seal_text(out, summary, head, key, aad(place, "message.text", bal_id, blob_id, 0, true));
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
