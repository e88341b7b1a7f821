/* Search in a mailbox: messages are decrypted on the fly, newest first, folder by folder; there is no clear-text index to
 * search in. What is found within a short time is answered, and a form goes on from there: a button without scripts, by itself
 * with them (static/search.js), until it is stopped.
 */
#include "webmail-cgi/fates.h"
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/pages.h"
#include "webmail-cgi/panes.h"
#include "webmail-cgi/search.h"

#include "lib/base/clock.h"

#include <string.h>

/* With scripts what a folder holds is seen before the next one is looked at, and each answer is short enough to stop at. */
enum { SEARCH_MS = 1500, SEARCH_STEP_MS = 400 };
/* UIDs that are read together: twice as many each time, while that takes a tenth of a step. */
enum { BLOCK_MIN = 256, BLOCK_MAX = 8192, BLOCK_MS = SEARCH_STEP_MS / 10 };

struct search {
    struct request *rq;
    struct search_terms terms;
    card_list found;
    VEC(const struct folder *) folders; /* of each found */
    const struct folder *folder;        /* being searched */
    struct str scratch;
    bool full;
    int64_t reached; /* date of the oldest message looked at in this folder */
};

static bool look_at(const struct message_facts *facts, void *arg)
{
    struct search *s = arg;
    const struct search_terms *terms = &s->terms;
    struct summary_view view;
    bool in_time = (terms->from == 0 || facts->internal_date >= terms->from) &&
                   (terms->until == 0 || facts->internal_date < terms->until);
    s->reached = s->reached && s->reached < facts->internal_date ? s->reached : facts->internal_date;
    if (!in_time || !summary_open(&view, facts->structure) || !search_matches(terms, &view, facts->text, &s->scratch))
        return true;
    struct card card = {.uid = facts->uid,
                        .summary_flags = facts->summary_flags,
                        .head_size = facts->head_size,
                        .size = facts->size,
                        .date = facts->internal_date,
                        .blob_id = facts->blob_id};
    card.readable = summary_open(&card.summary, arena_span(s->rq->arena, facts->structure));
    vec_push(&s->found, card);
    vec_push(&s->folders, s->folder);
    return true;
}

/* Of what a block has found, from `first` on: flags are looked up, and the newest comes first. */
static enum store_status finish_block(struct search *s, size_t first, uint32_t low, uint32_t high)
{
    state_list states = {0};
    size_t at = 0;
    enum store_status status = folder_states(s->rq->thread->db, s->rq->mailbox, s->folder->id, low, high, 0, &states);
    for (size_t i = first; i < s->found.len; i++) {
        while (at < states.len && states.items[at].uid < s->found.items[i].uid)
            at++;
        if (at < states.len && states.items[at].uid == s->found.items[i].uid)
            s->found.items[i].flags = states.items[at].flags;
    }
    for (size_t i = first, j = s->found.len; i + 1 < j; i++) {
        struct card swapped = s->found.items[i];
        s->found.items[i] = s->found.items[--j];
        s->found.items[j] = swapped;
    }
    vec_free(&states);
    return status;
}

static enum store_status search_block(struct search *s, uint32_t low, uint32_t high)
{
    uid_list uids = {0};
    size_t before = s->found.len;
    unsigned want = WANT_SIZE | WANT_DATES | WANT_SUMMARY | (search_wants_text(&s->terms) ? WANT_TEXT : 0);
    for (uint32_t uid = low; uid <= high; uid++)
        vec_push(&uids, uid);
    enum store_status status =
        messages_each(s->rq->thread->db, s->rq->mailbox, s->folder->id, uids.items, uids.len, want, look_at, s);
    if (status == STORE_OK && s->found.len > before)
        status = finish_block(s, before, s->found.items[before].uid, s->found.items[s->found.len - 1].uid);
    vec_free(&uids);
    s->full = s->found.len >= LIST_PAGE;
    return status;
}

/* The inbox is looked at first, then the others in their order. */
static const struct folder *folder_at(const struct mail *mail, size_t i)
{
    const struct folder *inbox = mail_special(mail, "INBOX");
    size_t at = inbox ? (size_t)(inbox - mail->folders.items) : 0;
    return i == 0 ? &mail->folders.items[at] : &mail->folders.items[i <= at ? i - 1 : i];
}

static uint32_t next_block(uint32_t block, uint64_t ms)
{
    if (ms < BLOCK_MS)
        return block < BLOCK_MAX ? 2 * block : BLOCK_MAX;
    return ms > 2 * BLOCK_MS && block > BLOCK_MIN ? block / 2 : block;
}

/* From the cursor on: the folder it names below its UID, then the folders after it. */
static enum store_status search_all(struct search *s, const struct mail *mail, size_t *folder_index, uint32_t *before)
{
    uint64_t deadline = clock_ms() + (s->rq->wants_fragment ? SEARCH_STEP_MS : SEARCH_MS);
    enum store_status status = STORE_OK;
    uint32_t block = BLOCK_MIN;
    for (; *folder_index < mail->folders.len; (*folder_index)++, *before = 0) {
        s->folder = folder_at(mail, *folder_index);
        if (s->terms.folder_id && s->folder->id != s->terms.folder_id)
            continue;
        uint32_t high = *before ? *before - 1 : (s->folder->uidnext ? s->folder->uidnext - 1 : 0);
        s->reached = 0;
        while (status == STORE_OK && high > 0) {
            if (s->full || clock_ms() > deadline) {
                *before = high + 1;
                return STORE_OK;
            }
            uint32_t low = high > block ? high - block + 1 : 1;
            uint64_t begun = clock_ms();
            status = search_block(s, low, high);
            block = next_block(block, clock_ms() - begun);
            high = low - 1;
        }
        if (status != STORE_OK)
            return status;
        if (s->rq->wants_fragment && s->found.len > 0) {
            (*folder_index)++;
            *before = 0;
            return STORE_OK;
        }
    }
    return status;
}

