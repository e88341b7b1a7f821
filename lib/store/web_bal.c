/* A person's mailboxes, and who has a shared one's messages in hand. */
#include "lib/store/web.h"

#include "lib/store/sql.h"

#include <string.h>

static const char *const kinds[] = {[BAL_PER] = "PER", [BAL_ORG] = "ORG", [BAL_APP] = "APP", [BAL_CAB] = "CAB"};

static void read_bal(struct web_bal *b, const PGresult *r, int row)
{
    struct span key = sql_span(r, row, 6);
    *b = (struct web_bal){.bal = {.id = sql_i64(r, row, 0), .structure_id = sql_i64(r, row, 1), .state = BAL_OPEN}};
    sql_copy(b->bal.address, sizeof(b->bal.address), r, row, 2);
    sql_copy(b->bal.display_name, sizeof(b->bal.display_name), r, row, 3);
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (span_is(sql_span(r, row, 4), kinds[i]))
            b->bal.kind = (enum bal_kind)i;
    if (key.n == KEY_BYTES)
        memcpy(b->bal.public_half.b, key.p, key.n);
    b->bal.red_listed = sql_bool(r, row, 7);
    b->bal.quota_bytes = (uint64_t)sql_i64(r, row, 8);
    b->bal.used_bytes = (uint64_t)sql_i64(r, row, 9);
    b->owner = span_is(sql_span(r, row, 10), "titulaire");
    b->manager = b->owner || span_is(sql_span(r, row, 10), "gestionnaire");
    b->may_send = b->owner || sql_bool(r, row, 11);
}

enum store_status web_bals_of(struct db *db, int64_t person_id, web_bal_list *out)
{
    struct sql_args a = {0};
    const PGresult *r;
    arg_i64(&a, person_id);
    enum store_status status = sql_run(db, SQL_web_bals_of, &a, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        struct web_bal bal;
        read_bal(&bal, r, row);
        vec_push(out, bal);
    }
    return status;
}

static const char *const work_names[] = {[WORK_TODO] = "a-traiter", [WORK_TAKEN] = "en-cours", [WORK_DONE] = "traite"};

struct work_query {
    int64_t bal_id, folder_id, person_id;
    uint32_t from, to;
    enum work_state state;
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

static enum store_status set_body(struct db *db, void *arg)
{
    struct work_query *q = arg;
    struct sql_args a = {0};
    arg_i64(&a, q->bal_id);
    arg_i64(&a, q->folder_id);
    arg_i64(&a, q->from);
    arg_id(&a, q->person_id);
    arg_text(&a, work_names[q->state]);
    return sql_change(db, SQL_work_set, &a);
}

enum store_status work_set(struct db *db, int64_t bal_id, int64_t folder_id, uint32_t uid, enum work_state state,
                           int64_t person_id)
{
    struct work_query q = {
        .bal_id = bal_id, .folder_id = folder_id, .from = uid, .state = state, .person_id = person_id};
    return db_transaction(db, DB_WRITE, bal_id, set_body, &q);
}
