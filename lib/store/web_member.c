/* Members of a shared mailbox, as its manager changes them. */
#include "lib/store/web.h"

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

enum store_status web_member_set(struct db *db, int64_t bal_id, const char *national_id, const char *role,
                                 bool may_send, int64_t until, int64_t granted_by)
{
    struct sql_args a = {0};
    arg_i64(&a, bal_id);
    arg_text(&a, national_id);
    arg_text(&a, role);
    arg_bool(&a, may_send);
    arg_i64(&a, until);
    arg_i64(&a, granted_by);
    return web_change(db, bal_id, SQL_web_member_set, &a);
}

enum store_status web_member_remove(struct db *db, int64_t bal_id, int64_t person_id)
{
    struct sql_args a = {0};
    arg_i64(&a, bal_id);
    arg_i64(&a, person_id);
    return web_change(db, bal_id, SQL_web_member_remove, &a);
}
