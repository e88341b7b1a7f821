#include "webmail-cgi/manage.h"

#include "webmail-cgi/bind.h"
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/mail.h"

#include <stdio.h>

static void about_form(struct request *rq, const char *action)
{
    struct html *h = &rq->html;
    struct web_about about;
    if (web_about_of(rq->thread->db, rq->bal.id, &about) != STORE_OK)
        return;
    form_begin(rq, "panel", action);
    LEAF(h, "h2", tr(rq, "Ce que l’Annuaire montre"));
    form_text(rq, "description", tr(rq, "Description"), span_of(about.description), 1000, false);
    form_text(rq, "service", tr(rq, "Service"), span_of(about.service), 200, false);
    OPEN(h, "label", CLASS("check"));
    VOID(h, "input", ATTR("type", "checkbox"), ATTR("name", "rouge"), ATTR("value", "1"),
         FLAG_IF(rq->bal.red_listed, "checked"));
    OPEN(h, "span");
    LEAF(h, "span", tr(rq, "Liste rouge"));
    LEAF(h, "small", tr(rq, "La boîte reçoit et envoie, mais n’est pas publiée dans l’Annuaire Santé."));
    CLOSE(h, "span");
    CLOSE(h, "label");
    form_submit(rq, "decrire", tr(rq, "Enregistrer"));
    form_end(rq);
}

static void binding_row(struct request *rq, const struct web_binding *b, const char *action)
{
    struct html *h = &rq->html;
    int64_t until = b->until ? b->until : b->not_after;
    OPEN(h, "tr");
    OPEN(h, "td");
    html_text(h, b->subject);
    if (b->mandate[0])
        LEAF(h, "small", b->mandate);
    CLOSE(h, "td");
    LEAF(h, "td", rq->bal.kind == BAL_APP ? tr(rq, "lit et écrit") : tr(rq, "lit et marque, n’envoie jamais"));
    LEAF(h, "td", until ? long_date(rq, until) : tr(rq, "sans fin"));
    OPEN(h, "td");
    form_begin(rq, "bar", action);
    form_hidden_number(rq, "certificat", (uint64_t)b->id);
    LEAF(h, "button", tr(rq, "Détacher"), CLASS("button danger small"), ATTR("name", "acte"),
         ATTR("value", "detacher"));
    form_end(rq);
    CLOSE(h, "td");
    CLOSE(h, "tr");
}

static void bindings_panel(struct request *rq, const char *action)
{
    static const char *const heads[] = {"Certificat", "Droits", "Jusqu’au", "Action"};
    struct html *h = &rq->html;
    web_binding_list list = {0};
    if (web_bindings_of(rq->thread->db, rq->bal.id, &list) != STORE_OK)
        list.len = 0;
    OPEN(h, "section", CLASS("panel scroll-x"));
    LEAF(h, "h2", tr(rq, "Logiciels : certificats d’application"));
    if (list.len == 0) {
        LEAF(h, "p", tr(rq, "Aucun logiciel n’ouvre cette boîte."), CLASS("fine"));
    } else {
        OPEN(h, "table");
        OPEN(h, "thead");
        OPEN(h, "tr");
        for (size_t i = 0; i < COUNT(heads); i++)
            LEAF(h, "th", tr(rq, heads[i]), ATTR("scope", "col"));
        CLOSE(h, "tr");
        CLOSE(h, "thead");
        OPEN(h, "tbody");
        vec_each (&list, b)
            binding_row(rq, b, action);
        CLOSE(h, "tbody");
        CLOSE(h, "table");
    }
    bind_form(rq, action);
    CLOSE(h, "section");
    vec_free(&list);
}

void manage_forms(struct request *rq, const char *action)
{
    about_form(rq, action);
    if (rq->bal.kind != BAL_PER) /* no application opens a person's own mailbox */
        bindings_panel(rq, action);
}

static struct trace trace_of(struct request *rq, const char *action)
{
    return (struct trace){.action = action,
                          .answer = "OK",
                          .session = rq->log.id,
                          .peer = rq->peer,
                          .actor_kind = TRACE_PERSON,
                          .actor = rq->session.row.person_name,
                          .person_id = rq->session.row.person_id,
                          .bal_id = rq->bal.id,
                          .structure_id = rq->bal.structure_id};
}

enum store_status manage_describe(struct request *rq)
{
    struct web_about about = {.red_listed = in_has(&rq->in, "rouge")};
    struct span description = in_text(&rq->in, "description"), service = in_text(&rq->in, "service");
    struct trace trace = trace_of(rq, "bal.describe");
    trace.detail = about.red_listed ? "liste rouge" : "publiée";
    snprintf(about.description, sizeof(about.description), "%.*s", (int)description.n,
             description.n ? description.p : "");
    snprintf(about.service, sizeof(about.service), "%.*s", (int)service.n, service.n ? service.p : "");
    return web_about_set(rq->thread->db, rq->bal.id, &about, rq->bal.red_listed, &trace);
}
