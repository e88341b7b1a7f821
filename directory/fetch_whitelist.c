#include "directory/fetcher.h"

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/net/https.h"
#include "lib/net/tls.h"
#include "lib/net/x509.h"
#include "lib/proto/whitelist.h"
#include "lib/store/anchors.h"
#include "lib/store/alarms.h"
#include "lib/store/snapshot.h"
#include "lib/store/trace.h"
#include "lib/store/whitelists.h"

#include <stdio.h>

enum { STALE_S = 48 * 3600, TIMEOUT_MS = 30000 };

static void unreachable(struct duty *duty, const char *why)
{
    char *what = xasprintf("La liste blanche n'a pas pu être lue (%s). La dernière liste bonne reste en vigueur.", why);
    (void)alarm_raise(duty->db, "whitelist.unreachable", "", what,
                      "Vérifier l'accès réseau à whitelist.url et le certificat de son serveur (whitelist.ca).");
    xfree(&what);
}

static void refused(struct duty *duty, enum whitelist_outcome outcome, const char *why)
{
    char *what = xasprintf("La liste blanche proposée a été refusée (%s : %s). La précédente reste en vigueur.",
                           whitelist_outcome_name(outcome), why);
    (void)alarm_raise(
        duty->db, "whitelist.refused", "", what,
        "Lire « caducee whitelist status » et « history » ; si la liste est bonne malgré tout : « caducee whitelist "
        "import FICHIER --force --reason … » (jamais pour une liste malformée).");
    xfree(&what);
}

/* The operator is out of the trust space when the list does not name it: nobody would take its mail. */
static void check_own(struct duty *duty)
{
    struct str missing;
    str_init(&missing, 64 * 1024);
    if (whitelist_own_missing(duty->db, &missing) == STORE_OK) {
        if (missing.len)
            (void)alarm_raise(duty->db, "whitelist.own-missing", "",
                              "La liste blanche en vigueur ne porte pas tous nos domaines : les autres opérateurs "
                              "refuseront leur courrier.",
                              "Comparer « caducee domain list » avec la déclaration faite à l'ANS.");
        else
            (void)alarm_clear(duty->db, "whitelist.own-missing", "");
    }
    str_free(&missing);
}

static void check_age(struct duty *duty, const struct whitelist_state *state)
{
    if (wall_s() - state->generated > STALE_S)
        (void)alarm_raise(duty->db, "whitelist.stale", "", "La liste blanche en vigueur a plus de 48 heures.",
                          "Vérifier la source et « caducee whitelist history ».");
    else
        (void)alarm_clear(duty->db, "whitelist.stale", "");
}

static void trace_taken(struct duty *duty, const struct whitelist_offer *o, enum whitelist_outcome outcome)
{
    struct str detail;
    str_init(&detail, 2048);
    str_addf(&detail, "generation=%lld entries=%zu skipped=%zu lost=%lld %s", (long long)o->generation, o->entries,
             o->skipped, (long long)o->lost, o->words.len ? o->words.data : "");
    struct trace trace = {.action = "whitelist.fetch",
                          .answer = whitelist_outcome_name(outcome),
                          .actor_kind = TRACE_SYSTEM,
                          .actor = "fetcher",
                          .detail = detail.data};
    (void)trace_write(duty->db, &trace);
    log_event(outcome == WHITELIST_TAKEN ? LOG_INFO : LOG_WARN, NULL, "whitelist.offered",
              LS("outcome", whitelist_outcome_name(outcome)), LI("generation", o->generation),
              LU("entries", o->entries), LU("skipped", o->skipped), LI("lost", o->lost));
    str_free(&detail);
}

