/* "Envoyer un document": a PDF and the patient's traits become a CDA, an IHE_XDM.ZIP and the prescribed names (proto's
 * xdm_build), read back by our own reader before they leave. The result is a draft: the writer sees it, then sends it.
 */
#include "webmail-cgi/compose.h"
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/pages.h"
#include "webmail-cgi/traits_form.h"

#include "lib/base/clock.h"
#include "lib/proto/xdm_build.h"

#include <string.h>
#include <time.h>

static void kind_field(struct request *rq)
{
    struct html *h = &rq->html;
    size_t count;
    const struct cda_kind *kinds = cda_kinds(&count);
    OPEN(h, "div", CLASS("field"));
    LEAF(h, "label", tr(rq, "Type de document"), ATTR("for", "type"));
    OPEN(h, "select", ATTR("name", "type"), ATTR("id", "type"));
    for (size_t i = 0; i < count; i++)
        LEAF(h, "option", kinds[i].label, ATTR("value", kinds[i].code),
             FLAG_IF(in_is(&rq->in, "type", kinds[i].code), "selected"));
    CLOSE(h, "select");
    CLOSE(h, "div");
}

static void document_panel(struct request *rq)
{
    struct html *h = &rq->html;
    OPEN(h, "section", CLASS("panel"));
    LEAF(h, "h2", tr(rq, "Le document"));
    OPEN(h, "div", CLASS("field"));
    LEAF(h, "label", tr(rq, "Fichier PDF (PDF/A-1 de préférence)"), ATTR("for", "pdf"));
    VOID(h, "input", ATTR("type", "file"), ATTR("name", "pdf"), ATTR("id", "pdf"), ATTR("accept", "application/pdf"),
         FLAG("required"));
    CLOSE(h, "div");
    kind_field(rq);
    text_field(rq, "titre", tr(rq, "Titre (facultatif)"), "text", false);
    text_field(rq, "jour", tr(rq, "Date de l’acte"), "date", true);
    text_field(rq, "remplace", tr(rq, "Annule et remplace le document n° (facultatif)"), "text", false);
    CLOSE(h, "section");
}

static void form(struct request *rq, const char *problem)
{
    struct html *h = &rq->html;
    frame_begin(rq, FRAME_PAGE, tr(rq, "Envoyer un document"), "page");
    LEAF(h, "h1", tr(rq, "Envoyer un document de santé"));
    form_problem(rq, problem);
    OPEN(h, "form", CLASS("stack"), ATTR("method", "post"), ATTR("enctype", "multipart/form-data"),
         URL("action", path_of(rq, "/b/%lld/document", (long long)rq->bal.id)));
    csrf_field(rq);
    text_field(rq, "a", tr(rq, "Destinataire"), "text", true);
    document_panel(rq);
    traits_panel(rq, false,
                 tr(rq, "Votre déclaration est tracée. Sans elle, le document part avec une INS non qualifiée."));
    OPEN(h, "div");
    LEAF(h, "button", tr(rq, "Préparer le message"), CLASS("button primary"));
    CLOSE(h, "div");
    CLOSE(h, "form");
    frame_end(rq, FRAME_PAGE);
}

void page_send_document(struct request *rq)
{
    form(rq, NULL);
}

static int64_t noon_of(struct span date)
{
    struct tm t = {.tm_isdst = -1};
    char text[11] = "";
    if (date.n != 10)
        return wall_s();
    memcpy(text, date.p, 10);
    if (!strptime(text, "%Y-%m-%d", &t))
        return wall_s();
    t.tm_hour = 12;
    return (int64_t)mktime(&t);
}

static void author(struct request *rq, struct xdm_order *order)
{
    struct web_author *a = arena_new_of(rq->arena, struct web_author);
    if (web_author_of(rq->thread->db, rq->session.row.person_id, rq->bal.structure_id, a) != STORE_OK)
        return; /* xdm_build says what is missing */
    order->author_id = span_of(a->national_id);
    order->author_title = span_of(a->title);
    order->author_given = span_of(a->given);
    order->author_family = span_of(a->family);
    order->structure_name = span_of(a->structure);
    order->structure_id = span_of(a->structure_id);
}

