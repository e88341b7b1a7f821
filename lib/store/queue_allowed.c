/* The right to send, asked again when a message that waited is about to leave. */
#include "lib/store/queue.h"

#include "lib/store/sql.h"

struct asked {
    int64_t message_id, structure_id;
    bool allowed;
};

static enum store_status ask(struct db *db, void *arg)
{
    struct asked *a = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, a->message_id);
    enum store_status status = sql_run(db, SQL_queue_still_allowed, &args, &r);
    if (status == STORE_OK && sql_rows(r) == 0)
        return STORE_NOT_FOUND;
    if (status == STORE_OK) {
        a->allowed = sql_bool(r, 0, 0);
        a->structure_id = sql_i64(r, 0, 1);
    }
    return status;
}

enum store_status queue_still_allowed(struct db *db, int64_t message_id, bool *allowed, int64_t *structure_id)
{
    struct asked a = {.message_id = message_id};
    enum store_status status = db_transaction(db, DB_READ, 0, ask, &a);
    *allowed = a.allowed;
    *structure_id = a.structure_id;
    return status;
}