static bool offer(struct duty *duty, const struct https_answer *answer)
{
    struct str signer, error;
    const struct conf *conf = duty->conf;
    str_init(&signer, 1 << 20);
    str_init(&error, 512);
    if (*conf->whitelist_signer && !file_read(&signer, conf->whitelist_signer, &error)) {
        unreachable(duty, error.data);
        str_free(&signer);
        str_free(&error);
        return false;
    }
    struct whitelist_offer o = {.document = str_span(&answer->body),
                                .source = conf->whitelist_url,
                                .etag = answer->etag,
                                .signer_pem = str_span(&signer),
                                .signature_required = span_is(span_of(conf->whitelist_signature), "required"),
                                .loss_max = (unsigned)conf->whitelist_loss_max};
    enum whitelist_outcome outcome = whitelist_offer(duty->db, &o);
    bool good = outcome == WHITELIST_TAKEN || outcome == WHITELIST_SAME;
    if (outcome != WHITELIST_SAME && outcome != WHITELIST_FAILED)
        trace_taken(duty, &o, outcome);
    if (outcome == WHITELIST_TAKEN)
        (void)whitelist_forget(duty->db, (unsigned)(conf->retention_whitelist / 86400));
    if (good)
        (void)alarm_clear(duty->db, "whitelist.refused", "");
    else if (outcome != WHITELIST_FAILED)
        refused(duty, outcome, o.words.len ? o.words.data : "");
    str_free(&o.words);
    str_free(&o.skipped_why);
    str_free(&signer);
    str_free(&error);
    return good;
}

bool fetch_whitelist(struct duty *duty)
{
    struct whitelist_state state;
    struct https_answer answer;
    const struct conf *conf = duty->conf;
    enum store_status known = whitelist_state_read(duty->db, &state);
    if (known != STORE_OK && known != STORE_NOT_FOUND)
        return false;
    struct https_request request = {.method = "GET",
                                    .url = conf->whitelist_url,
                                    .ca_file = *conf->whitelist_ca ? conf->whitelist_ca : "/nonexistent",
                                    .etag = *state.etag ? state.etag : NULL,
                                    .timeout_ms = TIMEOUT_MS,
                                    .answer_max = WHITELIST_MAX};
    bool ok = https_fetch(&request, &answer);
    if (!ok)
        unreachable(duty, answer.error.len ? answer.error.data : "?");
    else if (answer.status != 200 && answer.status != 304)
        unreachable(duty, "réponse HTTP inattendue");
    else
        (void)alarm_clear(duty->db, "whitelist.unreachable", "");
    const char *outcome = ok && answer.status == 304 ? "304" : "unreachable";
    if (ok && answer.status == 200) {
        ok = offer(duty, &answer);
        outcome = ok ? "200" : "refused";
    } else {
        ok = ok && answer.status == 304;
    }
    (void)whitelist_fetch_note(duty->db, outcome);
    https_answer_free(&answer);
    if (whitelist_state_read(duty->db, &state) == STORE_OK)
        check_age(duty, &state);
    check_own(duty);
    return ok;
}

static bool keep_first(struct span der, void *arg)
{
    struct str *out = arg;
    return out->len > 0 || str_add_span(out, der);
}

static void say_own_dn(struct duty *duty, const char *path, const char *name)
{
    struct str file, der, error;
    struct certificate c;
    str_init(&file, 1 << 20);
    str_init(&der, X509_DER_MAX);
    str_init(&error, 512);
    if (*path && file_read(&file, path, &error) && certificates_each(str_span(&file), keep_first, &der, &error) &&
        certificate_decode(&c, str_span(&der), &error)) {
        (void)snapshot_own_dn(duty->db, name, &c.subject);
        (void)anchor_learn_url(duty->db, &c);
        certificate_free(&c);
    } else {
        log_event(LOG_WARN, NULL, "fetch.own-certificate", LP("why", str_span(&error)));
    }
    str_free(&file);
    str_free(&der);
    str_free(&error);
}

/* The first certificate, and those of [tls.domains]: mail from our domains may come under any of them. */
void fetcher_say_own_dn(struct duty *duty)
{
    const struct conf *conf = duty->conf;
    say_own_dn(duty, conf->tls_certificate, conf->general_hostname);
    for (size_t i = 0; i < conf->tls_domains.len; i++) {
        struct arena *arena = arena_new(0);
        struct tls_pair pair;
        char *name = xasprintf("%s %s", conf->general_hostname, conf->tls_domains.items[i].key);
        if (tls_pair_read(arena, conf->tls_domains.items[i].value, &pair))
            say_own_dn(duty, pair.certificate_file, name);
        xfree(&name);
        arena_destroy(&arena);
    }
}
