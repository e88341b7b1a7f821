/* The framing of IMAP commands. See imap_frame.h. */
#include "lib/proto/imap_frame.h"

#include "lib/base/num.h"

#include <string.h>

/* What a line ends with: "{n}", "{n+}", "~{n}" (RFC 3501 4.3, RFC 7888 3, RFC 3516 4.4). A number that overflows is a
 * literal of 2^64-1 bytes, which every limit refuses. */
static bool announces_literal(struct span line, uint64_t *bytes, bool *synchronising)
{
    if (line.n < 3 || line.p[line.n - 1] != '}')
        return false;
    size_t end = line.n - 1, begin = end;
    *synchronising = true;
    if (line.p[end - 1] == '+' || line.p[end - 1] == '-') {
        *synchronising = false;
        begin = --end;
    }
    while (begin > 0 && line.p[begin - 1] >= '0' && line.p[begin - 1] <= '9')
        begin--;
    if (begin == end || begin == 0 || line.p[begin - 1] != '{')
        return false;
    if (!num_u64((struct span){line.p + begin, end - begin}, UINT64_MAX - 1, bytes))
        *bytes = UINT64_MAX;
    return true;
}

/* A literal follows: is it within the limits, and does the peer wait for our word? */
static enum imap_frame_status enter_literal(struct imap_frame *frame, uint64_t bytes, size_t line_end,
                                            const struct imap_frame_limits *limits)
{
    frame->length = line_end;
    frame->literals++;
    if (bytes > limits->literal_max || bytes > limits->total_max - frame->literal_bytes ||
        frame->literals > limits->literals_max)
        return IMAP_FRAME_LITERAL_TOO_LONG;
    frame->literal_bytes += bytes;
    frame->line_start = line_end + (size_t)bytes;
    frame->scanned = frame->line_start;
    return frame->synchronising ? IMAP_FRAME_CONTINUE : IMAP_FRAME_MORE;
}

enum imap_frame_status imap_frame_next(struct imap_frame *frame, struct span in, const struct imap_frame_limits *limits)
{
    for (;;) {
        if (frame->scanned > in.n)
            return IMAP_FRAME_MORE;
        const char *lf = in.n == frame->scanned ? NULL : memchr(in.p + frame->scanned, '\n', in.n - frame->scanned);
        size_t line_end = lf ? (size_t)(lf - in.p) + 1 : in.n;
        if (line_end - frame->line_start > limits->line_max || line_end > limits->total_max)
            return IMAP_FRAME_LINE_TOO_LONG;
        frame->scanned = line_end;
        if (!lf)
            return IMAP_FRAME_MORE;
        struct span line = {in.p + frame->line_start, line_end - frame->line_start - 1};
        if (line.n > 0 && line.p[line.n - 1] == '\r')
            line.n--;
        uint64_t bytes = 0;
        if (!announces_literal(line, &bytes, &frame->synchronising)) {
            frame->length = line_end;
            return IMAP_FRAME_COMPLETE;
        }
        enum imap_frame_status status = enter_literal(frame, bytes, line_end, limits);
        if (status != IMAP_FRAME_MORE)
            return status;
    }
}
