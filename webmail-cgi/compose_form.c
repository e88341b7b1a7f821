/* The form in which a message is written. It works without scripts; compose.js adds completion, autosave, paste and drop. */
#include "webmail-cgi/compose_extras.h"
#include "webmail-cgi/layout.h"

#include <string.h>

static const char *const mode_names[] = {[COMPOSE_NEW] = "nouveau",
                                         [COMPOSE_ANSWER] = "repondre",
                                         [COMPOSE_ANSWER_ALL] = "tous",
                                         [COMPOSE_FORWARD] = "transferer",
                                         [COMPOSE_PATIENT] = "patient"};

static void line_input(struct request *rq, const char *name, const char *words, struct span value, bool addresses,
                       bool focus)
{
    struct html *h = &rq->html;
    const char *id = arena_printf(rq->arena, "champ-%s", name);
    OPEN(h, "div", CLASS("line"));
    LEAF(h, "label", words, ATTR("for", id));
    VOID(h, "input", ATTR("type", "text"), ATTR("name", name), ATTR("id", id), ATTR_SPAN("value", value),
         ATTR("autocomplete", "off"), ATTR("maxlength", addresses ? "20000" : "900"),
         ATTR_IF(addresses, "data-complete", path_of(rq, "/b/%lld/annuaire", (long long)rq->bal.id)),
         ATTR_IF(addresses, "data-judge", path_of(rq, "/b/%lld/destinataires", (long long)rq->bal.id)),
         FLAG_IF(focus, "autofocus"), ATTR_IF(addresses, "spellcheck", "false"));
    CLOSE(h, "div");
}

static void from_line(struct request *rq)
{
    struct html *h = &rq->html;
    OPEN(h, "div", CLASS("line"));
    LEAF(h, "label", tr(rq, "De"), ATTR("for", "champ-de"));
    VOID(h, "input", ATTR("type", "text"), ATTR("id", "champ-de"), FLAG("readonly"),
         ATTR("value", rq->bal.display_name[0]
                           ? arena_printf(rq->arena, "%s <%s>", rq->bal.display_name, rq->bal.address)
                           : rq->bal.address));
    CLOSE(h, "div");
}

static void hidden_number(struct request *rq, const char *name, uint64_t value)
{
    if (value)
        VOID(&rq->html, "input", ATTR("type", "hidden"), ATTR("name", name), ATTR_N("value", value));
}

static void kept_files(struct request *rq, const struct compose *c)
{
    struct html *h = &rq->html;
    OPEN(h, "div", ATTR("id", "pieces"));
    if (c->kept.len > 0)
        OPEN(h, "ul", CLASS("parts"), ATTR("aria-label", tr(rq, "Pièces jointes")));
    vec_each (&c->kept, part) {
        OPEN(h, "li");
        OPEN(h, "label", CLASS("part"));
        VOID(h, "input", ATTR("type", "checkbox"), ATTR("name", "garder"), ATTR_N("value", part->index),
             FLAG("checked"));
        OPEN(h, "span", CLASS("name"));
        LEAF_SPAN(h, "span", part->name.n ? part->name : span_of(tr(rq, "Pièce sans nom")));
        LEAF(h, "small", size_words(rq, part->size));
        CLOSE(h, "span");
        CLOSE(h, "label");
        CLOSE(h, "li");
    }
    if (c->kept.len > 0)
        CLOSE(h, "ul");
    compose_size_line(rq, c);
    hidden_number(rq, "brouillon", c->draft_uid);
    CLOSE(h, "div");
}

static void option(struct request *rq, const char *name, const char *words, bool checked)
{
    struct html *h = &rq->html;
    OPEN(h, "label", CLASS("check"));
    VOID(h, "input", ATTR("type", "checkbox"), ATTR("name", name), ATTR("value", "1"), FLAG_IF(checked, "checked"));
    LEAF(h, "span", words);
    CLOSE(h, "label");
}

static void options(struct request *rq, const struct compose *c)
{
    struct html *h = &rq->html;
    OPEN(h, "div", CLASS("options"));
    option(rq, "remise", tr(rq, "Accusé de remise"), c->delivery_receipt);
    option(rq, "lecture", tr(rq, "Accusé de lecture"), c->read_receipt);
    if (names_patient(c->to))
        option(rq, "fin", tr(rq, "Clore l’échange : le patient ne pourra plus répondre"), c->ends_exchange);
    CLOSE(h, "div");
}

static void foot(struct request *rq)
{
    struct html *h = &rq->html;
    OPEN(h, "div", CLASS("foot"));
    OPEN(h, "button", CLASS("button primary"), ATTR("name", "acte"), ATTR("value", "envoyer"),
         ATTR("data-key", "send"));
    icon(h, "sent");
    html_text(h, tr(rq, "Envoyer"));
    CLOSE(h, "button");
    compose_later_menu(rq);
    LEAF(h, "button", tr(rq, "Garder en brouillon"), CLASS("button"), ATTR("name", "acte"), ATTR("value", "garder"));
    LEAF(h, "span", "", CLASS("saved"), ATTR("id", "enregistre"), ATTR("role", "status"));
    OPEN(h, "span", CLASS("gap"));
    CLOSE(h, "span");
    LEAF(h, "button", tr(rq, "Jeter"), CLASS("button quiet"), ATTR("name", "acte"), ATTR("value", "jeter"));
    CLOSE(h, "div");
}

