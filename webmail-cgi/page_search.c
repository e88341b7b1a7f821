/* Search in a whole mailbox: messages are decrypted on the fly, newest first, folder by folder; there is no clear-text
 * index to search in. What is found within a time is shown, and a button goes on from there. The words come by POST: a
 * patient's name never stands in an address.
 */
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/pages.h"
#include "webmail-cgi/panes.h"

#include "lib/base/clock.h"
#include "lib/proto/charset.h"

enum { SEARCH_MS = 1500, SEARCH_BLOCK = 256, SEARCH_WORDS_MAX = 8 };

struct search {
    struct request *rq;
    struct span words[SEARCH_WORDS_MAX]; /* folded */
    size_t word_count;
    int64_t from, until; /* wall; 0: none */
    card_list found;
    VEC(const struct folder *) folders; /* of each found */
    const struct folder *folder;        /* being searched */
    const state_list *states;
    bool full;
    uint32_t last; /* the lowest UID looked at */
};

static void read_words(struct search *s, struct span typed)
{
    struct str folded;
    struct span rest, word;
    str_init(&folded, 4096);
    charset_fold(&folded, typed);
    rest = arena_span(s->rq->arena, str_span(&folded));
    str_free(&folded);
    while (rest.n > 0 && s->word_count < SEARCH_WORDS_MAX && span_cut(&rest, ' ', &word))
        if (word.n > 0)
            s->words[s->word_count++] = word;
}

/* The fields that servers wrote in front hold names that nobody looks for: ours would be found in every message. */
static struct span as_written(struct span text)
{
    static const char *const fields[] = {"Return-Path:", "Received:", "Authentication-Results:", "X-Caducee-"};
    struct span rest = text, line;
    while (span_cut(&rest, '\n', &line)) {
        bool skipped = false;
        for (size_t i = 0; i < COUNT(fields); i++)
            skipped = skipped || span_starts_nocase(line, fields[i]);
        if (!skipped)
            break;
        text = rest;
    }
    return text;
}

static bool holds_all(const struct search *s, const struct message_facts *facts, const struct summary_view *view)
{
    struct str folded;
    bool all = true;
    str_init(&folded, (facts->text.n + (1 << 16)) * 3);
    charset_fold(&folded, as_written(facts->text)); /* holds the header lines too (store/summary.h) */
    str_putc(&folded, '\n');
    charset_fold(&folded, view->field[SUMMARY_DOCUMENTS]);
    str_putc(&folded, '\n');
    charset_fold(&folded, view->field[SUMMARY_PATIENT]);
    for (size_t i = 0; i < s->word_count && all; i++)
        all = span_find(str_span(&folded), s->words[i]) >= 0;
    str_wipe(&folded);
    return all;
}

static bool look_at(const struct message_facts *facts, void *arg)
{
    struct search *s = arg;
    struct summary_view view;
    bool in_time =
        (s->from == 0 || facts->internal_date >= s->from) && (s->until == 0 || facts->internal_date < s->until);
    if (!in_time || !summary_open(&view, facts->structure) || !holds_all(s, facts, &view))
        return true;
    struct card card = {.uid = facts->uid,
                        .summary_flags = facts->summary_flags,
                        .head_size = facts->head_size,
                        .size = facts->size,
                        .date = facts->internal_date,
                        .blob_id = facts->blob_id};
    vec_each (s->states, state)
        if (state->uid == facts->uid)
            card.flags = state->flags;
    card.readable = summary_open(&card.summary, arena_span(s->rq->arena, facts->structure));
    vec_push(&s->found, card);
    vec_push(&s->folders, s->folder);
    return true;
}

/* A block of UIDs; what it finds is turned round, so that the newest comes first. */
static enum store_status search_block(struct search *s, uint32_t low, uint32_t high)
{
    state_list states = {0};
    uid_list uids = {0};
    size_t before = s->found.len;
    enum store_status status = folder_states(s->rq->thread->db, s->rq->mailbox, s->folder->id, low, high, 0, &states);
    vec_each (&states, state)
        vec_push(&uids, state->uid);
    s->states = &states;
    if (status == STORE_OK && uids.len > 0)
        status = messages_each(s->rq->thread->db, s->rq->mailbox, s->folder->id, uids.items, uids.len,
                               WANT_SIZE | WANT_DATES | WANT_SUMMARY | WANT_TEXT, look_at, s);
    for (size_t i = before, j = s->found.len; i + 1 < j; i++) {
        struct card swapped = s->found.items[i];
        s->found.items[i] = s->found.items[--j];
        s->found.items[j] = swapped;
    }
    vec_free(&states);
    vec_free(&uids);
    s->last = low;
    s->full = s->found.len >= LIST_PAGE;
    return status;
}

/* From the cursor on: the folder it names below its UID, then the folders after it. */
static enum store_status search_all(struct search *s, const struct mail *mail, size_t *folder_index, uint32_t *before)
{
    uint64_t deadline = clock_ms() + SEARCH_MS;
    enum store_status status = STORE_OK;
    for (; *folder_index < mail->folders.len; (*folder_index)++, *before = 0) {
        s->folder = &mail->folders.items[*folder_index];
        uint32_t high = *before ? *before - 1 : (s->folder->uidnext ? s->folder->uidnext - 1 : 0);
        while (status == STORE_OK && high > 0) {
            if (s->full || clock_ms() > deadline) {
                *before = high + 1;
                return STORE_OK;
            }
            uint32_t low = high > SEARCH_BLOCK ? high - SEARCH_BLOCK + 1 : 1;
            status = search_block(s, low, high);
            high = low - 1;
        }
        if (status != STORE_OK)
            return status;
    }
    return status;
}

