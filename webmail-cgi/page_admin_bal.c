/* /admin/boites/:id: one mailbox that the session governs — who shares it, until when, its state — and what may be done. */
#include "webmail-cgi/admin.h"
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/members.h"
#include "webmail-cgi/pages.h"
#include "webmail-cgi/traits_form.h"

#include "lib/store/web_admin.h"

#include <string.h>

static void act_button(struct request *rq, const char *act, const char *words, const char *class)
{
    LEAF(&rq->html, "button", words, CLASS(class), ATTR("name", "acte"), ATTR("value", act), FLAG("formnovalidate"));
}

/* A reason is wanted for what takes something away from people. */
static void state_form(struct request *rq, const struct admin_bal *b)
{
    struct html *h = &rq->html;
    bool closed = strcmp(b->state, "closed") == 0, suspended = strcmp(b->state, "suspended") == 0;
    OPEN(h, "form", CLASS("panel"), ATTR("method", "post"), ATTR("id", "etat"),
         URL("action", path_of(rq, "/admin/boites/%lld", (long long)b->id)));
    csrf_field(rq);
    LEAF(h, "h2", tr(rq, "État"));
    if (closed) {
        LEAF(h, "p", tr(rq, "Fermée : elle refuse le courrier, et ne rouvre pas."));
    } else {
        text_field(rq, "motif", tr(rq, "Motif (pour suspendre ou fermer ; il est tracé)"), "text", false);
        OPEN(h, "div", CLASS("bar"));
        if (suspended)
            act_button(rq, "reprendre", tr(rq, "Rouvrir"), "button primary");
        else
            act_button(rq, "suspendre", tr(rq, "Suspendre"), "button");
        act_button(rq, b->red_listed ? "publier" : "liste-rouge",
                   b->red_listed ? tr(rq, "Sortir de la liste rouge") : tr(rq, "Mettre en liste rouge"), "button");
        act_button(rq, "fermer", tr(rq, "Fermer la boîte"), "button danger");
        CLOSE(h, "div");
        LEAF(h, "p",
             tr(rq, "Suspendue, elle reçoit mais personne ne la lit. Fermée, elle refuse le courrier et sera effacée "
                    "après sa durée de conservation."),
             CLASS("fine"));
    }
    CLOSE(h, "form");
}

static void show(struct request *rq, const struct web_roles *roles, const char *problem)
{
    struct html *h = &rq->html;
    struct admin_bal b;
    web_member_list members = {0};
    int64_t id = param_number(rq, "boite");
    enum store_status status = admin_bal(rq->thread->db, rq->session.hash, id, &b);
    if (status == STORE_OK)
        status = web_members_of(rq->thread->db, id, &members);
    if (status != STORE_OK) {
        answer_store_error(rq, status == STORE_REFUSED ? STORE_NOT_FOUND : status);
        return;
    }
    bool may = (roles->roles & (ROLE_EXPLOITANT | ROLE_STRUCTURE)) != 0;
    const char *action = path_of(rq, "/admin/boites/%lld", (long long)id);
    admin_begin(rq, roles, "boites");
    LEAF(h, "h2", b.name[0] ? b.name : b.address);
    OPEN(h, "p", CLASS("lead"));
    html_text(h, b.address);
    html_text(h, " · ");
    html_text(h, b.kind);
    html_text(h, " · ");
    html_text(h, b.structure);
    html_text(h, " ");
    LEAF(h, "span", admin_state(rq, b.state), CLASS(strcmp(b.state, "open") == 0 ? "tag good" : "tag warn"));
    CLOSE(h, "p");
    form_problem(rq, problem);
    bool shared =
        (roles->roles & ROLE_STRUCTURE) && strcmp(b.kind, "PER") != 0; /* a PER BAL is shared by its holder alone */
    members_table(rq, &members, action, shared);
    if (shared)
        members_form(rq, action);
    if (may)
        state_form(rq, &b);
    frame_end(rq, FRAME_PAGE);
    vec_free(&members);
}

void page_admin_bal(struct request *rq)
{
    struct web_roles roles;
    if (admin_may(rq, "boites", &roles))
        show(rq, &roles, NULL);
}

static enum store_status share(struct request *rq, int64_t id, struct trace *trace)
{
    struct span who = in_text(&rq->in, "identifiant"), role = in_text(&rq->in, "role");
    struct admin_bal b;
    enum store_status status = admin_bal(rq->thread->db, rq->session.hash, id, &b);
    if (status == STORE_OK && (who.n == 0 || role.n == 0 || strcmp(b.kind, "PER") == 0))
        status = STORE_INVALID;
    if (status != STORE_OK)
        return status;
    struct admin_share s = {.bal_id = id,
                            .until = date_of_input(in_text(&rq->in, "jusqu"), 1),
                            .national_id = arena_strndup(rq->arena, who.p, who.n),
                            .role = arena_strndup(rq->arena, role.p, role.n),
                            .may_send = in_has(&rq->in, "ecrit")};
    trace->detail = s.role;
    return admin_share(rq->thread->db, rq->session.hash, &s, trace);
}

static const struct {
    const char *word, *action;
    enum admin_act act;
    bool reason;
} state_acts[] = {{"suspendre", "bal.suspend", ADMIN_SUSPEND, true},
                  {"reprendre", "bal.resume", ADMIN_RESUME, false},
                  {"fermer", "bal.close", ADMIN_CLOSE, true},
                  {"liste-rouge", "bal.redlist", ADMIN_RED, false},
                  {"publier", "bal.redlist", ADMIN_WHITE, false}};

static const char *obey(struct request *rq)
{
    int64_t id = param_number(rq, "boite");
    struct span reason = span_trim(in_text(&rq->in, "motif"));
    struct trace trace = admin_trace(rq, "bal.share");
    trace.bal_id = id;
    enum store_status status = STORE_INVALID;
    if (in_is(&rq->in, "acte", "ajouter")) {
        status = share(rq, id, &trace);
    } else if (in_is(&rq->in, "acte", "retirer")) {
        trace.action = "bal.unshare";
        status =
            admin_unshare(rq->thread->db, rq->session.hash, id, (int64_t)in_number(&rq->in, "personne", 0), &trace);
    }
    for (size_t i = 0; i < COUNT(state_acts); i++) {
        if (!in_is(&rq->in, "acte", state_acts[i].word))
            continue;
        if (state_acts[i].reason && reason.n == 0)
            return tr(rq, "Dites pourquoi : le motif est tracé.");
        trace.action = state_acts[i].action;
        trace.detail = reason.n ? arena_strndup(rq->arena, reason.p, reason.n) : state_acts[i].word;
        status = admin_bal_act(rq->thread->db, rq->session.hash, id, state_acts[i].act, &trace);
    }
    if (status == STORE_OK)
        return NULL;
    if (status == STORE_REFUSED)
        admin_refused(rq, trace.action, id);
    return status == STORE_UNAVAILABLE
               ? tr(rq, "Rien n’est perdu. Réessayez dans quelques instants.")
               : tr(rq, "Cela n’est pas possible : personne ne porte cet identifiant ici, la boîte "
                        "est déjà dans cet état, ou elle ne relève pas de vous.");
}

void page_admin_bal_act(struct request *rq)
{
    struct web_roles roles;
    if (!admin_may(rq, "boites", &roles))
        return;
    const char *problem = obey(rq);
    if (problem)
        show(rq, &roles, problem);
    else
        answer_redirect(rq, path_of(rq, "/admin/boites/%lld", (long long)param_number(rq, "boite")));
}
