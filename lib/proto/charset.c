#include "lib/proto/charset.h"

#include "lib/base/text.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/ucnv.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

enum { NAME_MAX_BYTES = 63, CHUNK = 2048, FOLD_CHUNK = 4096, UTF8_MAX = 4 };

void charset_setup(void)
{
    static const char *const usual[] = {"UTF-8", "windows-1252", "ISO-8859-15", "UTF-16LE", "gb18030", "ISO-2022-JP"};
    for (size_t i = 0; i < COUNT(usual); i++) {
        UErrorCode status = U_ZERO_ERROR;
        UConverter *converter = ucnv_open(usual[i], &status);
        if (U_SUCCESS(status))
            ucnv_close(converter);
    }
    struct str out;
    str_init(&out, 64);
    charset_fold(&out, SPAN_LIT("\xc3\x89t\xc3\xa9"));
    str_free(&out);
}

struct span utf8_prefix(struct span utf8, size_t bytes)
{
    if (utf8.n <= bytes)
        return utf8;
    while (bytes && ((unsigned char)utf8.p[bytes] & 0xc0) == 0x80)
        bytes--;
    return (struct span){utf8.p, bytes};
}

/* As much of valid UTF-8 as fits. */
static bool add_utf8(struct str *out, struct span utf8)
{
    size_t room = out->max - out->len;
    struct span fits = utf8_prefix(utf8, room);
    return str_add_span(out, fits) && fits.n == utf8.n;
}

/* UTF-16 units to UTF-8; `high` carries a surrogate from one chunk to the next. */
static bool add_utf16(struct str *out, const UChar *units, size_t count, uint32_t *high)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t unit = units[i];
        if (unit >= 0xd800 && unit < 0xdc00) {
            *high = unit;
            continue;
        }
        if (unit >= 0xdc00 && unit < 0xe000)
            unit = *high ? 0x10000 + ((*high - 0xd800) << 10) + (unit - 0xdc00) : 0xfffd;
        *high = 0;
        if (out->max - out->len < UTF8_MAX || !utf8_put(out, unit))
            return false;
    }
    return true;
}

static bool convert(struct str *out, UConverter *converter, struct span in)
{
    const char *source = in.p, *end = in.p + in.n;
    uint32_t high = 0;
    for (;;) {
        UChar units[CHUNK], *target = units;
        UErrorCode status = U_ZERO_ERROR;
        ucnv_toUnicode(converter, &target, units + CHUNK, &source, end, NULL, true, &status);
        if (!add_utf16(out, units, (size_t)(target - units), &high))
            return false;
        if (status != U_BUFFER_OVERFLOW_ERROR)
            return true;
    }
}

static bool is_ascii_family(struct span name)
{
    return !name.n || span_is_nocase(name, "us-ascii") || span_is_nocase(name, "ascii") ||
           span_is_nocase(name, "unknown-8bit") || span_is_nocase(name, "utf-8") || span_is_nocase(name, "utf8");
}

static bool name_is_sound(struct span name)
{
    if (!name.n || name.n > NAME_MAX_BYTES)
        return false;
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] <= ' ' || (unsigned char)name.p[i] > '~' || name.p[i] == ',')
            return false;
    return true;
}

/* Names that mailers use for more than the charset holds (WHATWG Encoding, 4.2). */
static const char *wider(const char *name)
{
    static const struct {
        const char *given, *meant;
    } wider_names[] = {
        {"iso-8859-1", "windows-1252"},    {"latin1", "windows-1252"},     {"gb2312", "gb18030"}, {"gbk", "gb18030"},
        {"ks_c_5601-1987", "windows-949"}, {"iso-8859-9", "windows-1254"},
    };
    for (size_t i = 0; i < COUNT(wider_names); i++)
        if (span_is_nocase(span_of(name), wider_names[i].given))
            return wider_names[i].meant;
    return name;
}

