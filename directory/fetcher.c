/* The fetcher: whitelist, CRLs, and Pro Santé Connect's documents, each on its own clock or when somebody asks. What cannot
 * be had or must be refused leaves what is in force as it is, and raises an alarm that says what to do. */
#include "directory/fetcher.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/store/fetches.h"

enum { AGAIN_MS = 60 * 1000, ASKED_MS = 1000, OCSP_ROUND_MS = 1000 };

static bool is_due(struct duty *duty, const char *what, uint64_t *due_ms)
{
    if (clock_ms() >= *due_ms)
        return true;
    return fetch_take(duty->db, what) == STORE_OK;
}

static void one(struct duty *duty, const char *what, uint64_t interval_s, bool (*fetch)(struct duty *),
                uint64_t *due_ms)
{
    if (!is_due(duty, what, due_ms))
        return;
    bool ok = fetch(duty);
    uint64_t pause = interval_s * 1000;
    if (!ok && pause > AGAIN_MS)
        pause = AGAIN_MS;
    *due_ms = clock_ms() + pause;
    log_event(ok ? LOG_INFO : LOG_WARN, NULL, "fetch.done", LS("what", what), LS("result", ok ? "ok" : "failed"));
}

void fetcher_beat(struct duty *duty)
{
    struct fetcher *f = duty->memory;
    if (!f) {
        f = duty->memory = xcalloc(1, sizeof(*f));
        environment_refuse_mixture(duty);
        fetcher_say_own_dn(duty);
    }
    const struct conf *conf = duty->conf;
    one(duty, "crl", conf->trust_crl_interval, fetch_crls, &f->crl_ms);
    if (*conf->whitelist_url && environment_fits(conf, conf->whitelist_url))
        one(duty, "whitelist", conf->whitelist_interval, fetch_whitelist, &f->whitelist_ms);
    if (*conf->psc_discovery && environment_fits(conf, conf->psc_discovery) && environment_fits(conf, conf->psc_issuer))
        one(duty, "jwks", conf->psc_interval, fetch_oidc, &f->oidc_ms);
    if (span_is(span_of(conf->trust_ocsp), "on") && clock_ms() >= f->ocsp_ms) {
        (void)fetch_ocsp(duty);
        f->ocsp_ms = clock_ms() + OCSP_ROUND_MS;
    }
    duty->next_ms = clock_ms() + ASKED_MS;
}
