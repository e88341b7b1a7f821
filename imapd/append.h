/* APPEND's work, which REPLACE shares. */
#ifndef CADUCEE_IMAPD_APPEND_H
#define CADUCEE_IMAPD_APPEND_H

#include "imapd/session.h"

enum append_result { APPENDED, APPEND_REFUSED /* the reply is set */ };
/* Reads " mailbox [flags] [date] literal …" (at most `most` messages) and stores them, all or none. *code: APPENDUID. */
enum append_result append_messages(struct session *, struct command *, size_t most, const char **code);

/* What parse makes of a message; one opaque part when it cannot. The answer and `opaque` hold what the summary views. */
struct summary append_summarise(struct session *, struct span bytes, struct parse_answer *, struct str *opaque);

#endif
