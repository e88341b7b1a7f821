/* Who read what: for the holder and managers of a mailbox, from its traces (SC.MSS/CONF.17). The gate has proven that the
 * person manages this mailbox; the list is asked for with its number and nothing else.
 */
#include "webmail-cgi/desk.h"
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/mail.h"
#include "webmail-cgi/pages.h"

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "lib/proto/charset.h"
#include "lib/store/listing.h"

enum { AT, WHO, ACT, MESSAGES, ANSWER, COLUMNS };

static const struct {
    const char *action, *words;
} acts[] = {{"web.read", "a ouvert un message"},
            {"web.attachment", "a ouvert une pièce jointe"},
            {"web.document", "a ouvert un document de santé"},
            {"web.source", "a vu la source d’un message"},
            {"web.search", "a cherché dans la boîte"},
            {"web.export", "a téléchargé la boîte"},
            {"web.supprimer", "a mis à la corbeille"},
            {"web.effacer", "a supprimé définitivement"},
            {"imap.fetch", "a lu depuis son logiciel"},
            {"imap.expunge", "a supprimé depuis son logiciel"}};

static const char *act_words(struct request *rq, const char *action)
{
    for (size_t i = 0; i < COUNT(acts); i++)
        if (span_is(span_of(action), acts[i].action))
            return tr(rq, acts[i].words);
    return action;
}

/* "folder/uid": one message, which can be opened from here; or a set of several. */
static void which(struct request *rq, const char *messages)
{
    struct span rest = span_of(messages), folder;
    uint64_t folder_id, uid;
    if (!messages || !span_cut(&rest, '/', &folder) || !num_u64(folder, INT64_MAX, &folder_id))
        return;
    if (num_u64(rest, UINT32_MAX, &uid))
        LEAF(&rq->html, "a", tr(rq, "Voir ce message"),
             URL("href", path_of(rq, "/b/%lld/d/%llu/m/%llu", (long long)rq->bal.id, (unsigned long long)folder_id,
                                 (unsigned long long)uid)));
    else
        html_text(&rq->html, tr(rq, "Plusieurs messages"));
}

static void table(struct request *rq, const struct listing *list)
{
    static const char *const heads[] = {"Quand", "Personne", "Geste", "Message"};
    struct html *h = &rq->html;
    OPEN(h, "section", CLASS("panel scroll-x listed"), ATTR("tabindex", "0"),
         ATTR("aria-label", tr(rq, "Qui a lu quoi")));
    OPEN(h, "table");
    OPEN(h, "thead");
    OPEN(h, "tr");
    for (size_t i = 0; i < COUNT(heads); i++)
        LEAF(h, "th", tr(rq, heads[i]), ATTR("scope", "col"));
    CLOSE(h, "tr");
    CLOSE(h, "thead");
    OPEN(h, "tbody");
    for (size_t i = 0; i + COLUMNS <= list->cells.len; i += COLUMNS) {
        char *const *cell = &list->cells.items[i];
        OPEN(h, "tr");
        LEAF(h, "td", cell[AT] ? cell[AT] : "");
        LEAF(h, "td", cell[WHO] ? cell[WHO] : "");
        LEAF(h, "td", act_words(rq, cell[ACT] ? cell[ACT] : ""));
        OPEN(h, "td");
        which(rq, cell[MESSAGES]);
        CLOSE(h, "td");
        CLOSE(h, "tr");
    }
    CLOSE(h, "tbody");
    CLOSE(h, "table");
    CLOSE(h, "section");
}

static void period_form(struct request *rq)
{
    struct html *h = &rq->html;
    OPEN(h, "form", CLASS("panel refine"), ATTR("method", "get"), URL("action", desk_path(rq, "lectures")));
    form_date(rq, "depuis", tr(rq, "Du"), in_text(&rq->in, "depuis"), false);
    form_date(rq, "jusqu", tr(rq, "au"), in_text(&rq->in, "jusqu"), false);
    LEAF(h, "button", tr(rq, "Afficher"), CLASS("button"));
    CLOSE(h, "form");
}

static const char *wall_argument(struct request *rq, const char *field, int days)
{
    int64_t wall = date_of_input(in_text(&rq->in, field), days);
    return wall ? arena_printf(rq->arena, "%lld", (long long)wall) : NULL;
}

void page_readers(struct request *rq)
{
    struct listing list;
    uint64_t folder = in_number(&rq->in, "dossier", 0), uid = in_number(&rq->in, "uid", 0);
    const char *message =
        uid ? arena_printf(rq->arena, "%llu/%llu", (unsigned long long)folder, (unsigned long long)uid) : NULL;
    const char *const arguments[] = {arena_printf(rq->arena, "%lld", (long long)rq->bal.id),
                                     wall_argument(rq, "depuis", 0), wall_argument(rq, "jusqu", 1), message};
    enum store_status status =
        listing_read(rq->thread->audit, LISTING_bal_readings, arguments, COUNT(arguments), &list);
    if (status != STORE_OK) {
        answer_store_error(rq, status);
        return;
    }
    trace_act(rq, "web.readers", "OK", message);
    desk_begin(rq, "lectures");
    if (!message)
        period_form(rq);
    if (list.cells.len == 0)
        desk_empty(rq, "eye", tr(rq, "Aucune lecture dans cette période."));
    else
        table(rq, &list);
    form_help(rq, tr(rq, "Les 500 derniers gestes au plus. La consultation de cette page laisse elle-même une trace."));
    desk_end(rq);
    listing_free(&list);
}
