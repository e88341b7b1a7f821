/* The form of a search: one line for words, and fields that unfold. It works by POST alone, without scripts: what is looked
 * for, often a patient's name, never stands in an address.
 */
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/search.h"

const char *const search_fields[SEARCH_PLACE_COUNT] = {
    [SEARCH_ANYWHERE] = "mots",   [SEARCH_FROM] = "de",    [SEARCH_TO] = "a",
    [SEARCH_SUBJECT] = "objet",   [SEARCH_BODY] = "corps", [SEARCH_PATIENT] = "patient",
    [SEARCH_ATTACHMENT] = "piece"};

void search_terms_read(struct request *rq, struct search_terms *terms)
{
    for (size_t i = 0; i < SEARCH_PLACE_COUNT; i++)
        search_words(rq->arena, terms, (enum search_place)i, in_text(&rq->in, search_fields[i]));
    terms->from = date_of_input(in_text(&rq->in, "depuis"), 0);
    terms->until = date_of_input(in_text(&rq->in, "jusqu"), 1);
    terms->folder_id = (int64_t)in_number(&rq->in, "dans", 0);
}

static struct span given(const struct request *rq, const char *name)
{
    return in_declared(&rq->in, name) ? in_text(&rq->in, name) : SPAN_NONE;
}

void search_repeat(struct request *rq)
{
    for (size_t i = 0; i < SEARCH_PLACE_COUNT; i++)
        form_hidden(rq, search_fields[i], given(rq, search_fields[i]));
    form_hidden(rq, "depuis", given(rq, "depuis"));
    form_hidden(rq, "jusqu", given(rq, "jusqu"));
    form_hidden_number(rq, "dans", in_number(&rq->in, "dans", 0));
}

static void field(struct request *rq, const char *type, const char *name, const char *label)
{
    struct html *h = &rq->html;
    OPEN(h, "label");
    LEAF(h, "span", label);
    VOID(h, "input", ATTR("type", type), ATTR("name", name), ATTR("maxlength", "200"), ATTR("autocomplete", "off"),
         ATTR_SPAN("value", given(rq, name)));
    CLOSE(h, "label");
}

static void folder_field(struct request *rq, const struct mail *mail)
{
    struct html *h = &rq->html;
    int64_t chosen = in_declared(&rq->in, "dans") ? (int64_t)in_number(&rq->in, "dans", 0) : 0;
    OPEN(h, "label");
    LEAF(h, "span", tr(rq, "Dossier"));
    OPEN(h, "select", ATTR("name", "dans"));
    LEAF(h, "option", tr(rq, "Tous les dossiers"), ATTR("value", "0"));
    vec_each (&mail->folders, folder)
        LEAF(h, "option", folder_title(rq, folder), ATTR_N("value", folder->id),
             FLAG_IF(folder->id == chosen, "selected"));
    CLOSE(h, "select");
    CLOSE(h, "label");
}

/* Open when one of its fields is in use, or nothing is looked for yet. */
static bool unfolded(const struct request *rq)
{
    static const char *const others[] = {"depuis", "jusqu"};
    if (rq->method == WEB_GET)
        return true;
    for (size_t i = SEARCH_ANYWHERE + 1; i < SEARCH_PLACE_COUNT; i++)
        if (given(rq, search_fields[i]).n > 0)
            return true;
    for (size_t i = 0; i < COUNT(others); i++)
        if (given(rq, others[i]).n > 0)
            return true;
    return in_number(&rq->in, "dans", 0) != 0;
}

void search_form(struct request *rq, const struct mail *mail)
{
    static const struct {
        enum search_place place;
        const char *label;
    } fields[] = {{SEARCH_FROM, "Expéditeur"},        {SEARCH_TO, "Destinataire"},
                  {SEARCH_SUBJECT, "Objet"},          {SEARCH_BODY, "Texte du message"},
                  {SEARCH_PATIENT, "Nom du patient"}, {SEARCH_ATTACHMENT, "Nom d’une pièce jointe"}};
    struct html *h = &rq->html;
    form_begin(rq, "find", path_of(rq, "/b/%lld/recherche", (long long)rq->bal.id));
    OPEN(h, "div", CLASS("line"));
    field(rq, "search", search_fields[SEARCH_ANYWHERE], tr(rq, "Mots, n’importe où"));
    LEAF(h, "button", tr(rq, "Rechercher"), CLASS("button primary small"));
    CLOSE(h, "div");
    OPEN(h, "details", FLAG_IF(unfolded(rq), "open"));
    LEAF(h, "summary", tr(rq, "Chercher dans un champ"));
    OPEN(h, "div", CLASS("fields"));
    for (size_t i = 0; i < COUNT(fields); i++)
        field(rq, "text", search_fields[fields[i].place], tr(rq, fields[i].label));
    field(rq, "date", "depuis", tr(rq, "Du"));
    field(rq, "date", "jusqu", tr(rq, "au"));
    folder_field(rq, mail);
    CLOSE(h, "div");
    CLOSE(h, "details");
    form_end(rq);
}
