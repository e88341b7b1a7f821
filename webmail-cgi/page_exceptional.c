/* "/acces": exceptional accesses to one's mailboxes, told at the next log-in — who, why, until when — until they are acknowledged. */
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/mail.h"
#include "webmail-cgi/pages.h"

#include "lib/store/exceptional.h"

static void note(struct request *rq, const struct exceptional_note *n)
{
    struct html *h = &rq->html;
    OPEN(h, "section", CLASS("band warn"), ATTR("role", "note"));
    icon(h, "eye");
    OPEN(h, "div");
    OPEN(h, "p");
    LEAF(h, "strong", n->reader);
    html_text(h, tr(rq, " a reçu un accès exceptionnel, en lecture, à "));
    html_text(h, n->address);
    html_text(h, ".");
    CLOSE(h, "p");
    OPEN(h, "p");
    html_text(h, tr(rq, "Motif : "));
    html_text(h, n->reason);
    CLOSE(h, "p");
    OPEN(h, "p");
    html_text(h, tr(rq, "Du "));
    html_text(h, long_date(rq, n->since));
    html_text(h, tr(rq, " au "));
    html_text(h, long_date(rq, n->until));
    CLOSE(h, "p");
    CLOSE(h, "div");
    CLOSE(h, "section");
}

void page_exceptional(struct request *rq)
{
    struct html *h = &rq->html;
    exceptional_notes notes = {0};
    enum store_status status = exceptional_untold(rq->thread->db, rq->session.row.person_id, &notes);
    if (status != STORE_OK) {
        answer_store_error(rq, status);
        return;
    }
    if (notes.len == 0) {
        answer_redirect(rq, "/");
        return;
    }
    frame_begin(rq, FRAME_PAGE, tr(rq, "Accès exceptionnel"), "page");
    LEAF(h, "h1", tr(rq, "Quelqu’un a été autorisé à lire votre boîte"));
    LEAF(h, "p",
         tr(rq, "Deux personnes l’ont décidé, pour le motif ci-dessous. Chaque lecture est tracée. En cas de doute, "
                "adressez-vous "
                "à l’administrateur de la messagerie de votre structure."),
         CLASS("lead"));
    vec_each (&notes, n)
        note(rq, n);
    form_begin(rq, "stack", "/acces");
    LEAF(h, "button", tr(rq, "J’en ai pris connaissance"), CLASS("button primary"));
    form_end(rq);
    frame_end(rq, FRAME_PAGE);
    vec_free(&notes);
}

void page_exceptional_seen(struct request *rq)
{
    struct trace trace = {.action = "bal.exceptional-told",
                          .answer = "OK",
                          .session = rq->log.id,
                          .peer = rq->peer,
                          .actor_kind = TRACE_PERSON,
                          .person_id = rq->session.row.person_id};
    enum store_status status = exceptional_tell(rq->thread->db, rq->session.row.person_id, &trace);
    if (status == STORE_OK || status == STORE_NOT_FOUND)
        answer_redirect(rq, "/");
    else
        answer_store_error(rq, status);
}
