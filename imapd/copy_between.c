/* COPY and MOVE from one BAL into another (one's own and a shared one): read with one key, written with another, hence by
 * value. All or none, and no more at once than APPEND takes. */
#include "imapd/append.h"
#include "imapd/copy_between.h"
#include "imapd/expunge.h"
#include "imapd/flags.h"
#include "imapd/worker.h"

struct carried {
    uint32_t uid;
    int64_t blob_id, internal_date;
    uint64_t size, flags;
    struct str bytes, opaque;
    struct parse_answer answer;
};
typedef VEC(struct carried) carried_list;

static bool take(const struct message_facts *facts, void *arg)
{
    vec_push((carried_list *)arg, (struct carried){.uid = facts->uid,
                                                   .blob_id = facts->blob_id,
                                                   .internal_date = facts->internal_date,
                                                   .size = facts->size});
    return true;
}

static void free_all(carried_list *list)
{
    vec_each (list, one) {
        str_free(&one->bytes);
        str_free(&one->opaque);
        parse_answer_free(&one->answer);
    }
    vec_free(list);
}

/* The flags of the source in the bits of the target: keywords by their names. */
static enum store_status translate(struct session *s, struct access *to, int64_t folder_id, uint64_t flags,
                                   uint64_t *out)
{
    imap_flag_names names = {0};
    for (size_t i = 0; i < s->view->keywords.len; i++) {
        if (flags >> (FLAG_KEYWORD_FIRST + i) & 1)
            vec_push(&names, span_of(s->view->keywords.items[i]));
    }
    enum store_status status = flags_from_names(s, to, folder_id, &names, out);
    *out |= flags & (FLAG_SEEN | FLAG_ANSWERED | FLAG_FLAGGED | FLAG_DELETED | FLAG_DRAFT);
    *out = flags_allowed(to, *out);
    vec_free(&names);
    return status;
}

static enum store_status read_all(struct session *s, const uid_list *uids, carried_list *list)
{
    struct view *view = s->view;
    state_list states = {0};
    uint64_t sum = 0;
    enum store_status status = messages_each(s->thread->db, view->access->mailbox, view->folder_id, uids->items,
                                             uids->len, WANT_SIZE | WANT_DATES, take, list);
    if (status == STORE_OK && list->len > 0)
        status = folder_states(s->thread->db, view->access->mailbox, view->folder_id, list->items[0].uid,
                               list->items[list->len - 1].uid, 0, &states);
    size_t j = 0;
    vec_each (list, one) {
        while (j < states.len && states.items[j].uid < one->uid)
            j++;
        if (j < states.len && states.items[j].uid == one->uid)
            one->flags = states.items[j].flags;
        sum += one->size;
        str_init(&one->bytes, (size_t)one->size + 1);
        str_init(&one->opaque, 4096);
        if (sum > s->worker->conf->imap_append_max)
            status = STORE_INVALID;
        if (status == STORE_OK)
            status = message_read(s->thread->db, view->access->mailbox, one->blob_id, 0, one->size, &one->bytes);
    }
    vec_free(&states);
    return status;
}

static enum store_status write_all(struct session *s, struct access *to, const struct folder *folder,
                                   carried_list *list, copied_list *copied, uint32_t *uidvalidity)
{
    struct append *appends = xcalloc(list->len + 1, sizeof(*appends));
    enum store_status status = STORE_OK;
    for (size_t i = 0; status == STORE_OK && i < list->len; i++) {
        struct carried *one = &list->items[i];
        appends[i] = (struct append){
            .bytes = str_span(&one->bytes), .folder = folder->name, .internal_date = one->internal_date};
        status = translate(s, to, folder->id, one->flags, &appends[i].flags);
        appends[i].summary = append_summarise(s, appends[i].bytes, &one->answer, &one->opaque);
    }
    if (status == STORE_OK && list->len > 0)
        status = messages_append(s->thread->db, to->mailbox, appends, list->len, NULL);
    for (size_t i = 0; status == STORE_OK && i < list->len; i++) {
        vec_push(copied, (struct copied){list->items[i].uid, appends[i].uid});
        *uidvalidity = appends[i].uidvalidity;
    }
    xfree(&appends);
    return status;
}

static enum store_status take_out(struct session *s, const copied_list *copied)
{
    uid_list uids = {0};
    vec_each (copied, one)
        vec_push(&uids, one->from);
    enum store_status status = expunge_any(s, uids.items, uids.len);
    vec_free(&uids);
    return status;
}

enum store_status copy_between(struct session *s, struct access *to, const struct folder *folder, const uid_list *uids,
                               bool move, copied_list *copied, uint32_t *uidvalidity)
{
    carried_list list = {0};
    enum store_status status = read_all(s, uids, &list);
    if (status == STORE_OK)
        status = write_all(s, to, folder, &list, copied, uidvalidity);
    free_all(&list);
    if (status == STORE_OK && move && copied->len > 0)
        status = take_out(s, copied);
    return status;
}
