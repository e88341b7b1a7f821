/* Text templates of a mailbox: shared by who shares it, sealed to it. */
#include "webmail-cgi/desk.h"
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/mail.h"
#include "webmail-cgi/pages.h"
#include "webmail-cgi/records.h"

#include "lib/base/text.h"
#include "lib/proto/charset.h"
#include "lib/store/bal_document.h"

enum { TEMPLATES_MAX = 100 };

static void template_card(struct request *rq, const struct record *t)
{
    struct html *h = &rq->html;
    OPEN(h, "article", CLASS("item"));
    OPEN(h, "div", CLASS("words"));
    LEAF_SPAN(h, "h2", t->field[1]);
    if (t->field[2].n > 0)
        LEAF_SPAN(h, "p", t->field[2], CLASS("lead"));
    LEAF_SPAN(h, "p", utf8_prefix(t->field[3], 200), CLASS("excerpt"));
    CLOSE(h, "div");
    if (desk_may_change(rq)) {
        OPEN(h, "div", CLASS("bar"));
        LEAF(h, "a", tr(rq, "Modifier"), CLASS("button small"),
             URL("href", path_of(rq, "/b/%lld/modeles?choix=%.*s#nom", (long long)rq->bal.id, (int)t->field[0].n,
                                 t->field[0].p)));
        form_button(rq, desk_path(rq, "modeles"), "choix", t->field[0], "effacer", tr(rq, "Effacer"),
                    "button danger small");
        CLOSE(h, "div");
    }
    CLOSE(h, "article");
}

static void template_form(struct request *rq, const struct record *t)
{
    bool old = t->field[0].n > 0;
    form_begin(rq, "panel", desk_path(rq, "modeles"));
    LEAF(&rq->html, "h2", old ? tr(rq, "Modifier ce modèle") : tr(rq, "Nouveau modèle"));
    if (old)
        form_hidden(rq, "choix", t->field[0]);
    form_text(rq, "nom", tr(rq, "Nom du modèle"), t->field[1], 100, true);
    form_text(rq, "objet", tr(rq, "Objet (facultatif)"), t->field[2], 200, false);
    form_lines(rq, "texte", tr(rq, "Texte"), t->field[3], 16000, 9);
    form_submit(rq, "garder", tr(rq, "Enregistrer"));
    form_end(rq);
}

void page_templates(struct request *rq)
{
    struct str text;
    struct record t, chosen = {0};
    str_init(&text, BAL_DOCUMENT_MAX);
    enum store_status status = bal_document_read(rq->thread->db, rq->mailbox, DOCUMENT_TEMPLATES, &text);
    if (status == STORE_OK) {
        desk_begin(rq, "modeles");
        if (in_text(&rq->in, "choix").n > 0 && !record_find(str_span(&text), in_text(&rq->in, "choix"), &chosen))
            chosen = (struct record){0};
        struct span rest = str_span(&text);
        if (rest.n == 0)
            desk_empty(rq, "draft", tr(rq, "Aucun modèle. Un modèle s’insère d’un geste dans un message."));
        while (record_next(&rest, &t))
            template_card(rq, &t);
        if (desk_may_change(rq))
            template_form(rq, &chosen);
        desk_end(rq);
    } else {
        answer_store_error(rq, status);
    }
    str_wipe(&text);
}

static bool put(struct str *content, void *arg)
{
    return record_put(content, arg, TEMPLATES_MAX);
}

static bool take_out(struct str *content, void *arg)
{
    const struct record *t = arg;
    return record_remove(content, t->field[0]);
}

void page_templates_act(struct request *rq)
{
    struct span id = in_text(&rq->in, "choix");
    bool removes = in_is(&rq->in, "acte", "effacer");
    struct record t = {.field = {id.n ? id : new_record_id(rq), span_trim(in_text(&rq->in, "nom")),
                                 span_trim(in_text(&rq->in, "objet")), in_text(&rq->in, "texte")}};
    if (!desk_allows(rq, desk_may_change(rq)))
        return;
    enum store_status status = STORE_INVALID;
    if (removes || t.field[1].n > 0)
        status = bal_document_change(rq->thread->db, rq->mailbox, DOCUMENT_TEMPLATES, removes ? take_out : put, &t);
    trace_act(rq, "web.templates", store_status_name(status), NULL);
    desk_done(rq, "modeles", status);
}
