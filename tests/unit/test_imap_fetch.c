#include "tests/unit/unit.h"

#include "lib/proto/imap_fetch.h"

static void items(void **state UNUSED)
{
    static const struct {
        const char *input;
        bool ok;
        unsigned items;
        size_t bodies;
        bool seen;
    } rows[] = {
        {"FLAGS", true, FETCH_FLAGS, 0, false},
        {"ALL", true, FETCH_FLAGS | FETCH_INTERNALDATE | FETCH_SIZE | FETCH_ENVELOPE, 0, false},
        {"(FAST)", false, 0, 0, false},
        {"(FLAGS UID BODY)", true, FETCH_FLAGS | FETCH_UID | FETCH_BODY, 0, false},
        {"BODY[]", true, 0, 1, true},
        {"BODY.PEEK[]", true, 0, 1, false},
        {"(BODY[HEADER] BODY.PEEK[1.2.MIME]<0.100>)", true, 0, 2, true},
        {"BODY[HEADER.FIELDS (From \"To\")]", true, 0, 1, true},
        {"BODY[HEADER.FIELDS ()]", false, 0, 0, false},
        {"BODY[MIME]", false, 0, 0, false},
        {"BODY[0]", false, 0, 0, false},
        {"BODY[1.]", false, 0, 0, false},
        {"BODY[1", false, 0, 0, false},
        {"BODY[]<0.0>", false, 0, 0, false},
        {"BODY[]<5>", false, 0, 0, false},
        {"BODY[1.TEXT.1]", false, 0, 0, false},
        {"BINARY.PEEK[1.2]", true, 0, 1, false},
        {"BINARY[TEXT]", false, 0, 0, false},
        {"BINARY.SIZE[1]", true, 0, 1, false},
        {"(RFC822 RFC822.HEADER RFC822.TEXT RFC822.SIZE)", true, FETCH_SIZE, 3, true},
        {"RFC822.HEADER", true, 0, 1, false},
        {"PREVIEW", true, FETCH_PREVIEW, 0, false},
        {"(PREVIEW (LAZY) FLAGS)", true, FETCH_PREVIEW | FETCH_FLAGS, 0, false},
        {"()", false, 0, 0, false},
        {"(FLAGS", false, 0, 0, false},
        {"FOO", false, 0, 0, false},
    };
    struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct imap_reader r;
        struct imap_fetch fetch = {0};
        imap_reader_init(&r, span_of(rows[i].input), arena, false);
        bool ok = imap_fetch_parse(&r, &fetch) && imap_at_end(&r);
        if (ok != rows[i].ok)
            fail_msg("row %zu: %s", i, rows[i].input);
        if (ok) {
            assert_int_equal(fetch.items, rows[i].items);
            assert_int_equal(fetch.bodies.len, rows[i].bodies);
            assert_int_equal(imap_fetch_marks_seen(&fetch), rows[i].seen);
        }
        imap_fetch_free(&fetch);
    }
    arena_destroy(&arena);
}

/* BODY[1.1.1.1 …]: past the depth that is stored, refused rather than kept */
static void numbers_have_a_limit(void **state UNUSED)
{
    struct str text;
    struct arena *arena = arena_new(65536);
    struct imap_reader r;
    str_init(&text, 65536);
    str_puts(&text, "BODY[1");
    for (int i = 0; i < 10000; i++)
        str_puts(&text, ".1");
    str_puts(&text, "]");
    struct imap_fetch fetch = {0};
    imap_reader_init(&r, str_span(&text), arena, false);
    assert_false(imap_fetch_parse(&r, &fetch));
    imap_fetch_free(&fetch);
    str_free(&text);
    arena_destroy(&arena);
}

static void header_fields_are_filtered(void **state UNUSED)
{
    static const char header[] = "From: a\r\nTo: b,\r\n c\r\nX: d\r\nto: e\r\n\r\n";
    struct arena *arena = arena_new(4096);
    struct imap_reader r;
    struct imap_fetch fetch = {0};
    struct str out;
    str_init(&out, 4096);
    imap_reader_init(&r, SPAN_LIT("(BODY[HEADER.FIELDS (TO)] BODY[HEADER.FIELDS.NOT (to)])"), arena, false);
    assert_true(imap_fetch_parse(&r, &fetch));
    imap_header_filter(&out, span_of(header), &fetch.bodies.items[0].section);
    assert_str(&out, "To: b,\r\n c\r\nto: e\r\n\r\n");
    str_clear(&out);
    imap_header_filter(&out, span_of(header), &fetch.bodies.items[1].section);
    assert_str(&out, "From: a\r\nX: d\r\n\r\n");
    imap_fetch_free(&fetch);
    str_free(&out);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items),
        cmocka_unit_test(numbers_have_a_limit),
        cmocka_unit_test(header_fields_are_filtered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
