/* Folding without ICU, where that is possible, gives what ICU gives: every character of the BMP, alone and before marks. */
#include "tests/unit/unit.h"

#include "lib/base/text.h"
#include "lib/proto/charset.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

/* NFKD of the folded case, by ICU, of the whole text; without its marks if `bare`. */
static void by_icu(struct str *out, struct span text, bool bare)
{
    UChar units[256], folded[512], plain[1024];
    char text8[4096];
    UErrorCode status = U_ZERO_ERROR;
    int32_t n = 0;
    u_strFromUTF8(units, COUNT(units), &n, text.p, (int32_t)text.n, &status);
    n = u_strFoldCase(folded, COUNT(folded), units, n, U_FOLD_CASE_DEFAULT, &status);
    n = unorm2_normalize(unorm2_getNFKDInstance(&status), folded, n, plain, COUNT(plain), &status);
    u_strToUTF8(text8, sizeof(text8), &n, plain, n, &status);
    assert_true(U_SUCCESS(status));
    struct span rest = {text8, (size_t)n};
    while (rest.n > 0) {
        uint32_t c;
        assert_true(utf8_next(&rest, &c));
        if (!bare || u_charType((UChar32)c) != U_NON_SPACING_MARK)
            assert_true(utf8_put(out, c));
    }
}

static void same(struct span text, uint32_t c)
{
    struct str ours, icu;
    for (unsigned bare = 0; bare < 2; bare++) {
        str_init(&ours, 4096);
        str_init(&icu, 4096);
        by_icu(&icu, text, bare);
        assert_true(bare ? charset_fold_bare(&ours, text) : charset_fold(&ours, text));
        if (!span_eq(str_span(&ours), str_span(&icu)))
            fail_msg("U+%04X, %s", (unsigned)c, bare ? "bare" : "folded");
        str_free(&ours);
        str_free(&icu);
    }
}

static void folds_as_icu_does(void **state UNUSED)
{
    static const uint32_t around[][3] = {
        {0, 0, 0},           /* alone */
        {0xe9, 0x323, 0},    /* between a composed letter and a mark that goes before its own */
        {'A', 0x301, 0x323}, /* marks in the wrong order */
        {0x20ac, 'B', 0xc9}};
    for (uint32_t c = 1; c < 0x11000; c++) {
        if (c >= 0xd800 && c < 0xe000)
            continue;
        for (size_t i = 0; i < COUNT(around); i++) {
            struct str text;
            str_init(&text, 64);
            if (around[i][0])
                assert_true(utf8_put(&text, around[i][0]));
            assert_true(utf8_put(&text, c));
            for (size_t j = 1; j < 3 && around[i][j]; j++)
                assert_true(utf8_put(&text, around[i][j]));
            same(str_span(&text), c);
            str_free(&text);
        }
    }
}

static void finds_whatever_the_case_and_accents(void **state UNUSED)
{
    struct str out;
    str_init(&out, 256);
    assert_true(charset_fold_bare(&out, SPAN_LIT("ÉLODIE Lefèvre – l’Œil ﬁn STRASSE Straße")));
    assert_string_equal(out.data, "elodie lefevre – l’œil fin strasse strasse");
    str_free(&out);
}

static void folds_ascii_wherever_it_stands(void **state UNUSED)
{
    char text[64];
    for (unsigned c = 0; c < 0x80; c++)
        for (size_t place = 0; place < 17; place++) {
            memset(text, 'Q', sizeof(text));
            text[place] = (char)c;
            same((struct span){text, 17}, c);
        }
}

static void says_when_it_does_not_fit(void **state UNUSED)
{
    struct str out;
    str_init(&out, 3);
    assert_false(charset_fold(&out, SPAN_LIT("ééé")));
    str_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds_as_icu_does),
        cmocka_unit_test(finds_whatever_the_case_and_accents),
        cmocka_unit_test(folds_ascii_wherever_it_stands),
        cmocka_unit_test(says_when_it_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
