#include "tests/unit/unit.h"

#include "lib/base/crypto.h"
#include "lib/base/text.h"

static void knows_well_formed_utf8(void **state UNUSED)
{
    static const struct {
        struct span input;
        bool want;
    } table[] = {
        {SPAN_LIT(""), true},
        {SPAN_LIT("été"), true},
        {SPAN_LIT("\xf0\x9f\x98\x80"), true},
        {SPAN_LIT("\xc0\x80"), false},         /* overlong NUL */
        {SPAN_LIT("\xe0\x80\xaf"), false},     /* overlong / */
        {SPAN_LIT("\xed\xa0\x80"), false},     /* a surrogate */
        {SPAN_LIT("\xf4\x90\x80\x80"), false}, /* past U+10FFFF */
        {SPAN_LIT("\xf5\x80\x80\x80"), false},
        {SPAN_LIT("\xc3"), false},
        {SPAN_LIT("\x80"), false},
        {SPAN_LIT("a\xff"), false},
    };
    for (size_t i = 0; i < COUNT(table); i++)
        assert_int_equal(utf8_valid(table[i].input), table[i].want);
    assert_true(ascii_printable(SPAN_LIT("a ~")));
    assert_false(ascii_printable(SPAN_LIT("a\x7f")));
    assert_false(ascii_printable(SPAN_LIT("é")));
}

static void code_points_come_back(void **state UNUSED)
{
    static const uint32_t points[] = {0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff};
    struct str s;
    str_init(&s, 100);
    for (size_t i = 0; i < COUNT(points); i++)
        utf8_put(&s, points[i]);
    struct span rest = str_span(&s);
    for (size_t i = 0; i < COUNT(points); i++) {
        uint32_t c = 1;
        assert_true(utf8_next(&rest, &c));
        assert_int_equal(c, points[i]);
    }
    assert_int_equal(rest.n, 0);
    str_clear(&s);
    utf8_put(&s, 0xd800);
    utf8_put(&s, 0x110000);
    assert_str(&s, "\xef\xbf\xbd\xef\xbf\xbd");
    str_free(&s);
}

static void sanitizes_what_could_lie(void **state UNUSED)
{
    static const struct {
        const char *input, *want;
    } table[] = {
        {"Dr Léa", "Dr Léa"},         {"a\r\nb", "a\uFFFD\uFFFDb"},
        {"x\u202Egnp", "x\uFFFDgnp"}, {"\u2066a\u2069", "\uFFFDa\uFFFD"},
        {"\xff", "\uFFFD"},           {"\xc2\x85", "\uFFFD"},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct str s;
        str_init(&s, 100);
        text_sanitize(&s, span_of(table[i].input));
        assert_str(&s, table[i].want);
        str_free(&s);
    }
}

/* RFC 4648 10, and what a strict reader refuses. */
static void base64_is_strict(void **state UNUSED)
{
    static const struct {
        const char *plain, *encoded, *url;
    } table[] = {
        {"", "", ""},
        {"f", "Zg==", "Zg"},
        {"fo", "Zm8=", "Zm8"},
        {"foo", "Zm9v", "Zm9v"},
        {"foob", "Zm9vYg==", "Zm9vYg"},
        {"fooba", "Zm9vYmE=", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
        {"\xfb\xff", "+/8=", "-_8"},
    };
    struct str s;
    str_init(&s, 100);
    for (size_t i = 0; i < COUNT(table); i++) {
        str_clear(&s);
        assert_true(base64_encode(&s, span_of(table[i].plain)));
        assert_str(&s, table[i].encoded);
        str_clear(&s);
        assert_true(base64_decode(&s, span_of(table[i].encoded)));
        assert_str(&s, table[i].plain);
        str_clear(&s);
        assert_true(base64url_encode(&s, span_of(table[i].plain)));
        assert_str(&s, table[i].url);
        str_clear(&s);
        assert_true(base64url_decode(&s, span_of(table[i].url)));
        assert_str(&s, table[i].plain);
    }
    static const char *const bad[] = {
        "Zg", "Zg=", "Zh==", "Zm9=", "=", "====", "Z===", "Zm 9", "Zg==Zg==", "-_8=", "Zm9v\n", "Zm9vY===", "Zm9vA"};
    str_clear(&s);
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_false(base64_decode(&s, span_of(bad[i])));
        assert_str(&s, "");
    }
    static const char *const bad_url[] = {"Zg==", "Zh", "Z", "+/8", "Zm9"};
    for (size_t i = 0; i + 1 < COUNT(bad_url); i++)
        assert_false(base64url_decode(&s, span_of(bad_url[i])));
    str_free(&s);
}

static void base64_of_any_length_comes_back(void **state UNUSED)
{
    struct str a, b;
    uint8_t bytes[300];
    str_init(&a, 1000);
    str_init(&b, 1000);
    for (size_t n = 0; n < sizeof bytes; n++) {
        crypto_random(bytes, n);
        str_clear(&a);
        str_clear(&b);
        assert_true(base64_encode(&a, (struct span){(char *)bytes, n}));
        assert_true(base64_decode(&b, str_span(&a)));
        assert_true(span_eq(str_span(&b), (struct span){(char *)bytes, n}));
        str_clear(&a);
        str_clear(&b);
        assert_true(hex_encode(&a, (struct span){(char *)bytes, n}));
        assert_true(hex_decode(&b, str_span(&a)));
        assert_true(span_eq(str_span(&b), (struct span){(char *)bytes, n}));
    }
    str_free(&a);
    str_free(&b);
}

static void does_not_write_past_a_maximum(void **state UNUSED)
{
    struct str s;
    str_init(&s, 7);
    assert_false(base64_encode(&s, SPAN_LIT("foobar")));
    str_clear(&s);
    assert_false(hex_encode(&s, SPAN_LIT("abcd")));
    str_clear(&s);
    assert_false(hex_decode(&s, SPAN_LIT("abc")));
    assert_false(hex_decode(&s, SPAN_LIT("0g")));
    assert_true(hex_decode(&s, SPAN_LIT("4A4b")));
    assert_str(&s, "JK");
    str_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_well_formed_utf8),          cmocka_unit_test(code_points_come_back),
        cmocka_unit_test(sanitizes_what_could_lie),        cmocka_unit_test(base64_is_strict),
        cmocka_unit_test(base64_of_any_length_comes_back), cmocka_unit_test(does_not_write_past_a_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
