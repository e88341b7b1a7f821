/* The manager's page of a shared mailbox: who shares it, with which role, until when. */
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/mail.h"
#include "webmail-cgi/manage.h"
#include "webmail-cgi/members.h"
#include "webmail-cgi/pages.h"

void page_members(struct request *rq)
{
    web_member_list list = {0};
    const char *action = path_of(rq, "/b/%lld/gestion", (long long)rq->bal.id);
    enum store_status status = web_members_of(rq->thread->db, rq->bal.id, &list);
    if (status != STORE_OK) {
        answer_store_error(rq, status);
        return;
    }
    frame_begin(rq, FRAME_PAGE, tr(rq, "Gérer cette boîte"), "page");
    LEAF(&rq->html, "h1", rq->bal.display_name[0] ? rq->bal.display_name : rq->bal.address);
    LEAF(&rq->html, "p", rq->bal.address, CLASS("lead"));
    members_table(rq, &list, action, true);
    members_form(rq, action);
    manage_forms(rq, action);
    frame_end(rq, FRAME_PAGE);
    vec_free(&list);
}

static enum store_status obey(struct request *rq)
{
    struct span id = in_text(&rq->in, "identifiant"), role = in_text(&rq->in, "role");
    if (in_is(&rq->in, "acte", "decrire"))
        return manage_describe(rq);
    if (in_is(&rq->in, "acte", "detacher"))
        return manage_unbind(rq);
    if (in_is(&rq->in, "acte", "retirer"))
        return web_member_remove(rq->thread->db, rq->bal.id, (int64_t)in_number(&rq->in, "personne", 0));
    if (id.n == 0 || role.n == 0)
        return STORE_INVALID;
    return web_member_set(rq->thread->db, rq->bal.id, arena_strndup(rq->arena, id.p, id.n),
                          arena_strndup(rq->arena, role.p, role.n), in_has(&rq->in, "ecrit"),
                          date_of_input(in_text(&rq->in, "jusqu"), 1), rq->session.row.person_id);
}

void page_members_act(struct request *rq)
{
    enum store_status status = obey(rq);
    if (status == STORE_OK) {
        if (in_is(&rq->in, "acte", "retirer") || in_is(&rq->in, "acte", "ajouter")) /* the others have theirs within */
            trace_act(rq, in_is(&rq->in, "acte", "retirer") ? "bal.unshare" : "bal.share", "OK", NULL);
        answer_redirect(rq, path_of(rq, "/b/%lld/gestion", (long long)rq->bal.id));
    } else if (status == STORE_NOT_FOUND || status == STORE_INVALID) {
        answer_error(rq, 400, tr(rq, "Personne inconnue"),
                     tr(rq, "Personne ne porte cet identifiant ici, ou son rôle ne peut pas être changé."));
    } else {
        answer_store_error(rq, status);
    }
}
