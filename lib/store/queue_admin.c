/* `caducee queue`: seen and changed by operators; and what a sender may still take back. */
#include "lib/store/queue.h"

#include "lib/store/sql.h"

#include <stdio.h>
#include <string.h>

struct listing {
    const char *domain, *state;
    int64_t after, message_id;
    unsigned limit;
    bool (*each)(const struct queue_row *, void *);
    bool (*each_sum)(const struct queue_summary_row *, void *);
    void *arg;
};

/* A patient's address is a NIR: never shown. */
static void copy_masked(char out[321], const PGresult *r, int row, int column)
{
    sql_copy(out, 321, r, row, column);
    const char *at = strrchr(out, '@');
    if (at && span_is_nocase(span_of(at), "@patient.mssante.fr"))
        snprintf(out, 321, "‹INS›@patient.mssante.fr");
}

static void give_rows(const PGresult *r, const struct listing *l)
{
    for (int row = 0; row < sql_rows(r); row++) {
        bool held = span_is(sql_span(r, row, 5), "held");
        struct queue_row q = {.message_id = sql_i64(r, row, 0),
                              .recipient_id = sql_i64(r, row, 1),
                              .state = held                  ? QUEUE_HELD
                                       : sql_bool(r, row, 6) ? QUEUE_CLAIMED
                                                             : QUEUE_WAITING,
                              .bytes = (uint64_t)sql_i64(r, row, 7),
                              .arrived = sql_i64(r, row, 8),
                              .next_try = sql_i64(r, row, 9),
                              .expires = sql_i64(r, row, 10),
                              .tries = (uint32_t)sql_i64(r, row, 11)};
        copy_masked(q.sender, r, row, 2);
        copy_masked(q.recipient, r, row, 3);
        sql_copy(q.domain, sizeof(q.domain), r, row, 4);
        sql_copy(q.reply, sizeof(q.reply), r, row, 12);
        sql_copy(q.rule, sizeof(q.rule), r, row, 13);
        if (!l->each(&q, l->arg))
            break;
    }
}

static enum store_status list(struct db *db, void *arg)
{
    struct listing *l = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, l->message_id ? l->message_id : l->after);
    if (!l->message_id) {
        arg_text(&args, l->domain);
        arg_text(&args, l->state);
        arg_i64(&args, l->limit);
    }
    enum store_status status = sql_run(db, l->message_id ? SQL_queue_show : SQL_queue_list, &args, &r);
    if (status == STORE_OK)
        give_rows(r, l);
    return status;
}

enum store_status queue_list(struct db *db, const char *domain, int state, int64_t after_id, unsigned limit,
                             bool (*each)(const struct queue_row *, void *), void *arg)
{
    struct listing l = {.domain = domain, .after = after_id, .limit = limit, .each = each, .arg = arg};
    if (state == QUEUE_HELD || state == QUEUE_WAITING)
        l.state = queue_state_name((enum queue_state)state);
    return db_transaction(db, DB_READ, 0, list, &l);
}

enum store_status queue_show(struct db *db, int64_t message_id, bool (*each)(const struct queue_row *, void *),
                             void *arg)
{
    struct listing l = {.message_id = message_id, .each = each, .arg = arg};
    return db_transaction(db, DB_READ, 0, list, &l);
}

static enum store_status sum(struct db *db, void *arg)
{
    struct listing *l = arg;
    const PGresult *r;
    enum store_status status = sql_run(db, SQL_queue_summary, NULL, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        struct queue_summary_row q = {.waiting = (uint64_t)sql_i64(r, row, 1),
                                      .claimed = (uint64_t)sql_i64(r, row, 2),
                                      .held = (uint64_t)sql_i64(r, row, 3),
                                      .oldest = store_id_time(sql_i64(r, row, 4))};
        sql_copy(q.domain, sizeof(q.domain), r, row, 0);
        if (!l->each_sum(&q, l->arg))
            break;
    }
    return status;
}

static enum store_status fold(struct db *db, void *arg UNUSED)
{
    return sql_run(db, SQL_queue_fold, NULL, NULL);
}

enum store_status queue_fold(struct db *db)
{
    return db_transaction(db, DB_WRITE, 0, fold, NULL);
}

enum store_status queue_summary(struct db *db, bool (*each)(const struct queue_summary_row *, void *), void *arg)
{
    struct listing l = {.each_sum = each, .arg = arg};
    (void)queue_fold(db); /* a standby cannot, and need not */
    return db_transaction(db, DB_READ, 0, sum, &l);
}

struct ordering {
    enum queue_order order;
    int64_t message_id;
    const char *domain, *named_operator;
    uint64_t *changed;
};

