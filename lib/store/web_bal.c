/* A person's mailboxes, and who has a shared one's messages in hand. */
#include "lib/store/web.h"

#include "lib/store/bal_row.h"
#include "lib/store/web_run.h"

static void add_bal(const PGresult *r, int row, void *out)
{
    web_bal_list *list = out;
    struct web_bal b = {0};
    bal_from_row(&b.bal, r, row);
    b.owner = span_is(sql_span(r, row, 11), "titulaire");
    b.manager = b.owner || span_is(sql_span(r, row, 11), "gestionnaire");
    b.may_send = b.owner || sql_bool(r, row, 12);
    vec_push(list, b);
}

enum store_status web_bals_of(struct db *db, int64_t person_id, web_bal_list *out)
{
    struct sql_args a = {0};
    arg_i64(&a, person_id);
    return web_rows(db, SQL_web_bals_of, &a, &out->len, add_bal, out);
}

static void read_right(const PGresult *r, int row, void *out)
{
    struct web_right *right = out;
    *right = (struct web_right){.may_send = sql_bool(r, row, 12)};
    bal_from_row(&right->bal, r, row);
    sql_copy(right->role, sizeof(right->role), r, row, 11);
    sql_copy(right->view, sizeof(right->view), r, row, 13);
}

enum store_status web_right_get(struct db *db, int64_t person_id, int64_t bal_id, struct web_right *out)
{
    struct sql_args a = {0};
    arg_i64(&a, person_id);
    arg_i64(&a, bal_id);
    return web_row(db, SQL_web_right, &a, read_right, out);
}

static void read_author(const PGresult *r, int row, void *out)
{
    struct web_author *a = out;
    sql_copy(a->national_id, sizeof(a->national_id), r, row, 0);
    sql_copy(a->title, sizeof(a->title), r, row, 1);
    sql_copy(a->given, sizeof(a->given), r, row, 2);
    sql_copy(a->family, sizeof(a->family), r, row, 3);
    sql_copy(a->structure, sizeof(a->structure), r, row, 4);
    sql_copy(a->structure_id, sizeof(a->structure_id), r, row, 5);
}

enum store_status web_author_of(struct db *db, int64_t person_id, int64_t structure_id, struct web_author *out)
{
    struct sql_args a = {0};
    arg_i64(&a, person_id);
    arg_i64(&a, structure_id);
    return web_row(db, SQL_web_author, &a, read_author, out);
}

static void add_administrator(const PGresult *r, int row, void *out)
{
    web_administrator_list *list = out;
    struct web_administrator a = {.name = ""};
    sql_copy(a.name, sizeof(a.name), r, row, 0);
    sql_copy(a.structure, sizeof(a.structure), r, row, 1);
    vec_push(list, a);
}

enum store_status web_administrators_of(struct db *db, int64_t person_id, const char *const *numbers, size_t count,
                                        web_administrator_list *out)
{
    struct sql_args a = {0};
    struct str array;
    str_init(&array, 64 << 10);
    arg_i64(&a, person_id);
    arg_texts(&a, &array, numbers, count);
    enum store_status status = web_rows(db, SQL_web_administrators, &a, &out->len, add_administrator, out);
    str_free(&array);
    return status;
}

static void add_role(const PGresult *r, int row, void *out)
{
    static const struct {
        const char *name;
        enum web_role role;
    } names[] = {{"exploitant", ROLE_EXPLOITANT},
                 {"administrateur", ROLE_STRUCTURE},
                 {"auditeur", ROLE_AUDITOR},
                 {"officier", ROLE_OFFICER}};
    struct web_roles *roles = out;
    for (size_t i = 0; i < COUNT(names); i++)
        if (span_is(sql_span(r, row, 0), names[i].name))
            roles->roles |= names[i].role;
    if (sql_i64(r, row, 1) == 0)
        return;
    roles->structure_id = sql_i64(r, row, 1);
    sql_copy(roles->structure, sizeof(roles->structure), r, row, 2);
}

enum store_status web_roles_of(struct db *db, int64_t person_id, struct web_roles *out)
{
    struct sql_args a = {0};
    *out = (struct web_roles){0};
    arg_i64(&a, person_id);
    return web_rows(db, SQL_web_roles, &a, NULL, add_role, out);
}

static const char *const work_names[] = {[WORK_TODO] = "a-traiter", [WORK_TAKEN] = "en-cours", [WORK_DONE] = "traite"};

struct work_query {
    int64_t bal_id, folder_id;
    uint32_t from, to;
    work_list *out;
};

static enum store_status list_body(struct db *db, void *arg)
{
    struct work_query *q = arg;
    struct sql_args a = {0};
    const PGresult *r;
    q->out->len = 0;
    arg_i64(&a, q->bal_id);
    arg_i64(&a, q->folder_id);
    arg_i64(&a, q->from);
    arg_i64(&a, q->to);
    enum store_status status = sql_run(db, SQL_work_list, &a, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        struct work work = {.uid = (uint32_t)sql_i64(r, row, 0)};
        for (size_t i = 0; i < COUNT(work_names); i++)
            if (span_is(sql_span(r, row, 1), work_names[i]))
                work.state = (enum work_state)i;
        work.person_id = sql_i64(r, row, 2);
        work.since = sql_i64(r, row, 3);
        sql_copy(work.person_name, sizeof(work.person_name), r, row, 4);
        work.reminded = sql_bool(r, row, 5);
        vec_push(q->out, work);
    }
    return status;
}

enum store_status work_list_of(struct db *db, int64_t bal_id, int64_t folder_id, uint32_t uid_from, uint32_t uid_to,
                               work_list *out)
{
    struct work_query q = {.bal_id = bal_id, .folder_id = folder_id, .from = uid_from, .to = uid_to, .out = out};
    return db_transaction(db, DB_READ, bal_id, list_body, &q);
}

enum store_status work_set(struct db *db, int64_t bal_id, int64_t folder_id, uint32_t uid, enum work_state state,
                           int64_t person_id)
{
    struct sql_args a = {0};
    arg_i64(&a, bal_id);
    arg_i64(&a, folder_id);
    arg_i64(&a, uid);
    arg_id(&a, person_id);
    arg_text(&a, work_names[state]);
    return web_change(db, bal_id, SQL_work_set, &a);
}
