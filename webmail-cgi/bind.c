#include "webmail-cgi/bind.h"

#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/mail.h"
#include "webmail-cgi/shared.h"

#include "lib/base/clock.h"
#include "lib/net/x509.h"
#include "lib/store/certificates.h"
#include "lib/store/people.h"
#include "lib/trust/trust.h"

void bind_form(struct request *rq, const char *action)
{
    struct html *h = &rq->html;
    OPEN(h, "form", CLASS("grid"), ATTR("method", "post"), URL("action", action),
         ATTR("enctype", "multipart/form-data"));
    csrf_field(rq);
    OPEN(h, "div", CLASS("field"));
    LEAF(h, "label", tr(rq, "Certificat d’application (PEM ou DER)"), ATTR("for", "fichier"));
    VOID(h, "input", ATTR("type", "file"), ATTR("name", "fichier"), ATTR("id", "fichier"), FLAG("required"),
         ATTR("accept", ".pem,.crt,.cer,.der,.p7b"), ATTR("aria-describedby", "fichier-aide"));
    LEAF(h, "small",
         tr(rq, "ORG AUTH_CLI de l’IGC Santé. Sur une boîte partagée, le logiciel lit et marque ; il n’envoie jamais."),
         ATTR("id", "fichier-aide"));
    CLOSE(h, "div");
    form_text(rq, "mandat", tr(rq, "Mandat, si le certificat est celui de l’éditeur"), SPAN_NONE, 200, false);
    form_date(rq, "fin", tr(rq, "Jusqu’au (obligatoire pour un mandat)"), SPAN_NONE, false);
    form_submit(rq, "rattacher", tr(rq, "Rattacher ce certificat"));
    form_end(rq);
}

static bool keep_first(struct span der, void *arg)
{
    struct str *out = arg;
    return out->len > 0 || str_add_span(out, der);
}

static bool read_certificate(struct request *rq, struct str *der, struct certificate *out)
{
    const struct field *file = in_nth(&rq->in, "fichier", 0);
    struct str error;
    str_init(&error, 512);
    bool ok = file && certificates_each(file->value, keep_first, der, &error) && der->len > 0 &&
              certificate_decode(out, str_span(der), &error);
    str_free(&error);
    return ok;
}

/* What imapd will ask of it each time it is shown: chain, dates, revocation, profile. */
static const char *judge(struct request *rq, const struct str *der)
{
    struct trust_snapshot *trust = shared_trust(rq->thread->shared, rq->thread->db);
    struct trust_verdict verdict;
    struct span chain[] = {str_span(der)};
    if (!trust)
        return tr(rq, "Rien n’est perdu. Réessayez dans quelques instants.");
    trust_judge_certificate(trust, TRUST_PROFILE_APPLICATION, chain, 1, wall_s(), &verdict);
    trust_release(&trust);
    if (verdict.rule == TRUST_OK)
        return NULL;
    log_event(LOG_INFO, &rq->log, "web.bind_refused", LS("rule", trust_rule_name(verdict.rule)));
    return rq->language == LANG_FR ? trust_rule_sentence_fr(verdict.rule) : trust_rule_sentence_en(verdict.rule);
}

static const char *judge_structure(struct request *rq, const struct certificate *c, struct span mandate, int64_t until)
{
    struct structure structure;
    const char *number = arena_printf(rq->arena, "%lld", (long long)rq->bal.structure_id);
    if (mandate.n > 0)
        return until ? NULL : tr(rq, "Un mandat a une fin : dites jusqu’à quand.");
    if (structure_find(rq->thread->db, number, &structure) != STORE_OK)
        return tr(rq, "Rien n’est perdu. Réessayez dans quelques instants.");
    return structure_is_named(&structure, &c->subject) ? NULL
                                                       : tr(rq, "Ce certificat n’est pas celui de la structure : s’il "
                                                                "est celui d’un éditeur, dites le mandat et sa fin.");
}

static const char *answered(struct request *rq, enum keyd_outcome outcome, const char *reason)
{
    if (outcome == KEYD_OK)
        return NULL;
    log_event(LOG_WARN, &rq->log, "web.bind_refused", LS("reason", reason));
    return outcome == KEYD_REFUSED ? tr(rq, "Cela n’est pas possible pour cette boîte.")
                                   : tr(rq, "Rien n’est perdu. Réessayez dans quelques instants.");
}

static const char *bind_it(struct request *rq, const struct certificate *c, const struct str *der)
{
    struct span mandate = span_trim(in_text(&rq->in, "mandat"));
    int64_t until = date_of_input(in_text(&rq->in, "fin"), 1);
    char reason[512] = "";
    const char *problem = judge(rq, der);
    if (!problem)
        problem = judge_structure(rq, c, mandate, until);
    if (problem)
        return problem;
    const char *words = mandate.n ? arena_strndup(rq->arena, mandate.p, mandate.n) : NULL;
    enum keyd_outcome outcome = keyd_bind(rq->thread->keyd, &rq->grant, rq->bal.id, c, words, until, rq->log.id,
                                          rq->peer ? rq->peer : "", reason);
    if (outcome == KEYD_OK)
        (void)certificate_add(rq->thread->db, str_span(der)); /* OCSP is asked before its first session */
    return answered(rq, outcome, reason);
}

const char *bind_certificate(struct request *rq)
{
    struct certificate c;
    struct str der;
    str_init(&der, X509_DER_MAX);
    const char *problem = tr(rq, "Ce fichier n’est pas un certificat que l’on puisse lire.");
    if (read_certificate(rq, &der, &c)) {
        problem = bind_it(rq, &c, &der);
        certificate_free(&c);
    }
    str_free(&der);
    return problem;
}

const char *unbind_certificate(struct request *rq)
{
    char reason[512] = "";
    enum keyd_outcome outcome =
        keyd_unbind(rq->thread->keyd, &rq->grant, rq->bal.id, (int64_t)in_number(&rq->in, "certificat", 0), rq->log.id,
                    rq->peer ? rq->peer : "", reason);
    return answered(rq, outcome, reason);
}
