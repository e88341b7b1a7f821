/* Private to lib/store: taking messages out of a locked folder. */
#ifndef CADUCEE_STORE_EXPUNGE_H
#define CADUCEE_STORE_EXPUNGE_H

#include "lib/store/mailbox_private.h"

/* All of `gone` exist in f's pages. Adds to `c` (not its bytes); writes message rows, `expunged`, and waits for them; the
 * caller queues pages and folder. */
enum store_status remove_messages(struct db *, struct mailbox *, struct locked_folder *f, const uid_list *gone,
                                  uint64_t modseq, int64_t *bytes, struct folder_change *c);

#endif
