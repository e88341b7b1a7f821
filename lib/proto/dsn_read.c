#include "lib/proto/dsn_read.h"

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "lib/proto/dsn.h"
#include "lib/proto/header_fields.h"
#include "lib/proto/mime_decode.h"

#include <stdio.h>
#include <string.h>

/* One value on one line, sanitized, cut to `size`. */
static void copy_value(char *out, size_t size, struct span body)
{
    struct str line, clean;
    if (body.n > 4096)
        body.n = 4096;
    str_init(&line, 8192);
    str_init(&clean, 32768);
    header_unfold(&line, body);
    text_sanitize(&clean, str_span(&line));
    struct span cut = str_span(&clean);
    while (cut.n >= size || (cut.n > 0 && !utf8_valid(cut)))
        cut.n--;
    memcpy(out, cut.p ? cut.p : "", cut.n);
    out[cut.n] = '\0';
    str_free(&line);
    str_free(&clean);
}

/* "rfc822; a@b" or "utf-8; a@b": the address alone, without angle brackets. */
static bool copy_address(char out[ADDRESS_MAX + 1], struct span body)
{
    char value[ADDRESS_MAX + 64];
    copy_value(value, sizeof(value), body);
    const char *semicolon = strchr(value, ';');
    struct span text = span_trim(span_of(semicolon ? semicolon + 1 : value));
    if (text.n > 2 && text.p[0] == '<' && text.p[text.n - 1] == '>')
        text = (struct span){text.p + 1, text.n - 2};
    struct address address;
    if (text.n > ADDRESS_MAX || !address_parse(text, true, &address))
        return false;
    memcpy(out, text.p, text.n);
    out[text.n] = '\0';
    return true;
}

/* "5.1.1" and, where that says nothing, the reply in Diagnostic-Code: "smtp; 550 5.2.1 closed". */
static const char *failure_word(const char *status, const char *diagnostic)
{
    static const char *const words[DSN_CAUSE_COUNT] = {[DSN_CAUSE_UNKNOWN] = "unknown",
                                                       [DSN_CAUSE_CLOSED] = "closed",
                                                       [DSN_CAUSE_FULL] = "full",
                                                       [DSN_CAUSE_TOO_LARGE] = "too-large"};
    uint32_t code = 550;
    const char *reply = strchr(diagnostic, ';');
    struct span rest = span_trim(span_of(reply ? reply + 1 : diagnostic)), first, second;
    if (span_cut(&rest, ' ', &first) && first.n == 3 && !num_u32(first, 599, &code))
        code = 550;
    if (strcmp(status, "5.1.3") == 0)
        return "invalid";
    enum dsn_cause cause = dsn_cause_of_reply(code, status);
    if (!words[cause] && span_cut(&rest, ' ', &second) && second.n < 16) {
        char enhanced[16];
        memcpy(enhanced, second.p, second.n);
        enhanced[second.n] = '\0';
        if (strcmp(enhanced, "5.1.3") == 0)
            return "invalid";
        if (enhanced[0] == '5' && enhanced[1] == '.')
            cause = dsn_cause_of_reply(code, enhanced);
    }
    return words[cause] ? words[cause] : "refused";
}

static const char *delivery_word(const char *action, const char *status, const char *diagnostic)
{
    static const char *const words[][2] = {
        {"delivered", "arrived"}, {"expanded", "arrived"}, {"relayed", "relayed"}, {"delayed", "delayed"}};
    for (size_t i = 0; i < COUNT(words); i++)
        if (span_is_nocase(span_of(action), words[i][0]))
            return words[i][1];
    return span_is_nocase(span_of(action), "failed") ? failure_word(status, diagnostic) : NULL;
}

/* One group of fields of message/delivery-status: a recipient, when it names one. */
static void read_group(struct span group, struct report *out)
{
    struct report_recipient *r = &out->recipients[out->count];
    char action[32] = "", status[16] = "", diagnostic[200] = "";
    struct header_field field;
    bool named = false;
    while (header_next(&group, &field)) {
        if (span_is_nocase(field.name, "Final-Recipient") ||
            (!named && span_is_nocase(field.name, "Original-Recipient")))
            named = copy_address(r->address, field.body) || named;
        else if (span_is_nocase(field.name, "Action"))
            copy_value(action, sizeof(action), field.body);
        else if (span_is_nocase(field.name, "Status"))
            copy_value(status, sizeof(status), field.body);
        else if (span_is_nocase(field.name, "Diagnostic-Code"))
            copy_value(diagnostic, sizeof(diagnostic), field.body);
    }
    r->outcome = delivery_word(action, status, diagnostic);
    if (!named || !r->outcome)
        return;
    snprintf(r->detail, sizeof(r->detail), "%s%s%s", status, diagnostic[0] ? " " : "", diagnostic);
    out->count++;
}

