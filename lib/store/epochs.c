#include "lib/store/epochs.h"
#include "lib/store/sql.h"

#include <string.h>

struct outside_query {
    int64_t epoch, after, limit;
    wrapped_key_list *out;
};

static void read_row(const PGresult *r, int row, struct wrapped_key *out)
{
    struct span half = sql_span(r, row, 2), wrapped = sql_span(r, row, 3);
    *out = (struct wrapped_key){.bal_id = sql_i64(r, row, 0), .epoch_id = sql_i64(r, row, 1)};
    if (half.n == KEY_BYTES)
        memcpy(out->public_half.b, half.p, KEY_BYTES);
    if (wrapped.n <= WRAPPED_KEY_MAX) {
        memcpy(out->wrapped, wrapped.p, wrapped.n);
        out->wrapped_bytes = wrapped.n;
    }
}

static enum store_status outside_body(struct db *db, void *arg)
{
    struct outside_query *q = arg;
    struct sql_args a = {0};
    const PGresult *r;
    q->out->len = 0;
    arg_i64(&a, q->epoch);
    arg_i64(&a, q->after);
    arg_i64(&a, q->limit);
    enum store_status status = sql_run(db, SQL_wrapped_keys_outside, &a, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        struct wrapped_key key;
        read_row(r, row, &key);
        vec_push(q->out, key);
    }
    return status;
}

enum store_status wrapped_keys_outside(struct db *db, int64_t epoch, int64_t after, int64_t limit,
                                       wrapped_key_list *out)
{
    struct outside_query q = {epoch, after, limit, out};
    return db_transaction(db, DB_READ, 0, outside_body, &q);
}

struct replacement {
    const struct wrapped_key *key;
    int64_t to;
    struct span wrapped;
};

static enum store_status replace_body(struct db *db, void *arg)
{
    struct replacement *r = arg;
    struct sql_args a = {0};
    arg_i64(&a, r->key->bal_id);
    arg_i64(&a, r->key->epoch_id);
    arg_i64(&a, r->to);
    arg_span(&a, r->wrapped);
    return sql_change(db, SQL_wrapped_key_replace, &a);
}

enum store_status wrapped_key_replace(struct db *db, const struct wrapped_key *key, int64_t to, struct span wrapped)
{
    struct replacement r = {key, to, wrapped};
    return db_transaction(db, DB_WRITE, 0, replace_body, &r);
}

struct number_query {
    enum sql statement;
    int64_t epoch, out;
};

static enum store_status number_body(struct db *db, void *arg)
{
    struct number_query *q = arg;
    struct sql_args a = {0};
    const PGresult *r;
    arg_i64(&a, q->epoch);
    enum store_status status = sql_run(db, q->statement, &a, &r);
    if (status != STORE_OK)
        return status;
    if (sql_rows(r) == 0)
        return STORE_NOT_FOUND;
    q->out = sql_i64(r, 0, 0);
    return STORE_OK;
}

static enum store_status number(struct db *db, enum sql statement, int64_t epoch, int64_t *out)
{
    struct number_query q = {statement, epoch, 0};
    enum store_status status = db_transaction(db, DB_READ, 0, number_body, &q);
    *out = q.out;
    return status;
}

enum store_status epoch_in_use(struct db *db, int64_t epoch, int64_t *keys)
{
    return number(db, SQL_epoch_in_use, epoch, keys);
}

enum store_status epoch_retired_at(struct db *db, int64_t epoch, int64_t *wall)
{
    return number(db, SQL_epoch_retired_at, epoch, wall);
}

enum store_status bal_on_hold(struct db *db, int64_t bal_id, int64_t *held)
{
    return number(db, SQL_bal_legal_hold, bal_id, held);
}

static enum store_status destroyed_body(struct db *db, void *arg)
{
    struct sql_args a = {0};
    arg_i64(&a, *(int64_t *)arg);
    return sql_change(db, SQL_epoch_destroyed, &a);
}

enum store_status epoch_destroyed(struct db *db, int64_t epoch)
{
    return db_transaction(db, DB_WRITE, 0, destroyed_body, &epoch);
}

struct erasure {
    int64_t bal_id, readable_until, gone;
    const struct trace *trace;
    const struct key *public_half;
};

static enum store_status erase_body(struct db *db, void *arg)
{
    struct erasure *e = arg;
    struct sql_args key = {0}, close = {0}, note = {0};
    arg_i64(&key, e->bal_id);
    arg_i64(&close, e->bal_id);
    arg_i64(&note, e->bal_id);
    arg_i64(&note, e->readable_until);
    enum store_status status = sql_change(db, SQL_bal_key_erase, &key);
    if (status == STORE_OK)
        status = sql_change(db, SQL_bal_erased_close, &close);
    if (status == STORE_OK)
        status = sql_change(db, SQL_erasure_note, &note);
    return status == STORE_OK ? trace_write(db, e->trace) : status;
}

enum store_status bal_erase(struct db *db, int64_t bal_id, int64_t readable_until, const struct trace *trace)
{
    struct erasure e = {.bal_id = bal_id, .readable_until = readable_until, .trace = trace};
    return db_transaction(db, DB_WRITE, 0, erase_body, &e);
}

static enum store_status again_body(struct db *db, void *arg)
{
    struct erasure *e = arg;
    struct sql_args a = {0};
    arg_i64(&a, e->bal_id);
    arg_span(&a, (struct span){(const char *)e->public_half->b, KEY_BYTES});
    enum store_status status = sql_change(db, SQL_bal_key_erase_again, &a);
    e->gone = status == STORE_OK;
    return status == STORE_NOT_FOUND ? STORE_OK : status;
}

enum store_status bal_erase_again(struct db *db, int64_t bal_id, const struct key *public_half, int64_t *gone)
{
    struct erasure e = {.bal_id = bal_id, .public_half = public_half};
    enum store_status status = db_transaction(db, DB_WRITE, 0, again_body, &e);
    *gone += e.gone;
    return status;
}

static enum store_status meant_body(struct db *db, void *arg)
{
    erasure_list *out = arg;
    const PGresult *r;
    vec_free(out);
    enum store_status status = sql_run(db, SQL_erasures_meant, NULL, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        struct meant_erasure e = {.erasure_id = sql_i64(r, row, 0), .bal_id = sql_i64(r, row, 1)};
        struct span half = sql_span(r, row, 2);
        if (half.n != KEY_BYTES)
            continue;
        memcpy(e.public_half.b, half.p, KEY_BYTES);
        vec_push(out, e);
    }
    return status;
}

enum store_status erasures_meant(struct db *db, erasure_list *out)
{
    *out = (erasure_list){.len = 0};
    return db_transaction(db, DB_READ, 0, meant_body, out);
}

static enum store_status journaled_body(struct db *db, void *arg)
{
    const int64_t *id = arg;
    struct sql_args a = {0};
    arg_i64(&a, *id);
    return sql_change(db, SQL_erasure_journaled, &a);
}

enum store_status erasure_journaled(struct db *db, int64_t erasure_id)
{
    return db_transaction(db, DB_WRITE, 0, journaled_body, &erasure_id);
}
