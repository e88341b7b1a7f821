/* What became of recipients. */
#include "lib/store/queue.h"

#include "lib/store/sql.h"

struct settling {
    const char *relay;
    const struct queue_result *results;
    size_t count, *lost;
    const struct trace *common;
};

static const char *outcome(enum queue_state state)
{
    return state == QUEUE_DELIVERED ? "delivered" : state == QUEUE_DROPPED ? "dropped" : "failed";
}

static void queue_end(struct db *db, const struct queue_result *q)
{
    struct sql_args args = {.count = 0};
    arg_i64(&args, q->recipient_id);
    arg_text(&args, outcome(q->state));
    arg_text(&args, q->reply);
    arg_text(&args, q->rule);
    arg_text(&args, q->mx);
    arg_text(&args, q->peer_dn);
    (void)sql_queue(db, SQL_queue_end, &args);
}

static void queue_again(struct db *db, const struct queue_result *q)
{
    struct sql_args args = {.count = 0};
    arg_i64(&args, q->recipient_id);
    arg_i64(&args, q->next_try);
    arg_text(&args, q->reply);
    arg_text(&args, q->rule);
    arg_text(&args, q->mx);
    arg_bool(&args, q->warned);
    (void)sql_queue(db, SQL_queue_again, &args);
}

static void queue_trace(struct db *db, const struct settling *s, const struct queue_result *q, const PGresult *rows,
                        int row)
{
    if (!s->common || !s->common->action)
        return;
    struct trace t = *s->common;
    char domain[256];
    sql_copy(domain, sizeof(domain), rows, row, 6);
    t.answer = q->reply ? q->reply : queue_state_name(q->state);
    t.rule = q->rule;
    t.bal_id = sql_i64(rows, row, 2);
    t.person_id = sql_i64(rows, row, 3);
    t.structure_id = sql_i64(rows, row, 4);
    t.bytes = (uint64_t)sql_i64(rows, row, 5);
    t.counterpart = domain;
    t.direction = "out";
    if (span_is(span_of(domain), "patient.mssante.fr"))
        t.patient = sql_span(rows, row, 7);
    (void)trace_queue(db, &t);
}

static int row_of(const PGresult *rows, int64_t id)
{
    for (int row = 0; row < sql_rows(rows); row++)
        if (sql_i64(rows, row, 0) == id)
            return row;
    return -1;
}

/* Locks messages in order, then in later statements: ends, and messages whose last recipient this was. */
static enum store_status settle(struct db *db, void *arg)
{
    struct settling *s = arg;
    struct sql_args args = {.count = 0};
    struct str array;
    int64_t *ids = xcalloc(s->count, sizeof(*ids));
    for (size_t i = 0; i < s->count; i++)
        ids[i] = s->results[i].recipient_id;
    arg_array(&args, &array, ids, s->count);
    arg_text(&args, s->relay);
    int number = sql_queue(db, SQL_queue_settle_lock, &args);
    str_free(&array);
    enum store_status status = sql_wait(db);
    PGresult *rows = sql_take(db, number);
    size_t messages = 0, mine = 0;
    for (size_t i = 0; i < s->count && status == STORE_OK; i++) {
        const struct queue_result *q = &s->results[i];
        int row = row_of(rows, q->recipient_id);
        if (row < 0)
            continue;
        mine++;
        if (q->state == QUEUE_WAITING || q->state == QUEUE_CLAIMED)
            queue_again(db, q);
        else
            queue_end(db, q);
        queue_trace(db, s, q, rows, row);
        ids[messages++] = sql_i64(rows, row, 1);
    }
    if (s->lost)
        *s->lost = s->count - mine;
    if (messages) {
        args.count = 0;
        arg_array(&args, &array, ids, messages);
        (void)sql_queue(db, SQL_queue_clean, &args);
        str_free(&array);
    }
    PQclear(rows);
    xfree(&ids);
    return status;
}

enum store_status queue_settle(struct db *db, const char *relay, const struct queue_result *results, size_t count,
                               const struct trace *common, size_t *lost)
{
    struct settling s = {relay, results, count, lost, common};
    return db_in_transaction(db) ? settle(db, &s) : db_transaction(db, DB_WRITE, 0, settle, &s);
}
