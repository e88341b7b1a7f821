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

/* Asked many times a second: a reading transaction takes no transaction id. */
static enum store_status waits(struct db *db, void *arg)
{
    const struct asking *a = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_text(&args, a->what);
    enum store_status status = sql_run(db, SQL_fetch_waits, &args, &r);
    return status == STORE_OK && sql_rows(r) == 0 ? STORE_NOT_FOUND : status;
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
    enum store_status status = db_transaction(db, DB_READ, 0, waits, &a);
    return status == STORE_OK ? db_transaction(db, DB_WRITE, 0, take, &a) : status;
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

struct taking {
    const char *what;
    struct fetch_asked *out;
};

static enum store_status ask_for(struct db *db, void *arg)
{
    const struct oidc *a = arg; /* name, url, etag: what, who, detail */
    struct sql_args args = {.count = 0};
    arg_text(&args, a->name);
    arg_text(&args, a->url);
    arg_text(&args, a->etag);
    return sql_change(db, SQL_fetch_ask_detail, &args);
}

enum store_status fetch_ask_for(struct db *db, const char *what, const char *who, const char *detail)
{
    struct oidc a = {.name = what, .url = who ? who : "", .etag = detail};
    return db_transaction(db, DB_WRITE, 0, ask_for, &a);
}

static enum store_status take_asked(struct db *db, void *arg)
{
    const struct taking *t = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_text(&args, t->what);
    enum store_status status = sql_run(db, SQL_fetch_take_detail, &args, &r);
    if (status != STORE_OK || sql_rows(r) == 0)
        return status == STORE_OK ? STORE_NOT_FOUND : status;
    sql_copy(t->out->who, sizeof(t->out->who), r, 0, 0);
    sql_copy(t->out->detail, sizeof(t->out->detail), r, 0, 1);
    return STORE_OK;
}

enum store_status fetch_take_asked(struct db *db, const char *what, struct fetch_asked *out)
{
    struct taking t = {what, out};
    struct asking a = {.what = what};
    enum store_status status = db_transaction(db, DB_READ, 0, waits, &a);
    return status == STORE_OK ? db_transaction(db, DB_WRITE, 0, take_asked, &t) : status;
}
