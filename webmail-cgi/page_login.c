/* Log-in by Pro Santé Connect: away (/connexion) and back (/retour), and log-out. */
#include "webmail-cgi/layout.h"
#include "webmail-cgi/login.h"
#include "webmail-cgi/pages.h"
#include "webmail-cgi/psc.h"
#include "webmail-cgi/session.h"
#include "webmail-cgi/shared.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/store/exceptional.h"
#include "lib/store/exercises.h"

#include <string.h>

#define ASK_AGAIN_COOKIE "__Host-caducee-redemander"
enum { LOGIN_LIFE_S = 600 };

static const char *redirect_uri(struct request *rq)
{
    return arena_printf(rq->arena, "%s/retour", rq->thread->conf->webmail_base_url);
}

static bool has_cookie(struct request *rq, const char *name)
{
    struct span value;
    return rq->cookies && cookie_get(span_of(rq->cookies), name, &value) && value.n > 0;
}

static void psc_unavailable(struct request *rq)
{
    answer_error(rq, 503, tr(rq, "Pro Santé Connect ne répond pas"),
                 tr(rq, "La connexion passera dès qu’il sera revenu. Réessayez dans quelques instants."));
}

/* After a lock, an expiry or a log-out, and on a shared computer, PSC asks for the card again. */
void page_login(struct request *rq)
{
    struct oidc_provider provider;
    struct login login;
    struct str url, cookie;
    bool shared = in_has(&rq->in, "partage");
    bool ask_again =
        shared || in_has(&rq->in, "verrou") || has_cookie(rq, SESSION_COOKIE) || has_cookie(rq, ASK_AGAIN_COOKIE);
    if (!shared_provider(rq->thread->shared, rq->thread->db, &provider)) {
        psc_unavailable(rq);
        return;
    }
    login_new(&login, shared);
    str_init(&url, 4096);
    str_init(&cookie, 128);
    login_cookie(&cookie, &login);
    login_authorization_url(&url, &provider, &login, rq->thread->conf->webmail_psc_client_id, redirect_uri(rq),
                            ask_again);
    answer_cookie(rq, LOGIN_COOKIE, str_span(&cookie), LOGIN_LIFE_S);
    answer_redirect(rq, url.data);
    str_wipe(&cookie);
    str_free(&url);
    crypto_wipe(&login, sizeof(login));
}

static bool fetch_tokens(struct request *rq, const struct login *login, struct oidc_tokens *tokens)
{
    struct str body;
    str_init_secret(&body, 16384);
    login_token_body(&body, login, in_text(&rq->in, "code"), rq->thread->conf->webmail_psc_client_id,
                     shared_client_secret(rq->thread->shared), redirect_uri(rq));
    bool ok = psc_ask(rq, &body, tokens) && !tokens->error[0] && tokens->id.len > 0;
    str_wipe(&body);
    return ok;
}

static enum store_status keep_session(struct request *rq, const struct session *fresh, const struct login *login,
                                      const struct oidc_tokens *tokens)
{
    struct str refresh, id;
    seal_token(&refresh, fresh, "refresh", &tokens->refresh);
    seal_token(&id, fresh, "id", &tokens->id);
    enum store_status status = web_session_describe(rq->thread->db, fresh->hash, rq->user_agent ? rq->user_agent : "",
                                                    login->shared_computer, str_span(&refresh), str_span(&id));
    str_free(&refresh);
    str_free(&id);
    session_give(rq, fresh);
    return status;
}

/* Where they were going, when the same person comes back; a path of ours that a GET route takes, nothing else. */
static const char *return_path(struct request *rq, int64_t person_id)
{
    struct span value;
    struct param params[WEB_PARAMS_MAX];
    size_t count;
    bool other_method;
    bool same = !rq->session.known || rq->session.row.person_id == person_id;
    if (!same || !rq->cookies || !cookie_get(span_of(rq->cookies), RETURN_COOKIE, &value))
        return "/";
    const struct route *route = route_find(WEB_GET, value, params, &count, &other_method);
    return route && route->needs >= NEEDS_UNLOCKED ? arena_strndup(rq->arena, value.p, value.n) : "/";
}

