#include "lib/store/exceptional.h"

#include "lib/store/sql.h"

struct access {
    const struct exceptional *given;
    int64_t bal_id, person_id;
    const struct trace *trace;
    exceptional_notes *notes;
    struct exceptional_approved *approved;
    bool holds;
};

static enum store_status ask(struct db *db, void *arg)
{
    struct access *a = arg;
    const struct exceptional *e = a->given;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, e->bal_id);
    arg_i64(&args, e->person_id);
    arg_i64(&args, e->second_id);
    arg_i64(&args, e->until);
    arg_text(&args, e->reason);
    enum store_status status = sql_run(db, SQL_exceptional_ask, &args, &r);
    if (status == STORE_EXISTS)
        return STORE_CONFLICT;
    a->holds = status == STORE_OK && sql_bool(r, 0, 0);
    struct trace trace = *a->trace;
    trace.action = a->holds ? "bal.exceptional-access" : "bal.exceptional-request";
    return status == STORE_OK ? trace_write(db, &trace) : status;
}

enum store_status exceptional_ask(struct db *db, const struct exceptional *e, const struct trace *trace, bool *open)
{
    struct access a = {.given = e, .trace = trace};
    enum store_status status = db_transaction(db, DB_WRITE, 0, ask, &a);
    *open = a.holds;
    return status;
}

static enum store_status approve(struct db *db, void *arg)
{
    const struct access *a = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, a->bal_id);
    arg_i64(&args, a->person_id);
    enum store_status status = sql_run(db, SQL_exceptional_approve, &args, &r);
    if (status == STORE_OK && sql_rows(r) == 0)
        return STORE_NOT_FOUND;
    if (status != STORE_OK)
        return status == STORE_EXISTS ? STORE_CONFLICT : status;
    a->approved->until = sql_i64(r, 0, 0);
    sql_copy(a->approved->reason, sizeof(a->approved->reason), r, 0, 1);
    sql_copy(a->approved->asked_by, sizeof(a->approved->asked_by), r, 0, 2);
    struct trace trace = *a->trace;
    char *detail = xasprintf("%s (%s)", a->approved->reason, a->approved->asked_by);
    trace.detail = detail;
    status = trace_write(db, &trace);
    xfree(&detail);
    return status;
}

enum store_status exceptional_approve(struct db *db, int64_t bal_id, int64_t person_id, const struct trace *trace,
                                      struct exceptional_approved *out)
{
    struct access a = {.bal_id = bal_id, .person_id = person_id, .trace = trace, .approved = out};
    return db_transaction(db, DB_WRITE, 0, approve, &a);
}

static enum store_status holds(struct db *db, void *arg)
{
    struct access *a = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, a->bal_id);
    arg_i64(&args, a->person_id);
    enum store_status status = sql_run(db, SQL_exceptional_holds, &args, &r);
    a->holds = status == STORE_OK && sql_bool(r, 0, 0);
    return status;
}

enum store_status exceptional_holds(struct db *db, int64_t bal_id, int64_t person_id, bool *out)
{
    struct access a = {.bal_id = bal_id, .person_id = person_id};
    enum store_status status = db_transaction(db, DB_READ, 0, holds, &a);
    *out = a.holds;
    return status;
}

static enum store_status read_notes(struct db *db, void *arg)
{
    struct access *a = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, a->person_id);
    enum store_status status = sql_run(db, SQL_exceptional_untold, &args, &r);
    a->notes->len = 0;
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        struct exceptional_note note = {
            .bal_id = sql_i64(r, row, 0), .since = sql_i64(r, row, 4), .until = sql_i64(r, row, 5)};
        sql_copy(note.address, sizeof(note.address), r, row, 1);
        sql_copy(note.reader, sizeof(note.reader), r, row, 2);
        sql_copy(note.reason, sizeof(note.reason), r, row, 3);
        vec_push(a->notes, note);
    }
    return status;
}

enum store_status exceptional_untold(struct db *db, int64_t person_id, exceptional_notes *out)
{
    struct access a = {.person_id = person_id, .notes = out};
    return db_transaction(db, DB_READ, 0, read_notes, &a);
}

static enum store_status tell(struct db *db, void *arg)
{
    const struct access *a = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    VEC(int64_t) bals = {0};
    arg_i64(&args, a->person_id);
    enum store_status status = sql_run(db, SQL_exceptional_tell, &args, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++)
        vec_push(&bals, sql_i64(r, row, 0));
    vec_each (&bals, bal) {
        struct trace trace = *a->trace;
        trace.bal_id = *bal;
        if (status == STORE_OK)
            status = trace_write(db, &trace);
    }
    vec_free(&bals);
    return status;
}

enum store_status exceptional_tell(struct db *db, int64_t person_id, const struct trace *trace)
{
    struct access a = {.person_id = person_id, .trace = trace};
    return db_transaction(db, DB_WRITE, 0, tell, &a);
}
