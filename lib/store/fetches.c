#include "lib/store/fetches.h"

#include "lib/store/sql.h"

struct asking {
    const char *what, *who;
};

static enum store_status ask(struct db *db, void *arg)
{
    const struct asking *a = arg;
    struct sql_args args = {.count = 0};
    arg_text(&args, a->what);
    arg_text(&args, a->who ? a->who : "");
    return sql_change(db, SQL_fetch_ask, &args);
}

static enum store_status take(struct db *db, void *arg)
{
    const struct asking *a = arg;
    struct sql_args args = {.count = 0};
    arg_text(&args, a->what);
    return sql_change(db, SQL_fetch_take, &args);
}

enum store_status fetch_ask(struct db *db, const char *what, const char *who)
{
    struct asking a = {what, who};
    return db_transaction(db, DB_WRITE, 0, ask, &a);
}

enum store_status fetch_take(struct db *db, const char *what)
{
    struct asking a = {.what = what};
    return db_transaction(db, DB_WRITE, 0, take, &a);
}