/* Where the person works, as PSC says it now; without an answer (NULL) what was known stays. */
static void keep_exercises(struct request *rq, int64_t person_id, const struct oidc_userinfo *userinfo)
{
    const char *sites[OIDC_SITES_MAX];
    for (size_t i = 0; userinfo && i < userinfo->site_count; i++)
        sites[i] = userinfo->sites[i];
    if (userinfo && exercises_put(rq->thread->db, person_id, sites, userinfo->site_count) != STORE_OK)
        log_event(LOG_WARN, &rq->log, "web.exercises_not_kept");
}

static void refused_login(struct request *rq, const char *reason, const struct oidc_userinfo *userinfo)
{
    log_event(LOG_WARN, &rq->log, "web.login_refused", LS("reason", reason));
    if (strcmp(reason, "person.unknown") == 0) {
        rq->out.status = 403;
        no_mailbox(rq, 0, userinfo);
    } else {
        answer_error(rq, 403, tr(rq, "Connexion refusée"),
                     tr(rq, "La réponse de Pro Santé Connect n’a pas pu être acceptée. Recommencez la connexion."));
    }
}

/* Somebody was let into a mailbox of theirs: said before anything else (page_exceptional.c). */
static const char *exceptional_path(struct request *rq, int64_t person_id, const char *otherwise)
{
    exceptional_notes notes = {0};
    bool any = exceptional_untold(rq->thread->db, person_id, &notes) == STORE_OK && notes.len > 0;
    vec_free(&notes);
    return any ? "/acces" : otherwise;
}

static void open_session(struct request *rq, const struct login *login, const struct oidc_tokens *tokens,
                         const struct oidc_userinfo *userinfo)
{
    struct session fresh = {0};
    int64_t person_id = 0;
    char reason[512] = "";
    session_new(&fresh);
    struct span hash = {(const char *)fresh.hash, sizeof(fresh.hash)};
    enum keyd_outcome outcome = keyd_web_login(rq->thread->keyd, str_span(&tokens->id), login->nonce, hash,
                                               rq->peer ? rq->peer : "", &person_id, reason);
    if (outcome == KEYD_REFUSED) {
        refused_login(rq, reason, userinfo);
    } else if (outcome != KEYD_OK || keep_session(rq, &fresh, login, tokens) != STORE_OK) {
        answer_store_error(rq, STORE_UNAVAILABLE);
    } else {
        const char *path = exceptional_path(rq, person_id, return_path(rq, person_id));
        keep_exercises(rq, person_id, userinfo);
        if (rq->session.known)
            (void)!web_session_end(rq->thread->db, rq->session.hash);
        log_event(LOG_INFO, &rq->log, "web.login", LI("person", person_id));
        answer_cookie(rq, ASK_AGAIN_COOKIE, SPAN_NONE, 0);
        answer_redirect(rq, path);
    }
    crypto_wipe(&fresh, sizeof(fresh));
}

/* An access token that speaks of another than the ID token was put in its place: nobody is let in by halves. */
static void judge_login(struct request *rq, const struct login *login, const struct oidc_tokens *tokens)
{
    struct oidc_userinfo *userinfo = arena_new_of(rq->arena, struct oidc_userinfo);
    enum psc_told told = psc_userinfo(rq, tokens, userinfo);
    if (told == PSC_OF_ANOTHER)
        refused_login(rq, "userinfo.sub", NULL);
    else
        open_session(rq, login, tokens, told == PSC_TOLD ? userinfo : NULL);
}

