/* The manager's page of a shared mailbox: who shares it, with which role, until when. */
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/mail.h"
#include "webmail-cgi/pages.h"

#include <string.h>

static void remove_form(struct request *rq, const struct web_member *m)
{
    struct html *h = &rq->html;
    OPEN(h, "form", ATTR("method", "post"), URL("action", path_of(rq, "/b/%lld/gestion", (long long)rq->bal.id)));
    csrf_field(rq);
    VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "personne"), ATTR_N("value", m->person_id));
    LEAF(h, "button", tr(rq, "Retirer"), CLASS("button danger small"), ATTR("name", "acte"), ATTR("value", "retirer"));
    CLOSE(h, "form");
}

static void member_row(struct request *rq, const struct web_member *m)
{
    struct html *h = &rq->html;
    bool holder = strcmp(m->role, "titulaire") == 0, me = m->person_id == rq->session.row.person_id;
    OPEN(h, "tr");
    LEAF(h, "td", m->name);
    LEAF(h, "td", tr(rq, m->role));
    LEAF(h, "td", m->may_send ? tr(rq, "lit et écrit") : tr(rq, "lit"));
    LEAF(h, "td", m->until ? long_date(rq, m->until) : tr(rq, "sans fin"));
    OPEN(h, "td");
    if (!holder && !me)
        remove_form(rq, m);
    CLOSE(h, "td");
    CLOSE(h, "tr");
}

static void members_table(struct request *rq, const web_member_list *list)
{
    static const char *const heads[] = {"Personne", "Rôle", "Droits", "Jusqu’au", "Action"};
    struct html *h = &rq->html;
    OPEN(h, "section", CLASS("panel scroll-x"));
    OPEN(h, "table");
    OPEN(h, "thead");
    OPEN(h, "tr");
    for (size_t i = 0; i < COUNT(heads); i++)
        LEAF(h, "th", tr(rq, heads[i]), ATTR("scope", "col"));
    CLOSE(h, "tr");
    CLOSE(h, "thead");
    OPEN(h, "tbody");
    vec_each (list, member)
        member_row(rq, member);
    CLOSE(h, "tbody");
    CLOSE(h, "table");
    CLOSE(h, "section");
}

static void add_form(struct request *rq)
{
    static const char *const roles[] = {"lecteur", "membre", "gestionnaire"};
    struct html *h = &rq->html;
    OPEN(h, "form", CLASS("panel"), ATTR("method", "post"),
         URL("action", path_of(rq, "/b/%lld/gestion", (long long)rq->bal.id)));
    csrf_field(rq);
    LEAF(h, "h2", tr(rq, "Ajouter une personne, ou changer son rôle"));
    OPEN(h, "div", CLASS("grid"));
    OPEN(h, "div", CLASS("field"));
    LEAF(h, "label", tr(rq, "Identifiant national (RPPS…)"), ATTR("for", "identifiant"));
    VOID(h, "input", ATTR("type", "text"), ATTR("name", "identifiant"), ATTR("id", "identifiant"), FLAG("required"),
         ATTR("maxlength", "64"));
    CLOSE(h, "div");
    OPEN(h, "div", CLASS("field"));
    LEAF(h, "label", tr(rq, "Rôle"), ATTR("for", "role"));
    OPEN(h, "select", ATTR("name", "role"), ATTR("id", "role"));
    for (size_t i = 0; i < COUNT(roles); i++)
        LEAF(h, "option", tr(rq, roles[i]), ATTR("value", roles[i]), FLAG_IF(i == 1, "selected"));
    CLOSE(h, "select");
    CLOSE(h, "div");
    OPEN(h, "div", CLASS("field"));
    LEAF(h, "label", tr(rq, "Jusqu’au (un an sans date)"), ATTR("for", "jusqu"));
    VOID(h, "input", ATTR("type", "date"), ATTR("name", "jusqu"), ATTR("id", "jusqu"));
    CLOSE(h, "div");
    CLOSE(h, "div");
    OPEN(h, "label", CLASS("check"));
    VOID(h, "input", ATTR("type", "checkbox"), ATTR("name", "ecrit"), ATTR("value", "1"), FLAG("checked"));
    LEAF(h, "span", tr(rq, "Peut écrire au nom de la boîte"));
    CLOSE(h, "label");
    OPEN(h, "div");
    LEAF(h, "button", tr(rq, "Enregistrer"), CLASS("button primary"), ATTR("name", "acte"), ATTR("value", "ajouter"));
    CLOSE(h, "div");
    CLOSE(h, "form");
}

void page_members(struct request *rq)
{
    web_member_list list = {0};
    enum store_status status = web_members_of(rq->thread->db, rq->bal.id, &list);
    if (status != STORE_OK) {
        answer_store_error(rq, status);
        return;
    }
    frame_begin(rq, FRAME_PAGE, tr(rq, "Gérer cette boîte"), "page");
    LEAF(&rq->html, "h1", rq->bal.display_name[0] ? rq->bal.display_name : rq->bal.address);
    LEAF(&rq->html, "p", rq->bal.address, CLASS("lead"));
    members_table(rq, &list);
    add_form(rq);
    frame_end(rq, FRAME_PAGE);
    vec_free(&list);
}

static enum store_status obey(struct request *rq)
{
    struct span id = in_text(&rq->in, "identifiant"), role = in_text(&rq->in, "role");
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
        trace_act(rq, in_is(&rq->in, "acte", "retirer") ? "bal.unshare" : "bal.share", "OK", NULL);
        answer_redirect(rq, path_of(rq, "/b/%lld/gestion", (long long)rq->bal.id));
    } else if (status == STORE_NOT_FOUND || status == STORE_INVALID) {
        answer_error(rq, 400, tr(rq, "Personne inconnue"),
                     tr(rq, "Personne ne porte cet identifiant ici, ou son rôle ne peut pas être changé."));
    } else {
        answer_store_error(rq, status);
    }
}
