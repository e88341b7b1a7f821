/* What handlers say. Untagged lines go into s->out; the tagged one is kept in the command and written last. */
#ifndef CADUCEE_IMAPD_REPLY_H
#define CADUCEE_IMAPD_REPLY_H

#include "imapd/session.h"
#include "lib/proto/imap_write.h"

/* `code` is without brackets, NULL for none; both must outlive the command (literals, or its arena). */
enum outcome reply_ok(struct command *, const char *code, const char *text);
enum outcome reply_no(struct command *, const char *code, const char *text);
enum outcome reply_bad(struct command *, const char *text);
enum outcome reply_uids_required(struct command *); /* RFC 9586 3.3 */
/* A store_status other than STORE_OK, in words and codes (RFC 9051 7.1, RFC 5530). */
enum outcome reply_store(struct command *, enum store_status);
void reply_tagged(struct session *, struct command *); /* writes the kept line */
/* "* OK [HIGHESTMODSEQ n] …": what the peer has been told of so far. */
void reply_highest(struct session *, uint64_t modseq);
void reply_untagged(struct session *, const char *text);
void reply_capability(struct session *, struct str *out); /* "IMAP4rev1 …", by state */

#endif
