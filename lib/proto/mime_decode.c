#include "lib/proto/mime_decode.h"

#include "lib/base/text.h"
#include "lib/proto/charset.h"

#include <string.h>

enum { WORD_MAX = 2048, CHARSET_MAX = 64, BLOCK = 4096 };

static bool decode_base64(struct str *out, struct span in)
{
    char block[BLOCK];
    size_t used = 0;
    uint32_t bits = 0;
    unsigned have = 0;
    for (size_t i = 0; i < in.n && in.p[i] != '='; i++) {
        int six = base64_value(in.p[i], "+/");
        if (six < 0)
            continue;
        bits = bits << 6 | (uint32_t)six;
        have += 6;
        if (have >= 8) {
            have -= 8;
            block[used++] = (char)(uint8_t)(bits >> have);
        }
        if (used == BLOCK) {
            if (!str_add(out, block, used))
                return false;
            used = 0;
        }
    }
    return str_add(out, block, used);
}

static int hex_digit(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hex_pair(struct span in, size_t at, char *byte)
{
    if (at + 1 >= in.n)
        return false;
    int high = hex_digit((unsigned char)in.p[at]), low = hex_digit((unsigned char)in.p[at + 1]);
    if (high < 0 || low < 0)
        return false;
    *byte = (char)(uint8_t)(high << 4 | low);
    return true;
}

/* The bytes of a soft line break at `at` (just behind '='): trailing white space and the line's end; 0 = it is none. */
static size_t soft_break(struct span in, size_t at)
{
    size_t i = at;
    while (i < in.n && (in.p[i] == ' ' || in.p[i] == '\t'))
        i++;
    if (i < in.n && in.p[i] == '\r')
        i++;
    if (i < in.n && in.p[i] == '\n')
        return i + 1 - at;
    return i == in.n ? i - at : 0;
}

static bool decode_qp(struct str *out, struct span in)
{
    size_t i = 0;
    while (i < in.n) {
        const char *equals = memchr(in.p + i, '=', in.n - i);
        size_t plain = equals ? (size_t)(equals - in.p) - i : in.n - i;
        if (!str_add(out, in.p + i, plain))
            return false;
        i += plain;
        if (!equals)
            break;
        char byte;
        size_t skip = soft_break(in, i + 1);
        if (skip || i + 1 == in.n) {
            i += 1 + skip;
        } else if (hex_pair(in, i + 1, &byte)) {
            str_putc(out, byte);
            i += 3;
        } else {
            str_putc(out, '=');
            i++;
        }
    }
    return !out->overflow;
}

bool mime_decode(struct str *out, enum part_encoding encoding, struct span in)
{
    if (encoding == ENCODING_BASE64)
        return decode_base64(out, in);
    if (encoding == ENCODING_QP)
        return decode_qp(out, in);
    size_t room = out->max - out->len;
    return str_add(out, in.p, in.n < room ? in.n : room) && in.n <= room;
}

enum part_encoding mime_encoding_of(struct span name)
{
    static const char *const names[] = {"7bit", "8bit", "binary", "quoted-printable", "base64"};
    if (!name.n)
        return ENCODING_7BIT;
    for (unsigned i = 0; i < COUNT(names); i++)
        if (span_is_nocase(name, names[i]))
            return (enum part_encoding)i;
    return ENCODING_OTHER;
}

struct word {
    struct span charset, text;
    char encoding; /* 'b' or 'q' */
    size_t length; /* of the whole word */
};

static bool find_in(struct span in, size_t from, size_t most, char c, size_t *at)
{
    size_t n = in.n - from < most ? in.n - from : most;
    const char *found = memchr(in.p + from, c, n);
    if (found)
        *at = (size_t)(found - in.p);
    return found != NULL;
}

/* RFC 2047 2, more lenient: longer words and spaces inside are common. */
static bool read_word(struct span in, struct word *word)
{
    size_t question;
    if (in.n < 8 || in.p[0] != '=' || in.p[1] != '?' || !find_in(in, 2, CHARSET_MAX, '?', &question))
        return false;
    struct span charset = {in.p + 2, question - 2}, head;
    if (!charset.n || question + 2 >= in.n || in.p[question + 2] != '?')
        return false;
    word->encoding = (char)(in.p[question + 1] | 0x20);
    if (word->encoding != 'b' && word->encoding != 'q')
        return false;
    span_cut(&charset, '*', &head); /* RFC 2231 5: =?charset*language?… */
    word->charset = head;
    size_t begin = question + 3, end = begin;
    while (find_in(in, end, WORD_MAX - (end - begin), '?', &end)) {
        if (end + 1 < in.n && in.p[end + 1] == '=') {
            word->text = (struct span){in.p + begin, end - begin};
            word->length = end + 2;
            return true;
        }
        if (++end - begin >= WORD_MAX || end >= in.n)
            break;
    }
    return false;
}

static void word_bytes(struct str *bytes, const struct word *word)
{
    if (word->encoding == 'b') {
        decode_base64(bytes, word->text);
        return;
    }
    for (size_t i = 0; i < word->text.n; i++) {
        char byte = word->text.p[i];
        if (byte == '_')
            byte = ' ';
        else if (byte == '=' && hex_pair(word->text, i + 1, &byte))
            i += 2;
        str_putc(bytes, byte);
    }
}

static size_t white(struct span in, size_t at)
{
    size_t from = at;
    while (at < in.n && (in.p[at] == ' ' || in.p[at] == '\t' || in.p[at] == '\r' || in.p[at] == '\n'))
        at++;
    return at - from;
}

/* A run of adjacent words: white space between them goes, and a character may be split between two of one charset. */
static size_t decode_run(struct str *out, struct span in, struct word *word)
{
    struct str bytes;
    str_init(&bytes, in.n + 1);
    struct span charset = word->charset;
    size_t used = 0;
    for (;;) {
        if (!span_eq_nocase(charset, word->charset)) {
            charset_to_utf8(out, charset, str_span(&bytes));
            str_clear(&bytes);
            charset = word->charset;
        }
        word_bytes(&bytes, word);
        used += word->length;
        size_t gap = white(in, used);
        if (!read_word((struct span){in.p + used + gap, in.n - used - gap}, word))
            break;
        used += gap;
    }
    charset_to_utf8(out, charset, str_span(&bytes));
    str_free(&bytes);
    return used;
}

static void tame(struct str *out, size_t from)
{
    for (size_t i = from; i < out->len; i++)
        if ((unsigned char)out->data[i] < ' ' || out->data[i] == 0x7f)
            out->data[i] = ' ';
}

static void add_plain(struct str *out, struct span text)
{
    while (text.n) {
        size_t n = 0;
        while (n < text.n && text.p[n] != '\r' && text.p[n] != '\n' && text.p[n] != '\0')
            n++;
        charset_to_utf8(out, SPAN_NONE, (struct span){text.p, n});
        while (n < text.n && (text.p[n] == '\r' || text.p[n] == '\n' || text.p[n] == '\0'))
            n++;
        text = (struct span){text.p + n, text.n - n};
    }
}

void mime_words_decode(struct str *out, struct span raw)
{
    if (!raw.n)
        return;
    size_t from = out->len, plain = 0, i = 0;
    while (i < raw.n) {
        const char *equals = memchr(raw.p + i, '=', raw.n - i);
        struct word word;
        if (!equals)
            break;
        i = (size_t)(equals - raw.p);
        struct span here = {raw.p + i, raw.n - i};
        if (!read_word(here, &word)) {
            i++;
            continue;
        }
        add_plain(out, (struct span){raw.p + plain, i - plain});
        i += decode_run(out, here, &word);
        plain = i;
    }
    add_plain(out, (struct span){raw.p + plain, raw.n - plain});
    tame(out, from);
}

struct span mime_words(struct arena *arena, struct span raw)
{
    struct str out;
    str_init(&out, raw.n * 3 + 16);
    mime_words_decode(&out, raw);
    struct span kept = arena_span(arena, span_trim(str_span(&out)));
    str_free(&out);
    return kept;
}

struct span mime_unfold(struct arena *arena, struct span raw)
{
    raw = span_trim(raw);
    char *to = raw.n ? arena_alloc(arena, raw.n) : NULL;
    if (!to)
        return SPAN_NONE;
    size_t n = 0;
    for (size_t i = 0; i < raw.n; i++)
        if (raw.p[i] != '\r' && raw.p[i] != '\n' && raw.p[i] != '\0')
            to[n++] = raw.p[i];
    return (struct span){to, n};
}
