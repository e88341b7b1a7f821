/* /admin/listes-blanches: when the list was last asked for and what came of it, its generations, what changed between two of
 * them, who a domain is; whoever operates may ask for it now. The list itself is only ever changed by the fetcher's checks. */
#include "webmail-cgi/admin.h"
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/pages.h"

#include "lib/proto/address.h"
#include "lib/store/fetches.h"
#include "lib/store/trace.h"

#include <string.h>

enum { FETCHES_ROLES = ROLE_EXPLOITANT | ROLE_OFFICER };

static const char *outcome_words(struct request *rq, const char *outcome)
{
    static const char *const words[][2] = {
        {"200", "une liste nouvelle, ou la même, a été reçue et acceptée"},
        {"304", "la source n’a rien de nouveau"},
        {"refused", "la liste reçue a été refusée : voyez les alarmes"},
        {"unreachable", "la source n’a pas répondu : la liste en vigueur sert toujours"}};
    for (size_t i = 0; outcome && i < COUNT(words); i++)
        if (strcmp(outcome, words[i][0]) == 0)
            return tr(rq, words[i][1]);
    return tr(rq, "jamais essayé ici");
}

/* Cells: when, what came of it, asked at, by whom, "*" while it waits. */
static enum store_status last_fetch(struct request *rq, const struct web_roles *roles)
{
    struct html *h = &rq->html;
    struct listing l = {0};
    enum store_status status = listing_read(rq->thread->audit, LISTING_whitelist_fetch, NULL, 0, &l);
    if (status == STORE_OK && l.cells.len == 5) {
        char **cell = l.cells.items;
        OPEN(h, "p", CLASS("lead"));
        html_text(h, tr(rq, "Dernier essai :"));
        html_text(h, " ");
        LEAF(h, "strong", cell[0] ? cell[0] : "—");
        html_text(h, ", ");
        html_text(h, outcome_words(rq, cell[1]));
        html_text(h, ".");
        CLOSE(h, "p");
        if (cell[4] && cell[4][0])
            LEAF(h, "p", path_of(rq, "%s %s (%s)", tr(rq, "Demandée, en cours :"), cell[2], cell[3]), CLASS("fine"));
    }
    if (roles->roles & FETCHES_ROLES) {
        form_begin(rq, "bar", "/admin/listes-blanches");
        LEAF(h, "button", tr(rq, "Demander la liste maintenant"), CLASS("button"));
        form_end(rq);
    }
    listing_free(&l);
    return status;
}

static enum store_status one_table(struct request *rq, const char *title, enum listing_kind kind,
                                   const char *const *arguments, size_t count)
{
    struct listing l = {0};
    enum store_status status = listing_read(rq->thread->audit, kind, arguments, count, &l);
    LEAF(&rq->html, "h2", title);
    if (status == STORE_OK)
        admin_table(rq, kind, &l);
    listing_free(&l);
    return status;
}

/* The two that are asked for, else the newest and the one before it. */
static enum store_status differences(struct request *rq)
{
    struct listing l = {0};
    const char *newest[] = {"2"}, *both[2];
    uint64_t before = in_number(&rq->in, "avant", 0), after = in_number(&rq->in, "apres", 0);
    enum store_status status = listing_read(rq->thread->audit, LISTING_whitelists, newest, 1, &l);
    bool two = status == STORE_OK && l.columns > 0 && l.cells.len == 2 * l.columns;
    if (two || (before && after)) {
        both[0] = before ? path_of(rq, "%llu", (unsigned long long)before)
                         : arena_strdup(rq->arena, l.cells.items[l.columns]);
        both[1] = after ? path_of(rq, "%llu", (unsigned long long)after) : arena_strdup(rq->arena, l.cells.items[0]);
        status = one_table(
            rq, path_of(rq, "%s %s → %s", tr(rq, "Ce qui a changé, d’une génération à l’autre :"), both[0], both[1]),
            LISTING_whitelist_diff, both, 2);
    }
    listing_free(&l);
    return status;
}

static void questions(struct request *rq)
{
    struct html *h = &rq->html;
    OPEN(h, "form", CLASS("refine"), ATTR("method", "get"), URL("action", "/admin/listes-blanches"));
    form_text(rq, "avant", tr(rq, "De la génération"), SPAN_NONE, 20, false);
    form_text(rq, "apres", tr(rq, "à la génération"), SPAN_NONE, 20, false);
    form_text(rq, "domaine", tr(rq, "Domaine"), in_text(&rq->in, "domaine"), 255, false);
    LEAF(h, "button", tr(rq, "Chercher"), CLASS("button small"));
    CLOSE(h, "form");
}

static enum store_status one_domain(struct request *rq)
{
    struct str name;
    enum store_status status = STORE_OK;
    str_init(&name, ADDRESS_DOMAIN_MAX);
    if (in_has(&rq->in, "domaine") && domain_normalise(&name, in_text(&rq->in, "domaine"))) {
        const char *argument[] = {name.data};
        status =
            one_table(rq, path_of(rq, "%s %s", tr(rq, "Domaine"), name.data), LISTING_whitelist_domain, argument, 1);
    }
    str_free(&name);
    return status;
}

void page_admin_whitelist(struct request *rq)
{
    static const char *const shown[] = {"50"};
    struct web_roles roles;
    if (!admin_may(rq, "listes-blanches", &roles))
        return;
    admin_begin(rq, &roles, "listes-blanches");
    enum store_status status = last_fetch(rq, &roles);
    questions(rq);
    if (status == STORE_OK)
        status = one_domain(rq);
    if (status == STORE_OK)
        status = one_table(rq, tr(rq, "Générations"), LISTING_whitelists, shown, 1);
    if (status == STORE_OK)
        status = differences(rq);
    frame_end(rq, FRAME_PAGE);
    if (status != STORE_OK)
        answer_store_error(rq, status);
}

void page_admin_whitelist_fetch(struct request *rq)
{
    struct web_roles roles;
    if (!admin_may(rq, "listes-blanches", &roles))
        return;
    if (!(roles.roles & FETCHES_ROLES)) {
        admin_refused(rq, "whitelist.fetch", 0);
        answer_store_error(rq, STORE_REFUSED);
        return;
    }
    enum store_status status = fetch_ask(rq->thread->db, "whitelist", rq->session.row.person_name);
    struct trace trace = admin_trace(rq, "whitelist.fetch");
    if (status == STORE_OK)
        status = trace_write(rq->thread->db, &trace);
    if (status == STORE_OK)
        answer_redirect(rq, "/admin/listes-blanches");
    else
        answer_store_error(rq, status);
}
