/* Who may open which BAL, with all that decides whether it holds now; keyd judges. */
#include "lib/store/keyd.h"
#include "lib/store/bal_row.h"

#include <string.h>

enum { AFTER_BAL = 11, AFTER_RIGHT = AFTER_BAL + 3 }; /* columns of sql.def's BAL_COLUMNS and RIGHT_BAL */

static bool read_right(struct right *right, const PGresult *r, int row)
{
    struct span wrapped = sql_span(r, row, AFTER_BAL + 2);
    *right = (struct right){.contract_in_force = sql_bool(r, row, AFTER_BAL),
                            .epoch_id = sql_i64(r, row, AFTER_BAL + 1),
                            .may_send = sql_bool(r, row, AFTER_RIGHT),
                            .in_dates = sql_bool(r, row, AFTER_RIGHT + 1)};
    if (wrapped.n > WRAPPED_MAX)
        return false;
    bal_from_row(&right->bal, r, row);
    if (wrapped.n)
        memcpy(right->wrapped, wrapped.p, wrapped.n);
    right->wrapped_bytes = wrapped.n;
    return true;
}

struct query {
    struct span issuer, subject;
    int64_t person_id, bal_id;
    right_list *out;
    enum sql sql;
};

static enum store_status by_certificate(struct db *db, void *arg)
{
    struct query *q = arg;
    struct sql_args a = {0};
    const PGresult *r;
    q->out->len = 0;
    arg_span(&a, q->issuer);
    arg_span(&a, q->subject);
    enum store_status status = sql_run(db, q->sql, &a, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        struct right right;
        if (!read_right(&right, r, row))
            return STORE_INVALID;
        right.binding_id = sql_i64(r, row, AFTER_RIGHT + 2);
        struct span key = sql_span(r, row, AFTER_RIGHT + 3);
        if (key.n == sizeof(right.key_sha256))
            memcpy(right.key_sha256, key.p, key.n);
        right.not_after = sql_i64(r, row, AFTER_RIGHT + 4);
        vec_push(q->out, right);
    }
    return status;
}

enum store_status rights_of_certificate(struct db *db, struct span issuer, struct span subject, right_list *out)
{
    struct query q = {.issuer = issuer, .subject = subject, .out = out, .sql = SQL_keyd_by_certificate};
    return db_transaction(db, DB_READ, 0, by_certificate, &q);
}

enum store_status rights_to_explain(struct db *db, struct span issuer, struct span subject, right_list *out)
{
    struct query q = {.issuer = issuer, .subject = subject, .out = out, .sql = SQL_explain_by_certificate};
    return db_transaction(db, DB_READ, 0, by_certificate, &q);
}

static enum store_status by_person(struct db *db, void *arg)
{
    struct query *q = arg;
    struct sql_args a = {0};
    const PGresult *r;
    q->out->len = 0;
    arg_i64(&a, q->person_id);
    arg_i64(&a, q->bal_id);
    enum store_status status = sql_run(db, SQL_keyd_by_person, &a, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        struct right right;
        if (!read_right(&right, r, row))
            return STORE_INVALID;
        right.person_id = q->person_id;
        sql_copy(right.role, sizeof(right.role), r, row, AFTER_RIGHT + 2);
        vec_push(q->out, right);
    }
    return status;
}

enum store_status rights_of_person(struct db *db, int64_t person_id, int64_t bal_id, right_list *out)
{
    struct query q = {.person_id = person_id, .bal_id = bal_id, .out = out};
    return db_transaction(db, DB_READ, 0, by_person, &q);
}

struct seen {
    int64_t id, not_after;
    const uint8_t *key;
};

static enum store_status seen_body(struct db *db, void *arg)
{
    struct seen *seen = arg;
    struct sql_args a = {0};
    arg_i64(&a, seen->id);
    arg_span(&a, (struct span){(const char *)seen->key, 32});
    arg_i64(&a, seen->not_after);
    return sql_change(db, SQL_keyd_certificate_seen, &a);
}

enum store_status certificate_seen(struct db *db, int64_t binding_id, const uint8_t key_sha256[32], int64_t not_after)
{
    struct seen seen = {.id = binding_id, .not_after = not_after, .key = key_sha256};
    return db_transaction(db, DB_WRITE, 0, seen_body, &seen);
}

static enum store_status opened_body(struct db *db, void *arg)
{
    struct sql_args a = {0};
    const PGresult *r;
    arg_i64(&a, *(const int64_t *)arg);
    return sql_run(db, SQL_keyd_bal_opened, &a, &r);
}

enum store_status bal_opened(struct db *db, int64_t bal_id)
{
    return db_transaction(db, DB_WRITE, 0, opened_body, &bal_id);
}
