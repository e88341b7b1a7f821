#include "lib/store/lead.h"

#include "lib/store/sql.h"

struct leading {
    int64_t lock;
    bool leads;
};

static enum store_status lead(struct db *db, void *arg)
{
    struct leading *l = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, l->lock);
    enum store_status status = sql_run(db, SQL_lead_holds, &args, &r);
    if (status != STORE_OK)
        return status;
    l->leads = sql_bool(r, 0, 0);
    if (l->leads)
        return STORE_OK;
    status = sql_run(db, SQL_lead_try, &args, &r);
    if (status == STORE_OK)
        l->leads = sql_bool(r, 0, 0);
    return status;
}

enum store_status db_lead(struct db *db, int64_t lock, bool *leads)
{
    struct leading l = {.lock = lock};
    enum store_status status = db_transaction(db, DB_READ, 0, lead, &l);
    *leads = status == STORE_OK && l.leads;
    return status;
}
