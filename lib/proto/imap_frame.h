/* Where an IMAP command ends: lines and the literals inside them (RFC 3501 4.3, RFC 7888). Pure and incremental: give it
 * all bytes received since the command began, again after each arrival; it never looks twice at what it has passed.
 */
#ifndef CADUCEE_PROTO_IMAP_FRAME_H
#define CADUCEE_PROTO_IMAP_FRAME_H

#include "lib/base/base.h"

struct imap_frame_limits {
    size_t line_max;       /* one line, its end included */
    uint64_t literal_max;  /* one literal */
    uint64_t total_max;    /* the command, literals included */
    unsigned literals_max; /* literals in one command */
};

enum imap_frame_status {
    IMAP_FRAME_MORE,            /* bytes are missing */
    IMAP_FRAME_CONTINUE,        /* a synchronising literal was announced: answer "+ " once, then call again with more */
    IMAP_FRAME_COMPLETE,        /* the command is the first `length` bytes, last line end included */
    IMAP_FRAME_LINE_TOO_LONG,   /* a line passed line_max: the connection cannot be kept in step */
    IMAP_FRAME_LITERAL_TOO_LONG /* refused; when `synchronising` the peer waits, and nothing of the literal is sent */
};

/* Zeroed before each command. */
struct imap_frame {
    size_t scanned;    /* bytes passed over */
    size_t line_start; /* of the line now looked at */
    uint64_t literal_bytes;
    unsigned literals;
    bool synchronising; /* the last literal was {n}, not {n+} */
    size_t length;      /* out, with COMPLETE; with LITERAL_TOO_LONG the line's end */
};

enum imap_frame_status imap_frame_next(struct imap_frame *, struct span in, const struct imap_frame_limits *);

#endif
