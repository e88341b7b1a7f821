#include "lib/proto/header_from_words.h"

#include "lib/base/text.h"
#include "lib/proto/address.h"
#include "lib/proto/header_fields.h"
#include "lib/proto/header_from.h"

#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void decode_q(struct str *out, struct span text)
{
    for (size_t i = 0; i < text.n; i++) {
        bool digits = text.p[i] == '=' && text.n - i > 2;
        int high = digits ? hex_digit(text.p[i + 1]) : -1, low = digits ? hex_digit(text.p[i + 2]) : -1;
        if (high >= 0 && low >= 0) {
            str_putc(out, (char)(high * 16 + low));
            i += 2;
        } else {
            str_putc(out, text.p[i] == '_' ? ' ' : text.p[i]);
        }
    }
}

/* Base64 as loosely as readers take it: what is no digit is skipped. */
static void decode_b(struct str *out, struct span text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits = 0, have = 0;
    for (size_t i = 0; i < text.n && text.p[i] != '='; i++) {
        const char *d = text.p[i] ? strchr(digits, text.p[i]) : NULL;
        if (!d)
            continue;
        bits = (bits << 6 | (unsigned)(d - digits)) & 0xffff;
        have += 6;
        if (have >= 8) {
            have -= 8;
            str_putc(out, (char)(bits >> have & 0xff));
        }
    }
}

/* "=?charset?B?text?=": its length, 0 when it is none. */
static size_t encoded_word(struct span in, char *encoding, struct span *text)
{
    if (in.n < 8 || in.p[0] != '=' || in.p[1] != '?')
        return 0;
    const char *end = in.p + in.n, *q1 = memchr(in.p + 2, '?', in.n - 2);
    if (!q1 || end - q1 < 5 || q1[2] != '?')
        return 0;
    *encoding = (char)(q1[1] | 0x20);
    const char *body = q1 + 3, *stop = body;
    while (stop + 1 < end && !(stop[0] == '?' && stop[1] == '='))
        stop++;
    if (stop + 1 >= end || (*encoding != 'b' && *encoding != 'q'))
        return 0;
    *text = (struct span){body, (size_t)(stop - body)};
    return (size_t)(stop + 2 - in.p);
}

void header_words_decode(struct str *out, struct span words)
{
    size_t i = 0, word_end = (size_t)-1;
    while (i < words.n) {
        char encoding = 0;
        struct span text, rest = {words.p + i, words.n - i};
        size_t n = encoded_word(rest, &encoding, &text);
        if (n == 0) {
            str_putc(out, words.p[i++]);
            continue;
        }
        if (word_end != (size_t)-1 && span_trim((struct span){words.p + word_end, i - word_end}).n == 0)
            str_truncate(out, out->len - (i - word_end)); /* RFC 2047 6.2: spaces between two are not shown */
        (encoding == 'b' ? decode_b : decode_q)(out, text);
        i += n;
        word_end = i;
    }
    size_t kept = 0;
    for (size_t k = 0; k < out->len; k++)
        if (out->data[k] != '\0' && out->data[k] != '\r' && out->data[k] != '\n')
            out->data[kept++] = out->data[k];
    str_truncate(out, kept);
}

static bool in_domain(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' ||
           c == '.' || (unsigned char)c >= 0x80;
}

static bool in_local(char c)
{
    return in_domain(c) || (c != '\0' && strchr("!#$%&'*+/=?^`{|}~", c) != NULL);
}

void header_words_addresses(struct span words, struct arena *arena,
                            void (*found)(struct span local, struct span domain, void *), void *arg)
{
    struct str text;
    if (words.n == 0 || !(memchr(words.p, '@', words.n) || memchr(words.p, '?', words.n)))
        return;
    str_init(&text, HEADER_FROM_FIELD_MAX);
    header_words_decode(&text, words);
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] != '@')
            continue;
        size_t from = i, to = i + 1;
        while (from > 0 && in_local(text.data[from - 1]))
            from--;
        while (to < text.len && in_domain(text.data[to]))
            to++;
        while (to > i + 1 && (text.data[to - 1] == '.' || text.data[to - 1] == '-'))
            to--;
        if (to > i + 1)
            found(arena_span(arena, (struct span){text.data + from, i - from}),
                  arena_span(arena, (struct span){text.data + i + 1, to - i - 1}), arg);
    }
    str_free(&text);
}

static bool stands_in(struct span text, struct span domain)
{
    for (size_t i = 0; domain.n > 0 && i + domain.n <= text.n; i++)
        if (span_eq_nocase((struct span){text.p + i, domain.n}, domain))
            return true;
    return false;
}

/* Without white space and without what stands in parentheses, however badly they nest. */
static void squeeze(struct str *out, struct span text, bool comments)
{
    unsigned depth = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (comments && c == '(')
            depth++;
        else if (comments && c == ')' && depth > 0)
            depth--;
        else if (depth == 0 && !strchr(" \t\r\n\\\"", c))
            str_putc(out, c);
    }
}

static bool field_holds(struct span body, struct span domain)
{
    struct str decoded, tight;
    str_init(&decoded, body.n + 16);
    str_init(&tight, body.n + 16);
    header_words_decode(&decoded, body);
    bool holds = stands_in(body, domain) || stands_in(str_span(&decoded), domain);
    for (int comments = 0; comments < 2 && !holds; comments++) {
        str_clear(&tight);
        squeeze(&tight, str_span(&decoded), comments == 1);
        holds = stands_in(str_span(&tight), domain);
    }
    str_free(&decoded);
    str_free(&tight);
    return holds;
}

bool header_from_holds(struct span message, const char *domain)
{
    struct header_field field;
    struct span rest = message;
    struct str shown;
    bool holds = false;
    str_init(&shown, 1024);
    domain_display(&shown, span_of(domain));
    while (!holds && header_next(&rest, &field)) {
        bool ours = span_is_nocase(field.name, "From") || span_is_nocase(field.name, "Sender") || field.name.n == 0;
        if (ours)
            holds = field_holds(field.whole, span_of(domain)) || field_holds(field.whole, str_span(&shown));
    }
    str_free(&shown);
    return holds;
}
