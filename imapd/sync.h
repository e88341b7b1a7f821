/* Bringing a session's view up to date, and saying so. */
#ifndef CADUCEE_IMAPD_SYNC_H
#define CADUCEE_IMAPD_SYNC_H

#include "imapd/session.h"

/* "* 3 FETCH (", or with UIDONLY "* 7 UIDFETCH (" */
void sync_fetch_head(struct session *, uint32_t seq, uint32_t uid);
/* "* 3 FETCH (UID 7 FLAGS (\Seen) MODSEQ (12))" */
void sync_write_state(struct session *, uint32_t seq, const struct message_state *);
/* FLAGS and PERMANENTFLAGS. */
void sync_say_flags(struct session *);
/* Reads the folder's keywords again and says those when there are new ones. */
enum store_status sync_keywords(struct session *);
/* A change of this session's own: the peer knows of it, and is not told again. */
void sync_own_change(struct session *, const struct flag_result *);
/* Expunged messages out of the view: EXPUNGE lines, or VANISHED (RFC 7162 3.2.10). `uids` rise. */
void sync_expunged(struct session *, const uint32_t *uids, size_t count);

#endif
