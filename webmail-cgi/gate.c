/* The gate: what stands between a raw request and its page. Each refusal happens here, in this order: route, method,
 * session, origin, form, CSRF token, declared input, lock, BAL, rights.
 */
#include "webmail-cgi/grants.h"
#include "webmail-cgi/multipart.h"
#include "webmail-cgi/pace.h"
#include "webmail-cgi/pages.h"
#include "webmail-cgi/psc.h"
#include "webmail-cgi/session.h"
#include "webmail-cgi/shared.h"
#include "webmail-cgi/web.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"

#include <string.h>

static bool refuse(struct request *rq, int status, const char *title, const char *words)
{
    answer_error(rq, status, tr(rq, title), tr(rq, words));
    return false;
}

static bool find_route(struct request *rq)
{
    bool other_method = false;
    rq->route = route_find(rq->method, rq->path, rq->params, &rq->param_count, &other_method);
    if (rq->route)
        return true;
    if (other_method)
        return refuse(rq, 405, "Méthode refusée", "Cette adresse ne répond pas à cette méthode.");
    return refuse(rq, 404, "Page introuvable", "Cette adresse ne mène à aucune page.");
}

static bool read_session(struct request *rq)
{
    if (rq->route->flags & WEB_STATIC)
        return true;
    enum session_status status = session_read(rq);
    if (status == SESSION_UNAVAILABLE && rq->route->needs != NEEDS_NOTHING) {
        answer_store_error(rq, STORE_UNAVAILABLE);
        return false;
    }
    rq->language = language_choose(rq->accept_language, rq->session.known ? rq->session.row.language : NULL);
    return true;
}

/* Nobody asks faster than a hurried person with several windows; static files cost nothing. */
static bool check_pace(struct request *rq)
{
    const struct conf *conf = rq->thread->conf;
    bool known = rq->session.known;
    struct span who =
        known ? (struct span){(const char *)rq->session.hash, sizeof(rq->session.hash)} : span_of(rq->peer);
    if ((rq->route->flags & WEB_STATIC) ||
        pace_allows(shared_pace(rq->thread->shared), who,
                    (unsigned)(known ? conf->webmail_session_rate : conf->webmail_anonymous_rate), clock_ms()))
        return true;
    log_event(LOG_WARN, &rq->log, "web.too_fast", LU("known", known));
    answer_header(rq, "Retry-After", "60");
    return refuse(rq, 429, "Trop de demandes",
                  "Cette messagerie reçoit trop de demandes de votre part : patientez une minute.");
}

/* No change by GET, and none that a page of ours did not ask for. */
static bool check_origin(struct request *rq)
{
    const struct conf *conf = rq->thread->conf;
    if (rq->method == WEB_GET || request_is_ours(conf->webmail_base_url, rq->origin, rq->fetch_site) ||
        (conf->webmail_admin_url[0] && request_is_ours(conf->webmail_admin_url, rq->origin, rq->fetch_site)))
        return true;
    log_event(LOG_WARN, &rq->log, "web.foreign_origin", LS("origin", rq->origin ? rq->origin : ""));
    return refuse(rq, 403, "Demande refusée", "Cette demande ne vient pas d’une page de cette messagerie.");
}

static bool refuse_form(struct request *rq, enum fields_status status)
{
    return refuse(rq, status == FIELDS_BAD ? 400 : 413, "Formulaire illisible",
                  "Ce qui a été envoyé ne peut pas être lu.");
}

static bool feed_multipart(void *form, struct span bytes)
{
    return multipart_feed(form, bytes);
}

static bool feed_text(void *text, struct span bytes)
{
    return str_add_span(text, bytes);
}

/* Files go by pieces from the socket into the request's spool: an upload is never held whole. */
static bool read_multipart(struct request *rq, struct span boundary, size_t limit, enum fields_status *status)
{
    struct multipart form;
    spool_init(&rq->uploads, limit);
    multipart_begin(&form, rq->arena, boundary, &rq->uploads, &rq->raw);
    bool whole = rq->read_body(rq, limit, feed_multipart, &form);
    bool stopped = form.state == MULTIPART_FAILED;
    *status = multipart_end(&form);
    return whole || stopped;
}