static void order_from_form(struct request *rq, struct xdm_order *order, bool test_environment)
{
    const struct field *pdf = in_nth(&rq->in, "pdf", 0);
    const struct cda_kind *kind = cda_kind_of(in_text(&rq->in, "type"));
    *order = (struct xdm_order){.pdf = pdf ? pdf->value : SPAN_NONE,
                                .title = in_text(&rq->in, "titre"),
                                .replaces = in_text(&rq->in, "remplace"),
                                .act = noon_of(in_text(&rq->in, "jour")),
                                .now = wall_s()};
    if (kind)
        order->kind = *kind;
    order->patient.matricule = in_text(&rq->in, "matricule");
    order->patient.authority = order->patient.matricule.n == 0 ? INS_UNKNOWN : test_environment ? INS_TEST : INS_NIR;
    order->patient.birth_name = in_text(&rq->in, "nom");
    order->patient.first_names = in_text(&rq->in, "prenoms");
    order->patient.birth_date = in_text(&rq->in, "naissance");
    order->patient.sex = in_text(&rq->in, "sexe");
    author(rq, order);
}

/* Read back by our own reader, in parse, as a stranger's archive would be. */
static const char *read_back(struct request *rq, const struct xdm_built *built)
{
    struct parse_answer answer = {0};
    struct xdm_view view;
    struct xdm_document document;
    bool ok = parse_call(rq->thread->parse, PARSE_XDM, str_span(&built->zip), SPAN_NONE, &answer) == PARSE_OK &&
              xdm_open(&view, answer.facts) && view.problem.n == 0 && !view.discordant && xdm_next(&view, &document) &&
              document.problem.n == 0 && document.hash_right && document.size_right;
    parse_answer_free(&answer);
    return ok ? NULL : tr(rq, "Le document préparé n’a pas passé notre propre vérification ; rien n’est parti.");
}

static const char *draft_with(struct request *rq, const struct mail *mail, const struct xdm_built *built,
                              struct compose *c, struct span pdf)
{
    struct spool bytes;
    const char *problem = NULL;
    struct outgoing_file files[] = {{SPAN_LIT("IHE_XDM.ZIP"), SPAN_LIT("application/zip"), str_span(&built->zip)},
                                    {span_of(built->pdf_name), SPAN_LIT("application/pdf"), pdf}};
    c->to = in_text(&rq->in, "a");
    c->subject = span_of(built->subject);
    c->text = span_of(tr(rq, "Bonjour,\n\nVeuillez trouver ci-joint un document concernant votre patient.\n"));
    c->more = files;
    c->more_count = COUNT(files);
    spool_init(&bytes, (size_t)rq->thread->conf->webmail_upload_max * 3);
    if (!compose_build(rq, mail, c, &bytes))
        problem = c->error;
    else if (compose_save(rq, mail, c, spool_span(&bytes)) != STORE_OK)
        problem = tr(rq, "Le brouillon n’a pas pu être gardé. Réessayez dans quelques instants.");
    spool_free(&bytes);
    c->more_count = 0;
    return problem;
}

static const char *prepare(struct request *rq, const struct mail *mail, struct compose *c)
{
    struct xdm_order order;
    struct xdm_built built;
    const char *problem = NULL;
    bool test = strcmp(rq->thread->conf->general_environment, "test") == 0;
    order_from_form(rq, &order, test);
    if (!xdm_is_pdf(order.pdf))
        return tr(rq, "Le fichier choisi n’est pas un PDF.");
    if (!order.kind.code)
        return tr(rq, "Choisissez le type du document.");
    c->cda_codes = order.kind.code;
    c->ins_qualified = in_has(&rq->in, "qualifiee") && order.patient.matricule.n > 0;
    if (!xdm_build(&built, &order, &problem))
        return problem;
    problem = read_back(rq, &built);
    if (!problem)
        problem = draft_with(rq, mail, &built, c, order.pdf);
    xdm_built_free(&built);
    return problem;
}

/* What the page of the draft says of the file (compose_form.c): it may leave, and the writer knows. */
static const char *pdf_word(enum xdm_pdf kind)
{
    switch (kind) {
    case XDM_PDF_PLAIN:
        return "&pdf=sans";
    case XDM_PDF_OTHER_PART:
        return "&pdf=autre";
    case XDM_PDF_FORBIDDEN:
        return "&pdf=contredit";
    case XDM_PDF_A1:
        break;
    }
    return "";
}

void page_send_document_make(struct request *rq)
{
    struct mail mail;
    struct compose c = {0};
    if (!mail_open(rq, &mail))
        return;
    const char *problem = prepare(rq, &mail, &c);
    if (problem) {
        form(rq, problem);
    } else {
        trace_act(rq, c.ins_qualified ? "web.document.qualified" : "web.document.prepared", "OK", NULL);
        const struct field *pdf = in_nth(&rq->in, "pdf", 0);
        answer_redirect(rq, path_of(rq, "/b/%lld/ecrire?brouillon=%lu%s", (long long)rq->bal.id,
                                    (unsigned long)c.draft_uid, pdf_word(xdm_pdf_kind(pdf ? pdf->value : SPAN_NONE))));
    }
    compose_free(&c);
    mail_close(&mail);
}
