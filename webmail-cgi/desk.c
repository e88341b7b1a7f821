#include "webmail-cgi/desk.h"

#include "webmail-cgi/layout.h"

#include "lib/base/crypto.h"
#include "lib/base/text.h"

#include <string.h>

static const struct {
    const char *path, *title, *symbol;
    bool managers;
} tabs[] = {{"contacts", "Contacts", "person", false},  {"modeles", "Modèles", "draft", false},
            {"dossiers", "Dossiers", "folder", false},  {"envois", "Envois programmés", "clock", false},
            {"regles", "Règles", "settings", true},     {"absence", "Absence", "exit", true},
            {"lectures", "Qui a lu quoi", "eye", true}, {"telecharger", "Télécharger", "download", true}};

bool desk_may_manage(const struct request *rq)
{
    return rq->grant.role == KEYD_ROLE_OWNER || rq->grant.role == KEYD_ROLE_MANAGER;
}

bool desk_may_change(const struct request *rq)
{
    return rq->grant.role != KEYD_ROLE_READER;
}

bool desk_allows(struct request *rq, bool allowed)
{
    if (!allowed)
        answer_store_error(rq, STORE_REFUSED);
    return allowed;
}

const char *desk_path(struct request *rq, const char *rest)
{
    return path_of(rq, "/b/%lld/%s", (long long)rq->bal.id, rest);
}

static void tab(struct request *rq, size_t i, const char *here)
{
    struct html *h = &rq->html;
    OPEN(h, "a", URL("href", desk_path(rq, tabs[i].path)),
         ATTR_IF(strcmp(tabs[i].path, here) == 0, "aria-current", "page"));
    icon(h, tabs[i].symbol);
    LEAF(h, "span", tr(rq, tabs[i].title));
    CLOSE(h, "a");
}

void desk_begin(struct request *rq, const char *here)
{
    struct html *h = &rq->html;
    const char *title = "";
    for (size_t i = 0; i < COUNT(tabs); i++)
        if (strcmp(tabs[i].path, here) == 0)
            title = tr(rq, tabs[i].title);
    frame_begin(rq, FRAME_PAGE, title, "page desk");
    LEAF(h, "h1", title);
    OPEN(h, "nav", CLASS("tabs"), ATTR("aria-label", tr(rq, "Organiser cette boîte")));
    for (size_t i = 0; i < COUNT(tabs); i++)
        if (!tabs[i].managers || desk_may_manage(rq))
            tab(rq, i, here);
    CLOSE(h, "nav");
    if (!in_declared(&rq->in, "fait") || !in_has(&rq->in, "fait"))
        return;
    OPEN(h, "div", CLASS("band good"), ATTR("role", "status"));
    icon(h, "check");
    LEAF(h, "p", tr(rq, "C’est enregistré."));
    CLOSE(h, "div");
}

void desk_end(struct request *rq)
{
    frame_end(rq, FRAME_PAGE);
}

void desk_done(struct request *rq, const char *here, enum store_status status)
{
    if (status == STORE_OK)
        answer_redirect(rq, path_of(rq, "/b/%lld/%s?fait=1", (long long)rq->bal.id, here));
    else
        answer_store_error(rq, status);
}

void desk_empty(struct request *rq, const char *symbol, const char *words)
{
    OPEN(&rq->html, "div", CLASS("empty"));
    icon(&rq->html, symbol);
    LEAF(&rq->html, "p", words);
    CLOSE(&rq->html, "div");
}

struct span new_record_id(struct request *rq)
{
    uint8_t random[12];
    struct str id;
    crypto_random(random, sizeof(random));
    str_init(&id, 32);
    base64url_encode(&id, (struct span){(const char *)random, sizeof(random)});
    struct span kept = arena_span(rq->arena, str_span(&id));
    str_free(&id);
    return kept;
}