static bool read_text_form(struct request *rq, size_t limit, enum fields_status *status)
{
    struct str text;
    str_init(&text, limit);
    bool whole = rq->read_body(rq, limit, feed_text, &text);
    if (whole && span_starts_nocase(span_of(rq->content_type), "application/x-www-form-urlencoded"))
        *status = fields_urlencoded(rq->arena, str_span(&text), &rq->raw);
    else
        *status = text.len == 0 ? FIELDS_OK : FIELDS_BAD;
    str_wipe(&text);
    return whole;
}

/* A form is small; only pages that take files read more. */
static bool read_form(struct request *rq)
{
    enum { FORM_MAX = 1 << 20 };
    bool upload = rq->route->flags & WEB_UPLOAD;
    size_t limit = upload ? (size_t)rq->thread->conf->webmail_upload_max : FORM_MAX;
    struct span boundary;
    enum fields_status status = FIELDS_OK;
    bool whole = true;
    if (rq->method == WEB_GET)
        status = fields_urlencoded(rq->arena, rq->query, &rq->raw);
    else if (multipart_boundary(span_of(rq->content_type), &boundary))
        whole = read_multipart(rq, boundary, limit, &status);
    else
        whole = read_text_form(rq, FORM_MAX, &status);
    if (!whole)
        return refuse(rq, 413, "Envoi trop volumineux", "Ce qui a été envoyé dépasse la taille permise.");
    return status == FIELDS_OK || refuse_form(rq, status);
}

static bool check_token(struct request *rq, const field_list *raw)
{
    if (rq->method == WEB_GET || !rq->session.known)
        return true;
    vec_each (raw, field)
        if (span_is(field->name, "csrf") && csrf_token_ok(&rq->session, field->value))
            return true;
    log_event(LOG_WARN, &rq->log, "web.csrf_token");
    return refuse(rq, 403, "Demande refusée", "La page d’où vient cette demande n’est plus à jour : rechargez-la.");
}

static bool read_input(struct request *rq)
{
    if (!check_token(rq, &rq->raw))
        return false;
    if (input_check(&rq->in, rq->route->inputs, &rq->raw))
        return true;
    log_event(LOG_INFO, &rq->log, "web.bad_input", LS("field", rq->in.bad));
    return refuse(rq, 400, "Valeur refusée", "Une des valeurs envoyées n’est pas acceptée ici.");
}

/* Somebody must log in first; where they were going is kept for after it. */
static bool ask_for_login(struct request *rq)
{
    if (rq->wants_fragment || rq->method != WEB_GET || (rq->route->flags & WEB_QUIET))
        return refuse(rq, 401, "Session terminée", "Reconnectez-vous pour continuer. Votre brouillon est conservé.");
    if (rq->path.n > 1)
        answer_cookie(rq, RETURN_COOKIE, rq->path, 600);
    answer_redirect(rq, "/");
    return false;
}

static bool check_session(struct request *rq)
{
    if (rq->route->needs == NEEDS_NOTHING)
        return true;
    if (rq->session.known && !rq->session.locked && !psc_still_holds(rq))
        session_end(rq);
    if (!rq->session.known)
        return ask_for_login(rq);
    if (rq->route->needs == NEEDS_SESSION || !rq->session.locked)
        return true;
    if (rq->wants_fragment || rq->method != WEB_GET || (rq->route->flags & WEB_QUIET))
        return refuse(rq, 401, "Session verrouillée", "Déverrouillez votre session pour continuer.");
    answer_cookie(rq, RETURN_COOKIE, rq->path, 3600);
    answer_redirect(rq, "/verrou");
    return false;
}

/* keyd judges and traces, and gives the key; for a minute after, the same right is asked of the database alone. */
static enum keyd_outcome ask_keyd(struct request *rq, int64_t bal_id)
{
    struct span secret = {(const char *)rq->session.secret, sizeof(rq->session.secret)};
    enum keyd_outcome outcome = keyd_by_web_session(rq->thread->keyd, secret, bal_id, &rq->grant);
    if (outcome == KEYD_OK)
        grants_keep(shared_grants(rq->thread->shared), rq->session.hash, &rq->grant);
    return outcome;
}

