/* Tidying. See tidy.h. */
#include "imapd/tidy.h"

#include "imapd/worker.h"

struct tidying {
    struct worker *worker;
    struct mailbox *mailbox; /* of its own, without keys: no message is read */
    int64_t folder_id;
    bool more;
};

static void run(void *thread, void *arg)
{
    struct tidying *t = arg;
    enum store_status status = folder_tidy_once(((struct thread *)thread)->db, t->mailbox, t->folder_id, &t->more);
    if (status != STORE_OK)
        t->more = false; /* it only makes reads cheaper: the next SELECT tries again */
}

static void done(void *arg)
{
    struct tidying *t = arg;
    if (t->more && !t->worker->draining) {
        jobs_submit(t->worker->jobs, run, done, t); /* behind what waits already */
        return;
    }
    t->worker->tidying = false;
    mailbox_close(&t->mailbox);
    xfree(&t);
}

void tidy_begin(struct worker *w, const struct bal *bal, int64_t folder_id)
{
    static const struct key_pair none;
    if (w->tidying || w->draining)
        return;
    struct tidying *t = xcalloc(1, sizeof(*t));
    *t = (struct tidying){.worker = w, .mailbox = mailbox_open(bal, &none, 0, false), .folder_id = folder_id};
    w->tidying = true;
    jobs_submit(w->jobs, run, done, t);
}
