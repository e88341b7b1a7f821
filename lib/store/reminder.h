/* Reminders of what waits in shared BALs (role caducee_reminder): messages of the inbox that nobody has taken in hand, told
 * once to whoever answers for the BAL, in their own. A reminder holds counts and addresses of BALs, nothing of a message.
 */
#ifndef CADUCEE_STORE_REMINDER_H
#define CADUCEE_STORE_REMINDER_H

#include "lib/base/vec.h"
#include "lib/store/deliver.h"

enum {
    REMINDER_UIDS_BACK = 5000,    /* older messages of a large inbox are not looked at */
    REMINDER_MESSAGES_MAX = 5000, /* of one reminder */
    REMINDER_PAUSE_S = 4 * 3600,  /* a BAL's next reminder comes no earlier: what fell due meanwhile comes together */
    REMINDER_TOLD_MAX = 5
};

struct reminder {
    struct bal bal; /* the shared one */
    int64_t folder_id;
    VEC(uint32_t) uids;                 /* at least one */
    struct bal told[REMINDER_TOLD_MAX]; /* own BALs of whoever answers for it; none: the list alone shows it */
    size_t told_count;
};

/* The next shared BAL after *after (0: the first) with messages that have waited since before `due_before`, and not since
 * before `not_before` (a list that nobody keeps is not gone through). STORE_NOT_FOUND: none in the BALs looked at; *more:
 * others remain. */
enum store_status reminder_next(struct db *, int64_t due_before, int64_t not_before, int64_t *after, bool *more,
                                struct reminder *out);
void reminder_free(struct reminder *);
/* Marks the messages and delivers the words, in one transaction. */
enum store_status reminder_send(struct db *, struct delivery_keys *, const struct reminder *, struct span message,
                                const struct summary *, int64_t folder_ids[REMINDER_TOLD_MAX],
                                uint64_t modseqs[REMINDER_TOLD_MAX]);

#endif
