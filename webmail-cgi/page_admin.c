/* Administration: what the operator's roles see. Every screen is a listing of lib/store/listing.def — the same that the
 * `caducee` command prints — or the queue; none shows a message, and each look at it is traced.
 */
#include "webmail-cgi/admin.h"
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/mail.h"
#include "webmail-cgi/pages.h"
#include "webmail-cgi/plot.h"

#include "lib/base/clock.h"
#include "lib/base/num.h"
#include "lib/store/listing.h"
#include "lib/store/web_admin.h"

#include <string.h>
#include <time.h>

enum { VIEW_ARGUMENTS = 8 /* the most that a listing takes */ };
enum view_arguments {
    ARGS_NONE,
    ARGS_ALL, /* of every structure */
    ARGS_SEARCH,
    ARGS_LIMIT,
    ARGS_MONTH,
    ARGS_TRACES,
    ARGS_STRUCTURE,
    ARGS_OWN_PAGE /* page_admin_*.c */
};
static const struct view {
    const char *word, *title, *symbol;
    enum listing_kind listing;
    unsigned roles;
    enum view_arguments arguments;
} views[] = {
    {"alarmes", "Alarmes", "alert", LISTING_alarms, ROLE_EXPLOITANT | ROLE_AUDITOR | ROLE_OFFICER, ARGS_NONE},
    {"structures", "Structures", "building", LISTING_structures, ROLE_EXPLOITANT | ROLE_AUDITOR, ARGS_ALL},
    {"domaines", "Domaines", "folder", LISTING_domains, ROLE_EXPLOITANT | ROLE_AUDITOR, ARGS_ALL},
    {"boites", "Boîtes aux lettres", "inbox", LISTING_COUNT, ROLE_EXPLOITANT | ROLE_AUDITOR | ROLE_STRUCTURE,
     ARGS_OWN_PAGE},
    {"personnes", "Personnes", "person", LISTING_persons, ROLE_EXPLOITANT | ROLE_AUDITOR, ARGS_SEARCH},
    {"file", "File d’attente", "clock", LISTING_COUNT, ROLE_EXPLOITANT | ROLE_AUDITOR, ARGS_OWN_PAGE},
    {"patients", "Règles des patients", "heart", LISTING_COUNT, ROLE_EXPLOITANT | ROLE_STRUCTURE, ARGS_OWN_PAGE},
    {"listes-blanches", "Liste blanche", "shield", LISTING_COUNT, ROLE_EXPLOITANT | ROLE_AUDITOR | ROLE_OFFICER,
     ARGS_OWN_PAGE},
    {"autorites", "Autorités et CRL", "key", LISTING_cas, ROLE_EXPLOITANT | ROLE_AUDITOR | ROLE_OFFICER, ARGS_NONE},
    {"annuaire", "Annuaire : passes", "help", LISTING_passes, ROLE_EXPLOITANT | ROLE_AUDITOR, ARGS_LIMIT},
    {"indicateurs", "Indicateurs", "chart", LISTING_indicators, ROLE_EXPLOITANT | ROLE_AUDITOR | ROLE_STRUCTURE,
     ARGS_MONTH},
    {"ecarts", "Écarts des logiciels", "alert", LISTING_header_mismatches,
     ROLE_EXPLOITANT | ROLE_AUDITOR | ROLE_STRUCTURE, ARGS_STRUCTURE},
    {"traces", "Traces", "eye", LISTING_traces, ROLE_AUDITOR, ARGS_TRACES},
};

bool admin_roles(struct request *rq, struct web_roles *roles)
{
    enum store_status status = web_roles_of(rq->thread->db, rq->session.row.person_id, roles);
    if (status == STORE_OK && roles->roles)
        return true;
    answer_store_error(rq, status == STORE_OK ? STORE_NOT_FOUND : status); /* to others the part does not exist */
    return false;
}

