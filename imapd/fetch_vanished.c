/* VANISHED (EARLIER) of UID FETCH (CHANGEDSINCE n VANISHED) and of SELECT (QRESYNC …): RFC 7162 3.2.6, 3.2.5.2. */
#include "imapd/fetch.h"
#include "imapd/reply.h"

/* The store no longer remembers: all that the peer may know and that is not there (RFC 7162 3.2.5.2). */
static void vanished_by_absence(struct session *s, const imap_set *asked, uint32_t fits, imap_set *told)
{
    for (uint32_t uid = fits + 1; uid < s->view->uidnext; uid++) {
        if ((!asked || imap_set_contains(asked, uid)) && !view_seq(s->view, uid))
            imap_set_add(told, uid);
    }
}

enum store_status fetch_vanished(struct session *s, const imap_set *asked, uint64_t since, uint32_t fits)
{
    uid_list gone = {0};
    imap_set told = {0};
    enum store_status status =
        folder_expunged_since(s->thread->db, s->view->access->mailbox, s->view->folder_id, since, &gone);
    if (status == STORE_CONFLICT) {
        status = view_load(s->view, s->thread->db);
        if (status == STORE_OK)
            vanished_by_absence(s, asked, fits, &told);
    }
    vec_each (&gone, uid) {
        if (*uid > fits && (!asked || imap_set_contains(asked, *uid)))
            imap_set_add(&told, *uid);
    }
    if (status == STORE_OK && told.len > 0) {
        str_puts(&s->out, "* VANISHED (EARLIER) ");
        imap_set_write(&s->out, &told);
        str_puts(&s->out, "\r\n");
    }
    vec_free(&gone);
    vec_free(&told);
    return status;
}
