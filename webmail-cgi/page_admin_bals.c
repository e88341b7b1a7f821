/* /admin/boites: the mailboxes that the session governs, and a new one. */
#include "webmail-cgi/admin.h"
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/pages.h"
#include "webmail-cgi/traits_form.h"

#include "lib/proto/address.h"
#include "lib/store/people.h"
#include "lib/store/web_admin.h"

#include <string.h>

static void search_box(struct request *rq)
{
    struct html *h = &rq->html;
    OPEN(h, "form", CLASS("refine"), ATTR("method", "get"), URL("action", "/admin/boites"));
    OPEN(h, "label");
    LEAF(h, "span", tr(rq, "Adresse ou nom"));
    VOID(h, "input", ATTR("type", "text"), ATTR("name", "q"), ATTR_SPAN("value", in_text(&rq->in, "q")));
    CLOSE(h, "label");
    LEAF(h, "button", tr(rq, "Chercher"), CLASS("button small"));
    CLOSE(h, "form");
}

static void row(struct request *rq, const struct admin_bal *b)
{
    struct html *h = &rq->html;
    bool open = strcmp(b->state, "open") == 0 || strcmp(b->state, "waiting") == 0;
    OPEN(h, "tr");
    OPEN(h, "td");
    LEAF(h, "a", b->address, URL("href", path_of(rq, "/admin/boites/%lld", (long long)b->id)));
    CLOSE(h, "td");
    LEAF(h, "td", b->kind);
    OPEN(h, "td");
    LEAF(h, "span", admin_state(rq, b->state), CLASS(open ? "tag good" : "tag warn"));
    if (b->red_listed)
        LEAF(h, "span", tr(rq, "liste rouge"), CLASS("tag"));
    CLOSE(h, "td");
    LEAF(h, "td", b->structure);
    LEAF(h, "td", b->name);
    LEAF(h, "td", size_words(rq, b->bytes), CLASS("num"));
    CLOSE(h, "tr");
}

static void table(struct request *rq, const admin_bal_list *list)
{
    static const char *const heads[] = {"Adresse", "Type", "État", "Structure", "Nom affiché", "Taille"};
    struct html *h = &rq->html;
    OPEN(h, "div", CLASS("panel scroll-x"), ATTR("tabindex", "0"), ATTR("role", "region"),
         ATTR("aria-label", tr(rq, "Tableau")));
    OPEN(h, "table");
    OPEN(h, "thead");
    OPEN(h, "tr");
    for (size_t i = 0; i < COUNT(heads); i++)
        LEAF(h, "th", tr(rq, heads[i]), ATTR("scope", "col"), ATTR_IF(i == 5, "class", "num"));
    CLOSE(h, "tr");
    CLOSE(h, "thead");
    OPEN(h, "tbody");
    vec_each (list, b)
        row(rq, b);
    CLOSE(h, "tbody");
    CLOSE(h, "table");
    CLOSE(h, "div");
}

static void structure_field(struct request *rq)
{
    struct html *h = &rq->html;
    admin_structure_list list = {0};
    if (admin_structures(rq->thread->db, rq->session.hash, &list) != STORE_OK)
        list.len = 0;
    OPEN(h, "div", CLASS("field"));
    LEAF(h, "label", tr(rq, "Structure et domaine"), ATTR("for", "structure"));
    OPEN(h, "select", ATTR("name", "structure"), ATTR("id", "structure"));
    vec_each (&list, s) {
        OPEN(h, "option", ATTR_N("value", s->id),
             FLAG_IF(in_number(&rq->in, "structure", 0) == (uint64_t)s->id, "selected"));
        html_text(h, s->name);
        html_text(h, " · ");
        html_text(h, s->domains);
        CLOSE(h, "option");
    }
    CLOSE(h, "select");
    CLOSE(h, "div");
    vec_free(&list);
}

static void kind_field(struct request *rq)
{
    static const char *const kinds[][2] = {{"ORG", "ORG : partagée par un service"},
                                           {"CAB", "CAB : partagée par un cabinet"},
                                           {"APP", "APP : pour un logiciel"},
                                           {"PER", "PER : nominative"}};
    struct html *h = &rq->html;
    OPEN(h, "div", CLASS("field"));
    LEAF(h, "label", tr(rq, "Type"), ATTR("for", "type"));
    OPEN(h, "select", ATTR("name", "type"), ATTR("id", "type"));
    for (size_t i = 0; i < COUNT(kinds); i++)
        LEAF(h, "option", tr(rq, kinds[i][1]), ATTR("value", kinds[i][0]),
             FLAG_IF(in_is(&rq->in, "type", kinds[i][0]), "selected"));
    CLOSE(h, "select");
    CLOSE(h, "div");
}

