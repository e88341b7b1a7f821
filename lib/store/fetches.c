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

struct oidc {
    const char *name, *url, *etag;
    struct span document;
    int64_t expires;
};

static enum store_status put_oidc(struct db *db, void *arg)
{
    const struct oidc *o = arg;
    struct sql_args args = {.count = 0};
    arg_text(&args, o->name);
    arg_text(&args, o->url);
    arg_span(&args, o->document);
    arg_text(&args, o->etag && *o->etag ? o->etag : NULL);
    arg_i64(&args, o->expires);
    return sql_change(db, SQL_oidc_put, &args);
}

enum store_status oidc_store(struct db *db, const char *name, const char *url, struct span document, const char *etag,
                             int64_t expires)
{
    struct oidc o = {name, url, etag, document, expires};
    return db_transaction(db, DB_WRITE, 0, put_oidc, &o);
}
