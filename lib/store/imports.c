#include "lib/store/imports.h"

#include "lib/store/sql.h"

#include <string.h>

struct importing {
    int64_t bal_id, folder_id;
    const char *name, *special_use;
    uint64_t bit;
    import_item_list *items;
};

static enum store_status read_items(struct db *db, void *arg)
{
    struct importing *m = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, m->bal_id);
    enum store_status status = sql_run(db, SQL_import_items, &args, &r);
    m->items->len = 0;
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        struct import_item item;
        struct span bytes = sql_span(r, row, 0);
        must(bytes.n == sizeof(item.b));
        memcpy(item.b, bytes.p, sizeof(item.b));
        vec_push(m->items, item);
    }
    return status;
}

enum store_status import_items(struct db *db, int64_t bal_id, import_item_list *out)
{
    struct importing m = {.bal_id = bal_id, .items = out};
    return db_transaction(db, DB_READ, bal_id, read_items, &m);
}

enum store_status import_note(struct db *db, int64_t bal_id, const struct import_item *item)
{
    struct sql_args args = {.count = 0};
    arg_i64(&args, bal_id);
    arg_span(&args, (struct span){(const char *)item->b, sizeof(item->b)});
    (void)sql_queue(db, SQL_import_note, &args);
    return STORE_OK;
}

static enum store_status find_folder(struct db *db, struct importing *m, const char *name)
{
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, m->bal_id);
    arg_text(&args, m->special_use);
    arg_text(&args, name);
    enum store_status status = sql_run(db, SQL_import_folder, &args, &r);
    if (status == STORE_OK && sql_rows(r) == 0)
        return STORE_NOT_FOUND;
    if (status == STORE_OK)
        m->folder_id = sql_i64(r, 0, 0);
    return status;
}

static enum store_status add_folder(struct db *db, struct importing *m, const char *name)
{
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, m->bal_id);
    enum store_status status = sql_run(db, SQL_uidvalidity_next, &args, &r);
    if (status != STORE_OK)
        return status;
    int64_t uidvalidity = sql_i64(r, 0, 0);
    m->folder_id = store_new_id();
    arg_i64(&args, m->folder_id);
    arg_text(&args, name);
    arg_null(&args);
    arg_bool(&args, true);
    arg_i64(&args, uidvalidity);
    return sql_run(db, SQL_folder_add, &args, NULL);
}

/* RFC 9051 6.3.4: parents that are missing are made too. */
static enum store_status make_folder(struct db *db, void *arg)
{
    struct importing *m = arg;
    struct span rest = span_of(m->name), level;
    struct str path;
    enum store_status status = find_folder(db, m, m->name);
    if (status != STORE_NOT_FOUND)
        return status;
    m->special_use = NULL; /* none of that use: by name then */
    str_init(&path, 1024);
    status = STORE_OK;
    while (status == STORE_OK && span_cut(&rest, '/', &level)) {
        if (path.len)
            str_putc(&path, '/');
        str_add_span(&path, level);
        status = path.overflow ? STORE_INVALID : find_folder(db, m, path.data);
        if (status == STORE_NOT_FOUND)
            status = add_folder(db, m, path.data);
    }
    str_free(&path);
    return status;
}

enum store_status import_folder(struct db *db, int64_t bal_id, const char *name, const char *special_use,
                                int64_t *folder_id)
{
    const char *use = span_is_nocase(span_of(name), "INBOX") ? "INBOX" : special_use;
    struct importing m = {.bal_id = bal_id, .name = name, .special_use = use};
    enum store_status status = db_transaction(db, DB_WRITE, bal_id, make_folder, &m);
    *folder_id = m.folder_id;
    return status;
}

static enum store_status find_keyword(struct db *db, struct importing *m, enum sql sql)
{
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, m->bal_id);
    arg_i64(&args, m->folder_id);
    arg_text(&args, m->name);
    enum store_status status = sql_run(db, sql, &args, &r);
    if (status == STORE_OK && sql_rows(r) == 1)
        m->bit = 1ULL << sql_i64(r, 0, 0);
    return status;
}

static enum store_status keyword(struct db *db, void *arg)
{
    struct importing *m = arg;
    m->bit = 0;
    enum store_status status = find_keyword(db, m, SQL_import_keyword);
    return status == STORE_OK && !m->bit ? find_keyword(db, m, SQL_keyword_add) : status;
}

enum store_status import_keyword(struct db *db, int64_t bal_id, int64_t folder_id, const char *name, uint64_t *bit)
{
    struct importing m = {.bal_id = bal_id, .folder_id = folder_id, .name = name};
    enum store_status status = db_transaction(db, DB_WRITE, bal_id, keyword, &m);
    *bit = m.bit;
    return status;
}
