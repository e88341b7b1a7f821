/* IMAP URLs of CATENATE (RFC 5092, RFC 4469). */
#include "tests/unit/unit.h"

#include "lib/proto/imap_url.h"

static const struct {
    const char *text, *mailbox, *section;
    bool ok;
    uint32_t uidvalidity, uid;
    uint64_t offset, length;
} rows[] = {
    {"/Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER", "Drafts", "HEADER", true, 385759045, 20, 0, 0},
    {"/INBOX/;uid=7", "INBOX", "", true, 0, 7, 0, 0},
    {";UID=20/;SECTION=1.2", NULL, "1.2", true, 0, 20, 0, 0},
    {"/;UID=20", NULL, "", true, 0, 20, 0, 0},
    {"imap://x@mail.example/R%C3%A9sultats/a/;UID=3/;PARTIAL=10.5", "R\xc3\xa9sultats/a", "", true, 0, 3, 10, 5},
    {"/INBOX/;UID=3/;SECTION=TEXT/;PARTIAL=10", "INBOX", "TEXT", true, 0, 3, 10, UINT64_MAX},
    {"/a/;UID=3/;SECTION=HEADER.FIELDS%20(Subject)", "a", "HEADER.FIELDS (Subject)", true, 0, 3, 0, 0},
    {"", NULL, NULL, false, 0, 0, 0, 0},
    {"INBOX", NULL, NULL, false, 0, 0, 0, 0},
    {"/INBOX", NULL, NULL, false, 0, 0, 0, 0},
    {"/INBOX/;UID=0", NULL, NULL, false, 0, 0, 0, 0},
    {"/INBOX/;UID=4294967296", NULL, NULL, false, 0, 0, 0, 0},
    {"/INBOX;UIDVALIDITY=x/;UID=1", NULL, NULL, false, 0, 0, 0, 0},
    {"/IN%ZZ/;UID=1", NULL, NULL, false, 0, 0, 0, 0},
    {"/IN%C3/;UID=1", NULL, NULL, false, 0, 0, 0, 0},
    {"/IN%00/;UID=1", NULL, NULL, false, 0, 0, 0, 0},
    {"/a/;UID=1/;PARTIAL=x", NULL, NULL, false, 0, 0, 0, 0},
    {"/a/;UID=1/;PARTIAL=1.0", NULL, NULL, false, 0, 0, 0, 0},
    {"imap:///INBOX/;UID=1", NULL, NULL, false, 0, 0, 0, 0},
    {"/a/;UID=1;URLAUTH=anonymous:INTERNAL:1", NULL, NULL, false, 0, 0, 0, 0},
};

static void urls(void **state UNUSED)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena *arena = arena_new(1 << 16);
        struct imap_url url;
        bool ok = imap_url_parse(span_of(rows[i].text), arena, &url);
        if (ok != rows[i].ok)
            fail_msg("%s", rows[i].text);
        if (ok) {
            assert_int_equal(url.mailbox.p != NULL, rows[i].mailbox != NULL);
            assert_true(!rows[i].mailbox || span_is(url.mailbox, rows[i].mailbox));
            assert_true(span_is(url.section, rows[i].section));
            assert_int_equal(url.uidvalidity, rows[i].uidvalidity);
            assert_int_equal(url.uid, rows[i].uid);
            assert_int_equal(url.offset, rows[i].offset);
            assert_int_equal(url.length, rows[i].length);
        }
        arena_destroy(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(urls)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
