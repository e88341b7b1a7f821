/* APPEND's work, which REPLACE shares. */
#ifndef CADUCEE_IMAPD_APPEND_H
#define CADUCEE_IMAPD_APPEND_H

#include "imapd/session.h"

enum append_result { APPENDED, APPEND_REFUSED /* the reply is set */ };
struct append_wish {
    size_t most;       /* messages */
    uint32_t replaces; /* a UID of the selected folder that goes with it, where that can be one act; 0: none */
    bool replaced;     /* out: so it was */
    const char *code;  /* out: APPENDUID */
};
/* Reads " mailbox [flags] [date] literal …" and stores the messages, all or none. */
enum append_result append_messages(struct session *, struct command *, struct append_wish *);

/* What parse makes of a message; one opaque part when it cannot. The answer and `opaque` hold what the summary views. */
struct summary append_summarise(struct session *, struct span bytes, struct parse_answer *, struct str *opaque);

#endif
