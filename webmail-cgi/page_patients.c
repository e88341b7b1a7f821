/* "Mes échanges avec des patients": who they are with, open or closed, oppositions; close, reopen, write. */
#include "webmail-cgi/layout.h"
#include "webmail-cgi/pages.h"
#include "webmail-cgi/patients.h"

static void act_button(struct request *rq, const char *hash, const char *act, const char *words)
{
    struct html *h = &rq->html;
    OPEN(h, "form", ATTR("method", "post"), URL("action", path_of(rq, "/b/%lld/patients", (long long)rq->bal.id)));
    csrf_field(rq);
    VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "patient"), ATTR("value", hash));
    LEAF(h, "button", words, CLASS("button small"), ATTR("name", "acte"), ATTR("value", act));
    CLOSE(h, "form");
}

static void state_tags(struct request *rq, const struct web_patient *p)
{
    struct html *h = &rq->html;
    if (p->open)
        LEAF(h, "span", tr(rq, "Échange ouvert"), CLASS("tag good"));
    else if (p->closed)
        LEAF(h, "span", tr(rq, "Échange clos"), CLASS("tag"));
    else
        LEAF(h, "span", tr(rq, "Pas encore d’échange"), CLASS("tag"));
    if (p->opposed_messages)
        LEAF(h, "span", tr(rq, "Opposé aux messages"), CLASS("tag bad"));
    if (p->opposed_sharing)
        LEAF(h, "span", tr(rq, "Opposé au partage"), CLASS("tag warn"));
}

static void patient_row(struct request *rq, const struct web_patient *p)
{
    struct html *h = &rq->html;
    struct span name = SPAN_NONE, address;
    const char *hash = patient_hash_text(rq, p->hash);
    bool known = patient_open(rq, p, &name, &address);
    OPEN(h, "tr");
    OPEN(h, "td");
    LEAF_SPAN(h, "strong", known ? name : span_of(tr(rq, "Patient")));
    CLOSE(h, "td");
    OPEN(h, "td");
    state_tags(rq, p);
    CLOSE(h, "td");
    OPEN(h, "td");
    html_text(h, short_date(rq, p->changed));
    html_text(h, tr(rq, ", par "));
    html_text(h, p->recorded_by);
    CLOSE(h, "td");
    OPEN(h, "td");
    OPEN(h, "div", CLASS("bar"));
    if (!p->closed && known)
        LEAF(h, "a", tr(rq, "Écrire"), CLASS("button small"),
             URL("href", path_of(rq, "/b/%lld/ecrire?patient=%s", (long long)rq->bal.id, hash)));
    if (p->open && known)
        LEAF(h, "a", tr(rq, "Clore"), CLASS("button small"),
             URL("href", path_of(rq, "/b/%lld/ecrire?patient=%s&fin=1", (long long)rq->bal.id, hash)));
    if (p->closed)
        act_button(rq, hash, "rouvrir", tr(rq, "Rouvrir"));
    act_button(rq, hash, p->opposed_messages ? "lever-messages" : "opposer-messages",
               p->opposed_messages ? tr(rq, "Lever l’opposition aux messages") : tr(rq, "S’oppose aux messages"));
    act_button(rq, hash, p->opposed_sharing ? "lever-partage" : "opposer-partage",
               p->opposed_sharing ? tr(rq, "Lever l’opposition au partage") : tr(rq, "S’oppose au partage"));
    CLOSE(h, "div");
    CLOSE(h, "td");
    CLOSE(h, "tr");
}

static void table(struct request *rq, const web_patient_list *list)
{
    static const char *const heads[] = {"Patient", "État", "Dernier changement", "Actions"};
    struct html *h = &rq->html;
    OPEN(h, "div", CLASS("panel scroll-x"));
    OPEN(h, "table");
    OPEN(h, "thead");
    OPEN(h, "tr");
    for (size_t i = 0; i < COUNT(heads); i++)
        LEAF(h, "th", tr(rq, heads[i]), ATTR("scope", "col"));
    CLOSE(h, "tr");
    CLOSE(h, "thead");
    OPEN(h, "tbody");
    vec_each (list, patient)
        patient_row(rq, patient);
    CLOSE(h, "tbody");
    CLOSE(h, "table");
    CLOSE(h, "div");
}

/* Where the structure lets a matricule be typed (page_patient_new.c). */
static void new_patient_link(struct request *rq)
{
    struct web_patient_rules rules;
    bool may_write = rq->grant.may_send || rq->grant.role == KEYD_ROLE_OWNER;
    if (!may_write || web_patient_rules_of(rq->thread->db, rq->bal.structure_id, &rules) != STORE_OK || !rules.typing)
        return;
    LEAF(&rq->html, "a", tr(rq, "Écrire à un patient que je saisis"), CLASS("button small"),
         URL("href", path_of(rq, "/b/%lld/patients/nouveau", (long long)rq->bal.id)));
}

void page_patients(struct request *rq)
{
    struct html *h = &rq->html;
    web_patient_list list = {0};
    enum store_status status = web_patients_of(rq->thread->db, rq->bal.structure_id, rq->bal.id, &list);
    if (status != STORE_OK) {
        answer_store_error(rq, status);
        return;
    }
    frame_begin(rq, FRAME_PAGE, tr(rq, "Mes échanges avec des patients"), "page wide");
    LEAF(h, "h1", tr(rq, "Mes échanges avec des patients"));
    LEAF(h, "p",
         tr(rq, "Un échange s’ouvre quand vous écrivez au patient ; lui ne peut que répondre. Il se clôt par un "
                "dernier message, "
                "après lequel le patient ne peut plus répondre."),
         CLASS("lead"));
    new_patient_link(rq);
    if (list.len > 0)
        table(rq, &list);
    else
        LEAF(h, "p",
             tr(rq, "Aucun échange pour l’instant. Ouvrez un document dont l’INS est complète et choisissez « Écrire "
                    "au patient »."),
             CLASS("panel"));
    frame_end(rq, FRAME_PAGE);
    vec_free(&list);
}

static enum store_status obey(struct request *rq, const struct web_patient *p)
{
    struct db *db = rq->thread->db;
    int64_t structure = rq->bal.structure_id, person = rq->session.row.person_id;
    if (in_is(&rq->in, "acte", "rouvrir"))
        return web_patient_exchange(db, structure, p->hash, person, true, rq->bal.id, SPAN_NONE);
    bool messages = in_is(&rq->in, "acte", "opposer-messages") ||
                    (p->opposed_messages && !in_is(&rq->in, "acte", "lever-messages"));
    bool sharing =
        in_is(&rq->in, "acte", "opposer-partage") || (p->opposed_sharing && !in_is(&rq->in, "acte", "lever-partage"));
    return web_patient_oppose(db, structure, p->hash, person, messages, sharing);
}

void page_patients_act(struct request *rq)
{
    uint8_t hash[16];
    struct web_patient patient;
    enum store_status status = STORE_NOT_FOUND;
    if (patient_hash_read(in_text(&rq->in, "patient"), hash))
        status = web_patient_get(rq->thread->db, rq->bal.structure_id, hash, &patient);
    if (status == STORE_OK)
        status = obey(rq, &patient);
    if (status == STORE_OK) {
        struct span act = in_text(&rq->in, "acte");
        trace_act(rq, arena_printf(rq->arena, "web.patient.%.*s", (int)act.n, act.p), "OK", NULL);
        answer_redirect(rq, path_of(rq, "/b/%lld/patients", (long long)rq->bal.id));
    } else {
        answer_store_error(rq, status);
    }
}
