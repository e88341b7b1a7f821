#include "lib/proto/mime_field.h"

#include "lib/base/num.h"
#include "lib/proto/charset.h"
#include "lib/proto/mime_decode.h"

#include <string.h>

bool mime_find(struct span header, const char *wanted, struct span *value)
{
    struct span whole, name;
    while (summary_next_header(&header, &whole, &name, value))
        if (span_is_nocase(name, wanted))
            return true;
    *value = SPAN_NONE;
    return false;
}

unsigned mime_count(struct span header, const char *wanted)
{
    struct span whole, name, value;
    unsigned count = 0;
    while (summary_next_header(&header, &whole, &name, &value))
        count += span_is_nocase(name, wanted);
    return count;
}

size_t mime_skip_comment(struct span in, size_t at)
{
    unsigned depth = 0;
    for (; at < in.n; at++) {
        if (in.p[at] == '\\')
            at++;
        else if (in.p[at] == '(' && ++depth > MIME_COMMENT_DEPTH)
            return in.n;
        else if (in.p[at] == ')' && --depth == 0)
            return at + 1;
    }
    return in.n;
}

unsigned mime_comment_depth(struct span in)
{
    unsigned depth = 0, deepest = 0;
    for (size_t i = 0; i < in.n && deepest <= MIME_COMMENT_DEPTH; i++) {
        if (in.p[i] == '\\')
            i++;
        else if (in.p[i] == '(')
            deepest = ++depth > deepest ? depth : deepest;
        else if (in.p[i] == ')' && depth)
            depth--;
    }
    return deepest;
}

static size_t skip_white(struct span in, size_t at)
{
    while (at < in.n) {
        if (in.p[at] == '(')
            at = mime_skip_comment(in, at);
        else if ((unsigned char)in.p[at] <= ' ')
            at++;
        else
            break;
    }
    return at;
}

/* Up to one of `stops` or white space, or a quoted string; the index behind it. */
static size_t take_word(struct arena *arena, struct span in, size_t at, const char *stops, struct span *out)
{
    *out = SPAN_NONE;
    if (at < in.n && in.p[at] == '"') {
        char *to = arena_alloc(arena, in.n - at);
        size_t n = 0;
        if (!to)
            return in.n;
        for (at++; at < in.n && in.p[at] != '"'; at++) {
            if (in.p[at] == '\\' && at + 1 < in.n)
                at++;
            if (in.p[at] != '\r' && in.p[at] != '\n' && in.p[at] != '\0')
                to[n++] = in.p[at];
        }
        *out = (struct span){to, n};
        return at < in.n ? at + 1 : at;
    }
    size_t from = at;
    while (at < in.n && (unsigned char)in.p[at] > ' ' && !strchr(stops, in.p[at]))
        at++;
    *out = (struct span){in.p + from, at - from};
    return at;
}

struct piece {
    struct span name, value;
    uint32_t order; /* of name*N; a plain name is 0 */
    bool continued, extended;
};

/* name, name*, name*N, name*N* (RFC 2231 3, 4). */
static struct piece read_piece(struct span name, struct span value)
{
    struct piece piece = {.name = name, .value = value};
    if (name.n && name.p[name.n - 1] == '*') {
        piece.extended = true;
        name.n--;
    }
    size_t star = name.n;
    while (star && name.p[star - 1] >= '0' && name.p[star - 1] <= '9')
        star--;
    struct span digits = {name.p + star, name.n - star};
    if (digits.n && star > 1 && name.p[star - 1] == '*' && num_u32(digits, MIME_PARAMS_MAX, &piece.order)) {
        piece.continued = true;
        name.n = star - 1;
    }
    piece.name = name;
    return piece;
}

struct pieces {
    struct piece items[MIME_PARAMS_MAX];
    size_t count;
};

static void read_pieces(struct arena *arena, struct span in, size_t at, struct pieces *out)
{
    while (at < in.n && out->count < MIME_PARAMS_MAX) {
        while (at < in.n && (in.p[at] == ';' || skip_white(in, at) > at))
            at = in.p[at] == ';' ? at + 1 : skip_white(in, at);
        struct span name, value = SPAN_NONE;
        size_t from = at;
        at = skip_white(in, take_word(arena, in, at, "=;(", &name));
        bool given = at < in.n && in.p[at] == '=';
        if (given)
            at = skip_white(in, take_word(arena, in, skip_white(in, at + 1), ";(", &value));
        while (at < in.n && in.p[at] != ';') /* words that follow without ';' belong to no parameter */
            at = in.p[at] == '(' ? mime_skip_comment(in, at) : at + 1;
        if (name.n && given)
            out->items[out->count++] = read_piece(name, value);
        if (at == from)
            at++;
    }
}

