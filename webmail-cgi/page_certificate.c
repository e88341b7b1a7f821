/* Log-in to the administration part by a personal certificate. The web server has done the handshake, and hands the
 * certificate over in a variable of its own; its chain, dates, CRL and profile are judged here once more, by lib/trust, and
 * whose it is by keyd, which alone can open a session. Off unless webmail.admin_url says where.
 */
#include "webmail-cgi/layout.h"
#include "webmail-cgi/pages.h"
#include "webmail-cgi/session.h"
#include "webmail-cgi/shared.h"

#include "lib/base/clock.h"
#include "lib/net/x509.h"
#include "lib/trust/trust.h"

#include <string.h>

static void refused(struct request *rq, const char *reason)
{
    log_event(LOG_WARN, &rq->log, "web.certificate_refused", LS("reason", reason));
    if (strcmp(reason, "operator.locked") == 0) {
        answer_error(
            rq, 403, tr(rq, "Identifiez-vous par Pro Santé Connect"),
            tr(rq, "Une session ouverte par votre certificat s’est verrouillée : un certificat ne dit pas que vous "
                   "êtes encore là. Pro Santé Connect le dira, et le certificat servira de nouveau."));
        return;
    }
    answer_error(rq, 403, tr(rq, "Certificat refusé"),
                 tr(rq, "Ce certificat n’ouvre pas l’administration de cette messagerie. L’exploitant peut dire "
                        "pourquoi, avec la référence ci-dessous."));
}

static bool keep_first(struct span der, void *arg)
{
    struct str *out = arg;
    return out->len > 0 || str_add_span(out, der);
}

/* nginx hands PEM over percent-encoded ($ssl_client_escaped_cert), lighttpd and Apache as it is. */
static bool read_certificate(struct request *rq, struct str *der)
{
    struct span pem = span_of(rq->client_certificate);
    struct str error;
    bool verified = rq->client_verified && strcmp(rq->client_verified, "SUCCESS") == 0;
    if (!verified || pem.n == 0 || pem.n > X509_DER_MAX)
        return false;
    if (span_find(pem, SPAN_LIT("%20")) >= 0 && !percent_decode(rq->arena, pem, false, &pem))
        return false;
    str_init(&error, 256);
    bool ok = certificates_each(pem, keep_first, der, &error) && der->len > 0;
    str_free(&error);
    return ok;
}

static const char *judge(struct request *rq, const struct str *der)
{
    struct trust_snapshot *trust = shared_trust(rq->thread->shared, rq->thread->db);
    struct trust_verdict verdict;
    struct span chain[] = {str_span(der)};
    if (!trust)
        return trust_rule_name(TRUST_SNAPSHOT_MISSING);
    trust_judge_certificate(trust, TRUST_PROFILE_PERSON, chain, 1, wall_s(), &verdict);
    trust_release(&trust);
    return verdict.rule == TRUST_OK ? NULL : trust_rule_name(verdict.rule);
}

static void open_session(struct request *rq, const struct certificate *c)
{
    struct session fresh = {0};
    int64_t person_id = 0;
    char reason[512] = "";
    session_new(&fresh);
    struct span hash = {(const char *)fresh.hash, sizeof(fresh.hash)};
    enum keyd_outcome outcome =
        keyd_web_certificate(rq->thread->keyd, c, hash, rq->peer ? rq->peer : "", &person_id, reason);
    if (outcome == KEYD_OK) {
        if (rq->session.known)
            session_end(rq);
        (void)!web_session_describe(rq->thread->db, fresh.hash, rq->user_agent ? rq->user_agent : "", false, SPAN_NONE,
                                    SPAN_NONE);
        session_give(rq, &fresh);
        log_event(LOG_INFO, &rq->log, "web.certificate_login", LI("person", person_id));
        answer_redirect(rq, "/admin");
    } else if (outcome == KEYD_REFUSED) {
        refused(rq, reason);
    } else {
        answer_store_error(rq, STORE_UNAVAILABLE);
    }
    crypto_wipe(&fresh, sizeof(fresh));
}

void page_certificate_login(struct request *rq)
{
    struct str der, error;
    struct certificate c;
    const char *rule;
    bool elsewhere = rq->fetch_site && strcmp(rq->fetch_site, "cross-site") == 0; /* nobody is logged in by a link */
    if (!rq->thread->conf->webmail_admin_url[0]) {
        answer_store_error(rq, STORE_NOT_FOUND);
        return;
    }
    str_init(&der, X509_DER_MAX);
    str_init(&error, 256);
    if (elsewhere || !read_certificate(rq, &der) || !certificate_decode(&c, str_span(&der), &error)) {
        refused(rq, elsewhere ? "fetch-site" : "certificate.none");
    } else {
        if ((rule = judge(rq, &der)) != NULL)
            refused(rq, rule);
        else
            open_session(rq, &c);
        certificate_free(&c);
    }
    str_free(&der);
    str_free(&error);
}
