/* Out-of-office with dates: a text to professionals, once a week each; another to patients, once an exchange. */
#include "webmail-cgi/desk.h"
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/mail.h"
#include "webmail-cgi/pages.h"

#include "lib/base/clock.h"
#include "lib/store/rules.h"

#include <stdio.h>

static void now_band(struct request *rq, const struct bal_absence *a)
{
    struct html *h = &rq->html;
    int64_t now = wall_s();
    if (a->ends == 0)
        return;
    OPEN(h, "div", CLASS(a->ends > now ? "band warn" : "band"), ATTR("role", "note"));
    icon(h, "exit");
    OPEN(h, "div");
    OPEN(h, "p");
    html_text(h, a->ends <= now     ? tr(rq, "Absence terminée le ")
                 : a->starts <= now ? tr(rq, "Des réponses partent jusqu’au ")
                                    : tr(rq, "Des réponses partiront à partir du "));
    html_text(h, long_date(rq, a->starts > now ? a->starts : a->ends));
    CLOSE(h, "p");
    CLOSE(h, "div");
    form_begin(rq, "one-button", desk_path(rq, "absence"));
    LEAF(h, "button", tr(rq, "Retirer cette absence"), CLASS("button small"), ATTR("name", "acte"),
         ATTR("value", "retirer"));
    form_end(rq);
    CLOSE(h, "div");
}

static struct span or_else(const char *text, const char *otherwise)
{
    return span_of(text[0] ? text : otherwise);
}

static void absence_form(struct request *rq, const struct bal_absence *a)
{
    bool fresh = a->ends == 0;
    const char *to_patients =
        a->structure_text[0]
            ? a->structure_text
            : tr(rq, "Bonjour,\n\nNous sommes absents et ne lisons pas nos messages pour l’instant.\nEn "
                     "cas d’urgence, appelez le 15 ou le 112 (114 par SMS pour les personnes sourdes ou "
                     "malentendantes).");
    form_begin(rq, "panel", desk_path(rq, "absence"));
    LEAF(&rq->html, "h2", fresh ? tr(rq, "Annoncer une absence") : tr(rq, "Modifier l’absence"));
    OPEN(&rq->html, "div", CLASS("grid"));
    form_date(rq, "du", tr(rq, "Premier jour"), span_of(date_input(rq, a->starts)), true);
    form_date(rq, "au", tr(rq, "Dernier jour"), span_of(date_input(rq, fresh ? 0 : a->ends - 1)), true);
    CLOSE(&rq->html, "div");
    form_text(rq, "objet", tr(rq, "Objet de la réponse"), or_else(a->subject, tr(rq, "Absence")), 200, true);
    form_lines(rq, "texte", tr(rq, "Aux professionnels, une fois par semaine au plus"), span_of(a->body), 1900, 6);
    form_lines(rq, "patients", tr(rq, "Aux patients, une fois par échange (vide : aucune réponse)"),
               fresh ? span_of(to_patients) : span_of(a->patient_body), 1900, 6);
    form_submit(rq, "garder", tr(rq, "Enregistrer"));
    form_help(rq,
              tr(rq, "Ces textes partent tels quels, vers l’espace de confiance seulement : n’y écrivez rien sur un "
                     "patient. Ils sont gardés en clair."));
    form_end(rq);
}

void page_absence(struct request *rq)
{
    struct bal_absence *a = arena_new_of(rq->arena, struct bal_absence);
    enum store_status status = bal_absence_get(rq->thread->db, &rq->bal, a);
    if (status != STORE_OK) {
        answer_store_error(rq, status);
        return;
    }
    desk_begin(rq, "absence");
    now_band(rq, a);
    absence_form(rq, a);
    desk_end(rq);
}

/* Browsers send CRLF; mail puts its own line ends back. */
static void keep_lines(char *out, size_t size, struct span typed)
{
    size_t n = 0;
    for (size_t i = 0; i < typed.n && n + 1 < size; i++)
        if (typed.p[i] != '\r')
            out[n++] = typed.p[i];
    out[n] = '\0';
}

static enum store_status keep(struct request *rq)
{
    struct bal_absence *a = arena_new_of(rq->arena, struct bal_absence);
    struct span subject = span_trim(in_text(&rq->in, "objet"));
    a->starts = date_of_input(in_text(&rq->in, "du"), 0);
    a->ends = date_of_input(in_text(&rq->in, "au"), 1);
    if (a->starts == 0 || a->ends <= a->starts || subject.n == 0)
        return STORE_INVALID;
    snprintf(a->subject, sizeof(a->subject), "%.*s", (int)subject.n, subject.p);
    keep_lines(a->body, sizeof(a->body), in_text(&rq->in, "texte"));
    keep_lines(a->patient_body, sizeof(a->patient_body), in_text(&rq->in, "patients"));
    return bal_absence_set(rq->thread->db, rq->bal.id, rq->session.row.person_id, a);
}

void page_absence_act(struct request *rq)
{
    bool ends = in_is(&rq->in, "acte", "retirer");
    enum store_status status = ends ? bal_absence_end(rq->thread->db, rq->bal.id) : keep(rq);
    trace_act(rq, ends ? "web.absence.end" : "web.absence", store_status_name(status), NULL);
    if (status == STORE_INVALID)
        answer_error(rq, 400, tr(rq, "Absence incomplète"),
                     tr(rq, "Il faut un premier et un dernier jour dans l’ordre, et un objet."));
    else
        desk_done(rq, "absence", status);
}
