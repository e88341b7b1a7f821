/* The stored form of a summary: what is written is read again, what is damaged is refused, limits hold. */
#include "tests/unit/unit.h"

#include "lib/proto/mime_summary.h"
#include "lib/proto/summary.h"

static const char message[] = "From: =?utf-8?q?=C3=89lodie?= Martin <e.martin@lab.fr>\r\n"
                              "To: Accueil <accueil@ehpad.fr>\r\n"
                              "Subject: Re: XDM/1.0/DDM+Biologie\r\n"
                              "Date: Fri, 20 Nov 2026 17:00:00 +0100\r\n"
                              "Message-ID: <m@lab.fr>\r\nReferences: <a@b>\r\n <c@d>\r\n"
                              "X-MSS-NIL: 42\r\nReceived: by x\r\n"
                              "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                              "--b\r\n\r\nBonjour   Madame,\r\n\r\nvoici.\r\n"
                              "--b\r\nContent-Type: application/zip\r\nContent-Disposition: attachment; "
                              "filename=IHE_XDM.ZIP\r\nContent-Transfer-Encoding: base64\r\n\r\nUEsDBA==\r\n"
                              "--b\r\nContent-Type: message/rfc822\r\n\r\n"
                              "Content-Type: multipart/alternative; boundary=c\r\n\r\n"
                              "--c\r\n\r\nun\r\n--c\r\nContent-Type: text/html\r\n\r\ndeux\r\n--c--\r\n"
                              "--b--\r\n";

static void fields(void **state)
{
    (void)state;
    static const struct {
        enum summary_field field;
        const char *want;
    } cases[] = {
        {SUMMARY_SUBJECT, "Re: XDM/1.0/DDM+Biologie"},
        {SUMMARY_FROM, "Élodie Martin <e.martin@lab.fr>"},
        {SUMMARY_TO, "Accueil <accueil@ehpad.fr>"},
        {SUMMARY_MESSAGE_ID, "<m@lab.fr>"},
        {SUMMARY_REFERENCES, "<a@b> <c@d>"},
        {SUMMARY_BASE_SUBJECT, "xdm/1.0/ddm+biologie"},
        {SUMMARY_IS_REPLY, "1"},
        {SUMMARY_SORT_FROM, "e.martin"},
        {SUMMARY_DISPLAY_FROM, "Élodie Martin"},
        {SUMMARY_PREVIEW, "Bonjour Madame, voici."},
        {SUMMARY_MSS_NIL, "42"},
        {SUMMARY_MSS_INS, ""},
    };
    struct mime_summary made;
    struct summary_view view;
    mime_summarise(&made, SPAN_LIT(message), true);
    assert_true(summary_open(&view, str_span(&made.structure)));
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_span(view.field[cases[i].field], cases[i].want);
    assert_int_equal(made.flags, SUMMARY_ATTACHMENTS | SUMMARY_HAS_XDM);
    assert_true(view.has_date);
    assert_int_equal(view.sent, 1795190400);
    assert_int_equal(view.zone, 60);
    struct span rest = view.field[SUMMARY_HEADERS], whole, name, value;
    while (summary_next_header(&rest, &whole, &name, &value))
        assert_true(summary_lists_header(name) && !span_is_nocase(name, "Received"));
    mime_summary_free(&made);
}

static void sections(void **state)
{
    (void)state;
    static const struct {
        uint32_t numbers[4];
        size_t count;
        const char *body; /* NULL: there is no such part */
    } cases[] = {
        {{1}, 1, "Bonjour   Madame,\r\n\r\nvoici."},
        {{2}, 1, "UEsDBA=="},
        {{3, 1}, 2, "un"},
        {{3, 2}, 2, "deux"},
        {{4}, 1, NULL},
        {{0}, 1, NULL},
        {{1, 1}, 2, NULL},
        {{3, 1, 1}, 3, NULL},
    };
    struct mime_summary made;
    struct summary_view view;
    struct summary_part part, inside;
    mime_summarise(&made, SPAN_LIT(message), true);
    assert_true(summary_open(&view, str_span(&made.structure)));
    for (size_t i = 0; i < COUNT(cases); i++) {
        bool found = summary_part_find(&view, cases[i].numbers, cases[i].count, &part);
        assert_int_equal(found, cases[i].body != NULL);
        if (found)
            assert_span(((struct span){message + part.body_begin, part.body_end - part.body_begin}), cases[i].body);
    }
    assert_true(summary_part_find(&view, (const uint32_t[]){3}, 1, &part));
    assert_int_equal(part.kind, PART_MESSAGE);
    assert_true(summary_part_inside(&view, &part, &inside));
    assert_int_equal(inside.header_begin, part.body_begin);
    assert_int_equal(inside.kind, PART_MULTIPART);
    mime_summary_free(&made);
}

