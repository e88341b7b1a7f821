/* A patient whose identity is typed, where the structure allows it: name, sex and birth date must agree with the matricule,
 * and the writer states that the identity is qualified in their software (ECO.2.2.6). Besides: the patient of a received
 * document, put into the register so that what they oppose can be recorded. */
#include "webmail-cgi/documents.h"
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/pages.h"
#include "webmail-cgi/patients.h"
#include "webmail-cgi/traits_form.h"

#include "lib/proto/ins.h"

#include <string.h>

static bool typing_allowed(struct request *rq)
{
    struct web_patient_rules rules;
    enum store_status status = web_patient_rules_of(rq->thread->db, rq->bal.structure_id, &rules);
    if (status == STORE_OK && rules.typing)
        return true;
    answer_store_error(rq, status == STORE_OK ? STORE_NOT_FOUND : status);
    return false;
}

static void form(struct request *rq, const char *problem)
{
    struct html *h = &rq->html;
    frame_begin(rq, FRAME_PAGE, tr(rq, "Écrire à un patient"), "page");
    LEAF(h, "h1", tr(rq, "Écrire à un patient"));
    LEAF(h, "p",
         tr(rq, "Le plus sûr est de répondre au patient, ou de partir d’un document reçu. Ici, vous saisissez son "
                "identité : elle doit être qualifiée dans votre logiciel métier."),
         CLASS("lead"));
    form_problem(rq, problem);
    OPEN(h, "form", CLASS("stack"), ATTR("method", "post"),
         URL("action", path_of(rq, "/b/%lld/patients/nouveau", (long long)rq->bal.id)));
    csrf_field(rq);
    traits_panel(rq, true, tr(rq, "Votre déclaration est tracée à votre nom."));
    OPEN(h, "div");
    LEAF(h, "button", tr(rq, "Écrire à ce patient"), CLASS("button primary"));
    CLOSE(h, "div");
    CLOSE(h, "form");
    frame_end(rq, FRAME_PAGE);
}

void page_patient_new(struct request *rq)
{
    if (typing_allowed(rq))
        form(rq, NULL);
}

static const char *judge(struct request *rq)
{
    struct ins ins;
    if (in_text(&rq->in, "nom").n == 0 || in_text(&rq->in, "prenoms").n == 0 || in_text(&rq->in, "naissance").n != 10 ||
        in_text(&rq->in, "sexe").n == 0)
        return tr(rq, "Le nom, les prénoms, la date de naissance et le sexe sont nécessaires.");
    if (!ins_read(in_text(&rq->in, "matricule"), &ins))
        return tr(rq, "Ce matricule n’est pas valide : quinze chiffres, clé comprise.");
    if (!ins_agrees(&ins, in_text(&rq->in, "sexe"), in_text(&rq->in, "naissance")))
        return tr(rq, "Le sexe ou la date de naissance ne s’accorde pas avec ce matricule : vérifiez l’identité.");
    if (!in_has(&rq->in, "qualifiee"))
        return tr(rq, "Un patient ne s’écrit qu’avec une identité qualifiée : attestez-le, ou ne lui écrivez pas.");
    return NULL;
}

static void trace_patient(struct request *rq, const char *action, struct span address)
{
    struct trace trace = {.action = action,
                          .answer = "OK",
                          .session = rq->log.id,
                          .peer = rq->peer,
                          .actor_kind = TRACE_PERSON,
                          .person_id = rq->session.row.person_id,
                          .bal_id = rq->bal.id,
                          .structure_id = rq->bal.structure_id,
                          .patient = address};
    if (trace_write(rq->thread->db, &trace) != STORE_OK)
        log_event(LOG_ERROR, &rq->log, "web.trace_lost", LS("action", action));
}

static enum store_status admit(struct request *rq, struct span first_names, struct span birth_name,
                               struct span matricule, bool qualified, const char **hash_text)
{
    uint8_t hash[16];
    const char *name =
        arena_printf(rq->arena, "%.*s %.*s", (int)first_names.n, first_names.p, (int)birth_name.n, birth_name.p);
    struct span address = span_of(arena_printf(rq->arena, "%.*s@patient.mssante.fr", (int)matricule.n, matricule.p));
    if (!trace_patient_hash(hash, address))
        return STORE_UNAVAILABLE; /* no key: no register */
    enum store_status status = patient_admit(rq, hash, span_of(name), address, qualified);
    if (status == STORE_OK)
        trace_patient(rq, qualified ? "web.patient.qualified" : "web.patient.known", address);
    *hash_text = patient_hash_text(rq, hash);
    return status;
}

void page_patient_new_make(struct request *rq)
{
    const char *hash = "";
    if (!typing_allowed(rq))
        return;
    const char *problem = judge(rq);
    if (problem) {
        form(rq, problem);
        return;
    }
    enum store_status status =
        admit(rq, in_text(&rq->in, "prenoms"), in_text(&rq->in, "nom"), in_text(&rq->in, "matricule"), true, &hash);
    if (status == STORE_OK)
        answer_redirect(rq, path_of(rq, "/b/%lld/ecrire?patient=%s", (long long)rq->bal.id, hash));
    else
        answer_store_error(rq, status);
}

void page_patient_register(struct request *rq)
{
    struct mail mail;
    struct card card;
    struct documents all;
    const char *hash;
    if (!mail_open(rq, &mail))
        return;
    enum store_status status = card_load(rq, mail.folder, (uint32_t)param_number(rq, "uid"), &card);
    if (status == STORE_OK) {
        status = documents_open(rq, &card, &all);
        if (status == STORE_OK && !documents_patient_writable(rq, &all.view))
            status = STORE_NOT_FOUND;
        if (status == STORE_OK)
            status = admit(rq, all.view.patient.first_names, all.view.patient.birth_name, all.view.patient.matricule,
                           false, &hash);
        documents_close(&all);
    }
    if (status == STORE_OK)
        answer_redirect(rq, path_of(rq, "/b/%lld/patients", (long long)rq->bal.id));
    else
        answer_store_error(rq, status);
    mail_close(&mail);
}
