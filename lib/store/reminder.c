#include "lib/store/reminder.h"

#include "lib/base/clock.h"
#include "lib/store/bal_row.h"

struct asked {
    int64_t due_before, not_before, after;
    struct reminder *out;
};

static enum store_status next_bal(struct db *db, void *arg)
{
    struct asked *a = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, a->after);
    enum store_status status = sql_run(db, SQL_reminder_bal, &args, &r);
    if (status != STORE_OK)
        return status;
    if (sql_rows(r) == 0)
        return STORE_NOT_FOUND;
    bal_from_row(&a->out->bal, r, 0);
    return STORE_OK;
}

static enum store_status waiting(struct db *db, void *arg)
{
    struct asked *a = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    a->out->uids.len = 0;
    arg_i64(&args, a->out->bal.id);
    arg_i64(&args, a->due_before);
    arg_i64(&args, a->not_before);
    arg_i64(&args, REMINDER_UIDS_BACK);
    arg_i64(&args, REMINDER_MESSAGES_MAX);
    arg_i64(&args, REMINDER_PAUSE_S);
    enum store_status status = sql_run(db, SQL_reminder_waiting, &args, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        a->out->folder_id = sql_i64(r, row, 0);
        vec_push(&a->out->uids, (uint32_t)sql_i64(r, row, 1));
    }
    return status;
}

static enum store_status who_answers(struct db *db, void *arg)
{
    struct asked *a = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    a->out->told_count = 0;
    arg_i64(&args, a->out->bal.id);
    arg_i64(&args, REMINDER_TOLD_MAX);
    enum store_status status = sql_run(db, SQL_reminder_told, &args, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++)
        bal_from_row(&a->out->told[a->out->told_count++], r, row);
    return status;
}

enum store_status reminder_next(struct db *db, int64_t due_before, int64_t not_before, int64_t *after, bool *more,
                                struct reminder *out)
{
    struct asked a = {due_before, not_before, *after, out};
    enum store_status status = db_transaction(db, DB_READ, 0, next_bal, &a);
    *more = status == STORE_OK;
    if (status != STORE_OK)
        return status;
    *after = out->bal.id;
    status = db_transaction(db, DB_READ, out->bal.id, waiting, &a);
    if (status == STORE_OK && out->uids.len == 0)
        return STORE_NOT_FOUND;
    return status == STORE_OK ? db_transaction(db, DB_READ, 0, who_answers, &a) : status;
}

void reminder_free(struct reminder *r)
{
    vec_free(&r->uids);
}

static enum store_status mark(struct db *db, void *arg)
{
    const struct reminder *reminder = arg;
    struct sql_args args = {.count = 0};
    struct str array;
    db_act_on(db, reminder->bal.id);
    arg_i64(&args, reminder->bal.id);
    arg_i64(&args, reminder->folder_id);
    arg_uids(&args, &array, reminder->uids.items, reminder->uids.len);
    (void)sql_queue(db, SQL_reminder_mark, &args);
    str_free(&array);
    return STORE_OK;
}

enum store_status reminder_send(struct db *db, struct delivery_keys *keys, const struct reminder *reminder,
                                struct span message, const struct summary *summary,
                                int64_t folder_ids[REMINDER_TOLD_MAX], uint64_t modseqs[REMINDER_TOLD_MAX])
{
    struct delivery_target targets[REMINDER_TOLD_MAX];
    struct reminder copy = *reminder;
    if (reminder->told_count == 0)
        return db_transaction(db, DB_WRITE, reminder->bal.id, mark, &copy);
    for (size_t i = 0; i < reminder->told_count; i++)
        targets[i] = (struct delivery_target){.bal = &reminder->told[i],
                                              .head = SPAN_LIT("Return-Path: <>\r\n"),
                                              .trace = {.action = "work.remind",
                                                        .answer = "250 2.0.0",
                                                        .actor_kind = TRACE_SYSTEM,
                                                        .actor = "reminder",
                                                        .direction = "inside"}};
    struct delivery delivery = {.body = message,
                                .summary = *summary,
                                .internal_date = wall_s(),
                                .targets = targets,
                                .target_count = reminder->told_count,
                                .also = mark,
                                .also_arg = &copy};
    enum store_status status = deliver(db, keys, &delivery);
    for (size_t i = 0; i < reminder->told_count; i++) {
        folder_ids[i] = targets[i].folder_id;
        modseqs[i] = targets[i].modseq;
    }
    return status;
}
