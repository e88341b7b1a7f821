/* Framing of SMTP on the server's side: command lines, DATA, BDAT. Pure and incremental: bytes come as they come.
 * Bare CR, bare LF and NUL never pass as ends of anything (the smuggling family: RFC 5321 2.3.8, 4.1.1.4).
 */
#ifndef CADUCEE_PROTO_SMTP_LINE_H
#define CADUCEE_PROTO_SMTP_LINE_H

#include "lib/base/str.h"

enum smtp_line_result {
    SMTP_LINE_MORE,     /* no whole line yet; fewer bytes than the limit */
    SMTP_LINE_OK,       /* `line` is without its CRLF */
    SMTP_LINE_BARE,     /* a bare CR or LF, or a NUL, stands in it: refuse, go on behind the LF */
    SMTP_LINE_TOO_LONG, /* past `max` (CRLF included): refuse, and skip up to the next LF */
};
/* *used: bytes to consume from the front of `in`. */
enum smtp_line_result smtp_line(struct span in, size_t max, struct span *line, size_t *used);

/* The body of DATA: takes dots off (RFC 5321 4.5.2), ends at CRLF.CRLF and nowhere else; CR CR LF ends no line. */
struct smtp_data {
    enum { DATA_LINE_START, DATA_DOT, DATA_DOT_CR, DATA_TEXT, DATA_CR, DATA_CR_CR } state;
    bool done;
    bool bare;    /* a bare CR or LF was in it: the message is refused at its end */
    bool stopped; /* `out` did not take more: what follows is only looked through for the end */
};
/* Appends to `out` (NULL: throws away), returns how much of `in` was used: all of it, or up to the end when done. */
size_t smtp_data_feed(struct smtp_data *, struct span in, struct str *out);

/* The same law for BDAT (RFC 3030), where length frames: looks through bytes for a bare CR or LF. `last` is the last
 * byte of the chunk before, 0 at first. */
bool smtp_text_is_bare(struct span chunk, char *last);

/* Outward: the message with dots doubled and CRLF.CRLF behind it. A body without CRLF at its end gets one. */
void smtp_stuff(struct str *out, struct span message);

#endif
