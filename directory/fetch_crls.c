#include "directory/fetcher.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/net/https.h"
#include "lib/store/alarms.h"
#include "lib/store/anchors.h"

enum { TIMEOUT_MS = 30000, SOON_S = 24 * 3600 };

static void failed(struct duty *duty, const struct crl_source *source, const char *why)
{
    char *what = xasprintf("La CRL n'a pas pu être lue à %s : %s. La dernière qui n'a pas expiré reste utilisée.",
                           source->url, why);
    (void)alarm_raise(
        duty->db, "crl.unreachable", source->subject, what,
        "Vérifier l'accès réseau à cette adresse, ou prendre la CRL par « caducee trust import-crl FICHIER ».");
    xfree(&what);
}

static bool take(struct duty *duty, const struct crl_source *source, const struct https_answer *answer)
{
    struct crl_result result;
    struct str error;
    str_init(&error, 512);
    enum store_status status = crl_import(duty->db, str_span(&answer->body), answer->etag, wall_s(), &result, &error);
    if (status == STORE_OK)
        log_event(LOG_INFO, NULL, "crl.taken", LS("ca", source->subject), LU("entries", result.entries),
                  LS("newer", result.newer ? "yes" : "no"));
    else
        failed(duty, source, error.len ? error.data : store_status_name(status));
    str_free(&error);
    return status == STORE_OK;
}

static bool fetch(struct duty *duty, const struct crl_source *source)
{
    struct https_answer answer;
    /* http by design: the CRL is signed, and its signature is what is checked. */
    struct https_request request = {.method = "GET",
                                    .url = source->url,
                                    .etag = source->held && *source->etag ? source->etag : NULL,
                                    .allow_http = true,
                                    .timeout_ms = TIMEOUT_MS,
                                    .answer_max = X509_CRL_MAX};
    bool ok = https_fetch(&request, &answer);
    if (!ok)
        failed(duty, source, answer.error.len ? answer.error.data : "?");
    else if (answer.status == 200)
        ok = take(duty, source, &answer);
    else if (answer.status != 304) {
        failed(duty, source, "réponse HTTP inattendue");
        ok = false;
    }
    https_answer_free(&answer);
    if (ok)
        (void)alarm_clear(duty->db, "crl.unreachable", source->subject);
    return ok;
}

static void judge_age(struct duty *duty, const struct crl_source *source)
{
    int64_t now = wall_s();
    bool extended = source->extended_until > now;
    if (!source->held && *source->url)
        (void)alarm_raise(duty->db, "crl.missing", source->subject,
                          "Aucune CRL de cette autorité : ses certificats reçoivent un refus temporaire.",
                          "caducee trust import-crl FICHIER, ou vérifier l'adresse de la CRL (caducee trust list).");
    else
        (void)alarm_clear(duty->db, "crl.missing", source->subject);
    if (source->held && source->next_update <= now && !extended)
        (void)alarm_raise(
            duty->db, "crl.expired", source->subject,
            "La CRL de cette autorité a expiré : ses certificats reçoivent un refus temporaire.",
            "caducee trust import-crl FICHIER ; en attendant : caducee trust crl extend AUTORITÉ --hours N --reason …");
    else
        (void)alarm_clear(duty->db, "crl.expired", source->subject);
    if (source->held && source->next_update > now && source->next_update - now < SOON_S)
        (void)alarm_raise(
            duty->db, "crl.expiring", source->subject,
            "La CRL de cette autorité expire dans moins de 24 heures et aucune plus récente n'est publiée.",
            "Vérifier l'adresse de la CRL ; prendre la suivante dès qu'elle paraît.");
    else
        (void)alarm_clear(duty->db, "crl.expiring", source->subject);
}

bool fetch_crls(struct duty *duty)
{
    crl_source_list sources;
    if (crl_sources(duty->db, &sources) != STORE_OK)
        return false;
    bool ok = true;
    vec_each (&sources, source)
        if (*source->url)
            ok = fetch(duty, source) && ok;
    vec_free(&sources);
    if (crl_sources(duty->db, &sources) == STORE_OK)
        vec_each (&sources, source)
            judge_age(duty, source);
    vec_free(&sources);
    return ok;
}
