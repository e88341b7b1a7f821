/* What became of recipients: however many, three statements and one COMMIT. */
#include "lib/store/queue.h"

#include "lib/store/sql.h"

#include <string.h>

struct settling {
    const char *relay;
    const struct queue_result *results;
    size_t count, *lost;
};

/* The columns that `SQL_queue_settle` unnests. */
enum { OUTCOME, REPLY, RULE, HOST, DN, SESSION, TEXTS };
enum { RECIPIENT, DUE, WARNED, TRACE, NUMBERS };
struct columns {
    const char **texts[TEXTS];
    int64_t *numbers[NUMBERS];
    struct span *patients;
    uint8_t (*hashes)[16];
    struct str text_arrays[TEXTS], number_arrays[NUMBERS], patient_array;
};

static const char *outcome(enum queue_state state)
{
    switch (state) {
    case QUEUE_WAITING:
    case QUEUE_CLAIMED:
        return "";
    case QUEUE_DELIVERED:
        return "delivered";
    case QUEUE_DROPPED:
        return "dropped";
    default:
        return "failed";
    }
}

static void columns_init(struct columns *c, const struct queue_result *results, size_t n)
{
    for (size_t k = 0; k < TEXTS; k++)
        c->texts[k] = xcalloc(n, sizeof(char *));
    for (size_t k = 0; k < NUMBERS; k++)
        c->numbers[k] = xcalloc(n, sizeof(int64_t));
    c->patients = xcalloc(n, sizeof(*c->patients));
    c->hashes = xcalloc(n, sizeof(*c->hashes));
    for (size_t i = 0; i < n; i++) {
        const struct queue_result *q = &results[i];
        const char *texts[TEXTS] = {
            [OUTCOME] = outcome(q->state), [REPLY] = q->reply, [RULE] = q->rule, [HOST] = q->mx, [DN] = q->peer_dn,
            [SESSION] = q->session};
        int64_t numbers[NUMBERS] = {
            [RECIPIENT] = q->recipient_id, [DUE] = q->next_try, [WARNED] = q->warned, [TRACE] = store_new_id()};
        for (size_t k = 0; k < TEXTS; k++)
            c->texts[k][i] = texts[k];
        for (size_t k = 0; k < NUMBERS; k++)
            c->numbers[k][i] = numbers[k];
        if (trace_patient_hash(c->hashes[i], q->patient))
            c->patients[i] = (struct span){(const char *)c->hashes[i], sizeof(c->hashes[i])};
    }
}

static void columns_free(struct columns *c)
{
    for (size_t k = 0; k < TEXTS; k++) {
        xfree(&c->texts[k]);
        str_free(&c->text_arrays[k]);
    }
    for (size_t k = 0; k < NUMBERS; k++) {
        xfree(&c->numbers[k]);
        str_free(&c->number_arrays[k]);
    }
    xfree(&c->patients);
    xfree(&c->hashes);
    str_free(&c->patient_array);
}

static void arg_column_text(struct sql_args *args, struct columns *c, size_t k, size_t n)
{
    arg_texts(args, &c->text_arrays[k], c->texts[k], n);
}

static void arg_column_number(struct sql_args *args, struct columns *c, size_t k, size_t n)
{
    arg_array(args, &c->number_arrays[k], c->numbers[k], n);
}

static int queue_fates(struct db *db, const struct settling *s)
{
    struct columns c = {.patients = NULL};
    struct sql_args args = {.count = 0};
    size_t n = s->count;
    columns_init(&c, s->results, n);
    arg_column_number(&args, &c, RECIPIENT, n);
    arg_column_text(&args, &c, OUTCOME, n);
    arg_column_number(&args, &c, DUE, n);
    arg_column_number(&args, &c, WARNED, n);
    arg_column_text(&args, &c, REPLY, n);
    arg_column_text(&args, &c, RULE, n);
    arg_column_text(&args, &c, HOST, n);
    arg_column_text(&args, &c, DN, n);
    arg_column_number(&args, &c, TRACE, n);
    arg_column_text(&args, &c, SESSION, n);
    arg_blobs(&args, &c.patient_array, c.patients, n);
    arg_text(&args, s->relay);
    arg_i64(&args, trace_retention("relay.settle"));
    arg_text(&args, "relay.settle");
    arg_text(&args, s->relay);
    int number = sql_queue(db, SQL_queue_settle, &args);
    columns_free(&c);
    return number;
}

static int queue_messages(struct db *db, enum sql statement, const struct settling *s)
{
    struct sql_args args = {.count = 0};
    struct str array;
    int64_t *ids = xcalloc(s->count, sizeof(*ids));
    for (size_t i = 0; i < s->count; i++)
        ids[i] = s->results[i].message_id;
    arg_array(&args, &array, ids, s->count);
    int number = sql_queue(db, statement, &args);
    str_free(&array);
    xfree(&ids);
    return number;
}

static enum store_status settle(struct db *db, void *arg)
{
    struct settling *s = arg;
    bool inside = s->lost == NULL;
    (void)queue_messages(db, SQL_queue_settle_lock, s);
    int number = queue_fates(db, s);
    (void)queue_messages(db, SQL_queue_clean, s);
    if (inside) /* the delivery of a DSN waits and commits */
        return STORE_OK;
    enum store_status status = db_commit_now(db);
    if (status == STORE_OK)
        *s->lost = s->count - (size_t)sql_i64(sql_answer(db, number), 0, 0);
    return status;
}

enum store_status queue_settle(struct db *db, const char *relay, const struct queue_result *results, size_t count,
                               size_t *lost)
{
    size_t ignored = 0;
    bool inside = db_in_transaction(db);
    struct settling s = {relay, results, count, inside ? NULL : lost ? lost : &ignored};
    if (count == 0)
        return STORE_OK;
    return inside ? settle(db, &s) : db_transaction(db, DB_WRITE, 0, settle, &s);
}
