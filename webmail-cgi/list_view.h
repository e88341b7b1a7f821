/* How a person looks at the lists of a mailbox: one message a line or conversations, and in which order. Their choice is
 * kept, mailbox by mailbox.
 */
#ifndef CADUCEE_WEBMAIL_LIST_VIEW_H
#define CADUCEE_WEBMAIL_LIST_VIEW_H

#include "webmail-cgi/mail.h"

enum list_sort { SORT_NEWEST, SORT_OLDEST, SORT_SENDER, SORT_SUBJECT, SORT_SIZE, SORT_PATIENT };
enum { SORT_COUNT = SORT_PATIENT + 1, SORT_SCAN_MAX = 5000, THREAD_SCAN = 512 };
const char *list_sort_name(enum list_sort);                          /* as addresses and settings say it */
const char *list_sort_words(const struct request *, enum list_sort); /* as people read it */

void list_view_read(const struct request *, struct list *);
void list_view_menu(struct request *, const struct mail *, const struct list *);

/* list_load.c: one message's facts as a card; and those of a block that pass the filter. */
bool list_state_passes(enum list_filter, uint64_t flags);
bool list_facts_pass(enum list_filter, const struct card *);
enum store_status list_cards(struct request *, int64_t folder_id, const uint32_t *uids, size_t count,
                             const state_list *, card_list *out);
/* list_sorted.c, list_threads.c: the two other ways to fill a page. */
enum store_status list_load_sorted(struct request *, const struct mail *, struct list *);
enum store_status list_load_threads(struct request *, const struct mail *, struct list *);
/* The conversation of a message: those of its folder and of the sent ones, oldest first. */
struct thread_line {
    const struct folder *folder;
    struct card card;
};
typedef VEC(struct thread_line) thread_lines;
enum store_status thread_of(struct request *, const struct mail *, const struct card *, thread_lines *out);
/* Adds to `uids` those of the same conversations in the folder; sorted afterwards. */
enum store_status threads_expand(struct request *, const struct mail *, uid_list *uids);

#endif
