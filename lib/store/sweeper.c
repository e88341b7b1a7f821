#include "lib/store/sweeper.h"

#include "lib/base/fault.h"
#include "lib/store/sql.h"

struct sweeping {
    struct sweep_cursor *cursor;
    bool *more;
    uint64_t *count;
};

static enum store_status sweep(struct db *db, void *arg)
{
    const struct sweeping *s = arg;
    const PGresult *r;
    enum store_status status = sql_run(db, SQL_sweep, NULL, &r);
    if (status != STORE_OK)
        return status;
    FAULT("sweeper.deleted");
    *s->count = (uint64_t)sql_i64(r, 0, 0);
    *s->more = sql_i64(r, 0, 1) > 0;
    return STORE_OK;
}

enum store_status sweep_beat(struct db *db, bool *more, uint64_t *swept)
{
    struct sweeping s = {NULL, more, swept};
    *more = false;
    *swept = 0;
    enum store_status status = db_transaction(db, DB_WRITE, 0, sweep, &s);
    /* A COPY made a new reference meanwhile, and its foreign key has stopped us: next time it is seen. */
    return status == STORE_INVALID ? STORE_CONFLICT : status;
}

static enum store_status look_around(struct db *db, void *arg)
{
    const struct sweeping *s = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, s->cursor->bal_id);
    arg_i64(&args, s->cursor->blob_id);
    enum store_status status = sql_run(db, SQL_sweep_round, &args, &r);
    if (status != STORE_OK)
        return status;
    *s->more = sql_rows(r) > 0;
    *s->count = 0;
    if (*s->more) {
        *s->cursor = (struct sweep_cursor){sql_i64(r, 0, 0), sql_i64(r, 0, 1)};
        *s->count = (uint64_t)sql_i64(r, 0, 2);
    }
    return STORE_OK;
}

enum store_status sweep_round(struct db *db, struct sweep_cursor *cursor, bool *more, uint64_t *noted)
{
    struct sweeping s = {cursor, more, noted};
    return db_transaction(db, DB_WRITE, 0, look_around, &s);
}