static UConverter *open_converter(struct span name)
{
    char text[NAME_MAX_BYTES + 1] = "windows-1252";
    if (name_is_sound(name)) {
        memcpy(text, name.p, name.n);
        text[name.n] = '\0';
    }
    UErrorCode status = U_ZERO_ERROR;
    UConverter *converter = ucnv_open(wider(text), &status);
    if (U_SUCCESS(status))
        return converter;
    status = U_ZERO_ERROR;
    converter = ucnv_open("windows-1252", &status);
    return U_SUCCESS(status) ? converter : NULL;
}

bool charset_to_utf8(struct str *out, struct span name, struct span in)
{
    if (!in.n)
        return true;
    bool family = is_ascii_family(name);
    if (family || !name_is_sound(name)) {
        if (utf8_valid(in))
            return add_utf8(out, in);
        name = span_starts_nocase(name, "utf") ? SPAN_LIT("utf-8") : SPAN_NONE;
    }
    UConverter *converter = open_converter(name);
    if (!converter)
        fatal("ICU opens no converter, not even windows-1252");
    bool all = convert(out, converter, in);
    ucnv_close(converter);
    return all;
}

static bool fold_chunk(struct str *out, struct span utf8)
{
    UChar units[FOLD_CHUNK], folded[FOLD_CHUNK * 4], plain[FOLD_CHUNK * 4];
    UErrorCode status = U_ZERO_ERROR;
    int32_t n = 0;
    u_strFromUTF8WithSub(units, FOLD_CHUNK, &n, utf8.p, (int32_t)utf8.n, 0xfffd, NULL, &status);
    const UNormalizer2 *nfkd = unorm2_getNFKDInstance(&status);
    n = u_strFoldCase(folded, COUNT(folded), units, n, U_FOLD_CASE_DEFAULT, &status);
    n = unorm2_normalize(nfkd, folded, n, plain, COUNT(plain), &status);
    if (U_FAILURE(status))
        return str_add_span(out, utf8);
    uint32_t high = 0;
    for (int32_t at = 0; at < n; at += CHUNK) {
        int32_t some = n - at < CHUNK ? n - at : CHUNK;
        if (!add_utf16(out, plain + at, (size_t)some, &high))
            return false;
    }
    return true;
}

static bool fold_ascii(struct str *out, struct span ascii)
{
    if (!str_reserve(out, ascii.n))
        return false;
    char *to = out->data + out->len;
    for (size_t i = 0; i < ascii.n; i++) {
        char c = ascii.p[i];
        to[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    to[ascii.n] = '\0';
    out->len += ascii.n;
    return true;
}

/* ASCII runs, nearly all of most texts, are folded without ICU. */
bool charset_fold(struct str *out, struct span utf8)
{
    while (utf8.n) {
        size_t run = 0;
        while (run < utf8.n && (unsigned char)utf8.p[run] < 0x80)
            run++;
        if (run && !fold_ascii(out, (struct span){utf8.p, run}))
            return false;
        utf8 = (struct span){utf8.p + run, utf8.n - run};
        size_t wide = 0;
        while (wide < utf8.n && wide < FOLD_CHUNK - 4 && (unsigned char)utf8.p[wide] >= 0x80)
            wide++;
        struct span piece = utf8_prefix(utf8, wide);
        if (!piece.n && wide)
            piece = (struct span){utf8.p, wide};
        if (piece.n && !fold_chunk(out, piece))
            return false;
        utf8 = (struct span){utf8.p + piece.n, utf8.n - piece.n};
    }
    return true;
}

bool charset_fold_bare(struct str *out, struct span utf8)
{
    struct str folded;
    uint32_t c;
    str_init(&folded, 4 * utf8.n + 64);
    bool all = charset_fold(&folded, utf8);
    struct span rest = str_span(&folded);
    while (rest.n > 0) {
        size_t run = 0;
        while (run < rest.n && (unsigned char)rest.p[run] < 0x80)
            run++;
        all = str_add(out, rest.p, run) && all;
        rest = (struct span){rest.p + run, rest.n - run};
        if (rest.n == 0 || !utf8_next(&rest, &c))
            break;
        if (u_charType((UChar32)c) != U_NON_SPACING_MARK)
            all = utf8_put(out, c) && all;
    }
    str_free(&folded);
    return all;
}
