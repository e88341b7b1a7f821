#include "webmail-cgi/precautions.h"

#include "webmail-cgi/patients.h"

#include "lib/base/clock.h"
#include "lib/proto/address.h"
#include "lib/proto/ins.h"

#include <string.h>
#include <time.h>

enum { OF_AGE = 18 };
#define NOTICE                                                                                                          \
    "Cet échange passe par la messagerie sécurisée de Mon espace santé. Il est conservé dans la boîte du "        \
    "professionnel "                                                                                                    \
    "et dans votre espace. Vous pouvez à tout moment vous opposer à recevoir de tels messages, ou au partage de vos " \
    "documents entre professionnels, en le disant au professionnel qui vous écrit. N’utilisez pas cette messagerie " \
    "en cas "                                                                                                           \
    "d’urgence : appelez le 15 ou le 112."

static bool is_patient(struct span address)
{
    struct address parts;
    return address_parse(address, true, &parts) && address_is_patient(&parts);
}

/* The century is not in the matricule: whoever could be under age is asked about. */
static bool may_be_minor(struct span address)
{
    struct ins ins;
    struct tm now;
    time_t seconds = (time_t)wall_s();
    if (address.n < 15 || !ins_read((struct span){address.p, 15}, &ins) || !localtime_r(&seconds, &now))
        return false;
    int born = 2000 + (int)ins.year, year = now.tm_year + 1900;
    return born <= year && year - born <= OF_AGE;
}

/* ECO.2.2.6: from a message of theirs, or a document whose INS is complete; anything else was typed. */
static bool proven_by_source(struct request *rq, const struct mail *mail, const struct compose *c, struct span address)
{
    struct card card;
    struct documents all;
    const struct folder *folder = mail_numbered(mail, c->source_folder);
    if (!folder || !c->source_uid || card_load(rq, folder, c->source_uid, &card) != STORE_OK || !card.readable)
        return false;
    const struct span *field = card.summary.field;
    if (c->mode == COMPOSE_ANSWER || c->mode == COMPOSE_ANSWER_ALL)
        return span_find(field[SUMMARY_FROM], address) >= 0 || span_find(field[SUMMARY_REPLY_TO], address) >= 0 ||
               span_find(field[SUMMARY_TO], address) >= 0;
    if (c->mode != COMPOSE_PATIENT)
        return false;
    bool same = documents_open(rq, &card, &all) == STORE_OK && documents_patient_writable(rq, &all.view) &&
                span_starts_nocase(address, arena_printf(rq->arena, "%.*s@", (int)all.view.patient.matricule.n,
                                                         all.view.patient.matricule.p));
    documents_close(&all);
    return same;
}

static enum store_status known_patient(struct request *rq, const struct mail *mail, const struct compose *c,
                                       const struct outgoing_address *a, const uint8_t hash[16],
                                       struct web_patient *known)
{
    enum store_status status = web_patient_get(rq->thread->db, rq->bal.structure_id, hash, known);
    if (status != STORE_NOT_FOUND || !proven_by_source(rq, mail, c, a->address))
        return status;
    *known = (struct web_patient){.changed = wall_s()};
    return patient_admit(rq, hash, a->name, a->address, false);
}

static enum store_status judge_patient(struct request *rq, const struct mail *mail, const struct compose *c,
                                       const struct outgoing_address *a, struct precautions *p)
{
    struct web_patient known;
    struct precaution_patient patient = {.address = arena_span(rq->arena, a->address),
                                         .name = arena_span(rq->arena, a->name)};
    if (!trace_patient_hash(patient.hash, a->address))
        return STORE_OK; /* no key: no register either */
    enum store_status status = known_patient(rq, mail, c, a, patient.hash, &known);
    if (status == STORE_NOT_FOUND) {
        p->refused = tr(rq, "L’adresse d’un patient ne se tape pas : répondez-lui, ou partez d’un document dont l’INS "
                            "est complète (« Écrire au patient »).");
        return STORE_OK;
    }
    if (status != STORE_OK)
        return status;
    if (known.closed)
        p->refused = tr(rq, "L’échange avec ce patient est clos : rouvrez-le dans « Mes échanges avec des patients ».");
    patient.first = !known.informed;
    patient.opposed = known.opposed_messages;
    patient.maybe_minor = may_be_minor(a->address);
    p->concerned |= (patient.opposed ? ASK_OPPOSITION : 0) | (patient.first ? ASK_FIRST : 0);
    vec_push(&p->patients, patient);
    return STORE_OK;
}

