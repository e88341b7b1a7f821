#include "webmail-cgi/traits_form.h"

#include "webmail-cgi/layout.h"

void text_field(struct request *rq, const char *name, const char *words, const char *type, bool required)
{
    struct html *h = &rq->html;
    OPEN(h, "div", CLASS("field"));
    LEAF(h, "label", words, ATTR("for", name));
    VOID(h, "input", ATTR("type", type), ATTR("name", name), ATTR("id", name), ATTR("maxlength", "200"),
         FLAG_IF(required, "required"), ATTR("autocomplete", "off"), ATTR_SPAN("value", in_text(&rq->in, name)));
    CLOSE(h, "div");
}

static void sex_field(struct request *rq)
{
    struct html *h = &rq->html;
    OPEN(h, "div", CLASS("field"));
    LEAF(h, "label", tr(rq, "Sexe"), ATTR("for", "sexe"));
    OPEN(h, "select", ATTR("name", "sexe"), ATTR("id", "sexe"));
    LEAF(h, "option", tr(rq, "Féminin"), ATTR("value", "F"), FLAG_IF(in_is(&rq->in, "sexe", "F"), "selected"));
    LEAF(h, "option", tr(rq, "Masculin"), ATTR("value", "M"), FLAG_IF(in_is(&rq->in, "sexe", "M"), "selected"));
    CLOSE(h, "select");
    CLOSE(h, "div");
}

void traits_panel(struct request *rq, bool matricule_required, const char *note)
{
    struct html *h = &rq->html;
    OPEN(h, "section", CLASS("panel"));
    LEAF(h, "h2", tr(rq, "Le patient"));
    OPEN(h, "div", CLASS("grid"));
    text_field(rq, "nom", tr(rq, "Nom de naissance"), "text", true);
    text_field(rq, "prenoms", tr(rq, "Prénoms"), "text", true);
    text_field(rq, "naissance", tr(rq, "Date de naissance"), "date", true);
    sex_field(rq);
    text_field(rq, "matricule", tr(rq, "Matricule INS (15 chiffres)"), "text", matricule_required);
    CLOSE(h, "div");
    OPEN(h, "label", CLASS("check"));
    VOID(h, "input", ATTR("type", "checkbox"), ATTR("name", "qualifiee"), ATTR("value", "1"),
         FLAG_IF(matricule_required, "required"));
    OPEN(h, "span");
    html_text(h, tr(rq, "J’atteste que cette identité est qualifiée dans mon logiciel métier."));
    LEAF(h, "small", note);
    CLOSE(h, "span");
    CLOSE(h, "label");
    CLOSE(h, "section");
}
