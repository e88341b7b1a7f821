#include "lib/store/web_run.h"

struct run {
    enum sql sql;
    const struct sql_args *args;
    size_t *len, len_before;
    void (*row)(const PGresult *, int, void *);
    void *out;
    int rows;
};

static enum store_status read_body(struct db *db, void *arg)
{
    struct run *run = arg;
    const PGresult *r;
    if (run->len)
        *run->len = run->len_before;
    enum store_status status = sql_run(db, run->sql, run->args, &r);
    if (status != STORE_OK)
        return status;
    run->rows = sql_rows(r);
    for (int i = 0; i < run->rows; i++)
        run->row(r, i, run->out);
    return STORE_OK;
}

enum store_status web_rows_in(struct db *db, int64_t bal, enum sql sql, const struct sql_args *args, size_t *len,
                              void (*row)(const PGresult *, int, void *), void *out)
{
    struct run run = {.sql = sql, .args = args, .len = len, .len_before = len ? *len : 0, .row = row, .out = out};
    return db_transaction(db, DB_READ, bal, read_body, &run);
}

enum store_status web_rows(struct db *db, enum sql sql, const struct sql_args *args, size_t *len,
                           void (*row)(const PGresult *, int, void *), void *out)
{
    return web_rows_in(db, 0, sql, args, len, row, out);
}

enum store_status web_row(struct db *db, enum sql sql, const struct sql_args *args,
                          void (*row)(const PGresult *, int, void *), void *out)
{
    struct run run = {.sql = sql, .args = args, .row = row, .out = out};
    enum store_status status = db_transaction(db, DB_READ, 0, read_body, &run);
    return status == STORE_OK && run.rows == 0 ? STORE_NOT_FOUND : status;
}

static enum store_status change_body(struct db *db, void *arg)
{
    struct run *run = arg;
    return sql_change(db, run->sql, run->args);
}

enum store_status web_change(struct db *db, int64_t bal, enum sql sql, const struct sql_args *args)
{
    struct run run = {.sql = sql, .args = args};
    return db_transaction(db, DB_WRITE, bal, change_body, &run);
}
