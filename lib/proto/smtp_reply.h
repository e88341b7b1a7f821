/* Replies read by the client's side (RFC 5321 4.2, enhanced codes RFC 2034 / 3463). Pure, incremental, bounded. */
#ifndef CADUCEE_PROTO_SMTP_REPLY_H
#define CADUCEE_PROTO_SMTP_REPLY_H

#include "lib/base/str.h"

enum { SMTP_REPLY_LINES_MAX = 128, SMTP_REPLY_BYTES_MAX = 16384 };

struct smtp_reply {
    unsigned code;          /* 200 … 599 */
    char enhanced[16];      /* "5.1.1", "" when the text has none of the same class */
    struct span lines;      /* the whole reply as it came, CRLF included; views the input */
    struct span first_text; /* of the first line, behind code and enhanced code */
};
/* > 0: bytes of the reply; 0: more bytes needed; < 0: not a reply (or past a limit): close. */
ptrdiff_t smtp_reply_parse(struct span in, struct smtp_reply *out);
/* The text of each line in turn, behind "250-"; false at the end. `rest` starts as reply.lines. */
bool smtp_reply_line(struct span *rest, struct span *text);
/* An EHLO keyword of the reply: its parameters (empty span when none); false when absent. */
bool smtp_reply_keyword(const struct smtp_reply *, const char *keyword, struct span *parameters);

#endif
