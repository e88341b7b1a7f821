#include "webmail-cgi/members.h"

#include "webmail-cgi/layout.h"
#include "webmail-cgi/mail.h"

#include <string.h>

static void remove_form(struct request *rq, const struct web_member *m, const char *action)
{
    struct html *h = &rq->html;
    OPEN(h, "form", ATTR("method", "post"), URL("action", action));
    csrf_field(rq);
    VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "personne"), ATTR_N("value", m->person_id));
    LEAF(h, "button", tr(rq, "Retirer"), CLASS("button danger small"), ATTR("name", "acte"), ATTR("value", "retirer"));
    CLOSE(h, "form");
}

static void member_row(struct request *rq, const struct web_member *m, const char *action, bool may_change)
{
    struct html *h = &rq->html;
    bool holder = strcmp(m->role, "titulaire") == 0, me = m->person_id == rq->session.row.person_id;
    OPEN(h, "tr");
    LEAF(h, "td", m->name);
    LEAF(h, "td", tr(rq, m->role));
    LEAF(h, "td", m->may_send ? tr(rq, "lit et écrit") : tr(rq, "lit"));
    LEAF(h, "td", m->until ? long_date(rq, m->until) : tr(rq, "sans fin"));
    OPEN(h, "td");
    if (may_change && !holder && !me)
        remove_form(rq, m, action);
    CLOSE(h, "td");
    CLOSE(h, "tr");
}

void members_table(struct request *rq, const web_member_list *list, const char *action, bool may_change)
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
        member_row(rq, member, action, may_change);
    CLOSE(h, "tbody");
    CLOSE(h, "table");
    CLOSE(h, "section");
}

void members_form(struct request *rq, const char *action)
{
    static const char *const roles[] = {"lecteur", "membre", "gestionnaire"};
    struct html *h = &rq->html;
    OPEN(h, "form", CLASS("panel"), ATTR("method", "post"), URL("action", action));
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
