#include "lib/store/listing.h"

#include "lib/store/sql.h"

static const struct {
    enum sql sql;
    const char *columns;
} listings[LISTING_COUNT] = {
#define LISTING(name, columns, text) [LISTING_##name] = {SQL_list_##name, columns},
#include "lib/store/listing.def"
#undef LISTING
};

const char *listing_columns(enum listing_kind kind)
{
    return listings[kind].columns;
}

struct reading {
    enum listing_kind kind;
    const char *const *arguments;
    size_t count;
    struct listing *out;
};

static enum store_status read_rows(struct db *db, void *arg)
{
    struct reading *r = arg;
    struct sql_args args = {.count = 0};
    const PGresult *answer;
    listing_free(r->out);
    for (size_t i = 0; i < r->count; i++)
        arg_text(&args, r->arguments[i]);
    (void)sql_queue(db, SQL_plan_anew, NULL);
    enum store_status status = sql_run(db, listings[r->kind].sql, &args, &answer);
    if (status != STORE_OK)
        return status;
    r->out->columns = (size_t)PQnfields(answer);
    for (int row = 0; row < sql_rows(answer); row++)
        for (int column = 0; column < PQnfields(answer); column++) {
            struct span cell = sql_span(answer, row, column);
            vec_push(&r->out->cells, sql_null(answer, row, column) ? NULL : xstrndup(cell.n ? cell.p : "", cell.n));
        }
    return STORE_OK;
}

enum store_status listing_read(struct db *db, enum listing_kind kind, const char *const *arguments, size_t count,
                               struct listing *out)
{
    struct reading r = {kind, arguments, count, out};
    *out = (struct listing){.columns = 0};
    return db_transaction(db, DB_READ, 0, read_rows, &r);
}

void listing_free(struct listing *list)
{
    vec_each (&list->cells, cell)
        xfree(cell);
    vec_free(&list->cells);
}