static bool piece_at(const struct pieces *pieces, struct span name, uint32_t order, const struct piece **found)
{
    for (size_t i = 0; i < pieces->count; i++)
        if (pieces->items[i].continued && pieces->items[i].order == order &&
            span_eq_nocase(pieces->items[i].name, name)) {
            *found = &pieces->items[i];
            return true;
        }
    return false;
}

static struct span starred(struct arena *arena, struct span name)
{
    char *p = arena_alloc(arena, name.n + 1);
    if (!p)
        return name;
    memcpy(p, name.p, name.n);
    p[name.n] = '*';
    return (struct span){p, name.n + 1};
}

static struct span joined(struct arena *arena, const struct pieces *pieces, struct span name)
{
    const struct piece *piece;
    size_t total = 0, n = 0;
    for (uint32_t i = 0; piece_at(pieces, name, i, &piece); i++)
        total += piece->value.n;
    char *p = arena_alloc(arena, total + 1);
    for (uint32_t i = 0; p && piece_at(pieces, name, i, &piece); i++) {
        if (piece->value.n)
            memcpy(p + n, piece->value.p, piece->value.n);
        n += piece->value.n;
    }
    return (struct span){p, n};
}

void mime_structured(struct arena *arena, struct span raw, struct span *value, struct mime_params *params)
{
    struct pieces pieces = {.count = 0};
    raw = raw.n ? (struct span){raw.p, raw.n < MIME_VALUE_MAX ? raw.n : MIME_VALUE_MAX} : SPAN_LIT("");
    size_t at = skip_white(raw, take_word(arena, raw, skip_white(raw, 0), ";(", value));
    while (at < raw.n && raw.p[at] != ';')
        at = raw.p[at] == '(' ? mime_skip_comment(raw, at) : at + 1;
    read_pieces(arena, raw, at, &pieces);
    *params = (struct mime_params){.count = 0};
    params->items = arena_alloc(arena, (pieces.count + 1) * sizeof(params->items[0]));
    for (size_t i = 0; params->items && i < pieces.count; i++) {
        struct piece *piece = &pieces.items[i];
        struct mime_param *param = &params->items[params->count];
        if (piece->continued && piece->order)
            continue;
        param->name = piece->extended ? starred(arena, piece->name) : piece->name;
        param->value = piece->continued ? joined(arena, &pieces, piece->name) : piece->value;
        params->count++;
    }
}

bool mime_param(const struct mime_params *params, const char *name, struct span *raw)
{
    for (size_t i = 0; i < params->count; i++)
        if (span_is_nocase(params->items[i].name, name)) {
            *raw = params->items[i].value;
            return true;
        }
    *raw = SPAN_NONE;
    return false;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct span percent_decode(struct arena *arena, struct span in)
{
    char *to = arena_alloc(arena, in.n + 1);
    size_t n = 0;
    for (size_t i = 0; to && i < in.n; i++) {
        int high = i + 2 < in.n && in.p[i] == '%' ? hex_value(in.p[i + 1]) : -1;
        int low = high >= 0 ? hex_value(in.p[i + 2]) : -1;
        if (low >= 0)
            to[n++] = (char)(uint8_t)(high << 4 | low);
        else
            to[n++] = in.p[i];
        i += low >= 0 ? 2 : 0;
    }
    return (struct span){to, n};
}

static struct span extended_text(struct arena *arena, struct span value)
{
    struct span charset = SPAN_NONE, language = SPAN_NONE, rest = value;
    if (memchr(value.p, '\'', value.n)) {
        span_cut(&rest, '\'', &charset);
        span_cut(&rest, '\'', &language);
    }
    struct span bytes = percent_decode(arena, rest);
    struct str text;
    str_init(&text, bytes.n * 3 + 16);
    charset_to_utf8(&text, charset, bytes);
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
            text.data[i] = ' ';
    struct span out = arena_span(arena, str_span(&text));
    str_free(&text);
    return out;
}

struct span mime_param_text(struct arena *arena, const struct mime_params *params, const char *name)
{
    struct span raw;
    char extended[64];
    must(strlen(name) + 2 <= sizeof(extended));
    size_t n = strlen(name);
    memcpy(extended, name, n);
    memcpy(extended + n, "*", 2);
    if (mime_param(params, extended, &raw) && raw.n)
        return extended_text(arena, raw);
    return mime_param(params, name, &raw) ? mime_words(arena, raw) : SPAN_NONE;
}
