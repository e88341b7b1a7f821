/* The rows of a list: states of a block of UIDs, newest first, then the facts of those that are shown. What a folder of
 * 100,000 messages costs is what its first page costs.
 */
#include "webmail-cgi/fates.h"
#include "webmail-cgi/list_view.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256 };

bool list_state_passes(enum list_filter filter, uint64_t flags)
{
    if (filter == FILTER_UNSEEN)
        return !(flags & FLAG_SEEN);
    if (filter == FILTER_FLAGGED)
        return (flags & FLAG_FLAGGED) != 0;
    return true;
}

bool list_facts_pass(enum list_filter filter, const struct card *card)
{
    if (filter == FILTER_ATTACHMENTS)
        return (card->summary_flags & SUMMARY_ATTACHMENTS) != 0;
    if (filter == FILTER_DOCUMENTS)
        return (card->summary_flags & (SUMMARY_HAS_XDM | SUMMARY_HAS_CDA)) != 0;
    if (filter == FILTER_PATIENTS)
        return card_of_patient(card);
    return true;
}

struct loading {
    struct request *rq;
    const state_list *states;
    card_list *cards;
};

static uint64_t flags_of(const state_list *states, uint32_t uid)
{
    vec_each (states, s)
        if (s->uid == uid)
            return s->flags;
    return 0;
}

static bool take_facts(const struct message_facts *facts, void *arg)
{
    struct loading *loading = arg;
    struct card card = {.uid = facts->uid,
                        .summary_flags = facts->summary_flags,
                        .head_size = facts->head_size,
                        .size = facts->size,
                        .date = facts->internal_date,
                        .blob_id = facts->blob_id,
                        .flags = flags_of(loading->states, facts->uid)};
    card.readable = summary_open(&card.summary, arena_span(loading->rq->arena, facts->structure));
    vec_push(loading->cards, card);
    return true;
}

enum store_status list_cards(struct request *rq, int64_t folder_id, const uint32_t *uids, size_t count,
                             const state_list *states, card_list *out)
{
    struct loading loading = {.rq = rq, .states = states, .cards = out};
    if (count == 0)
        return STORE_OK;
    return messages_each(rq->thread->db, rq->mailbox, folder_id, uids, count, WANT_SIZE | WANT_DATES | WANT_SUMMARY,
                         take_facts, &loading);
}

static int by_uid(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static const struct work *work_of(const work_list *list, uint32_t uid)
{
    vec_each (list, w)
        if (w->uid == uid)
            return w;
    return NULL;
}

static bool is_done(const work_list *list, uint32_t uid)
{
    const struct work *work = work_of(list, uid);
    return work && work->state == WORK_DONE;
}

/* One block's messages that pass, newest first, appended to the page; true when the page is full. */
static enum store_status load_block(struct request *rq, const struct mail *mail, struct list *list, uint32_t from,
                                    uint32_t to, bool *full)
{
    state_list states = {0};
    card_list found = {0};
    uid_list uids = {0};
    work_list work = {0};
    enum store_status status = folder_states(rq->thread->db, rq->mailbox, mail->folder->id, from, to, 0, &states);
    if (status == STORE_OK && list->filter == FILTER_TODO)
        status = work_list_of(rq->thread->db, rq->bal.id, mail->folder->id, from, to, &work);
    bool cheap =
        list->filter <= FILTER_FLAGGED || list->filter == FILTER_TODO; /* then no more facts are read than are shown */
    size_t room = LIST_PAGE - list->cards.len;
    for (size_t i = states.len; status == STORE_OK && i-- > 0 && !(cheap && uids.len == room);)
        if (list_state_passes(list->filter, states.items[i].flags) && !is_done(&work, states.items[i].uid))
            vec_push(&uids, states.items[i].uid);
    if (uids.len > 1)
        qsort(uids.items, uids.len, sizeof(uids.items[0]), by_uid);
    if (status == STORE_OK)
        status = list_cards(rq, mail->folder->id, uids.items, uids.len, &states, &found);
    for (size_t i = found.len; i-- > 0 && !*full;) {
        if (!list_facts_pass(list->filter, &found.items[i]))
            continue;
        vec_push(&list->cards, found.items[i]);
        list->next = found.items[i].uid;
        *full = list->cards.len == LIST_PAGE;
    }
    vec_free(&states);
    vec_free(&found);
    vec_free(&uids);
    vec_free(&work);
    return status;
}

static void drop_done(struct list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->cards.len; i++) {
        const struct work *w = list->cards.items[i].work;
        if (!w || w->state != WORK_DONE)
            list->cards.items[kept++] = list->cards.items[i];
    }
    list->cards.len = kept;
}

