/* Sessions proven by Pro Santé Connect: an access token of a mail client, an ID token of the webmail, and afterwards the
 * webmail's own session. The keys of PSC come from the database, where the fetcher puts them; keyd makes no HTTPS call.
 * A token is written nowhere.
 */
#include "helpers/keyd/keyd.h"

#include "helpers/keyd/introspect.h"
#include "helpers/keyd/spread.h"
#include "lib/auth/jwks.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/store/alarms.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { JWKS_FRESH_MS = 5000 };

/* ---- the provider's keys ---- */

static struct {
    pthread_mutex_t lock;
    struct jwks *jwks;
    int64_t fetched;   /* of the document that jwks was read from */
    uint64_t asked_ms; /* when the database was last asked */
} provider = {.lock = PTHREAD_MUTEX_INITIALIZER};

static enum store_status refresh(struct db *db)
{
    struct str document;
    int64_t fetched = 0;
    if (provider.jwks && clock_ms() - provider.asked_ms < JWKS_FRESH_MS)
        return STORE_OK;
    str_init(&document, JWKS_MAX);
    enum store_status status = oidc_document(db, "jwks", &document, &fetched);
    if (status == STORE_OK && (!provider.jwks || fetched != provider.fetched)) {
        struct jwks *fresh = jwks_read(str_span(&document));
        if (fresh) {
            jwks_free(&provider.jwks);
            provider.jwks = fresh;
            provider.fetched = fetched;
            log_event(LOG_INFO, NULL, "keyd.jwks", LU("keys", jwks_count(fresh)));
        }
    }
    if (status != STORE_UNAVAILABLE)
        provider.asked_ms = clock_ms();
    str_free(&document);
    return status;
}

static enum jwks_verdict verify(struct db *db, const struct token *token, struct span compact,
                                enum store_status *status)
{
    enum jwks_verdict verdict = JWKS_UNKNOWN_KEY;
    pthread_mutex_lock(&provider.lock);
    *status = refresh(db);
    if (*status == STORE_OK && provider.jwks)
        verdict = jwks_verify(provider.jwks, token, compact);
    pthread_mutex_unlock(&provider.lock);
    return verdict;
}

/* ---- one token ---- */

static bool accepts_client(const char *client, void *arg)
{
    const struct conf *conf = arg;
    vec_each (&conf->psc_accepted_clients, pair)
        if (span_is(span_of(client), pair->key))
            return true;
    return conf->webmail_psc_client_id[0] && span_is(span_of(client), conf->webmail_psc_client_id);
}

static bool is_the_webmail(const char *client, void *arg)
{
    const struct conf *conf = arg;
    return conf->webmail_psc_client_id[0] && span_is(span_of(client), conf->webmail_psc_client_id);
}

static unsigned least_acr(const struct conf *conf)
{
    return (unsigned)(conf->psc_acr[strlen("eidas")] - '0'); /* a CHOICE: eidas1, eidas2, eidas3 */
}

struct proven {
    struct token token;
    struct person_names person;
};

static void refused(struct asking *asking, const char *action, const char *rule)
{
    right_list none = {0};
    struct grant_request request = {.rights = &none, .name = "", .action = action};
    refuse_and_trace(asking, &request, NULL, rule);
}

static void temporary(struct asking *asking, const char *rule)
{
    log_event(LOG_WARN, NULL, "keyd.temporary", LS("rule", rule));
    answer_begin(asking, KEYD_TEMPORARY, rule);
}

/* Shape, signature, claims — in this order: what is not signed by PSC says nothing about anybody. */
static bool check_token(struct asking *asking, const struct token_rules *rules, const char *ours, const char *action,
                        struct token *token)
{
    struct span compact = asked(asking, KEYD_T_TOKEN);
    enum store_status status;
    if (!token_read(compact, ours, token)) {
        refused(asking, action, "token.malformed");
        return false;
    }
    if (token->algorithm == TOKEN_ALG_NONE) {
        refused(asking, action, "token.algorithm");
        return false;
    }
    enum jwks_verdict verdict = verify(asking->db, token, compact, &status);
    if (status == STORE_UNAVAILABLE) {
        temporary(asking, "database");
        return false;
    }
    if (verdict == JWKS_UNKNOWN_KEY) {
        (void)!jwks_ask(asking->db);
        temporary(asking, "token.unknown_key");
        return false;
    }
    const char *rule = verdict == JWKS_GOOD        ? token_judge(token, rules)
                       : verdict == JWKS_WRONG_KEY ? "token.key_type"
                                                   : "token.signature";
    if (rule)
        refused(asking, action, rule);
    return !rule;
}

static bool find_person(struct asking *asking, const char *action, struct proven *proven)
{
    struct span ids[TOKEN_IDS_MAX];
    for (size_t i = 0; i < proven->token.id_count; i++)
        ids[i] = span_of(proven->token.ids[i]);
    enum store_status status = person_by_ids(asking->db, ids, proven->token.id_count, &proven->person);
    if (status == STORE_OK)
        return true;
    if (status == STORE_NOT_FOUND)
        refused(asking, action, "person.unknown");
    else if (status == STORE_CONFLICT)
        refused(asking, action, "person.ambiguous");
    else
        temporary(asking, "database");
    return false;
}

static void grant_person(struct asking *asking, const struct person_names *person, int64_t bal_id, const char *action)
{
    right_list rights = {0};
    struct grant_request request = {.rights = &rights, .name = person->name, .action = action};
    if (rights_of_person(asking->db, person->person_id, bal_id, &rights) == STORE_OK)
        grant(asking, &request);
    else
        temporary(asking, "database");
    vec_free(&rights);
}