static void new_form(struct request *rq)
{
    struct html *h = &rq->html;
    OPEN(h, "form", CLASS("panel"), ATTR("method", "post"), URL("action", "/admin/boites"));
    csrf_field(rq);
    LEAF(h, "h2", tr(rq, "Ouvrir une boîte"));
    OPEN(h, "div", CLASS("grid"));
    structure_field(rq);
    kind_field(rq);
    text_field(rq, "adresse", tr(rq, "Adresse"), "text", true);
    text_field(rq, "nom", tr(rq, "Nom affiché"), "text", true);
    text_field(rq, "identifiant", tr(rq, "Titulaire ou responsable : identifiant national (RPPS…)"), "text", false);
    CLOSE(h, "div");
    OPEN(h, "div");
    LEAF(h, "button", tr(rq, "Ouvrir"), CLASS("button primary"));
    CLOSE(h, "div");
    CLOSE(h, "form");
}

static void show(struct request *rq, const struct web_roles *roles, const char *problem)
{
    admin_bal_list list = {0};
    struct span words = in_declared(&rq->in, "q") ? in_text(&rq->in, "q") : SPAN_NONE;
    const char *asked = arena_strndup(rq->arena, words.n ? words.p : "", words.n);
    enum store_status status = admin_bals(rq->thread->db, rq->session.hash, asked, &list);
    if (status != STORE_OK) {
        answer_store_error(rq, status);
        return;
    }
    admin_begin(rq, roles, "boites");
    form_problem(rq, problem);
    if (!problem)
        search_box(rq);
    table(rq, &list);
    if (roles->roles & (ROLE_EXPLOITANT | ROLE_STRUCTURE))
        new_form(rq);
    frame_end(rq, FRAME_PAGE);
    vec_free(&list);
}

void page_admin_bals(struct request *rq)
{
    struct web_roles roles;
    if (admin_may(rq, "boites", &roles))
        show(rq, &roles, NULL);
}

static bool read_kind(const struct request *rq, enum bal_kind *kind)
{
    static const enum bal_kind kinds[] = {BAL_PER, BAL_ORG, BAL_APP, BAL_CAB};
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (in_is(&rq->in, "type", bal_kind_name(kinds[i]))) {
            *kind = kinds[i];
            return true;
        }
    return false;
}

static const char *create(struct request *rq, struct str *key, int64_t *id)
{
    struct person person = {.id = 0};
    struct span address = in_text(&rq->in, "adresse"), who = in_text(&rq->in, "identifiant"),
                name = in_text(&rq->in, "nom");
    struct bal_new bal = {.state = BAL_OPEN, .structure_id = (int64_t)in_number(&rq->in, "structure", 0)};
    if (!read_kind(rq, &bal.kind) || !address_key_of(key, address) || name.n == 0)
        return tr(rq, "Il faut une adresse, un nom affiché et un type.");
    if (who.n > 0 && person_find(rq->thread->db, arena_strndup(rq->arena, who.p, who.n), &person) != STORE_OK)
        return tr(rq, "Personne ne porte cet identifiant ici.");
    if (bal.kind == BAL_PER && !person.id)
        return tr(rq, "Une boîte nominative a un titulaire : donnez son identifiant.");
    bal.address = key->data;
    bal.domain = strrchr(key->data, '@') + 1;
    bal.display_name = arena_strndup(rq->arena, name.p, name.n);
    bal.holder_id = bal.kind == BAL_PER ? person.id : 0;
    bal.responsible_id = person.id;
    struct trace trace = admin_trace(rq, "bal.add");
    trace.detail = bal_kind_name(bal.kind);
    switch (admin_bal_create(rq->thread->db, rq->session.hash, &bal, &trace, id)) {
    case STORE_OK:
        return NULL;
    case STORE_EXISTS:
    case STORE_CONFLICT:
        return tr(rq, "Cette adresse existe déjà.");
    case STORE_REFUSED:
        admin_refused(rq, trace.action, 0);
        return tr(rq,
                  "Le domaine de l’adresse n’est pas un domaine de cette structure, ou seul son administrateur peut "
                  "donner un titulaire.");
    case STORE_INVALID:
        return tr(rq, "Ces valeurs ne sont pas acceptées.");
    default:
        return tr(rq, "La boîte n’a pas pu être ouverte. Réessayez dans quelques instants.");
    }
}

void page_admin_bal_create(struct request *rq)
{
    struct web_roles roles;
    struct str key;
    int64_t id = 0;
    if (!admin_may(rq, "boites", &roles))
        return;
    str_init(&key, ADDRESS_MAX);
    const char *problem = create(rq, &key, &id);
    str_free(&key);
    if (problem)
        show(rq, &roles, problem);
    else
        answer_redirect(rq, path_of(rq, "/admin/boites/%lld", (long long)id));
}
