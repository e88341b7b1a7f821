/* The bands above a message: who has it in hand, what to beware of, what the sender asks for. */
#include "webmail-cgi/fates.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/panes.h"
#include "webmail-cgi/receipt.h"

#include <string.h>

static void band(struct request *rq, const char *class, const char *symbol, const char *words)
{
    struct html *h = &rq->html;
    OPEN(h, "div", CLASS(class), ATTR("role", "note"));
    icon(h, symbol);
    OPEN(h, "div");
    LEAF(h, "p", words);
    CLOSE(h, "div");
    CLOSE(h, "div");
}

static void work_button(struct request *rq, const char *act, const char *symbol, const char *words)
{
    struct html *h = &rq->html;
    OPEN(h, "button", ATTR("name", "acte"), ATTR("value", act));
    icon(h, symbol);
    html_text(h, words);
    CLOSE(h, "button");
}

static void work_words(struct request *rq, const struct work *work)
{
    struct html *h = &rq->html;
    if (!work || work->state == WORK_TODO) {
        LEAF(h, "p", tr(rq, "Personne n’a encore pris ce message en charge."));
        if (work && work->reminded)
            LEAF(h, "p", tr(rq, "Le délai de la boîte est passé : son responsable a reçu un rappel."), CLASS("late"));
        return;
    }
    OPEN(h, "p");
    html_text(h, work->state == WORK_DONE ? tr(rq, "Traité par ") : tr(rq, "Pris en charge par "));
    LEAF(h, "strong", work->person_name);
    html_text(h, tr(rq, ", le "));
    html_text(h, long_date(rq, work->since));
    CLOSE(h, "p");
}

/* Shared mailboxes: à traiter, pris en charge, traité — one click. */
static void work_band(struct request *rq, const struct mail *mail, const struct card *card)
{
    struct html *h = &rq->html;
    work_list list = {0};
    if (!mail->shared || strcmp(mail->folder->special_use, "\\Sent") == 0)
        return;
    if (work_list_of(rq->thread->db, rq->bal.id, mail->folder->id, card->uid, card->uid, &list) != STORE_OK)
        return;
    const struct work *work = list.len ? &list.items[0] : NULL;
    enum work_state state = work ? work->state : WORK_TODO;
    OPEN(h, "div", CLASS(state == WORK_DONE ? "band good" : "band"));
    icon(h, state == WORK_DONE ? "check" : "hand");
    OPEN(h, "div");
    work_words(rq, work);
    CLOSE(h, "div");
    OPEN(h, "form", ATTR("method", "post"),
         URL("action", path_of(rq, "/b/%lld/d/%lld/actes", (long long)rq->bal.id, (long long)mail->folder->id)));
    csrf_field(rq);
    VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "uid"), ATTR_N("value", card->uid));
    VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "ouvert"), ATTR_N("value", card->uid));
    OPEN(h, "span", CLASS("bar"));
    if (state == WORK_TODO)
        work_button(rq, "prendre", "hand", tr(rq, "Prendre en charge"));
    if (state != WORK_DONE)
        work_button(rq, "traite", "check", tr(rq, "Traité"));
    if (state != WORK_TODO)
        work_button(rq, "a-traiter", "clock", tr(rq, "Remettre à traiter"));
    CLOSE(h, "span");
    CLOSE(h, "form");
    CLOSE(h, "div");
    vec_free(&list);
}

struct fates {
    struct request *rq;
    size_t shown;
};

/* What became of a sent message, recipient by recipient; a patient's address is not shown. */
static bool fate_line(const struct sent_fate *fate, void *arg)
{
    struct fates *f = arg;
    struct request *rq = f->rq;
    struct html *h = &rq->html;
    OPEN(h, "li");
    html_text(h, names_patient(span_of(fate->address)) ? tr(rq, "Patient") : fate->address);
    html_text(h, " ");
    fate_news(rq, fate);
    if (fate->at) {
        html_text(h, " ");
        html_text(h, long_date(rq, fate->at));
    }
    if (strcmp(fate->outcome, "failed") == 0 && fate->reply[0])
        LEAF(h, "small", fate->reply);
    CLOSE(h, "li");
    f->shown++;
    return true;
}

static void sent_band(struct request *rq, const struct mail *mail, const struct card *card)
{
    struct html *h = &rq->html;
    struct fates fates = {.rq = rq};
    if (strcmp(mail->folder->special_use, "\\Sent") != 0)
        return;
    OPEN(h, "div", CLASS("band"), ATTR("role", "note"));
    icon(h, "sent");
    OPEN(h, "ul", CLASS("fates"));
    enum store_status status = sent_fates(rq->thread->db, rq->bal.id, &card->blob_id, 1, fate_line, &fates);
    if (status == STORE_OK && fates.shown == 0)
        LEAF(h, "li", tr(rq, "Remis dans les boîtes de notre opérateur."));
    CLOSE(h, "ul");
    CLOSE(h, "div");
}

void message_bands(struct request *rq, const struct mail *mail, const struct card *card)
{
    work_band(rq, mail, card);
    sent_band(rq, mail, card);
    receipt_band(rq, mail, card);
    if (card->summary_flags & SUMMARY_FROM_MISMATCH)
        band(rq, "band bad", "alert",
             tr(rq, "L’adresse affichée n’est pas celle d’un domaine de l’opérateur qui a remis ce message : vérifiez "
                    "auprès de l’expéditeur avant d’agir."));
    if (card->summary_flags & SUMMARY_TWO_FROM)
        band(rq, "band warn", "alert", tr(rq, "Ce message porte plusieurs champs « De » : son auteur est incertain."));
    if (card->summary_flags & SUMMARY_BROKEN)
        band(rq, "band warn", "alert",
             tr(rq, "Ce message est mal formé : il est montré tel qu’il a été reçu, en un seul bloc."));
    if (span_is(span_trim(card->summary.field[SUMMARY_MSS_MES]), "FIN"))
        band(rq, "band patient", "heart", tr(rq, "Fin de l’échange : le patient ne peut plus répondre."));
}
