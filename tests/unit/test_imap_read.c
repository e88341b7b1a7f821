#include "tests/unit/unit.h"

#include "lib/proto/imap_match.h"
#include "lib/proto/imap_read.h"
#include "lib/proto/imap_utf7.h"
#include "lib/proto/imap_write.h"

static void strings_are_read_in_all_their_forms(void **state UNUSED)
{
    static const struct {
        const char *input;
        bool utf8;
        const char *want; /* NULL: refused */
    } rows[] = {
        {"atom rest", false, "atom"},
        {"a]b", false, "a]b"},
        {"\"a b\"", false, "a b"},
        {"\"a \\\"b\\\\\"", false, "a \"b\\"},
        {"\"a\\b\"", false, NULL},
        {"\"open", false, NULL},
        {"\"\xc3\xa9\"", false, NULL},
        {"\"\xc3\xa9\"", true, "\xc3\xa9"},
        {"\"\xc3\"", true, NULL},
        {"{3}\r\na\rb", false, "a\rb"},
        {"{3+}\r\nabc", false, "abc"},
        {"{0}\r\n x", false, ""},
        {"{4}\r\nabc", false, NULL},
        {"{99999999999}\r\nabc", false, NULL},
        {"\"\"", false, ""},
        {"(", false, NULL},
        {"", false, NULL},
    };
    struct arena *arena = arena_new(4096);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct imap_reader r;
        struct span got;
        imap_reader_init(&r, span_of(rows[i].input), arena, rows[i].utf8);
        bool ok = imap_astring(&r, &got);
        if (ok != (rows[i].want != NULL))
            fail_msg("row %zu", i);
        if (ok)
            assert_span(got, rows[i].want);
    }
    arena_destroy(&arena);
}

static void a_literal_with_nul_is_refused(void **state UNUSED)
{
    struct arena *arena = arena_new(4096);
    struct imap_reader r;
    struct span got;
    imap_reader_init(&r, (struct span){"{3}\r\na\0b", 8}, arena, false);
    assert_false(imap_astring(&r, &got));
    imap_reader_init(&r, (struct span){"~{3}\r\na\0b", 9}, arena, false);
    assert_true(imap_string(&r, &got)); /* literal8 (RFC 3516) */
    arena_destroy(&arena);
}

static void mailbox_names_become_utf8(void **state UNUSED)
{
    static const struct {
        const char *wire;
        bool utf8;
        const char *want;
    } rows[] = {
        {"inbox", false, "INBOX"},
        {"iNbOx/a", false, "INBOX/a"},
        {"inboxes", false, "inboxes"},
        {"&AOk-t&AOk-", false, "\xc3\xa9t\xc3\xa9"},
        {"~peter/mail/&U,BTFw-/&ZeVnLIqe-", false,
         "~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"},
        {"a&-b", false, "a&b"},
        {"\"&2D3eCw-\"", false, "\xf0\x9f\x98\x8b"},
        {"&AOk-&AOk-", false, NULL}, /* two shifts in a row */
        {"&AGE-", false, NULL},      /* ASCII must not be shifted */
        {"&2D0-", false, NULL},      /* half a surrogate pair */
        {"&AOk", false, NULL},
        {"&*-", false, NULL},
        {"\"\xc3\xa9\"", true, "\xc3\xa9"},
        {"\"a\x01\"", false, NULL},
        {"a&-b", true, "a&-b"},
    };
    struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct imap_reader r;
        struct span got;
        imap_reader_init(&r, span_of(rows[i].wire), arena, rows[i].utf8);
        bool ok = imap_mailbox(&r, &got);
        if (ok != (rows[i].want != NULL))
            fail_msg("row %zu: %s", i, rows[i].wire);
        if (ok)
            assert_span(got, rows[i].want);
    }
    arena_destroy(&arena);
}

