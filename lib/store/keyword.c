/* Keywords of a folder: bits 6 to 63 of its flags. */
#include "lib/store/mailbox_private.h"

#include "lib/base/num.h"

struct asked {
    struct mailbox *mailbox;
    int64_t folder_id;
    const char *name;
    keyword_list *all;
    unsigned bit;
};

/* A bit that nobody has: an empty name keeps the order. */
static void take(keyword_list *out, int64_t bit, struct span name)
{
    while (out->len < (size_t)(bit - FLAG_KEYWORD_FIRST))
        vec_push(out, xstrdup(""));
    vec_push(out, xstrndup(name.p, name.n));
}

void keywords_of_lines(keyword_list *out, struct span lines)
{
    struct span line, bit;
    int64_t number;
    keyword_list_free(out);
    while (span_cut(&lines, '\n', &line))
        if (span_cut(&line, ' ', &bit) && num_i64(bit, &number))
            take(out, number, line);
}

static enum store_status list(struct db *db, void *arg)
{
    struct asked *a = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, a->mailbox->bal.id);
    arg_i64(&args, a->folder_id);
    enum store_status status = sql_run(db, SQL_keywords_list, &args, &r);
    if (status != STORE_OK)
        return status;
    keyword_list_free(a->all);
    for (int row = 0; row < sql_rows(r); row++)
        take(a->all, sql_i64(r, row, 0), sql_span(r, row, 1));
    return STORE_OK;
}

void keyword_list_free(keyword_list *list)
{
    vec_each (list, name)
        xfree(name);
    vec_free(list);
}

enum store_status folder_keywords(struct db *db, struct mailbox *m, int64_t folder_id, keyword_list *out)
{
    struct asked a = {.mailbox = m, .folder_id = folder_id, .all = out};
    return db_in_transaction(db) ? list(db, &a) : db_transaction(db, DB_GLANCE, m->bal.id, list, &a);
}

static bool find(struct asked *a, const keyword_list *list)
{
    for (size_t i = 0; i < list->len; i++)
        if (span_eq_nocase(span_of(list->items[i]), span_of(a->name))) {
            a->bit = FLAG_KEYWORD_FIRST + (unsigned)i;
            return true;
        }
    return false;
}

/* Under the folder's lock: two sessions that name a keyword at once get one bit. */
static enum store_status find_or_add(struct db *db, void *arg)
{
    struct asked *a = arg;
    keyword_list known = {0};
    struct locked_folder folder = {.id = a->folder_id};
    const PGresult *r;
    enum store_status status = lock_folders(db, a->mailbox, &folder, 1, (const uint32_t[]){0}, 0, SEEN_NOBODY);
    if (status == STORE_OK)
        status = folder_keywords(db, a->mailbox, a->folder_id, &known);
    if (status == STORE_OK && !find(a, &known)) {
        struct sql_args args = {.count = 0};
        arg_i64(&args, a->mailbox->bal.id);
        arg_i64(&args, a->folder_id);
        arg_text(&args, a->name);
        status = sql_run(db, SQL_keyword_add, &args, &r);
        if (status == STORE_OK && sql_rows(r) == 0)
            status = STORE_OVER_QUOTA;
        else if (status == STORE_OK)
            a->bit = (unsigned)sql_i64(r, 0, 0);
    }
    keyword_list_free(&known);
    locked_folder_free(&folder);
    return status;
}

enum store_status folder_keyword_bit(struct db *db, struct mailbox *m, int64_t folder_id, const char *keyword,
                                     unsigned *bit)
{
    keyword_list known = {0};
    struct asked a = {.mailbox = m, .folder_id = folder_id, .name = keyword};
    enum store_status status = folder_keywords(db, m, folder_id, &known);
    if (status == STORE_OK && !find(&a, &known))
        status = db_in_transaction(db) ? find_or_add(db, &a) : db_transaction(db, DB_WRITE, m->bal.id, find_or_add, &a);
    keyword_list_free(&known);
    *bit = a.bit;
    return status;
}
