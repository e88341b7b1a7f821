/* The lock: nothing of the mail is on this page, and only Pro Santé Connect opens it again. */
#include "webmail-cgi/layout.h"
#include "webmail-cgi/pages.h"
#include "webmail-cgi/session.h"
#include "webmail-cgi/topbar.h"

void page_lock(struct request *rq)
{
    struct html *h = &rq->html;
    if (!rq->session.locked) {
        answer_redirect(rq, "/");
        return;
    }
    frame_begin(rq, FRAME_CARD, tr(rq, "Session verrouillée"), "card-body");
    OPEN(h, "section", CLASS("card login"));
    card_brand(rq);
    LEAF(h, "h1", tr(rq, "Session verrouillée"));
    OPEN(h, "p", CLASS("lead"));
    LEAF(h, "strong", rq->session.row.person_name);
    html_text(h,
              tr(rq, ", identifiez-vous de nouveau pour reprendre là où vous en étiez. Votre brouillon est conservé."));
    CLOSE(h, "p");
    bool certificate = rq->session.row.by_certificate;
    OPEN(h, "a", URL("href", certificate ? "/connexion/certificat" : "/connexion"), CLASS("button primary wide"));
    icon(h, "key");
    html_text(h, certificate ? tr(rq, "Déverrouiller avec mon certificat")
                             : tr(rq, "Déverrouiller avec Pro Santé Connect"));
    CLOSE(h, "a");
    OPEN(h, "form", ATTR("method", "post"), URL("action", "/deconnexion"));
    csrf_field(rq);
    LEAF(h, "button", tr(rq, "Ce n’est pas moi : fermer cette session"), CLASS("button quiet wide"));
    CLOSE(h, "form");
    CLOSE(h, "section");
    frame_end(rq, FRAME_CARD);
}

void page_lock_now(struct request *rq)
{
    session_lock(rq);
    answer_redirect(rq, "/verrou");
}