static void single_part(void **state)
{
    (void)state;
    struct mime_summary made;
    struct summary_view view;
    struct summary_part part;
    mime_summarise(&made, SPAN_LIT("A: b\r\n\r\ntext"), true);
    assert_true(summary_open(&view, str_span(&made.structure)));
    assert_true(summary_part_find(&view, (const uint32_t[]){1}, 1, &part));
    assert_int_equal(part.index, 0);
    assert_false(summary_part_find(&view, (const uint32_t[]){1, 1}, 2, &part));
    assert_true(made.flags & SUMMARY_NO_DATE);
    mime_summary_free(&made);
}

static void opaque(void **state)
{
    (void)state;
    struct str out;
    struct summary_view view;
    struct summary_part part;
    str_init(&out, SUMMARY_MAX);
    summary_opaque(&out, 1234);
    assert_true(summary_open(&view, str_span(&out)));
    assert_true(summary_part_find(&view, (const uint32_t[]){1}, 1, &part));
    assert_int_equal(part.body_end, 1234);
    assert_span(part.type, "application/octet-stream");
    str_free(&out);
}

/* Cut anywhere, or with any byte of its head changed, it is refused or read within its bounds (ASan watches). */
static void damaged(void **state)
{
    (void)state;
    struct mime_summary made;
    struct summary_view view;
    struct summary_parts it;
    struct summary_part part;
    mime_summarise(&made, SPAN_LIT(message), true);
    size_t n = made.structure.len, refused = 0;
    for (size_t i = 0; i < n; i++) {
        char *copy = xmemdup(made.structure.data, n);
        refused += !summary_open(&view, (struct span){copy, i});
        copy[i] = (char)~copy[i];
        if (summary_open(&view, (struct span){copy, n}))
            for (summary_parts_begin(&view, &it); summary_parts_next(&it, &part);)
                assert_true(part.body_begin <= part.body_end);
        xfree(&copy);
    }
    assert_true(refused > n / 2);
    assert_false(summary_open(&view, SPAN_NONE));
    assert_false(summary_open(&view, SPAN_LIT("\x02")));
    mime_summary_free(&made);
}

static void repeat(struct str *out, const char *text, size_t times)
{
    while (times--)
        str_puts(out, text);
}

/* Issue 2, "Bad input": stored whatever it is, in bounded time; the summary says what it could. */
static void hostile(void **state)
{
    (void)state;
    static const struct {
        const char *head, *repeated;
        size_t times;
        uint32_t flag;
    } cases[] = {
        {"From: a@b\r\n", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", 10000, SUMMARY_CUT},
        {"From: a@b\r\n", "Content-Type: message/rfc822\r\n\r\n", 10000, SUMMARY_CUT},
        {"From: ", "(", 200000, 0},
        {"From: ", "\"", 200001, 0},
        {"Subject: ", "x", 1000000, SUMMARY_CUT},
        {"Subject: ", "=?x?q?", 170000, SUMMARY_CUT},
        {"Subject: ", "[a]", 300000, SUMMARY_CUT},
        {"Content-Type: multipart/mixed; boundary=b\r\n\r\n", "--b\r\n\r\nx\r\n", 30000, SUMMARY_CUT},
        {"Content-Type: text/plain", ";a=b", 100000, SUMMARY_CUT},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str bytes;
        struct mime_summary made;
        struct summary_view view;
        str_init(&bytes, 16 << 20);
        str_puts(&bytes, cases[i].head);
        repeat(&bytes, cases[i].repeated, cases[i].times);
        mime_summarise(&made, str_span(&bytes), true);
        assert_true(summary_open(&view, str_span(&made.structure)));
        assert_true(view.part_count >= 1 && view.part_count <= SUMMARY_PARTS_MAX);
        assert_true((made.flags & cases[i].flag) == cases[i].flag);
        mime_summary_free(&made);
        str_free(&bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields), cmocka_unit_test(sections), cmocka_unit_test(single_part),
        cmocka_unit_test(opaque), cmocka_unit_test(damaged),  cmocka_unit_test(hostile),
    };
    return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
