/* What is done to messages: flags, work state, move, delete — for the ticked ones of a list or the open one. */
#include "webmail-cgi/layout.h"
#include "webmail-cgi/list_view.h"
#include "webmail-cgi/pages.h"
#include "webmail-cgi/uid_token.h"

#include "lib/base/num.h"
#include "lib/net/wake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct act;
struct acting {
    struct request *rq;
    struct mail mail;
    uid_list uids;
    const struct act *act;
    const struct folder *target; /* of a move */
    uid_list moved;              /* their numbers there */
};
struct act {
    const char *name;
    enum store_status (*run)(struct acting *);
    enum flag_change change;
    uint64_t flag;
    enum work_state work;
    const char *special; /* where a move goes; NULL: the form's `vers` */
    bool stays_open;     /* a message that was open stays so */
    bool changes_mail;   /* a lecteur may not */
};

static void wake(struct acting *a, int64_t folder_id)
{
    char path[512];
    struct wake_notice notice = {.bal_id = a->rq->bal.id, .folder_id = folder_id};
    snprintf(path, sizeof(path), "%s/notifier.sock", a->rq->thread->conf->general_run_folder);
    (void)!wake_send(path, &notice);
}

static enum store_status change_flags(struct acting *a)
{
    struct flag_result result = {0};
    enum store_status status =
        messages_store_flags(a->rq->thread->db, a->rq->mailbox, a->mail.folder->id, a->uids.items, a->uids.len,
                             a->act->change, a->act->flag, UINT64_MAX, &result);
    vec_free(&result.changed);
    vec_free(&result.refused);
    return status;
}

static enum store_status change_work(struct acting *a)
{
    enum store_status status = STORE_OK;
    for (size_t i = 0; i < a->uids.len && status == STORE_OK; i++)
        status = work_set(a->rq->thread->db, a->rq->bal.id, a->mail.folder->id, a->uids.items[i], a->act->work,
                          a->rq->session.row.person_id);
    return status;
}

static const struct folder *folder_of_number(const struct mail *mail, uint64_t id)
{
    vec_each (&mail->folders, folder)
        if ((uint64_t)folder->id == id && !folder->no_select)
            return folder;
    return NULL;
}

static enum store_status move(struct acting *a)
{
    copied_list copied = {0};
    uint32_t uidvalidity;
    a->target = a->act->special ? mail_special(&a->mail, a->act->special)
                                : folder_of_number(&a->mail, in_number(&a->rq->in, "vers", 0));
    if (!a->target || a->target->id == a->mail.folder->id)
        return a->target ? STORE_OK : STORE_NOT_FOUND;
    enum store_status status = messages_copy(a->rq->thread->db, a->rq->mailbox, a->mail.folder->id, a->target->id,
                                             a->uids.items, a->uids.len, true, &copied, &uidvalidity);
    vec_each (&copied, c)
        vec_push(&a->moved, c->to);
    vec_free(&copied);
    if (status == STORE_OK)
        wake(a, a->target->id);
    return status;
}

static enum store_status erase(struct acting *a)
{
    uid_list gone = {0};
    uint64_t modseq;
    enum store_status status = messages_expunge(a->rq->thread->db, a->rq->mailbox, a->mail.folder->id, a->uids.items,
                                                a->uids.len, &gone, &modseq);
    vec_free(&gone);
    return status;
}

static const struct act acts[] = {
    {.name = "lu", .run = change_flags, .change = FLAGS_ADD, .flag = FLAG_SEEN},
    {.name = "non-lu", .run = change_flags, .change = FLAGS_REMOVE, .flag = FLAG_SEEN},
    {.name = "suivre",
     .run = change_flags,
     .change = FLAGS_ADD,
     .flag = FLAG_FLAGGED,
     .stays_open = true,
     .changes_mail = true},
    {.name = "ne-plus-suivre",
     .run = change_flags,
     .change = FLAGS_REMOVE,
     .flag = FLAG_FLAGGED,
     .stays_open = true,
     .changes_mail = true},
    {.name = "prendre", .run = change_work, .work = WORK_TAKEN, .stays_open = true, .changes_mail = true},
    {.name = "traite", .run = change_work, .work = WORK_DONE, .stays_open = true, .changes_mail = true},
    {.name = "a-traiter", .run = change_work, .work = WORK_TODO, .stays_open = true, .changes_mail = true},
    {.name = "archiver", .run = move, .special = "\\Archive", .changes_mail = true},
    {.name = "supprimer", .run = move, .special = "\\Trash", .changes_mail = true},
    {.name = "deplacer", .run = move, .changes_mail = true},
    {.name = "effacer", .run = erase, .changes_mail = true},
};