static const struct view *view_of(const struct web_roles *roles, struct span word)
{
    for (size_t i = 0; i < COUNT(views); i++)
        if (span_is(word, views[i].word) && (views[i].roles & roles->roles))
            return &views[i];
    return NULL;
}

static void tabs(struct request *rq, const struct web_roles *roles, const struct view *current)
{
    struct html *h = &rq->html;
    OPEN(h, "nav", CLASS("tabs"), ATTR("aria-label", tr(rq, "Administration")));
    LEAF(h, "a", tr(rq, "Vue d’ensemble"), URL("href", "/admin"), ATTR_IF(!current, "aria-current", "page"));
    for (size_t i = 0; i < COUNT(views); i++)
        if (views[i].roles & roles->roles)
            LEAF(h, "a", tr(rq, views[i].title), URL("href", path_of(rq, "/admin/%s", views[i].word)),
                 ATTR_IF(current == &views[i], "aria-current", "page"));
    CLOSE(h, "nav");
}

/* "key:titre:title:n": the column's title in the reader's language, and whether it holds numbers. */
static bool next_column(struct request *rq, struct span *columns, struct span *title, bool *number)
{
    struct span column, part;
    if (columns->n == 0 || !span_cut(columns, '|', &column))
        return false;
    *number = column.n > 2 && span_is((struct span){column.p + column.n - 2, 2}, ":n");
    span_cut(&column, ':', &part);
    span_cut(&column, ':', title);
    if (rq->language == LANG_EN && column.n > 0)
        span_cut(&column, ':', title);
    return true;
}

static void table_head(struct request *rq, enum listing_kind kind, bool numbers[32])
{
    struct html *h = &rq->html;
    struct span columns = span_of(listing_columns(kind)), title;
    OPEN(h, "thead");
    OPEN(h, "tr");
    bool number;
    for (size_t i = 0; i < 32 && next_column(rq, &columns, &title, &number); i++) {
        numbers[i] = number;
        LEAF_SPAN(h, "th", title, ATTR("scope", "col"), ATTR_IF(number, "class", "num"));
    }
    CLOSE(h, "tr");
    CLOSE(h, "thead");
}

/* What the numbers of each column come to: a tree of structures in one line. */
static void totals(struct request *rq, const struct listing *listing, const bool numbers[32])
{
    struct html *h = &rq->html;
    OPEN(h, "tfoot");
    OPEN(h, "tr");
    for (size_t c = 0; c < listing->columns && c < 32; c++) {
        uint64_t sum = 0, n;
        for (size_t i = c; numbers[c] && i < listing->cells.len; i += listing->columns)
            if (num_u64(span_of(listing->cells.items[i]), UINT64_MAX / 2, &n))
                sum += n;
        OPEN(h, c == 0 ? "th" : "td", ATTR_IF(c == 0, "scope", "row"), ATTR_IF(numbers[c], "class", "num"));
        if (numbers[c])
            html_number(h, sum);
        else if (c == 0)
            html_text(h, tr(rq, "Total"));
        CLOSE(h, c == 0 ? "th" : "td");
    }
    CLOSE(h, "tr");
    CLOSE(h, "tfoot");
}

void admin_table(struct request *rq, enum listing_kind kind, const struct listing *listing)
{
    struct html *h = &rq->html;
    bool numbers[32] = {false};
    OPEN(h, "div", CLASS("panel scroll-x"), ATTR("tabindex", "0"), ATTR("role", "region"),
         ATTR("aria-label", tr(rq, "Tableau")));
    OPEN(h, "table");
    table_head(rq, kind, numbers);
    OPEN(h, "tbody");
    for (size_t i = 0; listing->columns > 0 && i + listing->columns <= listing->cells.len; i += listing->columns) {
        OPEN(h, "tr");
        for (size_t c = 0; c < listing->columns; c++)
            LEAF(h, "td", listing->cells.items[i + c], ATTR_IF(c < 32 && numbers[c], "class", "num"));
        CLOSE(h, "tr");
    }
    CLOSE(h, "tbody");
    if (kind == LISTING_indicators && listing->cells.len > 0)
        totals(rq, listing, numbers);
    CLOSE(h, "table");
    if (listing->cells.len == 0)
        LEAF(h, "p", tr(rq, "Rien à montrer."), CLASS("fine"));
    CLOSE(h, "div");
}

