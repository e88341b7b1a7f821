/* Pages for messages that came while nobody wrote: what a reader of a long folder asks for once. */
#include "lib/store/mailbox_private.h"

struct tidying {
    struct mailbox *mailbox;
    int64_t folder_id;
    bool more;
};

static enum store_status tidy(struct db *db, void *arg)
{
    struct tidying *t = arg;
    struct locked_folder f = {.id = t->folder_id};
    static const uint32_t none[1];
    enum store_status status = lock_folders(db, t->mailbox, &f, 1, none, 0, SEEN_NOBODY);
    if (status == STORE_OK)
        status = page_up(db, t->mailbox, &f);
    t->more = status == STORE_OK && f.paged_up;
    if (t->more) {
        queue_pages(db, t->mailbox, &f);
        queue_folder(db, t->mailbox, &f, &(struct folder_change){0});
    }
    locked_folder_free(&f);
    return status == STORE_OK ? db_commit_now(db) : status;
}

enum store_status folder_tidy_once(struct db *db, struct mailbox *m, int64_t folder_id, bool *more)
{
    struct tidying t = {m, folder_id, false};
    enum store_status status = db_transaction(db, DB_WRITE, m->bal.id, tidy, &t);
    *more = t.more;
    return status;
}

enum store_status folder_tidy(struct db *db, struct mailbox *m, int64_t folder_id)
{
    bool more;
    enum store_status status;
    do
        status = folder_tidy_once(db, m, folder_id, &more);
    while (status == STORE_OK && more);
    return status;
}
