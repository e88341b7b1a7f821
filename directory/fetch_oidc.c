/* Pro Santé Connect's discovery document and its keys: keyd and the webmail read them from the database, and ask nobody. */
#include "directory/fetcher.h"

#include "lib/base/clock.h"
#include "lib/net/https.h"
#include "lib/proto/token_discovery.h"
#include "lib/store/alarms.h"
#include "lib/store/fetches.h"

enum { TIMEOUT_MS = 15000, ANSWER_MAX = 1 << 20, USABLE_S = 24 * 3600 };

static bool failed(struct duty *duty, const char *url, const char *why)
{
    char *what = xasprintf("Pro Santé Connect n'a pas pu être lu à %s : %s. Les dernières clés connues servent encore.",
                           url, why);
    (void)alarm_raise(duty->db, "psc.unreachable", "", what, "Vérifier psc.discovery, psc.ca et l'accès réseau.");
    xfree(&what);
    return false;
}

static bool get(struct duty *duty, const char *url, struct https_answer *answer)
{
    struct https_request request = {.method = "GET",
                                    .url = url,
                                    .ca_file = *duty->conf->psc_ca ? duty->conf->psc_ca : NULL,
                                    .timeout_ms = TIMEOUT_MS,
                                    .answer_max = ANSWER_MAX};
    if (!https_fetch(&request, answer))
        return failed(duty, url, answer->error.len ? answer->error.data : "?");
    return answer->status == 200 || failed(duty, url, "réponse HTTP inattendue");
}

static bool keep(struct duty *duty, const char *name, const char *url, const struct https_answer *answer)
{
    return oidc_store(duty->db, name, url, str_span(&answer->body), answer->etag, wall_s() + USABLE_S) == STORE_OK;
}

static bool fetch_keys(struct duty *duty, const char *url)
{
    struct https_answer answer;
    bool ok = get(duty, url, &answer);
    if (ok && !jwks_has_keys(str_span(&answer.body)))
        ok = failed(duty, url, "aucune clé dans le document");
    ok = ok && keep(duty, "jwks", url, &answer);
    https_answer_free(&answer);
    return ok;
}

bool fetch_oidc(struct duty *duty)
{
    struct https_answer answer;
    struct str issuer, keys;
    const char *url = duty->conf->psc_discovery;
    str_init(&issuer, 1024);
    str_init(&keys, 1024);
    bool ok = get(duty, url, &answer);
    if (ok && (!discovery_field(&issuer, str_span(&answer.body), "issuer") ||
               !discovery_field(&keys, str_span(&answer.body), "jwks_uri")))
        ok = failed(duty, url, "issuer ou jwks_uri manque");
    if (ok && !span_is(str_span(&issuer), duty->conf->psc_issuer)) /* OpenID Connect Discovery 1.0, 4.3 */
        ok = failed(duty, url, "son issuer n'est pas psc.issuer");
    ok = ok && keep(duty, "discovery", url, &answer);
    ok = ok && fetch_keys(duty, keys.data);
    https_answer_free(&answer);
    str_free(&issuer);
    str_free(&keys);
    if (ok)
        (void)alarm_clear(duty->db, "psc.unreachable", "");
    return ok;
}