static const char *month_of(struct request *rq)
{
    struct span given = in_text(&rq->in, "mois");
    time_t now = (time_t)wall_s();
    struct tm t;
    if (given.n == 7 && given.p[4] == '-' && text_is_date(span_of(arena_printf(rq->arena, "%.7s-01", given.p))))
        return arena_printf(rq->arena, "%.7s-01", given.p);
    localtime_r(&now, &t);
    return arena_printf(rq->arena, "%04d-%02d-01", t.tm_year + 1900, t.tm_mon + 1);
}

static const char *text_or_null(struct request *rq, const char *name)
{
    struct span value = in_text(&rq->in, name);
    return value.n ? arena_strndup(rq->arena, value.p, value.n) : NULL;
}

static const char *seconds_of(struct request *rq, const char *name, int days, int64_t otherwise)
{
    int64_t day = date_of_input(in_text(&rq->in, name), days);
    return arena_printf(rq->arena, "%lld", (long long)(day ? day : otherwise));
}

/* Whose figures: one structure of those that this session governs, with what is under it; or all of them. */
static const char *tree_of(struct request *rq, bool everything)
{
    admin_structure_list governed = {0};
    int64_t wanted = (int64_t)in_number(&rq->in, "structure", 0);
    const char *tree = everything ? NULL : path_of(rq, "person:%lld", (long long)rq->session.row.person_id);
    if (wanted && admin_structures(rq->thread->db, rq->session.hash, &governed) == STORE_OK)
        vec_each (&governed, structure)
            if (structure->id == wanted)
                tree = path_of(rq, "structure:%lld", (long long)wanted);
    vec_free(&governed);
    return tree;
}

/* A structure's administrator sees their structures and those under them, whatever they ask. */
static size_t arguments_of(struct request *rq, const struct view *view, const struct web_roles *roles,
                           const char *out[VIEW_ARGUMENTS])
{
    bool everything = (roles->roles & (ROLE_EXPLOITANT | ROLE_AUDITOR)) != 0;
    memset(out, 0, VIEW_ARGUMENTS * sizeof(out[0]));
    switch (view->arguments) {
    case ARGS_NONE:
    case ARGS_OWN_PAGE:
        return 0;
    case ARGS_ALL:
        return 1;
    case ARGS_SEARCH:
        out[0] = text_or_null(rq, "q");
        return 2;
    case ARGS_LIMIT:
        out[0] = "50";
        return 1;
    case ARGS_MONTH:
        out[0] = month_of(rq);
        out[2] = tree_of(rq, everything);
        return 3;
    case ARGS_STRUCTURE:
        out[1] = tree_of(rq, everything);
        return 2;
    case ARGS_TRACES:
        out[0] = text_or_null(rq, "q");
        out[3] = seconds_of(rq, "depuis", 0, 0);
        out[4] = seconds_of(rq, "jusqu", 1, wall_s() + 86400);
        out[6] = "200";
        return VIEW_ARGUMENTS;
    }
    return 0;
}

static void structure_choice(struct request *rq)
{
    struct html *h = &rq->html;
    admin_structure_list governed = {0};
    int64_t wanted = (int64_t)in_number(&rq->in, "structure", 0);
    if (admin_structures(rq->thread->db, rq->session.hash, &governed) == STORE_OK && governed.len > 1) {
        OPEN(h, "label");
        LEAF(h, "span", tr(rq, "Structure, avec celles au-dessous"));
        OPEN(h, "select", ATTR("name", "structure"));
        LEAF(h, "option", tr(rq, "Toutes"), ATTR("value", "0"));
        vec_each (&governed, s)
            LEAF(h, "option", s->name, ATTR_N("value", s->id), ATTR_IF(s->id == wanted, "selected", "selected"));
        CLOSE(h, "select");
        CLOSE(h, "label");
    }
    vec_free(&governed);
}

