/* /admin/file: what waits to leave, domain by domain and recipient by recipient, and what an exploitant may do about it. A
 * patient's address is never shown; the whole queue is the command's alone (caducee queue hold --all). */
#include "webmail-cgi/admin.h"
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/pages.h"

#include "lib/proto/address.h"
#include "lib/store/web_admin.h"

#include <string.h>

enum { QUEUE_SHOWN = 100 };

static const struct {
    const char *word, *words, *action;
    enum queue_order order;
} orders[] = {{"reessayer", "Réessayer", "queue.retry", QUEUE_RETRY},
              {"retenir", "Retenir", "queue.hold", QUEUE_HOLD},
              {"relacher", "Relâcher", "queue.release", QUEUE_RELEASE},
              {"abandonner", "Abandonner", "queue.drop", QUEUE_DROP}};

struct showing {
    struct request *rq;
    bool may;
    size_t rows;
};

static void order_buttons(struct request *rq, const char *domain, int64_t message, bool held)
{
    struct html *h = &rq->html;
    OPEN(h, "form", ATTR("method", "post"), CLASS("bar"), URL("action", "/admin/file"));
    csrf_field(rq);
    if (message)
        VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "message"), ATTR_N("value", message));
    else
        VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "domaine"), ATTR("value", domain));
    for (size_t i = 0; i < COUNT(orders); i++)
        if (!message || (orders[i].order == QUEUE_RELEASE ? held : orders[i].order == QUEUE_DROP || !held))
            LEAF(h, "button", tr(rq, orders[i].words), ATTR("name", "acte"), ATTR("value", orders[i].word),
                 CLASS(orders[i].order == QUEUE_DROP ? "button danger small" : "button small"));
    CLOSE(h, "form");
}

static void number_cell(struct html *h, uint64_t number)
{
    OPEN(h, "td", CLASS("num"));
    html_number(h, number);
    CLOSE(h, "td");
}

static bool domain_row(const struct queue_summary_row *row, void *arg)
{
    struct showing *s = arg;
    struct html *h = &s->rq->html;
    OPEN(h, "tr");
    LEAF(h, "td", row->domain);
    number_cell(h, row->waiting);
    number_cell(h, row->claimed);
    number_cell(h, row->held);
    LEAF(h, "td", row->oldest ? long_date(s->rq, row->oldest) : "");
    OPEN(h, "td");
    if (s->may)
        order_buttons(s->rq, row->domain, 0, row->held > 0);
    CLOSE(h, "td");
    CLOSE(h, "tr");
    s->rows++;
    return true;
}

static bool recipient_row(const struct queue_row *row, void *arg)
{
    struct showing *s = arg;
    struct html *h = &s->rq->html;
    OPEN(h, "tr");
    LEAF(h, "td", row->sender);
    LEAF(h, "td", row->recipient);
    OPEN(h, "td");
    LEAF(h, "span", row->state == QUEUE_HELD ? tr(s->rq, "Retenu") : tr(s->rq, "En attente"),
         CLASS(row->state == QUEUE_HELD ? "tag warn" : "tag"));
    CLOSE(h, "td");
    number_cell(h, row->tries);
    LEAF(h, "td", row->next_try ? short_date(s->rq, row->next_try) : "");
    OPEN(h, "td");
    html_text(h, row->reply);
    if (row->rule[0])
        LEAF(h, "small", row->rule);
    CLOSE(h, "td");
    OPEN(h, "td");
    if (s->may)
        order_buttons(s->rq, NULL, row->message_id, row->state == QUEUE_HELD);
    CLOSE(h, "td");
    CLOSE(h, "tr");
    s->rows++;
    return true;
}

static void table_begin(struct request *rq, const char *title, const char *const *heads, size_t count)
{
    struct html *h = &rq->html;
    LEAF(h, "h2", title);
    OPEN(h, "div", CLASS("panel scroll-x"), ATTR("tabindex", "0"), ATTR("role", "region"), ATTR("aria-label", title));
    OPEN(h, "table");
    OPEN(h, "thead");
    OPEN(h, "tr");
    for (size_t i = 0; i < count; i++)
        LEAF(h, "th", tr(rq, heads[i]), ATTR("scope", "col"));
    CLOSE(h, "tr");
    CLOSE(h, "thead");
    OPEN(h, "tbody");
}

static void table_end(struct request *rq, const struct showing *s)
{
    struct html *h = &rq->html;
    CLOSE(h, "tbody");
    CLOSE(h, "table");
    if (s->rows == 0)
        LEAF(h, "p", tr(rq, "Rien n’attend."), CLASS("fine"));
    CLOSE(h, "div");
}

static void show(struct request *rq, const struct web_roles *roles, const char *problem)
{
    static const char *const by_domain[] = {"Domaine", "En attente",     "En cours",
                                            "Retenus", "Le plus ancien", "Actions"};
    static const char *const by_recipient[] = {"Expéditeur", "Destinataire",     "État",   "Essais",
                                               "Prochain",   "Dernière réponse", "Actions"};
    struct showing s = {.rq = rq, .may = (roles->roles & ROLE_EXPLOITANT) != 0};
    admin_begin(rq, roles, "file");
    form_problem(rq, problem);
    table_begin(rq, tr(rq, "Par domaine"), by_domain, COUNT(by_domain));
    enum store_status status = queue_summary(rq->thread->db, domain_row, &s);
    table_end(rq, &s);
    s.rows = 0;
    table_begin(rq, tr(rq, "Par destinataire"), by_recipient, COUNT(by_recipient));
    if (status == STORE_OK)
        status = queue_list(rq->thread->db, NULL, -1, 0, QUEUE_SHOWN, recipient_row, &s);
    table_end(rq, &s);
    frame_end(rq, FRAME_PAGE);
    if (status != STORE_OK)
        answer_store_error(rq, status);
}

void page_admin_queue(struct request *rq)
{
    struct web_roles roles;
    if (admin_may(rq, "file", &roles))
        show(rq, &roles, NULL);
}

static enum store_status obey(struct request *rq)
{
    struct span typed = in_text(&rq->in, "domaine");
    int64_t message = (int64_t)in_number(&rq->in, "message", 0);
    struct str domain;
    uint64_t changed = 0;
    enum store_status status = STORE_INVALID;
    str_init(&domain, ADDRESS_DOMAIN_MAX);
    bool named = typed.n > 0 && domain_normalise(&domain, typed);
    for (size_t i = 0; i < COUNT(orders) && (message || named); i++) {
        if (!in_is(&rq->in, "acte", orders[i].word))
            continue;
        struct trace trace = admin_trace(rq, orders[i].action);
        trace.counterpart = named ? domain.data : NULL;
        trace.messages = message ? arena_printf(rq->arena, "message %lld", (long long)message) : NULL;
        status = admin_queue(rq->thread->db, rq->session.hash, orders[i].order, message, named ? domain.data : NULL,
                             &changed, &trace);
    }
    str_free(&domain);
    return status;
}

void page_admin_queue_act(struct request *rq)
{
    struct web_roles roles;
    if (!admin_may(rq, "file", &roles))
        return;
    enum store_status status = obey(rq);
    if (status == STORE_OK)
        answer_redirect(rq, "/admin/file");
    else
        show(rq, &roles, tr(rq, "Cela n’a pas été fait : l’envoi est déjà parti, ou ce rôle n’est pas le vôtre."));
}