/* The patient of the archive that is forwarded; none when the message carries our own new document, or no archive. */
static bool shared_patient(struct request *rq, const struct mail *mail, const struct compose *c, struct precautions *p)
{
    struct card card;
    struct documents all;
    uint32_t uid;
    const struct folder *folder = compose_files_folder(mail, c, &uid);
    if (c->kept.len == 0 || c->cda_codes || !folder || card_load(rq, folder, uid, &card) != STORE_OK)
        return false;
    bool found = documents_open(rq, &card, &all) == STORE_OK && all.view.patient.matricule.n == 15;
    if (found) {
        const struct xdm_patient *who = &all.view.patient;
        p->shared_address =
            span_of(arena_printf(rq->arena, "%.*s@patient.mssante.fr", (int)who->matricule.n, who->matricule.p));
        p->shared_name = span_of(arena_printf(rq->arena, "%.*s %.*s", (int)who->first_names.n, who->first_names.p,
                                              (int)who->birth_name.n, who->birth_name.p));
        found = trace_patient_hash(p->shared_hash, p->shared_address);
    }
    documents_close(&all);
    return found;
}

static enum store_status judge_outsider(struct request *rq, struct span address, struct precautions *p)
{
    struct precaution_outsider outsider = {.address = arena_span(rq->arena, address)};
    struct bal bal;
    struct str key;
    bool known = false;
    str_init(&key, ADDRESS_MAX);
    enum store_status status = STORE_NOT_FOUND;
    if (address_key_of(&key, address))
        status = bal_by_address(rq->thread->db, str_span(&key), &bal);
    str_free(&key);
    if (status == STORE_OK && bal.structure_id == rq->bal.structure_id)
        return STORE_OK;
    if (status != STORE_OK && status != STORE_NOT_FOUND)
        return status;
    if (!trace_patient_hash(outsider.hash, address))
        return STORE_OK;
    status = web_sharing_known(rq->thread->db, rq->bal.structure_id, p->shared_hash, outsider.hash, &known);
    if (status == STORE_OK && !known)
        vec_push(&p->outsiders, outsider);
    return status;
}

static enum store_status judge_sharing(struct request *rq, const outgoing_addresses *all, struct precautions *p)
{
    struct web_patient known;
    bool professionals = false;
    enum store_status status = web_patient_get(rq->thread->db, rq->bal.structure_id, p->shared_hash, &known);
    bool opposed = status == STORE_OK && known.opposed_sharing;
    if (status == STORE_NOT_FOUND)
        status = STORE_OK;
    for (size_t i = 0; status == STORE_OK && i < all->len; i++) {
        if (is_patient(all->items[i].address))
            continue;
        professionals = true;
        status = judge_outsider(rq, all->items[i].address, p);
    }
    p->shares_against = opposed && professionals;
    p->concerned |= (p->shares_against ? ASK_OPPOSITION : 0) | (p->outsiders.len > 0 ? ASK_SHARING : 0);
    return status;
}

static void choose_notice(struct request *rq, struct precautions *p)
{
    struct web_patient_rules rules;
    const char *set = rq->thread->conf->webmail_patient_notice;
    bool own = web_patient_rules_of(rq->thread->db, rq->bal.structure_id, &rules) == STORE_OK && rules.notice[0];
    struct span notice = span_of(own ? rules.notice : set[0] ? set : NOTICE);
    memcpy(p->notice, notice.p, notice.n < sizeof(p->notice) ? notice.n : sizeof(p->notice) - 1);
}

