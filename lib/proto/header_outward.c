#include "lib/proto/header_outward.h"

#include "lib/base/clock.h"
#include "lib/base/crypto.h"
#include "lib/base/text.h"
#include "lib/proto/header_fields.h"

#include <stdio.h>

static void new_message_id(struct outward *out, const struct outward_options *options)
{
    uint8_t random[15];
    struct str text;
    str_init(&text, 64);
    crypto_random(random, sizeof(random));
    base64url_encode(&text, (struct span){(const char *)random, sizeof(random)});
    snprintf(out->message_id, sizeof(out->message_id), "<%s@%s>", text.data, options->hostname);
    str_free(&text);
}

static void take_message_id(struct outward *out, struct span body)
{
    body = span_trim(body);
    snprintf(out->message_id, sizeof(out->message_id), "%.*s", (int)(body.n < 255 ? body.n : 255),
             body.p ? body.p : "");
}

bool header_outward(struct outward *out, struct span message, const struct outward_options *options)
{
    struct span rest = message;
    struct header_field field;
    bool date = false, id = false;
    str_add_span(&out->head, options->front);
    while (header_next(&rest, &field)) {
        if (span_is_nocase(field.name, "Bcc")) {
            str_add_span(&out->bcc, field.whole);
            continue;
        }
        if (span_is_nocase(field.name, "Return-Path"))
            continue; /* RFC 5321 4.4: final delivery writes it, the originator must not */
        date = date || span_is_nocase(field.name, "Date");
        if (span_is_nocase(field.name, "Message-ID") && span_trim(field.body).n > 0) {
            id = true;
            take_message_id(out, field.body);
        }
        str_add_span(&out->head, field.whole);
    }
    if (!date) {
        str_puts(&out->head, "Date: ");
        clock_rfc5322(&out->head, options->now);
        str_puts(&out->head, "\r\n");
    }
    if (!id) {
        new_message_id(out, options);
        str_addf(&out->head, "Message-ID: %s\r\n", out->message_id);
    }
    if (rest.n == 0)
        str_puts(&out->head, "\r\n"); /* a header without an end gets its empty line */
    out->rest = rest;
    return !out->head.overflow && !out->bcc.overflow;
}
