#include "tests/unit/unit.h"

#include "lib/proto/imap_search.h"
#include "lib/store/mailbox.h"

static bool parse(struct arena *arena, const char *text, struct imap_search *search)
{
    struct imap_reader r;
    imap_reader_init(&r, span_of(text), arena, false);
    *search = (struct imap_search){0};
    return imap_search_parse(&r, search);
}

static void programs(void **state UNUSED)
{
    static const struct {
        const char *input;
        bool ok;
    } rows[] = {
        {"ALL", true},
        {"FLAGGED SINCE 1-Feb-1994 NOT FROM \"Smith\"", true},
        {"CHARSET UTF-8 TEXT {2+}\r\n\xc3\xa9", true},
        {"TEXT \"\xc3\xa9\"", true},
        {"TEXT \"\xc3\"", false},
        {"OR SEEN (FLAGGED 1:3)", true},
        {"OR SEEN", false},
        {"NOT", false},
        {"()", false},
        {"(SEEN", false},
        {"UID 1:*,7", true},
        {"UID $", true},
        {"$", true},
        {"HEADER Message-ID \"\"", true},
        {"HEADER X", false},
        {"MODSEQ 620162338", true},
        {"MODSEQ \"/flags/\\\\draft\" all 620162338", true},
        {"MODSEQ \"/flags/x\" none 1", false},
        {"RETURN (MIN MAX COUNT SAVE) SEEN", true},
        {"RETURN () SEEN", true},
        {"RETURN (FOO) SEEN", false},
        {"RETURN (PARTIAL -1:-100) ALL", true},
        {"RETURN (PARTIAL 1:-100) ALL", false},
        {"RETURN (ALL PARTIAL 1:2) ALL", false},
        {"YOUNGER 259200", true},
        {"YOUNGER 0", false},
        {"SMALLER 0", true},
        {"BEFORE 1-Foo-2020", false},
        {"CHARSET KOI8-R TEXT x", false},
        {"ALL ALL ", false},
        {"", false},
    };
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct imap_search search;
        if (parse(arena, rows[i].input, &search) != rows[i].ok)
            fail_msg("row %zu: %s", i, rows[i].input);
        imap_search_free(&search);
    }
    arena_destroy(&arena);
}

static void the_tree(void **state UNUSED)
{
    struct arena *arena = arena_new(1 << 20);
    struct imap_search search;
    assert_true(parse(arena, "UNSEEN OR DELETED KEYWORD $x", &search));
    struct imap_key *unseen = search.root->child, *either = unseen->next;
    assert_int_equal(unseen->key, KEY_NOFLAG);
    assert_int_equal(unseen->number, FLAG_SEEN);
    assert_int_equal(either->key, KEY_OR);
    assert_int_equal(either->child->number, FLAG_DELETED);
    assert_span(either->child->next->text, "$x");
    assert_null(either->next);
    imap_search_free(&search);
    assert_true(parse(arena, "CHARSET ISO-8859-1 SUBJECT {1+}\r\n\xe9", &search));
    assert_span(search.root->child->text, "\xc3\xa9");
    imap_search_free(&search);
    assert_false(parse(arena, "CHARSET KOI8-R TEXT x", &search));
    assert_true(search.unknown_charset);
    imap_search_free(&search);
    arena_destroy(&arena);
}

/* The numbers that lib/proto keeps of store's flag bits. */
static void flag_bits_are_those_of_store(void **state UNUSED)
{
    static const struct {
        const char *key;
        uint64_t bit;
    } rows[] = {{"SEEN", FLAG_SEEN},       {"ANSWERED", FLAG_ANSWERED}, {"FLAGGED", FLAG_FLAGGED},
                {"DELETED", FLAG_DELETED}, {"DRAFT", FLAG_DRAFT},       {"RECENT", FLAG_RECENT}};
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct imap_search search;
        assert_true(parse(arena, rows[i].key, &search));
        assert_int_equal(search.root->child->number, rows[i].bit);
        imap_search_free(&search);
    }
    arena_destroy(&arena);
}

static void bombs_are_refused(void **state UNUSED)
{
    struct arena *arena = arena_new(1 << 20);
    struct str text;
    struct imap_search search;
    str_init(&text, 1 << 20);
    for (int i = 0; i < 10000; i++)
        str_putc(&text, '(');
    assert_false(parse(arena, text.data, &search));
    imap_search_free(&search);
    str_clear(&text);
    for (int i = 0; i < 10000; i++)
        str_puts(&text, "NOT ");
    assert_false(parse(arena, text.data, &search));
    imap_search_free(&search);
    str_clear(&text);
    for (int i = 0; i < 2000; i++)
        str_puts(&text, "SEEN ");
    str_puts(&text, "SEEN");
    assert_false(parse(arena, text.data, &search));
    imap_search_free(&search);
    str_free(&text);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs),
        cmocka_unit_test(the_tree),
        cmocka_unit_test(flag_bits_are_those_of_store),
        cmocka_unit_test(bombs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