static void utf7_goes_there_and_back(void **state UNUSED)
{
    static const char *const names[] = {
        "", "Envoy\xc3\xa9s", "&", "a&b\xc3\xa9&", "\xf0\x9f\x98\x8bx\xe2\x82\xac", "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"};
    struct str wire, back;
    str_init(&wire, 1024);
    str_init(&back, 1024);
    for (size_t i = 0; i < COUNT(names); i++) {
        str_clear(&wire);
        str_clear(&back);
        assert_true(imap_utf7_encode(&wire, span_of(names[i])));
        assert_true(imap_utf7_decode(&back, str_span(&wire)));
        assert_str(&back, names[i]);
    }
    str_free(&wire);
    str_free(&back);
}

static void flag_lists(void **state UNUSED)
{
    static const struct {
        const char *input;
        int want; /* -1: refused */
    } rows[] = {{"()", 0},       {"(\\Seen)", 1},   {"(\\Seen $MSS-Traite x)", 3},
                {"(\\Seen", -1}, {"( \\Seen)", -1}, {"(\\)", -1}};
    struct arena *arena = arena_new(4096);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct imap_reader r;
        imap_flag_names names = {0};
        imap_reader_init(&r, span_of(rows[i].input), arena, false);
        bool ok = imap_flag_list(&r, &names);
        assert_int_equal(ok ? (int)names.len : -1, rows[i].want);
        vec_free(&names);
    }
    arena_destroy(&arena);
}

static void patterns_match_levels(void **state UNUSED)
{
    static const struct {
        const char *pattern, *name;
        bool want;
    } rows[] = {
        {"*", "a/b/c", true},   {"%", "a", true},
        {"%", "a/b", false},    {"%/%", "a/b", true},
        {"a*c", "a/b/c", true}, {"a%c", "abc", true},
        {"a%c", "a/c", false},  {"", "", true},
        {"", "a", false},       {"INBOX", "INBOX", true},
        {"a/*", "a", false},    {"*%*%*%*%*%*%*%*%x", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(imap_match(span_of(rows[i].pattern), span_of(rows[i].name)), rows[i].want);
}

static void what_is_written(void **state UNUSED)
{
    static const struct {
        struct span text;
        bool utf8;
        const char *want;
    } rows[] = {
        {{"abc", 3}, false, "\"abc\""},
        {{"a\"\\", 3}, false, "\"a\\\"\\\\\""},
        {{"a\r\nb", 4}, false, "{4}\r\na\r\nb"},
        {{"\xc3\xa9", 2}, false, "{2}\r\n\xc3\xa9"},
        {{"\xc3\xa9", 2}, true, "\"\xc3\xa9\""},
        {{"\xff", 1}, true, "{1}\r\n\xff"},
        {{"", 0}, false, "\"\""},
    };
    struct str out;
    str_init(&out, 4096);
    for (size_t i = 0; i < COUNT(rows); i++) {
        str_clear(&out);
        imap_write_string(&out, rows[i].text, rows[i].utf8);
        assert_str(&out, rows[i].want);
    }
    str_clear(&out);
    imap_write_u64(&out, UINT64_MAX);
    str_putc(&out, ' ');
    imap_write_u64(&out, 0);
    assert_str(&out, "18446744073709551615 0");
    str_clear(&out);
    char first[] = "$a", second[] = "b";
    char *keywords[] = {first, second};
    imap_write_flags(&out, 1 | 8 | 64 | 128 | 256, keywords, 2); /* bit 8 has no keyword yet: not said */
    assert_str(&out, "\\Seen \\Deleted $a b");
    str_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_read_in_all_their_forms),
        cmocka_unit_test(a_literal_with_nul_is_refused),
        cmocka_unit_test(mailbox_names_become_utf8),
        cmocka_unit_test(utf7_goes_there_and_back),
        cmocka_unit_test(flag_lists),
        cmocka_unit_test(patterns_match_levels),
        cmocka_unit_test(what_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
