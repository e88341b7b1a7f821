#include "lib/store/departure.h"

#include "lib/store/sql.h"

struct asked {
    struct sql_args args;
    bool departed;
};

static enum store_status ask(struct db *db, void *arg)
{
    struct asked *a = arg;
    const PGresult *r;
    enum store_status status = sql_run(db, SQL_domain_departed, &a->args, &r);
    if (status == STORE_OK)
        a->departed = sql_rows(r) > 0 && sql_bool(r, 0, 0);
    return status;
}

enum store_status domain_departed(struct db *db, const char *domain, bool *departed)
{
    struct asked a = {.departed = false};
    arg_text(&a.args, domain);
    enum store_status status = db_transaction(db, DB_READ, 0, ask, &a);
    *departed = a.departed;
    return status;
}
