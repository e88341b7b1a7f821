#include "webmail-cgi/compose_extras.h"

#include "webmail-cgi/layout.h"
#include "webmail-cgi/records.h"

#include "lib/store/bal_document.h"

static struct span read_all(struct request *rq)
{
    struct str text;
    str_init(&text, BAL_DOCUMENT_MAX);
    enum store_status status = bal_document_read(rq->thread->db, rq->mailbox, DOCUMENT_TEMPLATES, &text);
    struct span kept = status == STORE_OK ? arena_span(rq->arena, str_span(&text)) : SPAN_NONE;
    str_wipe(&text);
    return kept;
}

void compose_templates_menu(struct request *rq)
{
    struct html *h = &rq->html;
    struct span rest = read_all(rq);
    struct record t;
    OPEN(h, "details", CLASS("menu templates"));
    OPEN(h, "summary", CLASS("button small"));
    icon(h, "draft");
    html_text(h, tr(rq, "Modèles"));
    CLOSE(h, "summary");
    OPEN(h, "ul", CLASS("sheet right"));
    if (rest.n == 0) {
        OPEN(h, "li");
        LEAF(h, "a", tr(rq, "Créer un modèle"), URL("href", path_of(rq, "/b/%lld/modeles", (long long)rq->bal.id)));
        CLOSE(h, "li");
    }
    while (record_next(&rest, &t)) {
        OPEN(h, "li");
        LEAF_SPAN(h, "button", t.field[1], ATTR("name", "modele"), ATTR_SPAN("value", t.field[0]));
        CLOSE(h, "li");
    }
    CLOSE(h, "ul");
    CLOSE(h, "details");
}

void compose_insert_template(struct request *rq, struct compose *c)
{
    struct record t;
    if (!record_find(read_all(rq), in_text(&rq->in, "modele"), &t))
        return;
    if (c->subject.n == 0)
        c->subject = t.field[2];
    c->text = span_of(arena_printf(rq->arena, "%.*s\n%.*s", (int)t.field[3].n, t.field[3].n ? t.field[3].p : "",
                                   (int)c->text.n, c->text.n ? c->text.p : ""));
}
