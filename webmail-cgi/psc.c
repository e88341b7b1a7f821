#include "webmail-cgi/psc.h"

#include "webmail-cgi/fields.h"
#include "webmail-cgi/session.h"
#include "webmail-cgi/shared.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/net/https.h"
#include "lib/proto/token.h"

#include <string.h>

enum { PSC_TIMEOUT_MS = 10000, REFRESH_EVERY_S = 240 /* an access token lives five minutes at most */ };

bool psc_ask(struct request *rq, const struct str *body, struct oidc_tokens *tokens)
{
    static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded", "Accept: application/json",
                                          NULL};
    const struct conf *conf = rq->thread->conf;
    struct oidc_provider provider;
    struct https_answer answer = {0};
    if (!shared_provider(rq->thread->shared, rq->thread->db, &provider))
        return false;
    struct https_request request = {.method = "POST",
                                    .url = provider.token,
                                    .ca_file = conf->webmail_psc_ca_file[0] ? conf->webmail_psc_ca_file : NULL,
                                    .headers = headers,
                                    .body = str_span(body),
                                    .timeout_ms = PSC_TIMEOUT_MS,
                                    .answer_max = OIDC_ANSWER_MAX};
    bool ok = https_fetch(&request, &answer) && oidc_tokens_read(tokens, str_span(&answer.body));
    if (!ok || tokens->error[0])
        log_event(LOG_WARN, &rq->log, "web.token_endpoint", LI("status", answer.status), LS("error", tokens->error),
                  LP("words", str_span(&answer.error)));
    str_wipe(&answer.body);
    https_answer_free(&answer);
    return ok;
}

enum psc_told psc_userinfo(struct request *rq, const struct oidc_tokens *tokens, struct oidc_userinfo *out)
{
    const struct conf *conf = rq->thread->conf;
    struct oidc_provider provider;
    struct token *id = arena_new_of(rq->arena, struct token);
    struct https_answer answer = {0};
    struct str bearer;
    if (!shared_provider(rq->thread->shared, rq->thread->db, &provider) || !token_read(str_span(&tokens->id), NULL, id))
        return PSC_SILENT;
    str_init_secret(&bearer, OIDC_TOKEN_MAX + 64);
    str_addf(&bearer, "Authorization: Bearer %s", tokens->access.data);
    const char *const headers[] = {bearer.data, "Accept: application/json", NULL};
    struct https_request request = {.method = "GET",
                                    .url = provider.userinfo,
                                    .ca_file = conf->webmail_psc_ca_file[0] ? conf->webmail_psc_ca_file : NULL,
                                    .headers = headers,
                                    .timeout_ms = PSC_TIMEOUT_MS,
                                    .answer_max = OIDC_ANSWER_MAX};
    bool ok = https_fetch(&request, &answer) && answer.status == 200 &&
              oidc_userinfo_read(out, str_span(&answer.body)) && id->subject[0];
    str_wipe(&bearer);
    str_wipe(&answer.body);
    https_answer_free(&answer);
    if (!ok)
        return PSC_SILENT;
    return strcmp(out->subject, id->subject) == 0 ? PSC_TOLD : PSC_OF_ANOTHER;
}

void seal_token(struct str *out, const struct session *session, const char *purpose, const struct str *token)
{
    struct key key;
    session_key(session, purpose, &key);
    str_init(out, OIDC_TOKEN_MAX + 64);
    if (token->len > 0)
        gcm_seal(out, &key, span_of(purpose), str_span(token));
    crypto_wipe(&key, sizeof(key));
}

static bool open_refresh_token(struct request *rq, struct str *token)
{
    struct str sealed, id;
    struct key key;
    str_init(&sealed, OIDC_TOKEN_MAX + 64);
    str_init(&id, OIDC_TOKEN_MAX + 64);
    session_key(&rq->session, "refresh", &key);
    bool ok = web_session_tokens(rq->thread->db, rq->session.hash, &sealed, &id) == STORE_OK && sealed.len > 0 &&
              gcm_open(token, &key, SPAN_LIT("refresh"), str_span(&sealed));
    crypto_wipe(&key, sizeof(key));
    str_free(&sealed);
    str_free(&id);
    return ok;
}

static void keep_refresh_token(struct request *rq, const struct oidc_tokens *tokens)
{
    struct str sealed;
    if (tokens->refresh.len == 0)
        return; /* the old one stays good (RFC 6749 6) */
    seal_token(&sealed, &rq->session, "refresh", &tokens->refresh);
    if (web_session_refreshed(rq->thread->db, rq->session.hash, str_span(&sealed)) != STORE_OK)
        log_event(LOG_WARN, &rq->log, "web.refresh_not_kept");
    str_free(&sealed);
}

static bool refresh(struct request *rq, const struct str *token)
{
    struct str body;
    struct oidc_tokens tokens;
    str_init_secret(&body, OIDC_TOKEN_MAX * 3 + 4096);
    oidc_tokens_init(&tokens);
    str_puts(&body, "grant_type=refresh_token&refresh_token=");
    percent_encode(&body, str_span(token));
    str_puts(&body, "&client_id=");
    percent_encode(&body, span_of(rq->thread->conf->webmail_psc_client_id));
    str_puts(&body, "&client_secret=");
    percent_encode(&body, span_of(shared_client_secret(rq->thread->shared)));
    bool answered = psc_ask(rq, &body, &tokens);
    bool refused = answered && strcmp(tokens.error, "invalid_grant") == 0;
    if (answered && !tokens.error[0])
        keep_refresh_token(rq, &tokens);
    oidc_tokens_free(&tokens);
    str_wipe(&body);
    return !refused;
}

bool psc_still_holds(struct request *rq)
{
    struct str token;
    bool holds = true;
    if (wall_s() - rq->session.row.refreshed_at < REFRESH_EVERY_S)
        return true;
    if (web_session_refresh_claim(rq->thread->db, rq->session.hash, REFRESH_EVERY_S) != STORE_OK)
        return true;
    str_init_secret(&token, OIDC_TOKEN_MAX);
    if (open_refresh_token(rq, &token))
        holds = refresh(rq, &token);
    if (!holds)
        log_event(LOG_INFO, &rq->log, "web.refresh_refused");
    str_wipe(&token);
    return holds;
}
