/* "/": the log-in page for whom we do not know, their mailboxes' choice for whom we do. */
#include "webmail-cgi/layout.h"
#include "webmail-cgi/pages.h"
#include "webmail-cgi/psc.h"
#include "webmail-cgi/topbar.h"

static void login_card(struct request *rq)
{
    struct html *h = &rq->html;
    frame_begin(rq, FRAME_CARD, tr(rq, "Connexion"), "card-body");
    OPEN(h, "section", CLASS("card login"));
    card_brand(rq);
    LEAF(h, "h1", tr(rq, "Votre messagerie sécurisée de santé"));
    LEAF(h, "p", tr(rq, "Identifiez-vous avec votre carte CPS ou l’application e-CPS."), CLASS("lead"));
    OPEN(h, "a", URL("href", "/connexion"), CLASS("button primary wide"));
    icon(h, "key");
    html_text(h, tr(rq, "S’identifier avec Pro Santé Connect"));
    CLOSE(h, "a");
    OPEN(h, "a", URL("href", "/connexion?partage=1"), CLASS("button wide"));
    icon(h, "devices");
    html_text(h, tr(rq, "Je suis sur un poste partagé"));
    CLOSE(h, "a");
    LEAF(h, "p", tr(rq, "Sur un poste partagé, Pro Santé Connect redemande votre carte ou votre e-CPS à chaque fois."),
         CLASS("fine"));
    LEAF(h, "p",
         tr(rq, "Espace de confiance MSSanté : les échanges restent entre professionnels habilités et avec les "
                "patients qui utilisent Mon espace santé."),
         CLASS("fine"));
    CLOSE(h, "section");
    frame_end(rq, FRAME_CARD);
}

/* Nobody's: who to ask, never whether a mailbox exists. */
void no_mailbox(struct request *rq, int64_t person_id, const struct oidc_userinfo *userinfo)
{
    struct html *h = &rq->html;
    const char *sites[OIDC_SITES_MAX];
    size_t count = userinfo ? userinfo->site_count : 0;
    web_administrator_list list = {0};
    for (size_t i = 0; userinfo && i < count; i++)
        sites[i] = userinfo->sites[i];
    if (web_administrators_of(rq->thread->db, person_id, sites, count, &list) != STORE_OK)
        list.len = 0;
    frame_begin(rq, FRAME_PAGE, tr(rq, "Aucune boîte"), "page");
    LEAF(h, "h1", tr(rq, "Aucune boîte ne vous est ouverte ici"));
    LEAF(h, "p",
         tr(rq, "Vous êtes bien identifié par Pro Santé Connect. Pour obtenir une boîte ou l’accès à une boîte "
                "partagée, adressez-vous à l’administrateur de la messagerie de votre structure."),
         CLASS("lead"));
    if (list.len > 0) {
        OPEN(h, "section", CLASS("panel"));
        LEAF(h, "h2", tr(rq, "Qui administre la messagerie de vos structures"));
        OPEN(h, "ul");
        vec_each (&list, a) {
            OPEN(h, "li");
            LEAF(h, "strong", a->name);
            html_text(h, " · ");
            html_text(h, a->structure);
            CLOSE(h, "li");
        }
        CLOSE(h, "ul");
        CLOSE(h, "section");
    }
    frame_end(rq, FRAME_PAGE);
    vec_free(&list);
}

void page_home(struct request *rq)
{
    web_bal_list list = {0};
    if (!rq->session.known) {
        login_card(rq);
        return;
    }
    if (rq->session.locked) {
        answer_redirect(rq, "/verrou");
        return;
    }
    if (rq->session.row.by_certificate) {
        answer_redirect(rq, "/admin");
        return;
    }
    enum store_status status = web_bals_of(rq->thread->db, rq->session.row.person_id, &list);
    if (status != STORE_OK)
        answer_store_error(rq, status);
    else if (list.len == 0)
        no_mailbox(rq, rq->session.row.person_id, NULL);
    else
        answer_redirect(rq, path_of(rq, "/b/%lld", (long long)list.items[0].bal.id));
    vec_free(&list);
}
