/* Reading and writing the stored form of a message's summary. Pure, hence fuzzed: what is stored authenticates, but a
 * reader of ours never trusts a length.
 */
#include "lib/proto/summary.h"

#include "lib/base/num.h"

#include <stdio.h>

enum { FIELD_HEAD = 5, DATES_BYTES = 10, PART_FIXED = 4 * 7 + 3, PART_STRINGS = 5, STRING_MAX = 0xffff };

static bool read_dates(struct summary_view *view)
{
    struct span dates = view->field[SUMMARY_DATES];
    if (!dates.n)
        return true;
    if (dates.n != DATES_BYTES)
        return false;
    const uint8_t *p = (const uint8_t *)dates.p;
    view->has_date = true;
    view->sent = (int64_t)get_u64(p);
    view->zone = (int16_t)get_u16(p + 8);
    return true;
}

bool summary_open(struct summary_view *view, struct span stored)
{
    *view = (struct summary_view){.has_date = false};
    if (stored.n < 1 || stored.n > SUMMARY_MAX || stored.p[0] != SUMMARY_VERSION)
        return false;
    const uint8_t *p = (const uint8_t *)stored.p + 1;
    size_t left = stored.n - 1;
    unsigned last = 0;
    while (left) {
        if (left < FIELD_HEAD)
            return false;
        unsigned tag = p[0];
        size_t length = get_u32(p + 1);
        if (tag <= last || tag >= SUMMARY_FIELD_END || length > left - FIELD_HEAD)
            return false;
        view->field[tag] = (struct span){(const char *)p + FIELD_HEAD, length};
        last = tag;
        p += FIELD_HEAD + length;
        left -= FIELD_HEAD + length;
    }
    struct span parts = view->field[SUMMARY_PARTS];
    if (parts.n) {
        if (parts.n < 4)
            return false;
        view->part_count = get_u32((const uint8_t *)parts.p);
        if (view->part_count > SUMMARY_PARTS_MAX)
            return false;
    }
    return read_dates(view);
}

bool summary_lists_header(struct span name)
{
    static const char *const listed[] = {
        "From",
        "Sender",
        "Reply-To",
        "To",
        "Cc",
        "Bcc",
        "Subject",
        "Date",
        "Message-ID",
        "In-Reply-To",
        "References",
        "Newsgroups",
        "Priority",
        "X-Priority",
        "Importance",
        "Content-Type",
        "MIME-Version",
        "Content-Transfer-Encoding",
        "Keywords",
        "Comments",
        "Disposition-Notification-To",
        "X-Mailer",
        "User-Agent",
        "Return-Receipt-To",
        "X-MSS-NIL",
        "X-MSS-CODECDA",
        "X-MSS-INS",
        "X-MSS-MES",
        "Auto-Submitted",
        "Content-Disposition",
        "X-Forwarded-Message-Id",
    };
    for (size_t i = 0; i < COUNT(listed); i++)
        if (span_is_nocase(name, listed[i]))
            return true;
    return span_starts_nocase(name, "List-");
}

static size_t line_end(struct span block, size_t from)
{
    while (from < block.n && block.p[from] != '\n')
        from++;
    return from < block.n ? from + 1 : from;
}

bool summary_next_header(struct span *rest, struct span *whole, struct span *name, struct span *value)
{
    if (!rest->n || rest->p[0] == '\n' || (rest->n > 1 && rest->p[0] == '\r' && rest->p[1] == '\n'))
        return false;
    size_t end = line_end(*rest, 0);
    while (end < rest->n && (rest->p[end] == ' ' || rest->p[end] == '\t'))
        end = line_end(*rest, end);
    *whole = (struct span){rest->p, end};
    *rest = (struct span){rest->p + end, rest->n - end};
    size_t colon = 0;
    while (colon < whole->n && whole->p[colon] != ':')
        colon++;
    *name = span_trim((struct span){whole->p, colon});
    *value = colon < whole->n ? span_trim((struct span){whole->p + colon + 1, whole->n - colon - 1}) : SPAN_NONE;
    return true;
}

void summary_parts_begin(const struct summary_view *view, struct summary_parts *it)
{
    struct span parts = view->field[SUMMARY_PARTS];
    *it = (struct summary_parts){.count = view->part_count};
    if (parts.n >= 4)
        it->rest = (struct span){parts.p + 4, parts.n - 4};
}

static bool take_string(struct span *rest, struct span *out)
{
    if (rest->n < 2)
        return false;
    size_t length = get_u16((const uint8_t *)rest->p);
    if (length > rest->n - 2)
        return false;
    *out = (struct span){rest->p + 2, length};
    *rest = (struct span){rest->p + 2 + length, rest->n - 2 - length};
    return true;
}

static bool part_is_sound(const struct summary_part *part)
{
    return part->parent <= part->index && (part->parent < part->index || part->index == 0) &&
           part->header_begin <= part->header_end && part->header_end <= part->body_begin &&
           part->body_begin <= part->body_end && part->kind <= PART_MESSAGE && part->encoding <= ENCODING_OTHER;
}

