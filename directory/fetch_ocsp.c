/* OCSP (RFC 6960): the fetcher asks each CA about the certificates that were admitted or bound, ahead of any session. A
 * "revoked" reaches every snapshot within a second; no answer, or one that does not count, leaves what is held as it is: the
 * CRL stays the ground of every verdict. */
#include "directory/fetcher.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/net/https.h"
#include "lib/store/alarms.h"
#include "lib/store/certificates.h"
#include "lib/store/trace.h"

enum { ROUND_MOST = 100, TIMEOUT_MS = 10000 };

static const struct ocsp_issuer *issuer_of(const ocsp_issuer_list *issuers, struct span leaf)
{
    vec_each (issuers, issuer)
        if (certificate_issued_by(leaf, str_span(&issuer->der)))
            return issuer;
    return NULL;
}

/* The address that an operator gave for the CA, else the one that the certificate itself bears. */
static bool address_of(struct str *url, const struct ocsp_issuer *issuer, struct span leaf)
{
    struct certificate c;
    if (*issuer->url)
        return str_puts(url, issuer->url);
    if (!certificate_decode(&c, leaf, NULL))
        return false;
    bool any = c.ocsp_url[0] && str_puts(url, c.ocsp_url);
    certificate_free(&c);
    return any;
}

static bool ask(const char *url, struct span leaf, struct span issuer, struct ocsp_facts *facts, struct str *why)
{
    static const char *const headers[] = {"Content-Type: application/ocsp-request", "Accept: application/ocsp-response",
                                          NULL};
    struct str question;
    struct https_answer answer;
    str_init(&question, 4096);
    bool ok = ocsp_question(&question, leaf, issuer, why);
    /* http by design: the answer is signed, and its signature is what is checked. */
    const struct https_request request = {.method = "POST",
                                          .url = url,
                                          .headers = headers,
                                          .body = str_span(&question),
                                          .allow_http = true,
                                          .timeout_ms = TIMEOUT_MS,
                                          .answer_max = X509_OCSP_MAX};
    if (ok) {
        ok = https_fetch(&request, &answer);
        if (!ok)
            str_puts(why, answer.error.len ? answer.error.data : "?");
        else if (answer.status != 200)
            ok = (str_addf(why, "HTTP %ld", answer.status), false);
        else
            ok = ocsp_read(facts, str_span(&answer.body), leaf, issuer, wall_s(), why);
        https_answer_free(&answer);
    }
    str_free(&question);
    return ok;
}

static void trace_change(struct duty *duty, const struct known_certificate *known, const struct ocsp_facts *facts)
{
    struct trace trace = {.action = "trust.ocsp",
                          .answer = facts->status == X509_OCSP_REVOKED ? "revoked" : "good",
                          .actor_kind = TRACE_SYSTEM,
                          .actor = "fetcher",
                          .detail = known->fingerprint};
    (void)trace_write(duty->db, &trace);
    log_event(LOG_WARN, NULL, "ocsp.changed", LS("certificate", known->fingerprint), LS("status", trace.answer));
}

static bool one(struct duty *duty, const ocsp_issuer_list *issuers, const struct known_certificate *known,
                const char **failing, struct str *why)
{
    struct span leaf = {(const char *)known->der, known->bytes};
    const struct ocsp_issuer *issuer = issuer_of(issuers, leaf);
    struct ocsp_facts facts;
    struct str url;
    bool changed = false, answered = true, asked;
    str_init(&url, 1024);
    asked = issuer && address_of(&url, issuer, leaf);
    if (asked)
        answered = ask(url.data, leaf, str_span(&issuer->der), &facts, why);
    if (!answered)
        *failing = issuer->subject;
    else if (asked)
        (void)alarm_clear(duty->db, "ocsp.unreachable", issuer->subject);
    enum store_status status = ocsp_put(duty->db, known->fingerprint, asked && answered ? &facts : NULL, &changed);
    if (status == STORE_OK && changed)
        trace_change(duty, known, &facts);
    str_free(&url);
    return answered && status == STORE_OK;
}

static void say_trouble(struct duty *duty, const char *subject, const char *why)
{
    char *what = xasprintf("Le répondeur OCSP de cette autorité ne donne pas de réponse utilisable (%.200s). Les CRL "
                           "restent en vigueur.",
                           why);
    (void)alarm_raise(duty->db, "ocsp.unreachable", subject, what,
                      "Vérifier le réseau et l'adresse (« caducee trust import-ca … --ocsp URL ») ; à défaut : "
                      "trust.ocsp = off.");
    log_event(LOG_WARN, NULL, "ocsp.failed", LS("ca", subject), LS("why", why));
    xfree(&what);
}

bool fetch_ocsp(struct duty *duty)
{
    known_list due;
    ocsp_issuer_list issuers;
    const char *failing = NULL;
    struct str why;
    bool ok = true;
    if (ocsp_due(duty->db, duty->conf->trust_ocsp_interval, ROUND_MOST, &due) != STORE_OK)
        return false;
    if (due.len == 0)
        return true;
    str_init(&why, 1024);
    ok = ocsp_issuers(duty->db, &issuers) == STORE_OK;
    if (ok)
        (void)certificates_forget(duty->db);
    /* A responder that is away is not asked a hundred times a round. */
    for (size_t i = 0; ok && i < due.len && !failing && duty_wait(duty->context, clock_ms()); i++)
        ok = one(duty, &issuers, &due.items[i], &failing, &why);
    if (failing)
        say_trouble(duty, failing, why.len ? why.data : "?");
    ocsp_issuers_free(&issuers);
    vec_free(&due);
    str_free(&why);
    return ok;
}
