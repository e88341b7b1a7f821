#include "lib/store/person_erase.h"

#include "lib/store/sql.h"

struct erasing {
    int64_t person_id;
    uint64_t keep;
    const struct trace *trace;
    struct person_erasure *out;
};

static enum store_status ask(struct db *db, const struct erasing *e)
{
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, e->person_id);
    enum store_status status = sql_run(db, SQL_person_erase_ask, &args, &r);
    if (status != STORE_OK)
        return status;
    sql_copy(e->out->holds, sizeof(e->out->holds), r, 0, 0);
    sql_copy(e->out->roles, sizeof(e->out->roles), r, 0, 1);
    return *e->out->holds || *e->out->roles ? STORE_CONFLICT : STORE_OK;
}

static enum store_status drop(struct db *db, const struct erasing *e)
{
    static const enum sql steps[] = {SQL_person_erase_shares, SQL_person_erase_sessions, SQL_person_erase_settings,
                                     SQL_person_erase_exercises};
    int64_t ignored, *const counts[] = {&e->out->shares, &e->out->sessions, &e->out->settings, &ignored};
    enum store_status status = STORE_OK;
    for (size_t n = 0; n < COUNT(steps) && status == STORE_OK; n++) {
        struct sql_args args = {.count = 0};
        const PGresult *r;
        arg_i64(&args, e->person_id);
        status = sql_run(db, steps[n], &args, &r);
        *counts[n] = status == STORE_OK ? sql_touched(r) : 0;
    }
    if (status == STORE_OK) {
        struct sql_args args = {.count = 0};
        const PGresult *r;
        arg_i64(&args, e->person_id);
        status = sql_run(db, SQL_person_erase_own, &args, &r);
        e->out->own = status == STORE_OK ? sql_i64(r, 0, 0) : 0;
    }
    return status;
}

static enum store_status mark(struct db *db, const struct erasing *e)
{
    struct sql_args args = {.count = 0}, who = {.count = 0};
    const PGresult *r;
    arg_i64(&args, e->person_id);
    arg_i64(&args, (int64_t)e->keep);
    arg_i64(&who, e->person_id);
    enum store_status status = sql_run(db, SQL_person_erase_mark, &args, &r);
    if (status == STORE_OK && sql_rows(r) == 0)
        return STORE_NOT_FOUND;
    if (status != STORE_OK)
        return status;
    e->out->kept_until = sql_i64(r, 0, 0);
    e->out->traces = sql_i64(r, 0, 1);
    (void)sql_queue(db, SQL_person_erase_note, &args);
    if (!e->out->kept_until) {
        (void)sql_queue(db, SQL_person_forget_ids, &who);
        (void)sql_queue(db, SQL_person_forget, &who);
    }
    return sql_wait(db);
}

static enum store_status erase(struct db *db, void *arg)
{
    const struct erasing *e = arg;
    *e->out = (struct person_erasure){.traces = 0};
    enum store_status status = ask(db, e);
    if (status == STORE_OK)
        status = drop(db, e);
    if (status == STORE_OK)
        status = mark(db, e);
    return status == STORE_OK ? trace_write(db, e->trace) : status;
}

enum store_status person_erase(struct db *db, int64_t person_id, uint64_t keep_traces_s, const struct trace *trace,
                               struct person_erasure *out)
{
    struct erasing e = {person_id, keep_traces_s, trace, out};
    return db_transaction(db, DB_WRITE, 0, erase, &e);
}