static bool set_role(struct request *rq, const struct web_right *right)
{
    static const struct {
        const char *name;
        enum keyd_role role;
    } roles[] = {{"titulaire", KEYD_ROLE_OWNER},
                 {"lecteur", KEYD_ROLE_READER},
                 {"membre", KEYD_ROLE_MEMBER},
                 {"gestionnaire", KEYD_ROLE_MANAGER}};
    for (size_t i = 0; i < COUNT(roles); i++)
        if (strcmp(right->role, roles[i].name) == 0) {
            rq->grant.role = roles[i].role;
            rq->grant.may_send =
                roles[i].role == KEYD_ROLE_OWNER || (right->may_send && roles[i].role != KEYD_ROLE_READER);
            return true;
        }
    return false;
}

static bool open_bal(struct request *rq)
{
    int64_t bal_id = param_number(rq, "bal");
    struct web_right right;
    enum store_status status = web_right_get(rq->thread->db, rq->session.row.person_id, bal_id, &right);
    bool holds = status == STORE_OK;
    enum keyd_outcome outcome = KEYD_OK;
    if (status == STORE_UNAVAILABLE) {
        answer_store_error(rq, status);
        return false;
    }
    if (!holds || !grants_recall(shared_grants(rq->thread->shared), rq->session.hash, bal_id, &rq->grant))
        outcome = ask_keyd(rq, bal_id);
    if (outcome == KEYD_REFUSED || (outcome == KEYD_OK && (!holds || !set_role(rq, &right)))) {
        log_event(LOG_WARN, &rq->log, "web.bal_refused", LI("bal", bal_id), LS("reason", rq->grant.reason));
        /* the same words whether the BAL exists or not: nothing is to be learnt here */
        return refuse(rq, 404, "Boîte introuvable", "Cette boîte ne fait pas partie des vôtres.");
    }
    if (outcome != KEYD_OK)
        return refuse(rq, 503, "Service momentanément indisponible",
                      "Les boîtes ne peuvent pas être ouvertes pour l’instant. Rien n’est perdu.");
    rq->bal = right.bal;
    memcpy(rq->view, right.view, sizeof(rq->view));
    bool shared = rq->bal.kind == BAL_ORG || rq->bal.kind == BAL_CAB;
    rq->mailbox = mailbox_open(&rq->bal, &rq->grant.key, rq->session.row.person_id, shared);
    return true;
}

static bool check_rights(struct request *rq)
{
    switch (rq->route->needs) {
    case NEEDS_NOTHING:
    case NEEDS_SESSION:
    case NEEDS_UNLOCKED:
    case NEEDS_ADMIN: /* the admin pages ask for the roles themselves: each role sees other pages */
        return true;
    case NEEDS_BAL:
        return open_bal(rq);
    case NEEDS_SEND:
        return open_bal(rq) &&
               (rq->grant.may_send || rq->grant.role == KEYD_ROLE_OWNER ||
                refuse(rq, 403, "Action refusée", "Vous pouvez lire cette boîte, pas écrire en son nom."));
    case NEEDS_MANAGER:
        return open_bal(rq) &&
               (rq->grant.role == KEYD_ROLE_MANAGER || rq->grant.role == KEYD_ROLE_OWNER ||
                refuse(rq, 403, "Action refusée", "Seul un gestionnaire de cette boîte peut ouvrir cette page."));
    }
    return false;
}

void web_handle(struct request *rq)
{
    if (find_route(rq) && read_session(rq) && check_pace(rq) && check_session(rq) && check_origin(rq) &&
        read_form(rq) && read_input(rq) && check_rights(rq))
        rq->route->page(rq);
}

void web_finish(struct request *rq)
{
    mailbox_close(&rq->mailbox);
    crypto_wipe(&rq->grant, sizeof(rq->grant));
    crypto_wipe(&rq->session, sizeof(rq->session));
    input_free(&rq->in);
    vec_free(&rq->raw);
    spool_free(&rq->uploads);
}