static const struct {
    enum sql sql;
    const char *action;
} orders[] = {[QUEUE_RETRY] = {SQL_queue_retry, "queue.retry"},
              [QUEUE_HOLD] = {SQL_queue_hold, "queue.hold"},
              [QUEUE_RELEASE] = {SQL_queue_release, "queue.release"},
              [QUEUE_DROP] = {SQL_queue_drop, "queue.drop"}};

static void queue_trace_of(struct db *db, const struct ordering *o)
{
    char which[96], count[32];
    snprintf(which, sizeof(which), "message %lld", (long long)o->message_id);
    snprintf(count, sizeof(count), "%llu", (unsigned long long)*o->changed);
    struct trace t = {.action = orders[o->order].action,
                      .answer = "OK",
                      .actor_kind = TRACE_ADMIN,
                      .actor = o->named_operator,
                      .counterpart = o->domain,
                      .messages = o->message_id ? which : NULL,
                      .detail = count};
    (void)trace_queue(db, &t);
}

static enum store_status order(struct db *db, void *arg)
{
    struct ordering *o = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_id(&args, o->message_id);
    arg_text(&args, o->domain);
    if (o->order == QUEUE_DROP)
        arg_text(&args, "dropped");
    enum store_status status = sql_run(db, orders[o->order].sql, &args, &r);
    if (status != STORE_OK)
        return status;
    *o->changed = (uint64_t)sql_touched(r);
    if (!o->message_id && !o->domain && (o->order == QUEUE_HOLD || o->order == QUEUE_RELEASE)) {
        struct sql_args whole = {.count = 0};
        arg_bool(&whole, o->order == QUEUE_HOLD);
        arg_text(&whole, o->order == QUEUE_HOLD ? o->named_operator : NULL);
        (void)sql_queue(db, SQL_queue_hold_all, &whole);
    }
    if (o->order == QUEUE_DROP) {
        args.count = 0;
        arg_id(&args, o->message_id);
        (void)sql_queue(db, SQL_queue_clean_all, &args);
    }
    queue_trace_of(db, o);
    return STORE_OK;
}

enum store_status queue_order(struct db *db, enum queue_order what, int64_t message_id, const char *domain,
                              const char *named_operator, uint64_t *changed)
{
    uint64_t unasked;
    struct ordering o = {what, message_id, domain, named_operator, changed ? changed : &unasked};
    return db_transaction(db, DB_WRITE, 0, order, &o);
}

static enum store_status cancel(struct db *db, void *arg)
{
    const int64_t *ids = arg; /* BAL, message */
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, ids[1]);
    arg_i64(&args, ids[0]);
    enum store_status status = sql_run(db, SQL_queue_cancel_lock, &args, &r);
    if (status != STORE_OK)
        return status;
    if (sql_rows(r) == 0)
        return STORE_NOT_FOUND;
    status = sql_run(db, SQL_queue_cancel, &args, &r);
    if (status == STORE_OK && sql_touched(r) == 0)
        return STORE_CONFLICT; /* it is on its way */
    args.count = 1;
    (void)sql_queue(db, SQL_queue_clean_all, &args);
    return status;
}

enum store_status queue_cancel(struct db *db, int64_t bal_id, int64_t message_id)
{
    int64_t ids[2] = {bal_id, message_id};
    return db_transaction(db, DB_WRITE, bal_id, cancel, ids);
}

struct fates {
    int64_t bal_id;
    const int64_t *blob_ids;
    size_t count;
    bool (*each)(const struct sent_fate *, void *);
    void *arg;
};

static enum store_status read_fates(struct db *db, void *arg)
{
    struct fates *f = arg;
    struct sql_args args = {.count = 0};
    struct str array;
    const PGresult *r;
    arg_i64(&args, f->bal_id);
    arg_array(&args, &array, f->blob_ids, f->count);
    enum store_status status = sql_run(db, SQL_sent_fates, &args, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        struct sent_fate s = {.blob_id = sql_i64(r, row, 0), .at = sql_i64(r, row, 5)};
        sql_copy(s.address, sizeof(s.address), r, row, 1);
        sql_copy(s.outcome, sizeof(s.outcome), r, row, 2);
        sql_copy(s.reply, sizeof(s.reply), r, row, 3);
        sql_copy(s.rule, sizeof(s.rule), r, row, 4);
        if (!f->each(&s, f->arg))
            break;
    }
    str_free(&array);
    return status;
}

enum store_status sent_fates(struct db *db, int64_t bal_id, const int64_t *blob_ids, size_t count,
                             bool (*each)(const struct sent_fate *, void *), void *arg)
{
    struct fates f = {bal_id, blob_ids, count, each, arg};
    return db_transaction(db, DB_READ, bal_id, read_fates, &f);
}
