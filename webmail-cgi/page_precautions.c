/* "Avant l'envoi": what a patient's rights and the rule on minors want to be answered, above the message as it was typed.
 * Every field of the form comes along unseen; the answers go back with them. */
#include "webmail-cgi/layout.h"
#include "webmail-cgi/precautions.h"

static void question_begin(struct request *rq, const char *symbol, const char *title)
{
    struct html *h = &rq->html;
    OPEN(h, "section", CLASS("panel question"));
    OPEN(h, "h2");
    icon(h, symbol);
    html_text(h, title);
    CLOSE(h, "h2");
}

static void names(struct request *rq, const struct precautions *p, bool opposed)
{
    struct html *h = &rq->html;
    OPEN(h, "ul");
    vec_each (&p->patients, patient)
        if (opposed ? patient->opposed : patient->first)
            LEAF_SPAN(h, "li", patient->name.n ? patient->name : span_of(tr(rq, "Patient")));
    if (opposed && p->shares_against)
        LEAF_SPAN(h, "li", p->shared_name);
    CLOSE(h, "ul");
}

static void ask_reason(struct request *rq, const struct precautions *p)
{
    struct html *h = &rq->html;
    question_begin(rq, "alert", tr(rq, "Ce patient s’y est opposé"));
    LEAF(h, "p",
         p->shares_against ? tr(rq, "Ce patient s’est opposé au partage de ses documents entre professionnels.")
                           : tr(rq, "Ce patient s’est opposé à recevoir des messages."));
    names(rq, p, true);
    OPEN(h, "div", CLASS("field"));
    LEAF(h, "label", tr(rq, "Pour quelle raison l’envoyer malgré cela ?"), ATTR("for", "motif"));
    VOID(h, "input", ATTR("type", "text"), ATTR("name", "motif"), ATTR("id", "motif"), ATTR("maxlength", "200"),
         FLAG("required"), ATTR("aria-describedby", "motif-aide"), ATTR("autocomplete", "off"));
    LEAF(h, "small", tr(rq, "Votre motif est tracé. N’y écrivez ni nom ni donnée de santé."), ATTR("id", "motif-aide"));
    CLOSE(h, "div");
    CLOSE(h, "section");
}

static void situation(struct request *rq, const char *value, const char *title, const char *rule)
{
    struct html *h = &rq->html;
    OPEN(h, "label", CLASS("check"));
    VOID(h, "input", ATTR("type", "radio"), ATTR("name", "situation"), ATTR("value", value), FLAG("required"));
    OPEN(h, "span");
    LEAF(h, "strong", title);
    LEAF(h, "small", rule);
    CLOSE(h, "span");
    CLOSE(h, "label");
}

static void ask_first(struct request *rq, const struct precautions *p)
{
    struct html *h = &rq->html;
    bool maybe_minor = false;
    vec_each (&p->patients, patient)
        maybe_minor |= patient->first && patient->maybe_minor;
    question_begin(rq, "person", tr(rq, "Premier message à ce patient"));
    names(rq, p, false);
    if (maybe_minor)
        LEAF(h, "p", tr(rq, "D’après son matricule, ce patient est peut-être mineur."), CLASS("test"));
    OPEN(h, "fieldset", CLASS("plain"));
    LEAF(h, "legend", tr(rq, "Ce patient est"));
    situation(rq, "majeur", tr(rq, "majeur"), tr(rq, "Le message arrive dans son propre espace santé."));
    situation(rq, "mineur", tr(rq, "mineur"),
              tr(rq, "Le message va à l’adresse de l’enfant, jamais à celle d’un parent. Ses représentants légaux "
                     "peuvent le lire : ne leur révélez pas ce dont le mineur a demandé le secret (CSP L1111-5)."));
    situation(rq, "protege", tr(rq, "majeur protégé"),
              tr(rq, "Le message va à son adresse. La personne chargée de sa protection peut y avoir accès selon la "
                     "mesure : n’écrivez que ce que cette mesure lui permet de savoir."));
    CLOSE(h, "fieldset");
    LEAF(h, "p", tr(rq, "Cette information sera jointe au message :"));
    OPEN(h, "blockquote", CLASS("notice-text"));
    html_lines(h, span_of(p->notice));
    CLOSE(h, "blockquote");
    CLOSE(h, "section");
}