static void raise_spread(struct asking *asking, int64_t person_id)
{
    char subject[40];
    int n = snprintf(subject, sizeof(subject), "person %lld", (long long)person_id);
    must(n > 0 && (size_t)n < sizeof(subject));
    log_event(LOG_ERROR, NULL, "keyd.token_spread", LU("person", person_id));
    (void)!alarm_raise(
        asking->db, "token.spread", subject,
        "Un même jeton Pro Santé Connect est présenté depuis plusieurs adresses : il est peut-être volé.",
        "Appeler la personne (caducee person show), vérifier ses postes ; ses accès sont dans caducee trace.");
}

/* What is signed and in its dates may still have been withdrawn: a log-out, a stolen card (RFC 7662). */
static bool still_active(struct asking *asking, const char *action, const struct token *token, int64_t now)
{
    switch (introspect(asking->keyd->conf, asked(asking, KEYD_T_TOKEN), token->expires, now, introspection_ask)) {
    case INTROSPECTION_ACTIVE:
        return true;
    case INTROSPECTION_INACTIVE:
        refused(asking, action, "token.inactive");
        return false;
    case INTROSPECTION_UNKNOWN:
        break;
    }
    temporary(asking, "token.introspection");
    return false;
}

void handle_by_token(struct asking *asking)
{
    static const char action[] = "keyd.token";
    const struct conf *conf = asking->keyd->conf;
    struct proven proven;
    struct token_rules rules = {.use = TOKEN_ACCESS,
                                .issuer = conf->psc_issuer,
                                .accepts_client = accepts_client,
                                .arg = (void *)(uintptr_t)conf,
                                .certificate_sha256 = asked(asking, KEYD_T_THUMBPRINT),
                                .least_acr = least_acr(conf),
                                .now = wall_s()};
    const char *ours = conf->psc_audience[0] ? conf->psc_audience : NULL;
    if (!check_token(asking, &rules, ours, action, &proven.token) || !find_person(asking, action, &proven))
        return;
    if (!spread_note(asked(asking, KEYD_T_TOKEN), asked(asking, KEYD_T_PEER), (unsigned)conf->psc_token_addresses,
                     proven.token.expires, rules.now)) {
        raise_spread(asking, proven.person.person_id);
        refused(asking, action, "token.many_addresses");
        return;
    }
    if (still_active(asking, action, &proven.token, rules.now))
        grant_person(asking, &proven.person, 0, action);
}

void handle_web_login(struct asking *asking)
{
    static const char action[] = "keyd.web_login";
    const struct conf *conf = asking->keyd->conf;
    struct span nonce = asked(asking, KEYD_T_NONCE), hash = asked(asking, KEYD_T_SESSION_HASH),
                peer = asked(asking, KEYD_T_PEER);
    char nonce_text[256], peer_text[72];
    struct proven proven;
    if (!nonce.n || nonce.n >= sizeof(nonce_text) || hash.n != SHA256_BYTES) {
        answer_begin(asking, KEYD_REFUSED, "request");
        return;
    }
    memcpy(nonce_text, nonce.p, nonce.n);
    nonce_text[nonce.n] = '\0';
    peer.n = peer.n < sizeof(peer_text) - 1 ? peer.n : sizeof(peer_text) - 1;
    if (peer.n)
        memcpy(peer_text, peer.p, peer.n);
    peer_text[peer.n] = '\0';
    struct token_rules rules = {.use = TOKEN_ID,
                                .issuer = conf->psc_issuer,
                                .accepts_client = is_the_webmail,
                                .arg = (void *)(uintptr_t)conf,
                                .nonce = nonce_text,
                                .least_acr = least_acr(conf),
                                .now = wall_s()};
    if (!check_token(asking, &rules, conf->webmail_psc_client_id, action, &proven.token) ||
        !find_person(asking, action, &proven))
        return;
    enum store_status status =
        keyd_session_add(asking->db, hash, proven.person.person_id, span_of(proven.token.subject),
                         rules.now + (int64_t)conf->session_max_age, peer.n ? peer_text : NULL, false);
    if (status != STORE_OK) {
        temporary(asking, status == STORE_EXISTS ? "session.exists" : "database");
        return;
    }
    answer_begin(asking, KEYD_OK, NULL);
    ipc_put_u64(asking->answer, KEYD_T_PERSON_ID, (uint64_t)proven.person.person_id);
    ipc_put(asking->answer, KEYD_T_NAME, span_of(proven.person.name));
}

void handle_by_web_session(struct asking *asking)
{
    static const char action[] = "keyd.web_session";
    struct keyd_session session;
    uint8_t hash[SHA256_BYTES];
    int64_t bal_id = (int64_t)asked_number(asking, KEYD_T_BAL_ID);
    if (asked(asking, KEYD_T_SECRET).n < KEY_BYTES || bal_id <= 0) {
        answer_begin(asking, KEYD_REFUSED, "request");
        return;
    }
    sha256(hash, asked(asking, KEYD_T_SECRET));
    enum store_status status =
        keyd_session_by_hash(asking->db, (struct span){(const char *)hash, sizeof(hash)}, &session);
    if (status == STORE_NOT_FOUND || (status == STORE_OK && session.over))
        refused(asking, action, "session.over");
    else if (status != STORE_OK)
        temporary(asking, "database");
    else if (session.locked)
        refused(asking, action, "session.locked");
    else if (session.by_certificate)
        refused(asking, action, "session.certificate");
    else
        grant_person(asking, &session.person, bal_id, action);
}
