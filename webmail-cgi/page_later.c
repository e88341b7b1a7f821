/* Messages that wait for their time: send later, or the seconds of undo. */
#include "webmail-cgi/desk.h"
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/mail.h"
#include "webmail-cgi/pages.h"

#include "lib/base/text.h"
#include "lib/store/waiting.h"

static void recipients(struct request *rq, const struct waiting *w)
{
    struct span rest = span_of(w->recipients), one;
    bool first = true;
    while (rest.n > 0 && span_cut(&rest, '\n', &one)) {
        if (!first)
            html_text(&rq->html, ", ");
        first = false;
        if (names_patient(one))
            html_text(&rq->html, tr(rq, "Patient"));
        else
            html_span(&rq->html, one);
    }
}

static void waiting_card(struct request *rq, const struct folder *sent, const struct waiting *w)
{
    struct html *h = &rq->html;
    struct card card;
    bool known = sent && w->sent_uid && card_load(rq, sent, w->sent_uid, &card) == STORE_OK && card.readable;
    OPEN(h, "article", CLASS("item"));
    icon(h, "clock");
    OPEN(h, "div", CLASS("words"));
    LEAF_SPAN(h, "h2", known && card_subject(&card).n ? card_subject(&card) : span_of(tr(rq, "(sans objet)")));
    OPEN(h, "p", CLASS("excerpt"));
    html_text(h, tr(rq, "Partira le "));
    html_text(h, long_date(rq, w->due));
    html_text(h, tr(rq, " · à "));
    recipients(rq, w);
    CLOSE(h, "p");
    CLOSE(h, "div");
    if (rq->grant.may_send || rq->grant.role == KEYD_ROLE_OWNER) {
        form_begin(rq, "one-button",
                   path_of(rq, "/b/%lld/envoi/%lld/annuler", (long long)rq->bal.id, (long long)w->id));
        form_hidden_number(rq, "copie", w->sent_uid);
        LEAF(h, "button", tr(rq, "Annuler et reprendre"), CLASS("button small"));
        form_end(rq);
    }
    CLOSE(h, "article");
}

void page_later(struct request *rq)
{
    struct mail mail;
    waiting_list list = {0};
    if (!mail_open(rq, &mail))
        return;
    const struct folder *sent = mail_special(&mail, "\\Sent");
    enum store_status status = waiting_of(rq->thread->db, rq->bal.id, sent ? sent->id : 0, &list);
    if (status == STORE_OK) {
        desk_begin(rq, "envois");
        if (list.len == 0)
            desk_empty(rq, "clock", tr(rq, "Aucun message n’attend son heure."));
        vec_each (&list, w)
            waiting_card(rq, sent, w);
        desk_end(rq);
    } else {
        answer_store_error(rq, status);
    }
    vec_free(&list);
    mail_close(&mail);
}