static void ask_sharing(struct request *rq, const struct precautions *p)
{
    struct html *h = &rq->html;
    question_begin(rq, "shield", tr(rq, "Ce document sort de votre structure"));
    OPEN(h, "p");
    html_text(h, tr(rq, "Il concerne "));
    LEAF_SPAN(h, "strong", p->shared_name);
    html_text(h, ".");
    CLOSE(h, "p");
    OPEN(h, "ul");
    vec_each (&p->outsiders, outsider)
        LEAF_SPAN(h, "li", outsider->address);
    CLOSE(h, "ul");
    OPEN(h, "label", CLASS("check"));
    VOID(h, "input", ATTR("type", "checkbox"), ATTR("name", "participe"), ATTR("value", "1"), FLAG("required"));
    OPEN(h, "span");
    LEAF(h, "span",
         p->outsiders.len > 1 ? tr(rq, "Ces destinataires participent à la prise en charge de ce patient.")
                              : tr(rq, "Ce destinataire participe à la prise en charge de ce patient."));
    LEAF(h, "small", tr(rq, "Votre réponse est tracée ; elle ne sera plus demandée pour lui et ce patient."));
    CLOSE(h, "span");
    CLOSE(h, "label");
    CLOSE(h, "section");
}

static bool asked_anew(struct span name)
{
    static const char *const ours[] = {"brouillon", "garder",    "fichier", "motif",
                                       "situation", "participe", "csrf",    "acte"};
    for (size_t i = 0; i < COUNT(ours); i++)
        if (span_is(name, ours[i]))
            return true;
    return false;
}

static void hidden(struct html *h, struct span name, struct span value)
{
    if (span_find(value, SPAN_LIT("\n")) < 0) {
        VOID(h, "input", ATTR("type", "hidden"), ATTR_SPAN("name", name), ATTR_SPAN("value", value));
        return;
    }
    OPEN(h, "textarea", ATTR_SPAN("name", name), FLAG("hidden"), FLAG("readonly"), ATTR("aria-hidden", "true"));
    str_putc(h->out, '\n'); /* HTML drops a textarea's first line end: this one */
    html_span(h, value);
    CLOSE(h, "textarea");
}

/* The form as it was typed; its files are the draft's now. */
static void carry(struct request *rq, const struct compose *draft)
{
    struct html *h = &rq->html;
    csrf_field(rq);
    vec_each (&rq->in.fields, field)
        if (!field->is_file && !asked_anew(field->name))
            hidden(h, field->name, field->value);
    VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "brouillon"), ATTR_N("value", draft->draft_uid));
    vec_each (&draft->kept, part)
        VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "garder"), ATTR_N("value", part->index));
}

void precautions_page(struct request *rq, const struct precautions *p, const struct compose *c)
{
    struct html *h = &rq->html;
    frame_begin(rq, FRAME_PAGE, tr(rq, "Avant l’envoi"), "page");
    LEAF(h, "h1", tr(rq, "Avant l’envoi"));
    LEAF(h, "p", tr(rq, "Votre message est gardé en brouillon ; il part quand vous avez répondu."), CLASS("lead"));
    OPEN(h, "form", CLASS("stack"), ATTR("method", "post"), ATTR("enctype", "multipart/form-data"),
         URL("action", path_of(rq, "/b/%lld/ecrire", (long long)rq->bal.id)));
    carry(rq, c);
    if (p->concerned & ASK_OPPOSITION)
        ask_reason(rq, p);
    if (p->concerned & ASK_FIRST)
        ask_first(rq, p);
    if (p->concerned & ASK_SHARING)
        ask_sharing(rq, p);
    OPEN(h, "div", CLASS("bar"));
    LEAF(h, "button", tr(rq, "Envoyer"), CLASS("button primary"), ATTR("name", "acte"),
         ATTR("value", in_is(&rq->in, "acte", "programmer") ? "programmer" : "envoyer"));
    LEAF(h, "a", tr(rq, "Revenir au message"), CLASS("button"),
         URL("href", path_of(rq, "/b/%lld/ecrire?brouillon=%lu", (long long)rq->bal.id, (unsigned long)c->draft_uid)));
    CLOSE(h, "div");
    CLOSE(h, "form");
    frame_end(rq, FRAME_PAGE);
}