static void search_box(struct request *rq, const struct view *view)
{
    struct html *h = &rq->html;
    bool month = view->arguments == ARGS_MONTH;
    if (view->arguments != ARGS_SEARCH && view->arguments != ARGS_TRACES && !month)
        return;
    const char *words = month                            ? tr(rq, "Mois (AAAA-MM)")
                        : view->arguments == ARGS_TRACES ? tr(rq, "Adresse de la boîte")
                                                         : tr(rq, "Nom ou identifiant national");
    OPEN(h, "form", CLASS("refine"), ATTR("method", "get"), URL("action", path_of(rq, "/admin/%s", view->word)));
    OPEN(h, "label");
    LEAF(h, "span", words);
    VOID(h, "input", ATTR("type", "text"), ATTR("name", month ? "mois" : "q"),
         ATTR_SPAN("value", month ? span_of(arena_strndup(rq->arena, month_of(rq), 7)) : in_text(&rq->in, "q")));
    CLOSE(h, "label");
    if (month)
        structure_choice(rq);
    if (view->arguments == ARGS_TRACES) {
        form_date(rq, "depuis", tr(rq, "Depuis"), in_text(&rq->in, "depuis"), false);
        form_date(rq, "jusqu", tr(rq, "Jusqu’au"), in_text(&rq->in, "jusqu"), false);
    }
    LEAF(h, "button", tr(rq, "Chercher"), CLASS("button small"));
    CLOSE(h, "form");
}

static void days_plot(struct request *rq, const char *const arguments[VIEW_ARGUMENTS])
{
    struct listing days = {0};
    if (listing_read(rq->thread->audit, LISTING_indicator_days, arguments, 3, &days) == STORE_OK && days.columns == 3)
        plot_bars(&rq->html, tr(rq, "Messages par jour"), tr(rq, "Envoyés"), tr(rq, "Reçus"),
                  tr(rq, "Aucun message ce mois-là."), days.cells.items, days.cells.len / 3);
    listing_free(&days);
}

static enum store_status write_view(struct request *rq, const struct view *view, const struct web_roles *roles)
{
    const char *arguments[VIEW_ARGUMENTS];
    struct listing listing = {0};
    size_t count = arguments_of(rq, view, roles, arguments);
    search_box(rq, view);
    enum listing_kind kind = view->arguments == ARGS_TRACES && arguments[0] ? LISTING_traces_of_bal : view->listing;
    enum store_status status = listing_read(rq->thread->audit, kind, arguments, count, &listing);
    if (status == STORE_OK && view->arguments == ARGS_MONTH)
        days_plot(rq, arguments);
    if (status == STORE_OK)
        admin_table(rq, view->listing, &listing);
    listing_free(&listing);
    return status;
}

bool admin_may(struct request *rq, const char *word, struct web_roles *roles)
{
    if (!admin_roles(rq, roles))
        return false;
    if (view_of(roles, span_of(word)))
        return true;
    answer_store_error(rq, STORE_NOT_FOUND);
    return false;
}

void admin_begin(struct request *rq, const struct web_roles *roles, const char *word)
{
    const struct view *view = view_of(roles, span_of(word));
    must(view);
    trace_act(rq, "admin.view", "OK", word);
    frame_begin(rq, FRAME_PAGE, tr(rq, view->title), "page wide");
    LEAF(&rq->html, "h1", tr(rq, view->title));
    tabs(rq, roles, view);
}