/* Groups are parted by empty lines (RFC 3464 2.1). */
static void read_delivery(struct span body, struct report *out)
{
    while (body.n > 0 && out->count < REPORT_RECIPIENTS_MAX) {
        ptrdiff_t gap = span_find(body, SPAN_LIT("\r\n\r\n"));
        struct span group = {body.p, gap < 0 ? body.n : (size_t)gap + 2};
        read_group(group, out);
        size_t used = gap < 0 ? body.n : (size_t)gap + 4;
        body = (struct span){body.p + used, body.n - used};
        while (body.n >= 2 && memcmp(body.p, "\r\n", 2) == 0)
            body = (struct span){body.p + 2, body.n - 2};
    }
}

/* "automatic-action/MDN-sent-automatically; processed/Error: 902^patient inconnu" (RFC 8098 3.2.6). */
static const char *disposition_word(const char *disposition)
{
    static const char *const words[][2] = {
        {"displayed", "read"}, {"processed", "processed"}, {"deleted", "deleted"}, {"dispatched", "processed"}};
    const char *semicolon = strchr(disposition, ';');
    struct span rest = span_trim(span_of(semicolon ? semicolon + 1 : disposition)), type = rest;
    span_cut(&rest, '/', &type);
    type = span_trim(type);
    if (span_starts_nocase(span_trim(rest), "error") || span_starts_nocase(span_trim(rest), "fail"))
        return "not-integrated";
    for (size_t i = 0; i < COUNT(words); i++)
        if (span_starts_nocase(type, words[i][0]))
            return words[i][1];
    return NULL;
}

static void read_disposition(struct span body, struct report *out)
{
    struct report_recipient *r = &out->recipients[0];
    struct header_field field;
    bool named = false;
    while (header_next(&body, &field)) {
        if (span_is_nocase(field.name, "Final-Recipient"))
            named = copy_address(r->address, field.body);
        else if (span_is_nocase(field.name, "Original-Message-ID"))
            copy_value(out->message_id, sizeof(out->message_id), field.body);
        else if (span_is_nocase(field.name, "Disposition"))
            copy_value(r->detail, sizeof(r->detail), field.body);
    }
    r->outcome = disposition_word(r->detail);
    out->count = named && r->outcome ? 1 : 0;
}

static bool is_type(const struct summary_part *part, const char *name, const char *global)
{
    return span_is(part->type, name) || span_is(part->type, global);
}

static struct span part_bytes(struct span message, const struct summary_part *part)
{
    if (part->body_begin > part->body_end || part->body_end > message.n)
        return SPAN_NONE;
    size_t n = part->body_end - part->body_begin;
    return (struct span){message.p + part->body_begin, n < REPORT_BYTES_MAX ? n : REPORT_BYTES_MAX};
}

/* Of the message that is spoken of, as it stands behind the report; else what the report itself answers. */
static void find_message_id(struct span returned, struct span message, struct report *out)
{
    struct header_field field;
    if (out->message_id[0])
        return;
    if (returned.n > 0 && header_find(returned, "Message-ID", &field))
        copy_value(out->message_id, sizeof(out->message_id), field.body);
    if (out->message_id[0] != '<' && header_find(message, "In-Reply-To", &field))
        copy_value(out->message_id, sizeof(out->message_id), field.body);
}

bool report_read(struct span message, const struct summary_view *view, struct report *out)
{
    struct summary_parts parts;
    struct summary_part part;
    struct span returned = SPAN_NONE;
    struct str decoded;
    *out = (struct report){.count = 0};
    summary_parts_begin(view, &parts);
    if (!summary_parts_next(&parts, &part) || !span_is(part.type, "multipart/report"))
        return false;
    str_init(&decoded, REPORT_BYTES_MAX * 2);
    while (summary_parts_next(&parts, &part)) {
        bool delivery = is_type(&part, "message/delivery-status", "message/global-delivery-status");
        bool disposition =
            is_type(&part, "message/disposition-notification", "message/global-disposition-notification");
        if (part.parent == 0 && (delivery || disposition) && out->count == 0) {
            str_clear(&decoded);
            (void)!mime_decode(&decoded, part.encoding, part_bytes(message, &part));
            out->disposition = disposition;
            if (disposition)
                read_disposition(str_span(&decoded), out);
            else
                read_delivery(str_span(&decoded), out);
        } else if (part.parent == 0 && (span_starts_nocase(part.type, "message/") ||
                                        is_type(&part, "text/rfc822-headers", "message/global-headers"))) {
            returned = part_bytes(message, &part);
        }
    }
    find_message_id(returned, message, out);
    str_free(&decoded);
    return out->count > 0 && out->message_id[0] == '<';
}