/* What became of those that stand among the sent ones, as the Sent list says it. */
static enum store_status load_fates(struct search *s)
{
    card_list sent = {0};
    for (size_t i = 0; i < s->found.len; i++)
        if (strcmp(s->folders.items[i]->special_use, "\\Sent") == 0)
            vec_push(&sent, s->found.items[i]);
    enum store_status status = fates_load(s->rq, &sent);
    for (size_t i = 0, j = 0; i < s->found.len && j < sent.len; i++)
        if (strcmp(s->folders.items[i]->special_use, "\\Sent") == 0)
            s->found.items[i].fate = sent.items[j++].fate;
    vec_free(&sent);
    return status;
}

static void go_on_form(struct request *rq, const struct search *s, size_t folder_index, uint32_t before)
{
    struct html *h = &rq->html;
    OPEN(h, "form", CLASS("more"), ATTR("method", "post"),
         URL("action", path_of(rq, "/b/%lld/recherche", (long long)rq->bal.id)), FLAG_IF(!s->full, "data-continue"));
    csrf_field(rq);
    search_repeat(rq);
    form_hidden_number(rq, "dossier", folder_index);
    form_hidden_number(rq, "avant", before);
    OPEN(h, "p", CLASS("fine"), ATTR("role", "status"));
    html_text(h, s->folder ? folder_title(rq, s->folder) : "");
    if (s->reached) {
        html_text(h, tr(rq, " : cherché jusqu’au "));
        html_text(h, short_date(rq, s->reached));
    }
    CLOSE(h, "p");
    LEAF(h, "button", tr(rq, "Continuer la recherche plus loin"), CLASS("button small"),
         ATTR("data-more", tr(rq, "Continuer la recherche plus loin")),
         ATTR("data-stop", tr(rq, "Arrêter la recherche")));
    CLOSE(h, "form");
}

static void nothing_found(struct request *rq, const struct search *s, bool more)
{
    struct html *h = &rq->html;
    const char *words = search_is_empty(&s->terms) ? tr(rq, "Tapez un mot, un nom ou une date.")
                        : more                     ? tr(rq, "Rien jusqu’ici.")
                                                   : tr(rq, "Aucun message ne répond à cette recherche.");
    OPEN(h, "div", CLASS("empty"));
    icon(h, "search");
    LEAF(h, "p", words);
    CLOSE(h, "div");
}

static void results(struct request *rq, struct mail *mail, const struct search *s, size_t folder_index, uint32_t before)
{
    struct html *h = &rq->html;
    bool more = folder_index < mail->folders.len;
    mail->across = true;
    frame_begin(rq, FRAME_PANES, tr(rq, "Recherche"), "view-list");
    folders_pane(rq, mail);
    OPEN(h, "section", CLASS("list"), ATTR("id", "liste"), FLAG("data-search"),
         ATTR("aria-label", tr(rq, "Recherche")));
    OPEN(h, "header");
    LEAF(h, "h1", tr(rq, "Recherche"));
    search_form(rq, mail);
    CLOSE(h, "header");
    OPEN(h, "div", CLASS("rows"));
    if (s->found.len == 0)
        nothing_found(rq, s, more);
    OPEN(h, "ul");
    for (size_t i = 0; i < s->found.len; i++) {
        mail->folder = s->folders.items[i];
        row_write(rq, mail, &s->found.items[i], false);
    }
    CLOSE(h, "ul");
    mail->folder = NULL;
    if (more)
        go_on_form(rq, s, folder_index, before);
    CLOSE(h, "div");
    CLOSE(h, "section");
    empty_reading_pane(rq);
    frame_end(rq, FRAME_PANES);
}

/* The empty form. */
void page_search_form(struct request *rq)
{
    struct mail mail;
    struct search s = {.rq = rq};
    if (!mail_open(rq, &mail))
        return;
    results(rq, &mail, &s, mail.folders.len, 0);
    mail_close(&mail);
}

void page_search(struct request *rq)
{
    struct mail mail;
    struct search s = {.rq = rq};
    size_t folder_index = in_number(&rq->in, "dossier", 0);
    uint32_t before = (uint32_t)in_number(&rq->in, "avant", 0);
    if (!mail_open(rq, &mail))
        return;
    search_terms_read(rq, &s.terms);
    str_init(&s.scratch, SEARCH_FOLDED_MAX);
    enum store_status status = STORE_OK;
    if (search_is_empty(&s.terms))
        folder_index = mail.folders.len;
    else
        status = search_all(&s, &mail, &folder_index, &before);
    if (status == STORE_OK)
        status = load_fates(&s);
    trace_act(rq, "web.search", store_status_name(status), NULL);
    if (status == STORE_OK)
        results(rq, &mail, &s, folder_index, before);
    else
        answer_store_error(rq, status);
    str_wipe(&s.scratch);
    vec_free(&s.found);
    vec_free(&s.folders);
    mail_close(&mail);
}
