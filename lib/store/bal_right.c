/* The right to send, asked again for each message: what was true at AUTH may have ended since. */
#include "lib/store/bal.h"

#include "lib/store/sql.h"

struct asked_right {
    struct sql_args args;
    bool may_send;
};

static enum store_status ask(struct db *db, void *arg)
{
    struct asked_right *a = arg;
    const PGresult *r;
    enum store_status status = sql_run(db, SQL_bal_may_send, &a->args, &r);
    if (status == STORE_OK)
        a->may_send = sql_rows(r) > 0 && sql_bool(r, 0, 0);
    return status;
}

enum store_status bal_may_send(struct db *db, int64_t bal_id, int64_t person_id, int64_t binding_id, bool *may_send)
{
    struct asked_right a = {.may_send = false};
    arg_i64(&a.args, bal_id);
    arg_i64(&a.args, person_id);
    arg_i64(&a.args, binding_id);
    enum store_status status = db_transaction(db, DB_READ, 0, ask, &a);
    *may_send = a.may_send;
    return status;
}
