/* The manager's page of a shared mailbox: who shares it, with which role, until when. */
#include "webmail-cgi/bind.h"
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/mail.h"
#include "webmail-cgi/manage.h"
#include "webmail-cgi/members.h"
#include "webmail-cgi/pages.h"

static void show(struct request *rq, const char *problem)
{
    web_member_list list = {0};
    const char *action = path_of(rq, "/b/%lld/gestion", (long long)rq->bal.id);
    enum store_status status = web_members_of(rq->thread->db, rq->bal.id, &list);
    if (status != STORE_OK) {
        answer_store_error(rq, status);
        return;
    }
    rq->out.status = problem ? 400 : rq->out.status;
    frame_begin(rq, FRAME_PAGE, tr(rq, "Gérer cette boîte"), "page");
    LEAF(&rq->html, "h1", rq->bal.display_name[0] ? rq->bal.display_name : rq->bal.address);
    LEAF(&rq->html, "p", rq->bal.address, CLASS("lead"));
    form_problem(rq, problem);
    members_table(rq, &list, action, true);
    members_form(rq, action);
    manage_forms(rq, action);
    frame_end(rq, FRAME_PAGE);
    vec_free(&list);
}

void page_members(struct request *rq)
{
    show(rq, NULL);
}

/* keyd judges the manager's right again, writes the share and traces it: the webmail has no right to write one. */
static const char *ask_keyd(struct request *rq, const struct keyd_sharing *share)
{
    char reason[512] = "";
    switch (keyd_share(rq->thread->keyd, &rq->grant, share, rq->log.id, rq->peer ? rq->peer : "", reason)) {
    case KEYD_OK:
        return NULL;
    case KEYD_REFUSED:
        log_event(LOG_WARN, &rq->log, "web.share_refused", LS("reason", reason));
        return tr(rq, "Personne ne porte cet identifiant ici, ou son rôle ne peut pas être changé.");
    default:
        return tr(rq, "Rien n’est perdu. Réessayez dans quelques instants.");
    }
}

static const char *unshare(struct request *rq)
{
    const char *whom = arena_printf(rq->arena, "person:%lld", (long long)in_number(&rq->in, "personne", 0));
    return ask_keyd(rq, &(struct keyd_sharing){.bal_id = rq->bal.id, .whom = span_of(whom)});
}

static const char *share(struct request *rq)
{
    struct span id = in_text(&rq->in, "identifiant"), role = in_text(&rq->in, "role");
    if (id.n == 0 || role.n == 0)
        return tr(rq, "Personne ne porte cet identifiant ici, ou son rôle ne peut pas être changé.");
    return ask_keyd(rq, &(struct keyd_sharing){.bal_id = rq->bal.id,
                                               .whom = id,
                                               .role = arena_strndup(rq->arena, role.p, role.n),
                                               .may_send = in_has(&rq->in, "ecrit"),
                                               .until = date_of_input(in_text(&rq->in, "jusqu"), 1)});
}

static const char *describe(struct request *rq)
{
    return manage_describe(rq) == STORE_OK ? NULL : tr(rq, "Rien n’est perdu. Réessayez dans quelques instants.");
}

/* Each act is traced with what it does: by keyd, or in its transaction. */
void page_members_act(struct request *rq)
{
    static const struct {
        const char *word;
        const char *(*act)(struct request *);
    } acts[] = {{"ajouter", share},
                {"retirer", unshare},
                {"decrire", describe},
                {"rattacher", bind_certificate},
                {"detacher", unbind_certificate}};
    const char *problem = tr(rq, "Cela n’est pas possible pour cette boîte.");
    for (size_t i = 0; i < COUNT(acts); i++)
        if (in_is(&rq->in, "acte", acts[i].word))
            problem = acts[i].act(rq);
    if (problem)
        show(rq, problem);
    else
        answer_redirect(rq, path_of(rq, "/b/%lld/gestion", (long long)rq->bal.id));
}