static int by_uid(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Ticked boxes (`uid`, repeated) or a word of an undo (`uids`). */
static bool read_uids(struct acting *a)
{
    const struct field *field;
    uint32_t uid;
    for (size_t i = 0; (field = in_nth(&a->rq->in, "uid", i)) != NULL; i++) {
        if (!num_u32(field->value, UINT32_MAX, &uid) || uid == 0)
            return false;
        vec_push(&a->uids, uid);
    }
    if (!uid_token_read(in_text(&a->rq->in, "uids"), &a->uids))
        return false;
    if (a->uids.len > 1)
        qsort(a->uids.items, a->uids.len, sizeof(a->uids.items[0]), by_uid);
    return true;
}

static void go_on(struct acting *a)
{
    struct request *rq = a->rq;
    struct str token;
    uint64_t open = in_number(&rq->in, "ouvert", 0);
    const char *list = path_of(rq, "/b/%lld/d/%lld", (long long)rq->bal.id, (long long)a->mail.folder->id);
    str_init(&token, UID_TOKEN_MAX);
    if (a->act->stays_open && open)
        answer_redirect(rq, path_of(rq, "%s/m/%llu", list, (unsigned long long)open));
    else if (a->moved.len > 0 && !in_has(&rq->in, "uids") && uid_token_write(&token, a->moved.items, a->moved.len))
        answer_redirect(
            rq, path_of(rq, "%s?fait=%s&la=%lld&u=%s", list, a->act->name, (long long)a->target->id, token.data));
    else if (a->moved.len > 0)
        answer_redirect(rq,
                        path_of(rq, "/b/%lld/d/%lld?fait=deplacer", (long long)rq->bal.id, (long long)a->target->id));
    else
        answer_redirect(rq, list);
    str_free(&token);
}

static void trace_all(struct acting *a)
{
    struct str uids;
    str_init(&uids, UID_TOKEN_MAX);
    bool fits = uid_token_write(&uids, a->uids.items, a->uids.len);
    trace_act(a->rq, arena_printf(a->rq->arena, "web.%s", a->act->name), "OK",
              path_of(a->rq, "%lld/%s", (long long)a->mail.folder->id, fits && uids.data ? uids.data : "*"));
    str_free(&uids);
}

void page_act(struct request *rq)
{
    struct acting a = {.rq = rq};
    if (!mail_open(rq, &a.mail))
        return;
    for (size_t i = 0; i < COUNT(acts); i++)
        if (in_is(&rq->in, "acte", acts[i].name) ||
            (!in_has(&rq->in, "acte") && in_has(&rq->in, "vers") && span_is(span_of(acts[i].name), "deplacer")))
            a.act = &acts[i];
    enum store_status status = STORE_OK;
    if (!a.act || !read_uids(&a))
        status = STORE_INVALID;
    else if (a.act->changes_mail && rq->grant.role == KEYD_ROLE_READER)
        status = STORE_REFUSED;
    else if (a.uids.len > 0 && in_has(&rq->in, "fils"))
        status = threads_expand(rq, &a.mail, &a.uids);
    if (status == STORE_OK && a.uids.len > 0)
        status = a.act->run(&a);
    if (status == STORE_OK) {
        if (a.uids.len > 0) {
            trace_all(&a);
            wake(&a, a.mail.folder->id);
        }
        go_on(&a);
    } else {
        answer_store_error(rq, status);
    }
    vec_free(&a.uids);
    vec_free(&a.moved);
    mail_close(&a.mail);
}
