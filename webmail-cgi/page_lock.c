/* The lock: nothing of the mail is on this page, and only Pro Santé Connect opens it again. */
#include "webmail-cgi/layout.h"
#include "webmail-cgi/pages.h"
#include "webmail-cgi/session.h"
#include "webmail-cgi/topbar.h"

/* A session by certificate stands at an address of its own, where no cookie tells PSC's to ask again. */
static const char *unlock_address(struct request *rq)
{
    if (!rq->session.row.by_certificate)
        return "/connexion";
    return path_of(rq, "%s/connexion?verrou=1", rq->thread->conf->webmail_base_url);
}

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
    if (rq->session.row.by_certificate)
        LEAF(h, "p",
             tr(rq, "Cette session a été ouverte par certificat : un certificat ne dit pas que vous êtes encore là."),
             CLASS("fine"));
    OPEN(h, "a", URL("href", unlock_address(rq)), CLASS("button primary wide"));
    icon(h, "key");
    html_text(h, tr(rq, "Déverrouiller avec Pro Santé Connect"));
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
