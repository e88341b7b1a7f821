/* /b/:bal, its folders, and a message beside its list. */
#include "webmail-cgi/layout.h"
#include "webmail-cgi/list_view.h"
#include "webmail-cgi/pages.h"
#include "webmail-cgi/panes.h"

#include <string.h>

void page_bal(struct request *rq)
{
    struct mail mail;
    if (!mail_open(rq, &mail))
        return;
    const struct folder *inbox = mail_special(&mail, "INBOX");
    if (inbox)
        answer_redirect(rq, path_of(rq, "/b/%lld/d/%lld", (long long)rq->bal.id, (long long)inbox->id));
    else
        answer_store_error(rq, STORE_NOT_FOUND);
    mail_close(&mail);
}

static enum list_filter chosen_filter(const struct request *rq)
{
    static const char *const names[] = {
        [FILTER_ALL] = "tous",           [FILTER_UNSEEN] = "non-lus",      [FILTER_FLAGGED] = "suivis",
        [FILTER_ATTACHMENTS] = "pieces", [FILTER_DOCUMENTS] = "documents", [FILTER_PATIENTS] = "patients",
        [FILTER_TODO] = "a-traiter"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (in_is(&rq->in, "filtre", names[i]))
            return (enum list_filter)i;
    return FILTER_ALL;
}

/* What was just done, and its undoing: the numbers of the moved messages come back in the address. */
static void read_notice(struct request *rq, struct list *list)
{
    static const struct {
        const char *act, *words;
    } done[] = {{"supprimer", "Mis à la corbeille."},
                {"archiver", "Archivé."},
                {"deplacer", "Déplacé."},
                {"envoye", "Message envoyé."},
                {"programme", "Message programmé : il sera envoyé à l’heure dite."},
                {"brouillon", "Brouillon conservé."},
                {"jete", "Brouillon jeté."}};
    for (size_t i = 0; i < COUNT(done); i++)
        if (in_is(&rq->in, "fait", done[i].act))
            list->done = tr(rq, done[i].words);
    list->undo = in_text(&rq->in, "u");
    list->undo_from = in_number(&rq->in, "la", 0);
    list->undo_send = in_number(&rq->in, "envoi", 0);
    list->sent_copy = in_number(&rq->in, "copie", 0);
}

static void write_panes(struct request *rq, const struct mail *mail, const struct list *list, const struct card *card)
{
    const char *title = folder_title(rq, mail->folder);
    if (card && card_subject(card).n > 0)
        title = tr(rq, "Message");
    frame_begin(rq, FRAME_PANES, title, card ? "view-message" : "view-list");
    folders_pane(rq, mail);
    list_pane(rq, mail, list, card ? card->uid : 0);
    if (card)
        message_pane(rq, mail, card);
    else
        empty_reading_pane(rq);
    frame_end(rq, FRAME_PANES);
}

void page_folder(struct request *rq)
{
    struct mail mail;
    struct list list = {.filter = chosen_filter(rq),
                        .before = (uint32_t)in_number(&rq->in, "avant", 0),
                        .offset = (uint32_t)in_number(&rq->in, "rang", 0)};
    if (!mail_open(rq, &mail))
        return;
    list_view_read(rq, &list);
    read_notice(rq, &list);
    enum store_status status = list_load(rq, &mail, &list);
    if (status == STORE_OK)
        write_panes(rq, &mail, &list, NULL);
    else
        answer_store_error(rq, status);
    list_free(&list);
    mail_close(&mail);
}

static void mark_seen(struct request *rq, const struct mail *mail, struct card *card)
{
    struct flag_result result = {0};
    if (card->flags & FLAG_SEEN)
        return;
    if (messages_store_flags(rq->thread->db, rq->mailbox, mail->folder->id, &card->uid, 1, FLAGS_ADD, FLAG_SEEN,
                             UINT64_MAX, &result) == STORE_OK)
        card->flags |= FLAG_SEEN;
    vec_free(&result.changed);
    vec_free(&result.refused);
}

/* Our scripts ask for the message alone; a browser gets the three panes. */
static void write_message(struct request *rq, const struct mail *mail, const struct card *card)
{
    struct list list = {.filter = FILTER_ALL, .before = card->uid + LIST_PAGE / 2};
    if (rq->wants_fragment) {
        message_pane(rq, mail, card);
        return;
    }
    list_view_read(rq, &list);
    bool shows_it = list.before >= mail->folder->uidnext || (list.conversations && mail->folder->uidnext < THREAD_SCAN);
    if (shows_it || mail->folder->messages <= LIST_PAGE)
        list.before = 0;
    enum store_status status = list_load(rq, mail, &list);
    vec_each (&list.cards, other)
        if (other->uid == card->uid)
            other->flags = card->flags;
    if (status == STORE_OK)
        write_panes(rq, mail, &list, card);
    else
        answer_store_error(rq, status);
    list_free(&list);
}

void page_message(struct request *rq)
{
    struct mail mail;
    struct card card;
    if (!mail_open(rq, &mail))
        return;
    enum store_status status = card_load(rq, mail.folder, (uint32_t)param_number(rq, "uid"), &card);
    if (status == STORE_OK) {
        mark_seen(rq, &mail, &card);
        trace_act(rq, "web.read", "OK", path_of(rq, "%lld/%lu", (long long)mail.folder->id, (unsigned long)card.uid));
        write_message(rq, &mail, &card);
    } else {
        answer_store_error(rq, status);
    }
    mail_close(&mail);
}
