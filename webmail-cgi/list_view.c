#include "webmail-cgi/list_view.h"

#include "webmail-cgi/layout.h"
#include "webmail-cgi/pages.h"

#include "lib/base/text.h"

static const char setting[] = "vue";

static const struct {
    const char *name, *words;
} sorts[SORT_COUNT] = {
    [SORT_NEWEST] = {"recents", "Les plus récents d’abord"}, [SORT_OLDEST] = {"anciens", "Les plus anciens d’abord"},
    [SORT_SENDER] = {"correspondant", "Par correspondant"},  [SORT_SUBJECT] = {"objet", "Par objet"},
    [SORT_SIZE] = {"taille", "Les plus gros d’abord"},       [SORT_PATIENT] = {"patient", "Par patient"}};

const char *list_sort_name(enum list_sort sort)
{
    return sorts[sort].name;
}

const char *list_sort_words(const struct request *rq, enum list_sort sort)
{
    return tr(rq, sorts[sort].words);
}

/* "liste objet", "conversations recents" */
void list_view_read(const struct request *rq, struct list *list)
{
    struct span rest = span_of(rq->view), shape = SPAN_NONE;
    if (rest.n > 0 && span_cut(&rest, ' ', &shape))
        for (size_t i = 0; i < SORT_COUNT; i++)
            if (span_is(rest, sorts[i].name))
                list->sort = (unsigned)i;
    list->conversations = span_is(shape, "conversations");
}

static void shape_choice(struct request *rq, const char *value, const char *words, bool chosen)
{
    struct html *h = &rq->html;
    OPEN(h, "label", CLASS("check"));
    VOID(h, "input", ATTR("type", "radio"), ATTR("name", "forme"), ATTR("value", value), FLAG_IF(chosen, "checked"));
    LEAF(h, "span", words);
    CLOSE(h, "label");
}

void list_view_menu(struct request *rq, const struct mail *mail, const struct list *list)
{
    struct html *h = &rq->html;
    OPEN(h, "details", CLASS("menu view"));
    OPEN(h, "summary", CLASS("button small quiet"), ATTR("title", tr(rq, "Affichage et tri")));
    icon(h, "settings");
    LEAF(h, "span", tr(rq, "Affichage"));
    CLOSE(h, "summary");
    OPEN(h, "form", CLASS("sheet right"), ATTR("method", "post"),
         URL("action", path_of(rq, "/b/%lld/d/%lld/vue", (long long)rq->bal.id, (long long)mail->folder->id)));
    csrf_field(rq);
    OPEN(h, "fieldset");
    LEAF(h, "legend", tr(rq, "Une ligne est"));
    shape_choice(rq, "liste", tr(rq, "un message"), !list->conversations);
    shape_choice(rq, "conversations", tr(rq, "une conversation"), list->conversations);
    CLOSE(h, "fieldset");
    OPEN(h, "div", CLASS("field"));
    LEAF(h, "label", tr(rq, "Ordre"), ATTR("for", "tri"));
    OPEN(h, "select", ATTR("name", "tri"), ATTR("id", "tri"));
    for (size_t i = 0; i < SORT_COUNT; i++)
        LEAF(h, "option", tr(rq, sorts[i].words), ATTR("value", sorts[i].name),
             FLAG_IF(i == (size_t)list->sort, "selected"));
    CLOSE(h, "select");
    CLOSE(h, "div");
    LEAF(h, "button", tr(rq, "Appliquer"), CLASS("button primary small"));
    CLOSE(h, "form");
    CLOSE(h, "details");
}

void page_view_set(struct request *rq)
{
    bool threads = in_is(&rq->in, "forme", "conversations");
    size_t sort = 0;
    for (size_t i = 0; i < SORT_COUNT; i++)
        if (in_is(&rq->in, "tri", sorts[i].name))
            sort = i;
    const char *value = arena_printf(rq->arena, "%s %s", threads ? "conversations" : "liste", sorts[sort].name);
    enum store_status status =
        web_setting_set(rq->thread->db, rq->session.row.person_id, rq->bal.id, setting, span_of(value));
    if (status == STORE_OK)
        answer_redirect(rq,
                        path_of(rq, "/b/%lld/d/%lld", (long long)rq->bal.id, (long long)param_number(rq, "folder")));
    else
        answer_store_error(rq, status);
}
