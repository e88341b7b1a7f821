#include "lib/proto/charset.h"

#include "lib/base/text.h"

#include <pthread.h>
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

/* How many bytes of ASCII stand in front, eight looked at together. */
static size_t ascii_run(struct span s)
{
    size_t n = 0;
    for (uint64_t eight; s.n - n >= sizeof(eight); n += sizeof(eight)) {
        memcpy(&eight, s.p + n, sizeof(eight));
        if (eight & UINT64_C(0x8080808080808080))
            break;
    }
    while (n < s.n && (unsigned char)s.p[n] < 0x80)
        n++;
    return n;
}

/* Of each byte of ASCII: its top bit is set in `from` + byte from 'A' on, in `past` + byte behind 'Z'. */
static uint64_t lower_eight(uint64_t eight)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t from = eight + ones * (0x80 - 'A'), past = eight + ones * (0x7f - 'Z');
    return eight | ((from & ~past & ones * 0x80) >> 2); /* 0x20 */
}

static bool fold_ascii(struct str *out, struct span ascii)
{
    size_t i = 0;
    if (!str_reserve(out, ascii.n))
        return false;
    char *to = out->data + out->len;
    for (uint64_t eight; ascii.n - i >= sizeof(eight); i += sizeof(eight)) {
        memcpy(&eight, ascii.p + i, sizeof(eight));
        eight = lower_eight(eight);
        memcpy(to + i, &eight, sizeof(eight));
    }
    for (; i < ascii.n; i++) {
        char c = ascii.p[i];
        to[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    to[ascii.n] = '\0';
    out->len += ascii.n;
    return true;
}

/* What most texts hold beside ASCII: Latin, Greek, Cyrillic letters, and punctuation. Each is folded by ICU once; a run of them
 * alone needs no ICU afterwards. Only those whose folded form begins with a starter are here: what comes next to each other is
 * then never put in another order by NFKD. */
enum { LETTERS_FROM = 0x80, LETTERS_END = 0x600, MARKS_FROM = 0x2000, MARKS_END = 0x20d0, FORM_MAX = 15 };
enum { FORM_COUNT = LETTERS_END - LETTERS_FROM + MARKS_END - MARKS_FROM };
struct form {
    uint8_t length; /* 0: ICU is asked */
    char bytes[FORM_MAX];
};
static struct form forms[2][FORM_COUNT]; /* folded; without marks */
static pthread_once_t forms_once = PTHREAD_ONCE_INIT;

static int form_index(uint32_t c)
{
    if (c >= LETTERS_FROM && c < LETTERS_END)
        return (int)(c - LETTERS_FROM);
    return c >= MARKS_FROM && c < MARKS_END ? (int)(c - MARKS_FROM) + LETTERS_END - LETTERS_FROM : -1;
}

static bool without_marks(struct str *out, struct span folded)
{
    uint32_t c;
    bool all = true;
    while (folded.n > 0 && utf8_next(&folded, &c))
        if (u_charType((UChar32)c) != U_NON_SPACING_MARK)
            all = utf8_put(out, c) && all;
    return all;
}

static void keep_form(struct form *form, const struct str *text)
{
    if (text->len == 0 || text->len > FORM_MAX)
        return;
    form->length = (uint8_t)text->len;
    memcpy(form->bytes, text->data, text->len);
}

static void make_form(uint32_t c, struct str *letter, struct str *folded, struct str *bare)
{
    uint32_t first = 0;
    str_clear(letter);
    str_clear(folded);
    str_clear(bare);
    if (!utf8_put(letter, c) || !fold_chunk(folded, str_span(letter)) || !without_marks(bare, str_span(folded)))
        return;
    struct span rest = str_span(folded);
    if (!utf8_next(&rest, &first) || u_getCombiningClass((UChar32)first) != 0)
        return;
    keep_form(&forms[0][form_index(c)], folded);
    keep_form(&forms[1][form_index(c)], bare);
}

static void make_forms(void)
{
    struct str letter, folded, bare;
    str_init(&letter, 64);
    str_init(&folded, 1024);
    str_init(&bare, 1024);
    for (uint32_t c = LETTERS_FROM; c < LETTERS_END; c++)
        make_form(c, &letter, &folded, &bare);
    for (uint32_t c = MARKS_FROM; c < MARKS_END; c++)
        make_form(c, &letter, &folded, &bare);
    str_free(&letter);
    str_free(&folded);
    str_free(&bare);
}

/* A run of other bytes than ASCII, by the table; false, and nothing added, when a character of it is not there. */
static bool fold_known(struct str *out, struct span run, bool bare)
{
    size_t before = out->len;
    pthread_once(&forms_once, make_forms);
    while (run.n > 0) {
        uint32_t c;
        int index = utf8_next(&run, &c) ? form_index(c) : -1;
        const struct form *form = index < 0 ? NULL : &forms[bare][index];
        if (!form || form->length == 0 || !str_add(out, form->bytes, form->length)) {
            str_truncate(out, before);
            return false;
        }
    }
    return true;
}

static bool fold_by_icu(struct str *out, struct span run, bool bare)
{
    struct str folded;
    if (!bare)
        return fold_chunk(out, run);
    str_init(&folded, 32 * run.n + 64);
    bool all = fold_chunk(&folded, run) && without_marks(out, str_span(&folded));
    str_free(&folded);
    return all;
}

static bool fold(struct str *out, struct span utf8, bool bare)
{
    while (utf8.n) {
        size_t run = ascii_run(utf8);
        if (run && !fold_ascii(out, (struct span){utf8.p, run}))
            return false;
        utf8 = (struct span){utf8.p + run, utf8.n - run};
        size_t wide = 0;
        while (wide < utf8.n && wide < FOLD_CHUNK - 4 && (unsigned char)utf8.p[wide] >= 0x80)
            wide++;
        struct span piece = utf8_prefix(utf8, wide);
        if (!piece.n && wide)
            piece = (struct span){utf8.p, wide};
        if (piece.n && !fold_known(out, piece, bare) && !fold_by_icu(out, piece, bare))
            return false;
        utf8 = (struct span){utf8.p + piece.n, utf8.n - piece.n};
    }
    return true;
}

/* ASCII runs, nearly all of most texts, are folded without ICU. */
bool charset_fold(struct str *out, struct span utf8)
{
    return fold(out, utf8, false);
}

bool charset_fold_bare(struct str *out, struct span utf8)
{
    return fold(out, utf8, true);
}