static enum store_status load_newest(struct request *rq, const struct mail *mail, struct list *list)
{
    uint32_t newest = mail->folder->uidnext > 1 ? mail->folder->uidnext - 1 : 0;
    uint32_t high = list->before > 1 && list->before - 1 < newest ? list->before - 1 : newest;
    uint32_t scanned = 0;
    bool full = false;
    enum store_status status = STORE_OK;
    if (list->before == 1)
        return STORE_OK;
    while (status == STORE_OK && high > 0 && !full && scanned < LIST_SCAN_MAX) {
        uint32_t low = high > BLOCK ? high - BLOCK + 1 : 1;
        status = load_block(rq, mail, list, low, high, &full);
        scanned += high - low + 1;
        high = low - 1;
    }
    if (!full)
        list->next = high > 0 ? high + 1 : 0;
    else if (list->next == 1)
        list->next = 0;
    return status;
}

/* Who has what in hand, for the rows of the page. */
static enum store_status add_work(struct request *rq, const struct mail *mail, struct list *list)
{
    uint32_t low = UINT32_MAX, high = 0;
    vec_each (&list->cards, card) {
        low = card->uid < low ? card->uid : low;
        high = card->uid > high ? card->uid : high;
    }
    enum store_status status = work_list_of(rq->thread->db, rq->bal.id, mail->folder->id, low, high, &list->work);
    vec_each (&list->cards, card)
        card->work = work_of(&list->work, card->uid);
    return status;
}

enum store_status list_load(struct request *rq, const struct mail *mail, struct list *list)
{
    enum store_status status;
    list->outgoing =
        strcmp(mail->folder->special_use, "\\Sent") == 0 || strcmp(mail->folder->special_use, "\\Drafts") == 0;
    if (list->conversations)
        status = list_load_threads(rq, mail, list);
    else if (list->sort != SORT_NEWEST)
        status = list_load_sorted(rq, mail, list);
    else
        status = load_newest(rq, mail, list);
    if (status == STORE_OK && mail->shared && list->cards.len > 0)
        status = add_work(rq, mail, list);
    if (status == STORE_OK && strcmp(mail->folder->special_use, "\\Sent") == 0)
        status = fates_load(rq, &list->cards);
    if (list->filter == FILTER_TODO)
        drop_done(list);
    return status;
}

void list_free(struct list *list)
{
    vec_free(&list->cards);
    vec_free(&list->work);
}

enum store_status card_load(struct request *rq, const struct folder *folder, uint32_t uid, struct card *card)
{
    state_list states = {0};
    card_list found = {0};
    enum store_status status = folder_states(rq->thread->db, rq->mailbox, folder->id, uid, uid, 0, &states);
    if (status == STORE_OK && states.len == 0)
        status = STORE_NOT_FOUND;
    if (status == STORE_OK)
        status = list_cards(rq, folder->id, &uid, 1, &states, &found);
    if (status == STORE_OK && found.len == 0)
        status = STORE_NOT_FOUND;
    if (status == STORE_OK)
        *card = found.items[0];
    vec_free(&states);
    vec_free(&found);
    return status;
}