const char *admin_state(const struct request *rq, const char *state)
{
    static const char *const words[][2] = {
        {"open", "ouverte"}, {"waiting", "en attente"}, {"suspended", "suspendue"}, {"closed", "fermée"}};
    for (size_t i = 0; i < COUNT(words); i++)
        if (strcmp(state, words[i][0]) == 0)
            return tr(rq, words[i][1]);
    return state;
}

struct trace admin_trace(struct request *rq, const char *action)
{
    return (struct trace){.action = action,
                          .answer = "OK",
                          .session = rq->log.id,
                          .peer = rq->peer,
                          .actor_kind = TRACE_PERSON,
                          .actor = rq->session.row.person_name,
                          .person_id = rq->session.row.person_id};
}

void admin_refused(struct request *rq, const char *what, int64_t bal_id)
{
    struct trace trace = admin_trace(rq, "operator.refused");
    trace.answer = "NO";
    trace.bal_id = bal_id;
    trace.detail = what;
    if (trace_write(rq->thread->db, &trace) != STORE_OK)
        log_event(LOG_ERROR, &rq->log, "web.trace_lost", LS("action", trace.action));
}

void page_admin_view(struct request *rq)
{
    struct web_roles roles;
    if (!admin_roles(rq, &roles))
        return;
    const struct view *view = view_of(&roles, param_text(rq, "vue"));
    if (!view || view->arguments == ARGS_OWN_PAGE) {
        answer_store_error(rq, STORE_NOT_FOUND);
        return;
    }
    admin_begin(rq, &roles, view->word);
    enum store_status status = write_view(rq, view, &roles);
    frame_end(rq, FRAME_PAGE);
    if (status != STORE_OK)
        answer_store_error(rq, status);
}

static void figure(struct request *rq, const char *number, const char *words)
{
    struct html *h = &rq->html;
    OPEN(h, "div", CLASS("figure"));
    LEAF(h, "strong", number);
    LEAF(h, "span", words);
    CLOSE(h, "div");
}

static void figures(struct request *rq, const struct listing *health)
{
    static const struct {
        const char *key, *words;
    } shown[] = {{"structures", "structures"},
                 {"bals", "boîtes aux lettres"},
                 {"whitelist.entries", "entrées de la liste blanche"},
                 {"queue.waiting", "envois en attente"},
                 {"alarms", "alarmes"},
                 {"operators", "rôles d’opérateur"}};
    OPEN(&rq->html, "div", CLASS("figures"));
    for (size_t i = 0; i < COUNT(shown); i++)
        for (size_t row = 0; row + 1 < health->cells.len; row += 2)
            if (health->cells.items[row] && strcmp(health->cells.items[row], shown[i].key) == 0)
                figure(rq, health->cells.items[row + 1] ? health->cells.items[row + 1] : "—", tr(rq, shown[i].words));
    CLOSE(&rq->html, "div");
}

void page_admin(struct request *rq)
{
    struct web_roles roles;
    struct listing health = {0}, alarms = {0};
    if (!admin_roles(rq, &roles))
        return;
    bool operates = (roles.roles & ~(unsigned)ROLE_STRUCTURE) != 0;
    trace_act(rq, "admin.view", "OK", "accueil");
    frame_begin(rq, FRAME_PAGE, tr(rq, "Administration"), "page wide");
    LEAF(&rq->html, "h1", tr(rq, "Administration"));
    tabs(rq, &roles, NULL);
    if (!operates)
        LEAF(&rq->html, "p", roles.structure, CLASS("lead"));
    if (operates && listing_read(rq->thread->audit, LISTING_health, NULL, 0, &health) == STORE_OK)
        figures(rq, &health);
    if (operates && listing_read(rq->thread->audit, LISTING_alarms, NULL, 0, &alarms) == STORE_OK &&
        alarms.cells.len > 0) {
        LEAF(&rq->html, "h2", tr(rq, "Alarmes en cours"));
        admin_table(rq, LISTING_alarms, &alarms);
    }
    listing_free(&health);
    listing_free(&alarms);
    frame_end(rq, FRAME_PAGE);
}
