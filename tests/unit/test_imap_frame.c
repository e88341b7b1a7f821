#include "tests/unit/unit.h"

#include "lib/proto/imap_frame.h"

static const struct imap_frame_limits limits = {.line_max = 40, .literal_max = 20, .total_max = 80, .literals_max = 3};

static void commands_end_where_they_end(void **state UNUSED)
{
    static const struct {
        const char *input;
        enum imap_frame_status want;
        size_t length;
    } rows[] = {
        {"", IMAP_FRAME_MORE, 0},
        {"a NOOP\r", IMAP_FRAME_MORE, 0},
        {"a NOOP\r\nb", IMAP_FRAME_COMPLETE, 8},
        {"a NOOP\nb", IMAP_FRAME_COMPLETE, 7},
        {"a LIST {3}\r\n", IMAP_FRAME_CONTINUE, 0},
        {"a LIST {3+}\r\nab", IMAP_FRAME_MORE, 0},
        {"a LIST {3+}\r\nabc \"\"\r\nb", IMAP_FRAME_COMPLETE, 21},
        {"a LIST {3+}\r\n\r\n\r\r\n", IMAP_FRAME_COMPLETE, 18},
        {"a APPEND ~{2+}\r\nxy\r\n", IMAP_FRAME_COMPLETE, 20},
        {"a X {21}\r\n", IMAP_FRAME_LITERAL_TOO_LONG, 0},
        {"a X {4294967296}\r\n", IMAP_FRAME_LITERAL_TOO_LONG, 0},
        {"a X {99999999999999999999999}\r\n", IMAP_FRAME_LITERAL_TOO_LONG, 0},
        {"a X {}\r\n", IMAP_FRAME_COMPLETE, 8},
        {"a X {x}\r\n", IMAP_FRAME_COMPLETE, 9},
        {"a X \"{3}\"\r\n", IMAP_FRAME_COMPLETE, 11},
        {"a {1+}\r\nx{1+}\r\nx{1+}\r\nx{1+}\r\nx\r\n", IMAP_FRAME_LITERAL_TOO_LONG, 0},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", IMAP_FRAME_LINE_TOO_LONG, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct imap_frame frame = {0};
        enum imap_frame_status got = imap_frame_next(&frame, span_of(rows[i].input), &limits);
        if (got != rows[i].want)
            fail_msg("row %zu: %d, want %d", i, (int)got, (int)rows[i].want);
        if (got == IMAP_FRAME_COMPLETE)
            assert_int_equal(frame.length, rows[i].length);
    }
}

/* Byte by byte gives what the whole gives, and the continuation is asked for once. */
static void arrivals_may_be_cut_anywhere(void **state UNUSED)
{
    static const char input[] = "a APPEND x {5}\r\n\r\n{9}\r\nrest";
    struct imap_frame frame = {0};
    unsigned continues = 0;
    for (size_t n = 0; n < sizeof(input); n++) {
        enum imap_frame_status got = imap_frame_next(&frame, (struct span){input, n}, &limits);
        continues += got == IMAP_FRAME_CONTINUE;
        if (got == IMAP_FRAME_COMPLETE) {
            assert_int_equal(n, 23);
            assert_int_equal(frame.length, 23);
            assert_int_equal(continues, 1);
            return;
        }
        assert_true(got == IMAP_FRAME_MORE || got == IMAP_FRAME_CONTINUE);
    }
    fail();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_end_where_they_end),
        cmocka_unit_test(arrivals_may_be_cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
