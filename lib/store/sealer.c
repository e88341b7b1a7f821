/* The sealer: rows of finished transactions, by xid8 horizon, into one chain of seals a partition. */
#include "lib/store/seal.h"

#include "lib/base/fault.h"
#include "lib/base/num.h"
#include "lib/store/sql.h"

#include <stdio.h>
#include <string.h>

enum { ROWS_AT_ONCE = 20000 };

void seal_row(uint8_t out[SEAL_ROW], const struct key *mac, int64_t trace_id, struct span text)
{
    uint8_t sum[SHA256_BYTES];
    hmac_sha256(sum, mac, text);
    put_u64(out, (uint64_t)trace_id);
    memcpy(out + 8, sum, SEAL_DIGEST);
}

void seal_mac(uint8_t out[32], const struct key *mac, const uint8_t previous[32], const struct seal *s)
{
    uint8_t numbers[40];
    struct str text;
    put_u64(numbers, (uint64_t)s->seq);
    put_u64(numbers + 8, (uint64_t)s->from_xid);
    put_u64(numbers + 16, (uint64_t)s->to_xid);
    put_u64(numbers + 24, (uint64_t)s->row_count);
    put_u64(numbers + 32, SEAL_VERSION);
    str_init(&text, 128 + strlen(s->part) + s->digests.n);
    str_add(&text, previous, 32);
    str_add(&text, s->part, strlen(s->part) + 1);
    str_add(&text, numbers, sizeof(numbers));
    str_add_span(&text, s->digests);
    hmac_sha256(out, mac, str_span(&text));
    str_free(&text);
}

struct beat {
    const struct key *mac;
    bool *more;
};

/* Where this beat ends: the horizon, or the transaction at which enough rows are reached. */
static enum store_status find_end(struct db *db, int64_t from, int64_t horizon, int64_t *to, bool *more)
{
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, from);
    arg_i64(&args, horizon);
    arg_i64(&args, ROWS_AT_ONCE);
    enum store_status status = sql_run(db, SQL_seal_cut, &args, &r);
    if (status != STORE_OK)
        return status;
    *more = sql_rows(r) > 0;
    *to = *more ? sql_i64(r, 0, 0) : horizon;
    if (*to <= from) /* one transaction with more rows than that */
        *to = from + 1;
    return STORE_OK;
}

static enum store_status add_seal(struct db *db, const struct key *mac, struct seal *s)
{
    struct sql_args args = {.count = 0};
    const PGresult *r;
    uint8_t previous[32] = {0}, sum[32];
    arg_text(&args, s->part);
    enum store_status status = sql_run(db, SQL_seal_last, &args, &r);
    if (status != STORE_OK)
        return status;
    s->seq = sql_rows(r) ? sql_i64(r, 0, 0) + 1 : 1;
    if (sql_rows(r) && sql_span(r, 0, 1).n == sizeof(previous))
        memcpy(previous, sql_span(r, 0, 1).p, sizeof(previous));
    seal_mac(sum, mac, previous, s);
    arg_i64(&args, s->seq);
    arg_i64(&args, s->from_xid);
    arg_i64(&args, s->to_xid);
    arg_i64(&args, s->row_count);
    arg_span(&args, s->digests);
    arg_span(&args, (struct span){(const char *)sum, sizeof(sum)});
    return sql_run(db, SQL_seal_add, &args, NULL);
}

static enum store_status seal_rows(struct db *db, const struct key *mac, const PGresult *rows, int64_t from, int64_t to)
{
    enum store_status status = STORE_OK;
    struct str digests;
    str_init(&digests, (size_t)sql_rows(rows) * SEAL_ROW + 1);
    for (int row = 0; row < sql_rows(rows) && status == STORE_OK;) {
        char part[64];
        struct span first = sql_span(rows, row, 0);
        sql_copy(part, sizeof(part), rows, row, 0);
        str_clear(&digests);
        for (; row < sql_rows(rows) && span_eq(sql_span(rows, row, 0), first); row++) {
            uint8_t one[SEAL_ROW];
            seal_row(one, mac, sql_i64(rows, row, 1), sql_span(rows, row, 2));
            str_add(&digests, one, sizeof(one));
        }
        struct seal s = {.part = part,
                         .from_xid = from,
                         .to_xid = to,
                         .row_count = (int64_t)(digests.len / SEAL_ROW),
                         .digests = str_span(&digests)};
        status = add_seal(db, mac, &s);
    }
    str_free(&digests);
    return status;
}

static enum store_status beat(struct db *db, void *arg)
{
    const struct beat *b = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    int64_t to;
    *b->more = false;
    enum store_status status = sql_run(db, SQL_seal_horizon_lock, NULL, &r);
    if (status != STORE_OK)
        return status;
    int64_t from = sql_i64(r, 0, 0), horizon = sql_i64(r, 0, 1);
    if (horizon < from)
        return STORE_CONFLICT;
    status = find_end(db, from, horizon, &to, b->more);
    if (status != STORE_OK)
        return status;
    arg_i64(&args, from);
    arg_i64(&args, to);
    int number = sql_queue(db, SQL_seal_rows, &args);
    status = sql_wait(db);
    PGresult *rows = sql_take(db, number);
    if (status == STORE_OK && sql_rows(rows)) { /* nothing to seal: nothing to write */
        status = seal_rows(db, b->mac, rows, from, to);
        FAULT("sealer.sealed");
        args.count = 0;
        arg_i64(&args, to);
        (void)sql_queue(db, SQL_seal_horizon_set, &args);
    }
    PQclear(rows);
    return status;
}

static enum store_status resume(struct db *db, void *arg)
{
    int64_t *shift = arg;
    const PGresult *r;
    enum store_status status = sql_run(db, SQL_seal_resume, NULL, &r);
    if (status == STORE_OK)
        *shift = sql_i64(r, 0, 0);
    return status;
}

enum store_status trace_resume(struct db *db, int64_t *shift)
{
    return db_transaction(db, DB_WRITE, 0, resume, shift);
}

enum store_status trace_seal_beat(struct db *db, const struct key *mac, bool *more)
{
    struct beat b = {mac, more};
    return db_transaction(db, DB_WRITE, 0, beat, &b);
}

struct ends {
    bool (*each)(const struct seal_checkpoint *, void *);
    void *arg;
};

static enum store_status read_ends(struct db *db, void *arg)
{
    const struct ends *e = arg;
    const PGresult *r;
    enum store_status status = sql_run(db, SQL_seal_ends, NULL, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        struct seal_checkpoint c = {.seq = sql_i64(r, row, 1)};
        sql_copy(c.part, sizeof(c.part), r, row, 0);
        if (sql_span(r, row, 2).n == sizeof(c.mac))
            memcpy(c.mac, sql_span(r, row, 2).p, sizeof(c.mac));
        if (!e->each(&c, e->arg))
            break;
    }
    return status;
}

enum store_status trace_checkpoints(struct db *db, bool (*each)(const struct seal_checkpoint *, void *), void *arg)
{
    struct ends e = {each, arg};
    return db_transaction(db, DB_READ, 0, read_ends, &e);
}
