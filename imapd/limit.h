/* MESSAGELIMIT (RFC 9738): no command works on more messages than [imap] message_limit; the highest UIDs come first, and the
 * answer says down to which one. */
#ifndef CADUCEE_IMAPD_LIMIT_H
#define CADUCEE_IMAPD_LIMIT_H

#include "imapd/session.h"

/* Keeps the last ones of a rising list that is too long, and notes it in the command. */
void limit_uids(struct session *, struct command *, uid_list *);
bool limit_passed(const struct session *, size_t count);
/* "MESSAGELIMIT 1000 23221" when the command was cut, else `otherwise` (NULL: none); two codes at once: the other one is
 * said in an untagged OK before. */
const char *limit_code(struct session *, struct command *, const char *otherwise);
/* "MESSAGELIMIT 1000": what must be done whole is not done. */
const char *limit_refusal(struct session *, struct command *);

#endif
