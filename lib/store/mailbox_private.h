/* Private to lib/store: an opened BAL, and the working set of a writer that holds a folder's lock. */
#ifndef CADUCEE_STORE_MAILBOX_PRIVATE_H
#define CADUCEE_STORE_MAILBOX_PRIVATE_H

#include "lib/store/blob.h"
#include "lib/store/delivery_key.h"
#include "lib/store/mailbox.h"
#include "lib/store/page.h"

struct opened_key {
    int64_t id; /* 0: free */
    struct key key;
};
struct mailbox {
    struct bal bal;
    struct key_pair keys;
    int64_t viewer;
    bool seen_per_person;
    uint64_t may_change;           /* flags that this access may change; the others stay as they are */
    struct delivery_keys *writing; /* for APPEND */
    struct opened_key *opened;     /* open addressing; capacity is a power of two */
    size_t opened_count, opened_capacity;
    int64_t blob_id; /* the last blob read: partial FETCHes come back to it */
    struct key blob_key;
    uint64_t blob_size;
    bool blob_compressed;
};

/* The delivery key, opened before; NULL: not yet. */
const struct key *mailbox_key(const struct mailbox *, int64_t delivery_key_id);
/* STORE_DAMAGED when it does not open with the BAL's private half. */
enum store_status mailbox_hold_key(struct mailbox *, int64_t delivery_key_id, struct span sealed);
/* Reads and opens those of `ids` that are not held; inside a transaction. */
enum store_status mailbox_need_keys(struct db *, struct mailbox *, const int64_t *ids, size_t count);

void keywords_of_lines(keyword_list *, struct span lines); /* of SQL_folder_selected */

typedef VEC(struct page) page_list; /* in order of block */
typedef VEC(struct seen) seen_list; /* in order of (viewer, block) */
struct locked_folder {
    int64_t id;
    uint32_t uidvalidity, uidnext;
    uint64_t highestmodseq;
    int64_t paged_to, messages, unseen, deleted;
    page_list pages; /* of the blocks asked for, complete: every UID below uidnext is known */
    seen_list seen;  /* of the viewers asked for */
    bool paged_up;   /* page_up() has moved paged_to */
};
enum seen_scope { SEEN_NOBODY, SEEN_VIEWER, SEEN_EVERYBODY };

/* Queues the locks (in order of folder_id) and reads the blocks of `uids` of each folder; one round trip. `uids` NULL:
 * all blocks. Several folders may be given once each; `uids` belong to folders[0], the others get no pages. */
enum store_status lock_folders(struct db *, struct mailbox *, struct locked_folder *folders, size_t folder_count,
                               const uint32_t *uids, size_t uid_count, enum seen_scope);
void locked_folder_free(struct locked_folder *);
/* design: a full block gets its page from the folder's next writer. Adds them, at most 512 a transaction. */
enum store_status page_up(struct db *, struct mailbox *, struct locked_folder *);
struct page *page_of(struct locked_folder *, uint32_t uid); /* NULL: nothing of that block exists */
struct seen *seen_of(struct locked_folder *, int64_t viewer, uint32_t uid, bool make);
/* What the viewer sees: \Seen and modseq of shared BALs included. */
struct page_entry entry_for(const struct mailbox *, struct locked_folder *, const struct page *, uint32_t uid);

/* Queues what has changed: pages, seen pages, and the folder's counters. */
struct folder_change {
    int64_t messages, unseen, deleted, bytes;
    uint32_t uidnext; /* 0: as it is */
    uint64_t modseq;  /* 0: as it is */
};
void queue_viewer(struct db *, const struct mailbox *, int64_t folder_id, int64_t viewer, int64_t seen_delta);
bool uids_rise(const uint32_t *, size_t); /* strictly: what all functions here ask of UID arrays */
void queue_pages(struct db *, const struct mailbox *, const struct locked_folder *);
void queue_folder(struct db *, const struct mailbox *, const struct locked_folder *, const struct folder_change *);

#endif
