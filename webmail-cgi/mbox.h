/* A mailbox as one file, mbox in its reversible form ("mboxrd", RFC 4155's relative): a "From " line before each message,
 * one more ">" before each line of a message that would look like one, LF line ends. Pure, and fed in pieces.
 */
#ifndef CADUCEE_WEBMAIL_MBOX_H
#define CADUCEE_WEBMAIL_MBOX_H

#include "lib/base/str.h"

struct mbox {
    char held[8]; /* the beginning of a line that may yet become ">>>From " … */
    size_t held_len;
    bool undecided; /* still at a line's beginning */
    bool after_cr;  /* CR seen: dropped when LF follows */
    size_t hooks;   /* ">" already given out at this line's beginning */
};
/* `fields`: header lines of ours put first, each with its LF. */
void mbox_begin(struct mbox *, struct str *out, int64_t date, const char *fields);
void mbox_feed(struct mbox *, struct str *out, struct span piece);
void mbox_end(struct mbox *, struct str *out); /* an empty line between messages */

#endif
