/* imapd's own questions. See imap.h. */
#include "lib/store/imap.h"

#include "lib/store/web_run.h"

static void add_member(const PGresult *r, int row, void *out)
{
    struct bal_member member = {0};
    sql_copy(member.name, sizeof(member.name), r, row, 0);
    sql_copy(member.role, sizeof(member.role), r, row, 1);
    vec_push((bal_member_list *)out, member);
}

enum store_status bal_members(struct db *db, int64_t bal_id, bal_member_list *out)
{
    struct sql_args a = {0};
    arg_i64(&a, bal_id);
    return web_rows(db, SQL_bal_members, &a, &out->len, add_member, out);
}

static void read_usage(const PGresult *r, int row, void *out)
{
    *(struct bal_usage *)out = (struct bal_usage){.limit_bytes = (uint64_t)sql_i64(r, row, 0),
                                                  .used_bytes = (uint64_t)sql_i64(r, row, 1),
                                                  .messages = (uint64_t)sql_i64(r, row, 2),
                                                  .limit_messages = (uint64_t)sql_i64(r, row, 3)};
}

enum store_status bal_usage(struct db *db, int64_t bal_id, struct bal_usage *out)
{
    struct sql_args a = {0};
    arg_i64(&a, bal_id);
    return web_row(db, SQL_bal_usage, &a, read_usage, out);
}

struct annotation_query {
    int64_t bal_id, folder_id, viewer;
    const struct annotation_change *changes;
    size_t count;
    annotation_list *out;
};

static void empty(annotation_list *list)
{
    vec_each (list, one) {
        xfree(&one->entry);
        xfree(&one->value);
    }
    list->len = 0;
}

void annotation_list_free(annotation_list *list)
{
    empty(list);
    vec_free(list);
}

static enum store_status list_body(struct db *db, void *arg)
{
    struct annotation_query *q = arg;
    struct sql_args a = {0};
    const PGresult *r;
    empty(q->out);
    arg_i64(&a, q->bal_id);
    arg_i64(&a, q->folder_id);
    arg_i64(&a, q->viewer);
    enum store_status status = sql_run(db, SQL_annotations, &a, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        struct span entry = sql_span(r, row, 1), value = sql_span(r, row, 2);
        vec_push(q->out, (struct annotation){.shared = sql_bool(r, row, 0),
                                             .entry = xstrndup(entry.p, entry.n),
                                             .value = xmemdup(value.n ? value.p : "", value.n),
                                             .value_bytes = value.n});
    }
    return status;
}

enum store_status annotations_of(struct db *db, int64_t bal_id, int64_t folder_id, int64_t viewer, annotation_list *out)
{
    struct annotation_query q = {.bal_id = bal_id, .folder_id = folder_id, .viewer = viewer, .out = out};
    return db_transaction(db, DB_READ, bal_id, list_body, &q);
}

struct marking {
    int64_t bal_id, viewer;
    size_t max, before;
    annotation_marks *out;
};

static void marks_cut(annotation_marks *marks, size_t len)
{
    for (size_t i = len; i < marks->len; i++)
        xfree(&marks->items[i].entry);
    marks->len = len;
}

void annotation_marks_free(annotation_marks *marks)
{
    marks_cut(marks, 0);
    vec_free(marks);
}

static enum store_status mark_body(struct db *db, void *arg)
{
    struct marking *q = arg;
    struct sql_args a = {0};
    const PGresult *r;
    marks_cut(q->out, q->before);
    arg_i64(&a, q->bal_id);
    arg_i64(&a, q->viewer);
    arg_i64(&a, (int64_t)q->max);
    enum store_status status = sql_run(db, SQL_annotation_marks, &a, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        struct span entry = sql_span(r, row, 1);
        vec_push(q->out, (struct annotation_mark){.bal_id = q->bal_id,
                                                  .folder_id = sql_i64(r, row, 0),
                                                  .entry = xstrndup(entry.p, entry.n),
                                                  .hash = sql_i64(r, row, 2)});
    }
    return status;
}

enum store_status annotations_mark(struct db *db, int64_t bal_id, int64_t viewer, size_t max, annotation_marks *out)
{
    struct marking q = {.bal_id = bal_id, .viewer = viewer, .max = max, .before = out->len, .out = out};
    return db_transaction(db, DB_READ, bal_id, mark_body, &q);
}

static enum store_status set_one(struct db *db, const struct annotation_query *q, const struct annotation_change *one)
{
    struct sql_args a = {0};
    const PGresult *r;
    bool remove = !one->value.p;
    arg_i64(&a, q->bal_id);
    arg_i64(&a, q->folder_id);
    arg_i64(&a, one->viewer);
    arg_span(&a, one->entry);
    if (!remove) {
        arg_span(&a, one->value);
        arg_i64(&a, ANNOTATIONS_MAX);
    }
    enum store_status status = sql_run(db, remove ? SQL_annotation_remove : SQL_annotation_set, &a, &r);
    if (status == STORE_OK && !remove && sql_touched(r) == 0)
        return STORE_OVER_QUOTA;
    return status;
}

static enum store_status set_body(struct db *db, void *arg)
{
    const struct annotation_query *q = arg;
    struct sql_args a = {0};
    enum store_status status = STORE_OK;
    for (size_t i = 0; status == STORE_OK && i < q->count; i++)
        status = set_one(db, q, &q->changes[i]);
    arg_i64(&a, q->bal_id);
    arg_i64(&a, q->folder_id);
    if (status == STORE_OK && q->folder_id)
        status = sql_run(db, SQL_folder_next_modseq, &a, NULL); /* RFC 7162 3.2: it is a change of the mailbox */
    return status;
}

enum store_status annotations_set(struct db *db, int64_t bal_id, int64_t folder_id,
                                  const struct annotation_change *changes, size_t count)
{
    struct annotation_query q = {.bal_id = bal_id, .folder_id = folder_id, .changes = changes, .count = count};
    return db_transaction(db, DB_WRITE, bal_id, set_body, &q);
}

struct judging {
    struct open_session *sessions;
    size_t count;
};

static enum store_status judge_body(struct db *db, void *arg)
{
    struct judging *q = arg;
    struct sql_args a = {0};
    struct str arrays[3];
    const PGresult *r;
    int64_t *ids = xcalloc(3 * q->count + 1, sizeof(*ids));
    for (size_t i = 0; i < q->count; i++) {
        ids[i] = q->sessions[i].bal_id;
        ids[q->count + i] = q->sessions[i].person_id;
        ids[2 * q->count + i] = q->sessions[i].binding_id;
        q->sessions[i].refused = true;
    }
    for (size_t k = 0; k < 3; k++) {
        str_init(&arrays[k], 32 * q->count + 1024);
        arg_array(&a, &arrays[k], ids + k * q->count, q->count);
    }
    enum store_status status = sql_run(db, SQL_open_sessions, &a, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        int64_t place = sql_i64(r, row, 0);
        if (place < 1 || (size_t)place > q->count)
            continue;
        struct open_session *session = &q->sessions[place - 1];
        session->refused = session->role[0] && !span_eq(sql_span(r, row, 1), span_of(session->role));
        if (!session->role[0])
            sql_copy(session->role, sizeof(session->role), r, row, 1);
    }
    for (size_t k = 0; k < 3; k++)
        str_free(&arrays[k]);
    xfree(&ids);
    return status;
}

enum store_status open_sessions_judge(struct db *db, struct open_session *sessions, size_t count)
{
    struct judging q = {sessions, count};
    return count ? db_transaction(db, DB_READ, 0, judge_body, &q) : STORE_OK;
}
