/* /admin/patients: what each structure settles about patients — typed identities, the notice of a first message, the text
 * with emergency numbers. */
#include "webmail-cgi/admin.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/pages.h"

#include "lib/store/web_admin.h"

#include <string.h>

enum { TEXT_MAX = 4000 };

static void area(struct request *rq, const struct admin_structure *s, const char *name, const char *words,
                 const char *value)
{
    struct html *h = &rq->html;
    const char *id = arena_printf(rq->arena, "%s-%lld", name, (long long)s->id);
    OPEN(h, "div", CLASS("field"));
    LEAF(h, "label", words, ATTR("for", id));
    OPEN(h, "textarea", ATTR("name", name), ATTR("id", id), ATTR("rows", "4"), ATTR_N("maxlength", TEXT_MAX));
    str_putc(h->out, '\n'); /* HTML drops a textarea's first line end: this one */
    html_text(h, value);
    CLOSE(h, "textarea");
    CLOSE(h, "div");
}

static void structure_form(struct request *rq, const struct admin_structure *s)
{
    struct html *h = &rq->html;
    OPEN(h, "form", CLASS("panel"), ATTR("method", "post"), URL("action", "/admin/patients"));
    csrf_field(rq);
    VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "structure"), ATTR_N("value", s->id));
    LEAF(h, "h2", s->name);
    OPEN(h, "label", CLASS("check"));
    VOID(h, "input", ATTR("type", "checkbox"), ATTR("name", "saisie"), ATTR("value", "1"),
         FLAG_IF(s->typing, "checked"));
    OPEN(h, "span");
    LEAF(h, "span", tr(rq, "Un professionnel peut saisir le matricule d’un patient"));
    LEAF(h, "small", tr(rq, "Avec ses traits d’identité, et sa déclaration tracée que l’identité est qualifiée."));
    CLOSE(h, "span");
    CLOSE(h, "label");
    area(rq, s, "information", tr(rq, "Information jointe au premier message (vide : le texte de l’opérateur)"),
         s->notice);
    area(rq, s, "urgence", tr(rq, "Ce qu’une réponse d’absence dit à un patient (numéros d’urgence)"), s->emergency);
    OPEN(h, "div");
    LEAF(h, "button", tr(rq, "Enregistrer"), CLASS("button primary"));
    CLOSE(h, "div");
    CLOSE(h, "form");
}

void page_admin_patients(struct request *rq)
{
    struct web_roles roles;
    admin_structure_list list = {0};
    if (!admin_may(rq, "patients", &roles))
        return;
    enum store_status status = admin_structures(rq->thread->db, rq->session.hash, &list);
    if (status != STORE_OK) {
        answer_store_error(rq, status);
        return;
    }
    admin_begin(rq, &roles, "patients");
    vec_each (&list, s)
        structure_form(rq, s);
    frame_end(rq, FRAME_PAGE);
    vec_free(&list);
}

static void copy(char out[TEXT_MAX + 1], struct span text)
{
    size_t n = text.n < TEXT_MAX ? text.n : TEXT_MAX;
    if (n)
        memcpy(out, text.p, n);
    out[n] = '\0';
}

void page_admin_patients_save(struct request *rq)
{
    struct web_roles roles;
    struct admin_structure s = {.id = (int64_t)in_number(&rq->in, "structure", 0), .typing = in_has(&rq->in, "saisie")};
    if (!admin_may(rq, "patients", &roles))
        return;
    copy(s.notice, in_text(&rq->in, "information"));
    copy(s.emergency, in_text(&rq->in, "urgence"));
    struct trace trace = admin_trace(rq, "structure.patients");
    trace.structure_id = s.id;
    trace.detail = s.typing ? "saisie permise" : "saisie refusée";
    enum store_status status = admin_structure_set(rq->thread->db, rq->session.hash, &s, &trace);
    if (status == STORE_OK)
        answer_redirect(rq, "/admin/patients");
    else
        answer_store_error(rq, status == STORE_REFUSED ? STORE_NOT_FOUND : status);
}