static void hidden(struct request *rq, const char *name, struct span value)
{
    VOID(&rq->html, "input", ATTR("type", "hidden"), ATTR("name", name),
         ATTR_SPAN("value", value.p ? value : SPAN_LIT("")));
}

static void go_on_form(struct request *rq, size_t folder_index, uint32_t before)
{
    struct html *h = &rq->html;
    OPEN(h, "form", CLASS("more"), ATTR("method", "post"),
         URL("action", path_of(rq, "/b/%lld/recherche", (long long)rq->bal.id)));
    csrf_field(rq);
    hidden(rq, "mots", in_text(&rq->in, "mots"));
    hidden(rq, "depuis", in_text(&rq->in, "depuis"));
    hidden(rq, "jusqu", in_text(&rq->in, "jusqu"));
    VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "dossier"), ATTR_N("value", folder_index));
    VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "avant"), ATTR_N("value", before));
    LEAF(h, "button", tr(rq, "Continuer la recherche plus loin"), CLASS("button small"));
    CLOSE(h, "form");
}

static void refine_form(struct request *rq)
{
    struct html *h = &rq->html;
    OPEN(h, "form", CLASS("refine"), ATTR("method", "post"),
         URL("action", path_of(rq, "/b/%lld/recherche", (long long)rq->bal.id)));
    csrf_field(rq);
    OPEN(h, "label");
    LEAF(h, "span", tr(rq, "Mots"));
    VOID(h, "input", ATTR("type", "text"), ATTR("name", "mots"), ATTR("maxlength", "200"),
         ATTR_SPAN("value", in_text(&rq->in, "mots")));
    CLOSE(h, "label");
    OPEN(h, "label");
    LEAF(h, "span", tr(rq, "Du"));
    VOID(h, "input", ATTR("type", "date"), ATTR("name", "depuis"), ATTR_SPAN("value", in_text(&rq->in, "depuis")));
    CLOSE(h, "label");
    OPEN(h, "label");
    LEAF(h, "span", tr(rq, "au"));
    VOID(h, "input", ATTR("type", "date"), ATTR("name", "jusqu"), ATTR_SPAN("value", in_text(&rq->in, "jusqu")));
    CLOSE(h, "label");
    LEAF(h, "button", tr(rq, "Rechercher"), CLASS("button small"));
    CLOSE(h, "form");
}

static void results(struct request *rq, struct mail *mail, const struct search *s, size_t folder_index, uint32_t before)
{
    struct html *h = &rq->html;
    bool more = folder_index < mail->folders.len;
    frame_begin(rq, FRAME_PANES, tr(rq, "Recherche"), "view-list");
    folders_pane(rq, mail);
    OPEN(h, "section", CLASS("list"), ATTR("id", "liste"));
    OPEN(h, "header");
    LEAF(h, "h1", tr(rq, "Recherche"));
    refine_form(rq);
    CLOSE(h, "header");
    OPEN(h, "div", CLASS("rows"));
    if (s->found.len == 0) {
        OPEN(h, "div", CLASS("empty"));
        icon(h, "search");
        LEAF(h, "p", more ? tr(rq, "Rien jusqu’ici.") : tr(rq, "Aucun message ne contient ces mots."));
        CLOSE(h, "div");
    }
    OPEN(h, "ul");
    for (size_t i = 0; i < s->found.len; i++) {
        mail->folder = s->folders.items[i];
        row_write(rq, mail, &s->found.items[i], false);
    }
    CLOSE(h, "ul");
    mail->folder = NULL;
    if (more)
        go_on_form(rq, folder_index, before);
    CLOSE(h, "div");
    CLOSE(h, "section");
    empty_reading_pane(rq);
    frame_end(rq, FRAME_PANES);
}

void page_search(struct request *rq)
{
    struct mail mail;
    struct search s = {.rq = rq};
    size_t folder_index = in_number(&rq->in, "dossier", 0);
    uint32_t before = (uint32_t)in_number(&rq->in, "avant", 0);
    if (!mail_open(rq, &mail))
        return;
    read_words(&s, in_text(&rq->in, "mots"));
    s.from = date_of_input(in_text(&rq->in, "depuis"), 0);
    s.until = date_of_input(in_text(&rq->in, "jusqu"), 1);
    enum store_status status = STORE_OK;
    if (s.word_count > 0 || s.from || s.until)
        status = search_all(&s, &mail, &folder_index, &before);
    else
        folder_index = mail.folders.len;
    trace_act(rq, "web.search", store_status_name(status), NULL);
    if (status == STORE_OK)
        results(rq, &mail, &s, folder_index, before);
    else
        answer_store_error(rq, status);
    vec_free(&s.found);
    vec_free(&s.folders);
    mail_close(&mail);
}
