/* Conversations: the newest THREAD_SCAN messages before the cursor, one line for those that belong together. Nothing that
 * tells who answered whom stands in the database: it is read from the messages themselves.
 */
#include "webmail-cgi/list_view.h"
#include "webmail-cgi/thread_join.h"

#include <stdlib.h>

struct scan {
    card_list cards; /* by rising UID */
    struct thread_join join;
};

static enum store_status scan_folder(struct request *rq, const struct folder *folder, enum list_filter filter,
                                     uint32_t high, struct scan *s)
{
    state_list states = {0};
    uid_list uids = {0};
    size_t before = s->cards.len;
    uint32_t low = high > THREAD_SCAN ? high - THREAD_SCAN + 1 : 1;
    enum store_status status = folder_states(rq->thread->db, rq->mailbox, folder->id, low, high, 0, &states);
    vec_each (&states, state)
        if (list_state_passes(filter, state->flags))
            vec_push(&uids, state->uid);
    if (status == STORE_OK)
        status = list_cards(rq, folder->id, uids.items, uids.len, &states, &s->cards);
    for (size_t i = before; i < s->cards.len; i++) {
        const struct span *field = s->cards.items[i].summary.field;
        (void)thread_join_add(&s->join, field[SUMMARY_MESSAGE_ID], field[SUMMARY_IN_REPLY_TO],
                              field[SUMMARY_REFERENCES]);
    }
    vec_free(&states);
    vec_free(&uids);
    return status;
}

static void scan_free(struct scan *s)
{
    vec_free(&s->cards);
    thread_join_free(&s->join);
}

/* The newest of each conversation, with how many there are and whether one is unread. */
static void take_lines(struct scan *s, struct list *list)
{
    uint32_t *line =
        xcalloc(s->cards.len + 1, sizeof(*line)); /* of each root: its card's place in the list, plus one */
    for (size_t i = s->cards.len; i-- > 0;) {
        const struct card *card = &s->cards.items[i];
        uint32_t root = thread_join_root(&s->join, (uint32_t)i);
        if (line[root] == 0 && list_facts_pass(list->filter, card)) {
            vec_push(&list->cards, *card);
            line[root] = (uint32_t)list->cards.len;
        }
        if (line[root] == 0)
            continue;
        struct card *shown = &list->cards.items[line[root] - 1];
        shown->thread_size++;
        shown->thread_unread = shown->thread_unread || !(card->flags & FLAG_SEEN);
    }
    xfree(&line);
}

enum store_status list_load_threads(struct request *rq, const struct mail *mail, struct list *list)
{
    struct scan s = {0};
    uint32_t newest = mail->folder->uidnext - 1;
    uint32_t high = list->before > 1 && list->before - 1 < newest ? list->before - 1 : newest;
    if (list->before == 1 || newest == 0)
        return STORE_OK;
    enum store_status status = scan_folder(rq, mail->folder, list->filter, high, &s);
    if (status == STORE_OK)
        take_lines(&s, list);
    list->next = high > THREAD_SCAN ? high - THREAD_SCAN + 1 : 0;
    scan_free(&s);
    return status;
}

static int by_date(const void *a, const void *b)
{
    const struct thread_line *x = a, *y = b;
    return (x->card.date > y->card.date) - (x->card.date < y->card.date);
}

enum store_status thread_of(struct request *rq, const struct mail *mail, const struct card *card, thread_lines *out)
{
    struct scan s = {0};
    const struct folder *sent = mail_special(mail, "\\Sent");
    uint32_t near = card->uid + THREAD_SCAN / 2, newest = mail->folder->uidnext - 1;
    enum store_status status = scan_folder(rq, mail->folder, FILTER_ALL, near < newest ? near : newest, &s);
    size_t own = s.cards.len, it = own;
    if (status == STORE_OK && sent && sent->id != mail->folder->id && sent->uidnext > 1)
        status = scan_folder(rq, sent, FILTER_ALL, sent->uidnext - 1, &s);
    for (size_t i = 0; i < own; i++)
        if (s.cards.items[i].uid == card->uid)
            it = i;
    for (size_t i = 0; status == STORE_OK && it < own && i < s.cards.len; i++)
        if (thread_join_root(&s.join, (uint32_t)i) == thread_join_root(&s.join, (uint32_t)it))
            vec_push(out, ((struct thread_line){i < own ? mail->folder : sent, s.cards.items[i]}));
    if (out->len > 1)
        qsort(out->items, out->len, sizeof(out->items[0]), by_date);
    scan_free(&s);
    return status;
}

static bool holds(const uid_list *uids, uint32_t uid)
{
    vec_each (uids, each)
        if (*each == uid)
            return true;
    return false;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

enum store_status threads_expand(struct request *rq, const struct mail *mail, uid_list *uids)
{
    struct scan s = {0};
    uint32_t newest = mail->folder->uidnext - 1, high = uids->len ? uids->items[uids->len - 1] : newest;
    enum store_status status = scan_folder(rq, mail->folder, FILTER_ALL, high, &s);
    bool *wanted = xcalloc(s.cards.len + 1, sizeof(*wanted));
    for (size_t i = 0; status == STORE_OK && i < s.cards.len; i++)
        if (holds(uids, s.cards.items[i].uid))
            wanted[thread_join_root(&s.join, (uint32_t)i)] = true;
    for (size_t i = 0; status == STORE_OK && i < s.cards.len; i++)
        if (wanted[thread_join_root(&s.join, (uint32_t)i)] && !holds(uids, s.cards.items[i].uid))
            vec_push(uids, s.cards.items[i].uid);
    if (uids->len > 1)
        qsort(uids->items, uids->len, sizeof(uids->items[0]), by_number);
    xfree(&wanted);
    scan_free(&s);
    return status;
}
