/* My sessions: where I am logged in, and how to end one that should not be. */
#include "webmail-cgi/layout.h"
#include "webmail-cgi/mail.h"
#include "webmail-cgi/pages.h"

#include "lib/base/text.h"

#include <string.h>

static const char *browser_name(const char *agent)
{
    static const struct {
        const char *mark, *name;
    } browsers[] = {{"Edg/", "Edge"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}};
    for (size_t i = 0; i < COUNT(browsers); i++)
        if (strstr(agent, browsers[i].mark))
            return browsers[i].name;
    return "Navigateur";
}

static const char *system_name(const char *agent)
{
    static const struct {
        const char *mark, *name;
    } systems[] = {{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"},
                   {"Windows", "Windows"}, {"Mac OS", "macOS"},  {"Linux", "Linux"}};
    for (size_t i = 0; i < COUNT(systems); i++)
        if (strstr(agent, systems[i].mark))
            return systems[i].name;
    return "";
}

static void end_form(struct request *rq, const struct web_session *s)
{
    struct html *h = &rq->html;
    struct str hash;
    str_init(&hash, 64);
    base64url_encode(&hash, (struct span){(const char *)s->hash, sizeof(s->hash)});
    OPEN(h, "form", ATTR("method", "post"), URL("action", "/sessions"));
    csrf_field(rq);
    VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "session"), ATTR("value", hash.data));
    LEAF(h, "button", tr(rq, "Fermer"), CLASS("button danger small"));
    CLOSE(h, "form");
    str_free(&hash);
}

/* On a phone the table is a list without heads: the cell says what it is (app.css, .told). */
static void date_cell(struct request *rq, const char *what, int64_t wall)
{
    OPEN(&rq->html, "td");
    LEAF(&rq->html, "span", what, CLASS("told"), ATTR("aria-hidden", "true"));
    html_text(&rq->html, long_date(rq, wall));
    CLOSE(&rq->html, "td");
}

static void session_row(struct request *rq, const struct web_session *s)
{
    struct html *h = &rq->html;
    bool mine = memcmp(s->hash, rq->session.hash, sizeof(s->hash)) == 0;
    OPEN(h, "tr");
    OPEN(h, "td");
    LEAF(h, "strong", browser_name(s->user_agent));
    html_text(h, " ");
    html_text(h, system_name(s->user_agent));
    if (s->shared_computer)
        LEAF(h, "span", tr(rq, "Poste partagé"), CLASS("tag"));
    CLOSE(h, "td");
    LEAF(h, "td", s->peer);
    date_cell(rq, tr(rq, "Ouverte"), s->created_at);
    date_cell(rq, tr(rq, "Dernière activité"), s->seen_at);
    OPEN(h, "td");
    if (mine)
        LEAF(h, "span", tr(rq, "Celle-ci"), CLASS("tag good"));
    else
        end_form(rq, s);
    CLOSE(h, "td");
    CLOSE(h, "tr");
}

void page_sessions(struct request *rq)
{
    struct html *h = &rq->html;
    web_session_list list = {0};
    enum store_status status = web_sessions_of(rq->thread->db, rq->session.row.person_id, &list);
    if (status != STORE_OK) {
        answer_store_error(rq, status);
        return;
    }
    frame_begin(rq, FRAME_PAGE, tr(rq, "Mes sessions"), "page");
    LEAF(h, "h1", tr(rq, "Mes sessions"));
    LEAF(h, "p", tr(rq, "Là où vous êtes connecté. Fermez celles que vous ne reconnaissez pas."), CLASS("lead"));
    OPEN(h, "div", CLASS("panel scroll-x listed"));
    OPEN(h, "table");
    OPEN(h, "thead");
    OPEN(h, "tr");
    LEAF(h, "th", tr(rq, "Appareil"), ATTR("scope", "col"));
    LEAF(h, "th", tr(rq, "Adresse"), ATTR("scope", "col"));
    LEAF(h, "th", tr(rq, "Ouverte"), ATTR("scope", "col"));
    LEAF(h, "th", tr(rq, "Dernière activité"), ATTR("scope", "col"));
    OPEN(h, "th", ATTR("scope", "col"));
    LEAF(h, "span", tr(rq, "Action"), CLASS("visually-hidden"));
    CLOSE(h, "th");
    CLOSE(h, "tr");
    CLOSE(h, "thead");
    OPEN(h, "tbody");
    vec_each (&list, s)
        session_row(rq, s);
    CLOSE(h, "tbody");
    CLOSE(h, "table");
    CLOSE(h, "div");
    frame_end(rq, FRAME_PAGE);
    vec_free(&list);
}

void page_session_end(struct request *rq)
{
    struct str hash;
    str_init(&hash, 64);
    enum store_status status = STORE_INVALID;
    if (base64url_decode(&hash, in_text(&rq->in, "session")) && hash.len == 32)
        status = web_session_end_of(rq->thread->db, rq->session.row.person_id, (const uint8_t *)hash.data);
    str_free(&hash);
    if (status == STORE_OK || status == STORE_NOT_FOUND)
        answer_redirect(rq, "/sessions");
    else
        answer_store_error(rq, status);
}