static void judge_answers(const struct request *rq, struct precautions *p)
{
    p->unanswered = p->concerned;
    if (span_trim(in_text(&rq->in, "motif")).n > 0)
        p->unanswered &= ~(unsigned)ASK_OPPOSITION;
    if (in_has(&rq->in, "situation"))
        p->unanswered &= ~(unsigned)ASK_FIRST;
    if (in_has(&rq->in, "participe"))
        p->unanswered &= ~(unsigned)ASK_SHARING;
}

enum store_status precautions_judge(struct request *rq, const struct mail *mail, const struct compose *c,
                                    struct precautions *p)
{
    outgoing_addresses all = {0};
    struct span bad;
    enum store_status status = STORE_OK;
    *p = (struct precautions){.concerned = 0};
    if (outgoing_read_addresses(c->to, &all, &bad) && outgoing_read_addresses(c->cc, &all, &bad) &&
        outgoing_read_addresses(c->bcc, &all, &bad)) { /* else compose_build() says what is wrong */
        for (size_t i = 0; status == STORE_OK && i < all.len; i++)
            if (is_patient(all.items[i].address))
                status = judge_patient(rq, mail, c, &all.items[i], p);
        if (status == STORE_OK && shared_patient(rq, mail, c, p))
            status = judge_sharing(rq, &all, p);
    }
    vec_free(&all);
    if (p->concerned & ASK_FIRST)
        choose_notice(rq, p);
    judge_answers(rq, p);
    return status;
}

void precautions_free(struct precautions *p)
{
    vec_free(&p->patients);
    vec_free(&p->outsiders);
}

void precautions_apply(struct request *rq, const struct precautions *p, struct compose *c)
{
    if (p->concerned & ASK_FIRST)
        c->text =
            span_of(arena_printf(rq->arena, "%.*s\n\n--\n%s\n", (int)c->text.n, c->text.n ? c->text.p : "", p->notice));
    c->overrules_register = c->ends_exchange || (p->concerned & ASK_OPPOSITION);
}

static void trace_statement(struct request *rq, const char *action, struct span patient, struct span detail)
{
    struct trace trace = {.action = action,
                          .answer = "OK",
                          .session = rq->log.id,
                          .peer = rq->peer,
                          .actor_kind = TRACE_PERSON,
                          .person_id = rq->session.row.person_id,
                          .bal_id = rq->bal.id,
                          .structure_id = rq->bal.structure_id,
                          .patient = patient,
                          .detail = detail.n ? arena_strndup(rq->arena, detail.p, detail.n) : NULL};
    if (trace_write(rq->thread->db, &trace) != STORE_OK)
        log_event(LOG_ERROR, &rq->log, "web.trace_lost", LS("action", action));
}

void precautions_record(struct request *rq, const struct precautions *p)
{
    struct span reason = span_trim(in_text(&rq->in, "motif")), situation = in_text(&rq->in, "situation");
    vec_each (&p->patients, patient) {
        if (patient->opposed)
            trace_statement(rq, "web.patient.against", patient->address, reason);
        if (patient->first)
            trace_statement(rq, "web.patient.first", patient->address, situation);
    }
    if (p->shares_against)
        trace_statement(rq, "web.patient.shared-against", p->shared_address, reason);
    vec_each (&p->outsiders, outsider) {
        enum store_status status = web_sharing_state(rq->thread->db, rq->bal.structure_id, p->shared_hash,
                                                     outsider->hash, rq->session.row.person_id);
        if (status != STORE_OK) /* then it is asked again next time */
            log_event(LOG_WARN, &rq->log, "web.sharing_not_kept", LS("status", store_status_name(status)));
        struct span domain = outsider->address, local;
        span_cut(&domain, '@', &local);
        trace_statement(rq, "web.patient.shared", p->shared_address, domain);
    }
}