static void attach_line(struct request *rq)
{
    struct html *h = &rq->html;
    OPEN(h, "div", CLASS("options attach"));
    OPEN(h, "label", CLASS("field"));
    OPEN(h, "span", CLASS("label"));
    icon(h, "clip");
    html_text(h, tr(rq, "Joindre des fichiers"));
    CLOSE(h, "span");
    VOID(h, "input", ATTR("type", "file"), ATTR("name", "fichier"), FLAG("multiple"));
    CLOSE(h, "label");
    compose_templates_menu(rq);
    LEAF(h, "button", tr(rq, "Joindre"), CLASS("button small"), ATTR("name", "acte"), ATTR("value", "joindre"));
    CLOSE(h, "div");
}

static void error_band(struct request *rq, const char *words)
{
    struct html *h = &rq->html;
    OPEN(h, "div", CLASS("band bad"), ATTR("role", "alert"), ATTR("id", "erreur"));
    icon(h, "alert");
    OPEN(h, "div");
    LEAF(h, "p", words);
    CLOSE(h, "div");
    CLOSE(h, "div");
}

/* ECO.2.1.5 asks for PDF/A-1 beside the archive: what the file just taken is instead (page_send_document.c). */
static void pdf_band(struct request *rq)
{
    static const struct {
        const char *word, *words;
    } kinds[] = {
        {"sans",
         "Ce PDF ne se dit pas PDF/A-1, le format d’archivage que demande la référence nationale. Il peut partir ; si "
         "votre logiciel sait enregistrer en PDF/A-1, préférez-le."},
        {"autre",
         "Ce PDF est d’une autre famille que PDF/A-1 (PDF/A-2, 3 ou 4), que la référence nationale ne prévoit pas. "
         "Il peut partir ; le logiciel du destinataire peut le refuser."},
        {"contredit", "Ce PDF se dit PDF/A-1, mais il contient ce que ce format interdit (chiffrement, script, fichier "
                      "joint, version plus récente). Le logiciel du destinataire peut le refuser."}};
    struct html *h = &rq->html;
    if (rq->method != WEB_GET)
        return;
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (in_is(&rq->in, "pdf", kinds[i].word)) {
            OPEN(h, "div", CLASS("band warn"), ATTR("role", "status"), ATTR("id", "pdfa"));
            icon(h, "alert");
            LEAF(h, "p", tr(rq, kinds[i].words));
            CLOSE(h, "div");
        }
}

static const char *title_of(const struct request *rq, const struct compose *c)
{
    if (c->mode == COMPOSE_FORWARD)
        return tr(rq, "Transférer");
    if (c->mode == COMPOSE_ANSWER || c->mode == COMPOSE_ANSWER_ALL)
        return tr(rq, "Répondre");
    return c->draft_uid ? tr(rq, "Brouillon") : tr(rq, "Nouveau message");
}

static void fields(struct request *rq, const struct compose *c)
{
    struct html *h = &rq->html;
    bool fresh = c->to.n == 0;
    from_line(rq);
    line_input(rq, "a", tr(rq, "À"), c->to, true, fresh);
    line_input(rq, "cc", tr(rq, "Copie"), c->cc, true, false);
    line_input(rq, "cci", tr(rq, "Cachée"), c->bcc, true, false);
    line_input(rq, "objet", tr(rq, "Objet"), c->subject, false, false);
    LEAF(h, "label", tr(rq, "Texte du message"), ATTR("for", "champ-texte"), CLASS("visually-hidden"));
    OPEN(h, "textarea", ATTR("name", "texte"), ATTR("id", "champ-texte"), ATTR_N("maxlength", COMPOSE_TEXT_MAX),
         FLAG_IF(!fresh, "autofocus"));
    str_putc(h->out, '\n'); /* HTML drops a textarea's first line end: this one */
    html_span(h, c->text);
    CLOSE(h, "textarea");
}

void compose_page(struct request *rq, const struct mail *mail, const struct compose *c)
{
    struct html *h = &rq->html;
    (void)mail;
    frame_begin(rq, FRAME_PAGE, title_of(rq, c), "page view-compose");
    LEAF(h, "h1", title_of(rq, c));
    if (c->error)
        error_band(rq, c->error);
    pdf_band(rq);
    OPEN(h, "form", CLASS("compose"), ATTR("method", "post"), ATTR("enctype", "multipart/form-data"),
         ATTR("id", "ecrire"), URL("action", path_of(rq, "/b/%lld/ecrire", (long long)rq->bal.id)));
    csrf_field(rq);
    VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "mode"), ATTR("value", mode_names[c->mode]));
    hidden_number(rq, "dossier", (uint64_t)c->source_folder);
    hidden_number(rq, "uid", c->source_uid);
    fields(rq, c);
    kept_files(rq, c);
    attach_line(rq);
    options(rq, c);
    foot(rq);
    CLOSE(h, "form");
    frame_end(rq, FRAME_PAGE);
}