bool summary_parts_next(struct summary_parts *it, struct summary_part *part)
{
    if (it->next >= it->count || it->rest.n < PART_FIXED)
        return false;
    const uint8_t *p = (const uint8_t *)it->rest.p;
    *part = (struct summary_part){.index = it->next,
                                  .parent = get_u32(p),
                                  .number = get_u32(p + 4),
                                  .header_begin = get_u32(p + 8),
                                  .header_end = get_u32(p + 12),
                                  .body_begin = get_u32(p + 16),
                                  .body_end = get_u32(p + 20),
                                  .size = get_u32(p + 24),
                                  .kind = (enum part_kind)p[28],
                                  .encoding = (enum part_encoding)p[29],
                                  .attachment = p[30] != 0};
    struct span rest = {it->rest.p + PART_FIXED, it->rest.n - PART_FIXED};
    struct span *strings[PART_STRINGS] = {&part->type, &part->charset, &part->name, &part->content_id,
                                          &part->disposition};
    for (size_t i = 0; i < PART_STRINGS; i++)
        if (!take_string(&rest, strings[i]))
            return false;
    it->rest = rest;
    it->next++;
    return part_is_sound(part);
}

bool summary_part_at(const struct summary_view *view, uint32_t index, struct summary_part *part)
{
    struct summary_parts it;
    summary_parts_begin(view, &it);
    while (summary_parts_next(&it, part))
        if (part->index == index)
            return true;
    return false;
}

static bool child_of(const struct summary_view *view, uint32_t parent, uint32_t number, struct summary_part *part)
{
    struct summary_parts it;
    summary_parts_begin(view, &it);
    while (summary_parts_next(&it, part))
        if (part->index && part->parent == parent && part->number == number)
            return true;
    return false;
}

bool summary_part_inside(const struct summary_view *view, const struct summary_part *outer, struct summary_part *part)
{
    return outer->kind == PART_MESSAGE && child_of(view, outer->index, 1, part);
}

bool summary_part_find(const struct summary_view *view, const uint32_t *numbers, size_t count,
                       struct summary_part *part)
{
    if (!summary_part_at(view, 0, part))
        return false;
    bool root = true; /* `part` is the root of a message: if a leaf, its body is also number 1 */
    for (size_t i = 0; i < count; i++) {
        struct summary_part inner;
        if (!root && part->kind == PART_MESSAGE) {
            if (!summary_part_inside(view, part, &inner))
                return false;
            *part = inner;
            root = true;
        }
        if (part->kind == PART_MULTIPART) {
            if (!child_of(view, part->index, numbers[i], &inner))
                return false;
            *part = inner;
        } else if (!root || numbers[i] != 1) {
            return false;
        }
        root = false;
    }
    return true;
}

void summary_begin(struct str *out)
{
    str_clear(out);
    str_putc(out, SUMMARY_VERSION);
}

void summary_put(struct str *out, enum summary_field field, struct span value)
{
    uint8_t head[FIELD_HEAD] = {(uint8_t)field};
    if (!value.n)
        return;
    put_u32(head + 1, (uint32_t)value.n);
    str_add(out, head, sizeof(head));
    str_add_span(out, value);
}

void summary_put_dates(struct str *out, int64_t sent, int zone)
{
    uint8_t dates[DATES_BYTES];
    put_u64(dates, (uint64_t)sent);
    put_u16(dates + 8, (uint16_t)(int16_t)zone);
    summary_put(out, SUMMARY_DATES, (struct span){(const char *)dates, sizeof(dates)});
}

static void put_string(struct str *out, struct span value)
{
    uint8_t length[2];
    if (value.n > STRING_MAX)
        value.n = STRING_MAX;
    put_u16(length, (uint16_t)value.n);
    str_add(out, length, sizeof(length));
    str_add_span(out, value);
}

static void put_part(struct str *out, const struct summary_part *part)
{
    uint8_t fixed[PART_FIXED] = {0};
    const uint32_t numbers[] = {part->parent,     part->number,   part->header_begin, part->header_end,
                                part->body_begin, part->body_end, part->size};
    for (size_t i = 0; i < COUNT(numbers); i++)
        put_u32(fixed + 4 * i, numbers[i]);
    fixed[28] = (uint8_t)part->kind;
    fixed[29] = (uint8_t)part->encoding;
    fixed[30] = part->attachment;
    str_add(out, fixed, sizeof(fixed));
    put_string(out, part->type);
    put_string(out, part->charset);
    put_string(out, part->name);
    put_string(out, part->content_id);
    put_string(out, part->disposition);
}

void summary_put_parts(struct str *out, const struct summary_part *parts, uint32_t count)
{
    size_t at = out->len;
    uint8_t head[FIELD_HEAD + 4] = {SUMMARY_PARTS};
    put_u32(head + FIELD_HEAD, count);
    str_add(out, head, sizeof(head));
    for (uint32_t i = 0; i < count; i++)
        put_part(out, &parts[i]);
    if (!out->overflow)
        put_u32((uint8_t *)out->data + at + 1, (uint32_t)(out->len - at - FIELD_HEAD));
}

void summary_opaque(struct str *out, uint32_t size)
{
    struct summary_part part = {.number = 1,
                                .body_end = size,
                                .size = size,
                                .encoding = ENCODING_BINARY,
                                .type = SPAN_LIT("application/octet-stream")};
    char body[128];
    int n = snprintf(body, sizeof(body), "(\"application\" \"octet-stream\" NIL NIL NIL \"binary\" %u)", size);
    must(n > 0 && (size_t)n < sizeof(body));
    struct span form = {body, (size_t)n};
    summary_begin(out);
    summary_put(out, SUMMARY_ENVELOPE, SPAN_LIT("(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"));
    summary_put(out, SUMMARY_BODY, form);
    summary_put(out, SUMMARY_BODYSTRUCTURE, form);
    summary_put_parts(out, &part, 1);
}