static bool read_login(struct request *rq, struct login *login)
{
    struct span cookie, state = in_text(&rq->in, "state");
    return rq->cookies && cookie_get(span_of(rq->cookies), LOGIN_COOKIE, &cookie) && login_from_cookie(login, cookie) &&
           state.n == strlen(login->state) && crypto_equal(state.p, login->state, state.n);
}

void page_login_return(struct request *rq)
{
    struct login login;
    struct oidc_tokens tokens;
    if (!read_login(rq, &login)) {
        answer_error(rq, 400, tr(rq, "Connexion expirée"),
                     tr(rq, "Cette connexion a été commencée ailleurs ou il y a trop longtemps. Recommencez-la."));
        return;
    }
    answer_cookie(rq, LOGIN_COOKIE, SPAN_NONE, 0);
    if (!in_has(&rq->in, "code")) {
        answer_error(rq, 403, tr(rq, "Connexion abandonnée"),
                     tr(rq, "Pro Santé Connect n’a pas confirmé votre identité. Vous pouvez recommencer."));
        return;
    }
    oidc_tokens_init(&tokens);
    if (fetch_tokens(rq, &login, &tokens))
        judge_login(rq, &login, &tokens);
    else
        psc_unavailable(rq);
    oidc_tokens_free(&tokens);
    crypto_wipe(&login, sizeof(login));
}

/* RP-Initiated Logout 1.0 2: the ID token as a hint, so that PSC need not ask. */
static bool logout_url(struct request *rq, struct str *url)
{
    struct oidc_provider provider;
    struct str refresh, sealed, id;
    struct key key;
    str_init(&refresh, OIDC_TOKEN_MAX + 64);
    str_init(&sealed, OIDC_TOKEN_MAX + 64);
    str_init_secret(&id, OIDC_TOKEN_MAX);
    session_key(&rq->session, "id", &key);
    bool ok = shared_provider(rq->thread->shared, rq->thread->db, &provider) && provider.end_session[0] &&
              web_session_tokens(rq->thread->db, rq->session.hash, &refresh, &sealed) == STORE_OK &&
              gcm_open(&id, &key, SPAN_LIT("id"), str_span(&sealed));
    if (ok) {
        str_addf(url, "%s%sid_token_hint=", provider.end_session, strchr(provider.end_session, '?') ? "&" : "?");
        percent_encode(url, str_span(&id));
        str_puts(url, "&post_logout_redirect_uri=");
        percent_encode(url, span_of(rq->thread->conf->webmail_base_url));
        str_puts(url, "%2F");
    }
    crypto_wipe(&key, sizeof(key));
    str_free(&refresh);
    str_free(&sealed);
    str_wipe(&id);
    return ok && !url->overflow;
}

/* A page that moves on by itself: a redirect after a form would fall under form-action, which is ours alone. */
void page_logout(struct request *rq)
{
    struct html *h = &rq->html;
    struct str url, refresh;
    str_init(&url, OIDC_TOKEN_MAX * 3 + 2048);
    bool at_psc = logout_url(rq, &url);
    session_end(rq);
    answer_cookie(rq, ASK_AGAIN_COOKIE, SPAN_LIT("1"), 30 * 86400);
    answer_header(rq, "Clear-Site-Data", "\"cache\", \"storage\"");
    str_init(&refresh, OIDC_TOKEN_MAX * 3 + 2048);
    str_addf(&refresh, "0; url=%s", at_psc ? url.data : "/");
    answer_header(rq, "Refresh", refresh.data);
    frame_begin(rq, FRAME_CARD, tr(rq, "Déconnexion"), "card-body");
    OPEN(h, "section", CLASS("card"));
    LEAF(h, "h1", tr(rq, "Vous êtes déconnecté"));
    LEAF(h, "a", tr(rq, "Revenir à l’accueil"), URL("href", "/"), CLASS("button"));
    CLOSE(h, "section");
    frame_end(rq, FRAME_CARD);
    str_free(&refresh);
    str_free(&url);
}
