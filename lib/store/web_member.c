/* Members of a shared mailbox, and what the Annuaire shows of it, for its manager. */
#include "lib/store/web.h"

#include "lib/store/publications.h"
#include "lib/store/web_run.h"

static void add_member(const PGresult *r, int row, void *out)
{
    web_member_list *list = out;
    struct web_member m = {
        .person_id = sql_i64(r, row, 0), .until = sql_i64(r, row, 1), .may_send = sql_bool(r, row, 4)};
    sql_copy(m.name, sizeof(m.name), r, row, 2);
    sql_copy(m.role, sizeof(m.role), r, row, 3);
    vec_push(list, m);
}

enum store_status web_members_of(struct db *db, int64_t bal_id, web_member_list *out)
{
    struct sql_args a = {0};
    arg_i64(&a, bal_id);
    return web_rows(db, SQL_web_members, &a, &out->len, add_member, out);
}

static void read_about(const PGresult *r, int row, void *out)
{
    struct web_about *about = out;
    sql_copy(about->description, sizeof(about->description), r, row, 0);
    sql_copy(about->service, sizeof(about->service), r, row, 1);
}

enum store_status web_about_of(struct db *db, int64_t bal_id, struct web_about *out)
{
    struct sql_args a = {0};
    *out = (struct web_about){.red_listed = false};
    arg_i64(&a, bal_id);
    return web_row(db, SQL_web_bal_about, &a, read_about, out);
}

struct describing {
    int64_t bal_id;
    const struct web_about *about;
    bool was_red_listed;
    const struct trace *trace;
};

static enum store_status describe(struct db *db, void *arg)
{
    const struct describing *d = arg;
    const char *operation = d->about->red_listed ? "delete" : d->was_red_listed ? "insert" : "replace";
    struct sql_args a = {0};
    arg_i64(&a, d->bal_id);
    arg_text(&a, d->about->description);
    arg_text(&a, d->about->service);
    arg_bool(&a, d->about->red_listed);
    enum store_status status = sql_change(db, SQL_web_bal_describe, &a);
    if (status == STORE_OK && !(d->about->red_listed && d->was_red_listed))
        status = publication_add(db, d->bal_id, operation);
    return status == STORE_OK ? trace_write(db, d->trace) : status;
}

enum store_status web_about_set(struct db *db, int64_t bal_id, const struct web_about *about, bool was_red_listed,
                                const struct trace *trace)
{
    struct describing d = {bal_id, about, was_red_listed, trace};
    return db_transaction(db, DB_WRITE, bal_id, describe, &d);
}

static void add_binding(const PGresult *r, int row, void *out)
{
    web_binding_list *list = out;
    struct web_binding b = {.id = sql_i64(r, row, 0), .until = sql_i64(r, row, 1), .not_after = sql_i64(r, row, 2)};
    sql_copy(b.subject, sizeof(b.subject), r, row, 3);
    sql_copy(b.mandate, sizeof(b.mandate), r, row, 4);
    vec_push(list, b);
}

enum store_status web_bindings_of(struct db *db, int64_t bal_id, web_binding_list *out)
{
    struct sql_args a = {0};
    arg_i64(&a, bal_id);
    return web_rows(db, SQL_web_bindings, &a, &out->len, add_binding, out);
}
