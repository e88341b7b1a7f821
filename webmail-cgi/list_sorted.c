/* A page in another order than arrival's: the newest SORT_SCAN_MAX messages (the oldest, for oldest first) are looked at,
 * as nothing of them stands in clear to be sorted by the database; the page says so in a larger folder.
 */
#include "webmail-cgi/list_view.h"

#include "lib/base/text.h"
#include "lib/proto/charset.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_BYTES_SORTED = 48, BLOCK = 1024 };

struct sort_key {
    uint32_t uid;
    uint64_t number; /* of a size: larger first */
    char text[KEY_BYTES_SORTED];
};
typedef VEC(struct sort_key) key_list;

static struct span text_of(struct request *rq, const struct list *list, const struct card *card)
{
    switch ((enum list_sort)list->sort) {
    case SORT_SENDER:
        return card_correspondent(rq, card, list->outgoing);
    case SORT_SUBJECT:
        return card_subject(card);
    case SORT_PATIENT:
        return card->summary.field[SUMMARY_PATIENT];
    case SORT_NEWEST:
    case SORT_OLDEST:
    case SORT_SIZE:
        break;
    }
    return SPAN_NONE;
}

/* Whatever has no patient comes last; a "Re: " does not count. */
static struct sort_key key_of(struct request *rq, const struct list *list, const struct card *card)
{
    struct sort_key key = {.uid = card->uid};
    struct str folded;
    struct span text = text_of(rq, list, card);
    while (text.n > 4 && (span_starts_nocase(text, "Re: ") || span_starts_nocase(text, "Tr: ")))
        text = (struct span){text.p + 4, text.n - 4};
    if (list->sort == SORT_SIZE)
        key.number = card->size;
    str_init(&folded, 4096);
    charset_fold(&folded, utf8_prefix(text, 200));
    size_t n = folded.len < KEY_BYTES_SORTED ? folded.len : KEY_BYTES_SORTED;
    memcpy(key.text, n ? folded.data : "", n);
    if (list->sort == SORT_PATIENT && n == 0)
        memset(key.text, 0xff, 1);
    str_wipe(&folded);
    return key;
}

static int by_key(const void *a, const void *b)
{
    const struct sort_key *x = a, *y = b;
    int order = memcmp(x->text, y->text, KEY_BYTES_SORTED);
    if (order == 0)
        order = (x->number < y->number) - (x->number > y->number);
    return order ? order : (x->uid < y->uid) - (x->uid > y->uid);
}

static int by_uid_rising(const void *a, const void *b)
{
    const struct sort_key *x = a, *y = b;
    return (x->uid > y->uid) - (x->uid < y->uid);
}

static enum store_status key_block(struct request *rq, const struct mail *mail, struct list *list, uint32_t from,
                                   uint32_t to, key_list *keys)
{
    state_list states = {0};
    uid_list uids = {0};
    card_list cards = {0};
    enum store_status status = folder_states(rq->thread->db, rq->mailbox, mail->folder->id, from, to, 0, &states);
    vec_each (&states, s)
        if (list_state_passes(list->filter, s->flags))
            vec_push(&uids, s->uid);
    if (status == STORE_OK)
        status = list_cards(rq, mail->folder->id, uids.items, uids.len, &states, &cards);
    vec_each (&cards, card)
        if (list_facts_pass(list->filter, card))
            vec_push(keys, key_of(rq, list, card));
    vec_free(&states);
    vec_free(&uids);
    vec_free(&cards);
    return status;
}

/* Messages of the page, in its order; messages_each wants rising UIDs, so they are put back in place afterwards. */
static enum store_status fill(struct request *rq, const struct mail *mail, struct list *list, const key_list *keys)
{
    state_list states = {0};
    card_list found = {0};
    struct sort_key page[LIST_PAGE];
    uint32_t uids[LIST_PAGE];
    size_t count = list->offset < keys->len ? keys->len - list->offset : 0;
    count = count < LIST_PAGE ? count : LIST_PAGE;
    if (count == 0)
        return STORE_OK;
    memcpy(page, keys->items + list->offset, count * sizeof(page[0]));
    qsort(page, count, sizeof(page[0]), by_uid_rising);
    for (size_t i = 0; i < count; i++)
        uids[i] = page[i].uid;
    enum store_status status =
        folder_states(rq->thread->db, rq->mailbox, mail->folder->id, uids[0], uids[count - 1], 0, &states);
    if (status == STORE_OK)
        status = list_cards(rq, mail->folder->id, uids, count, &states, &found);
    for (size_t i = list->offset; status == STORE_OK && i < list->offset + count; i++)
        vec_each (&found, card)
            if (card->uid == keys->items[i].uid)
                vec_push(&list->cards, *card);
    list->next_offset = list->offset + count < keys->len ? (uint32_t)(list->offset + count) : 0;
    vec_free(&states);
    vec_free(&found);
    return status;
}

enum store_status list_load_sorted(struct request *rq, const struct mail *mail, struct list *list)
{
    key_list keys = {0};
    enum store_status status = STORE_OK;
    uint32_t newest = mail->folder->uidnext - 1, looked = 0;
    bool rising = list->sort == SORT_OLDEST;
    for (uint32_t at = 0; status == STORE_OK && at < newest && looked < SORT_SCAN_MAX; at += BLOCK) {
        uint32_t high = rising ? (at + BLOCK < newest ? at + BLOCK : newest) : newest - at;
        uint32_t low = rising ? at + 1 : (high > BLOCK ? high - BLOCK + 1 : 1);
        status = key_block(rq, mail, list, low, high, &keys);
        looked += high - low + 1;
    }
    list->partial = looked < newest;
    if (keys.len > 1)
        qsort(keys.items, keys.len, sizeof(keys.items[0]), rising ? by_uid_rising : by_key);
    if (status == STORE_OK)
        status = fill(rq, mail, list, &keys);
    vec_free(&keys);
    return status;
}
