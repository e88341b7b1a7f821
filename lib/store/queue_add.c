/* A message into the queue, in the transaction that accepts it. */
#include "lib/store/queue.h"

#include "lib/store/queue_key.h"

static const char *const states[] = {
    [QUEUE_WAITING] = "waiting", [QUEUE_CLAIMED] = "claimed", [QUEUE_DELIVERED] = "delivered",
    [QUEUE_FAILED] = "failed",   [QUEUE_HELD] = "held",       [QUEUE_DROPPED] = "dropped"};

const char *queue_state_name(enum queue_state state)
{
    return states[state];
}

struct rows {
    int64_t *ids, *notify;
    const char **domains, **addresses, **orcpts;
    struct str arrays[5];
};

static void recipient_args(struct sql_args *args, struct rows *rows, const struct queue_new *q)
{
    size_t n = q->recipient_count;
    *rows = (struct rows){.ids = xcalloc(n, sizeof(int64_t)),
                          .notify = xcalloc(n, sizeof(int64_t)),
                          .domains = xcalloc(n, sizeof(char *)),
                          .addresses = xcalloc(n, sizeof(char *)),
                          .orcpts = xcalloc(n, sizeof(char *))};
    for (size_t i = 0; i < n; i++) {
        rows->ids[i] = store_new_id();
        rows->notify[i] = q->recipients[i].notify;
        rows->domains[i] = q->recipients[i].domain;
        rows->addresses[i] = q->recipients[i].address;
        rows->orcpts[i] = q->recipients[i].orcpt;
    }
    arg_array(args, &rows->arrays[0], rows->ids, n);
    arg_texts(args, &rows->arrays[1], rows->domains, n);
    arg_texts(args, &rows->arrays[2], rows->addresses, n);
    arg_texts(args, &rows->arrays[3], rows->orcpts, n);
    arg_array(args, &rows->arrays[4], rows->notify, n);
}

static void rows_free(struct rows *rows)
{
    for (size_t i = 0; i < COUNT(rows->arrays); i++)
        str_free(&rows->arrays[i]);
    xfree(&rows->ids);
    xfree(&rows->notify);
    xfree(&rows->domains);
    xfree(&rows->addresses);
    xfree(&rows->orcpts);
}

static void message_args(struct sql_args *args, const struct queue_new *q, struct span sealed)
{
    arg_i64(args, q->id);
    arg_i64(args, q->stored->bal->id);
    arg_i64(args, q->stored->blob_id);
    arg_span(args, sealed);
    arg_text(args, q->sender);
    arg_text(args, q->envid);
    arg_i64(args, q->ret);
    arg_bool(args, q->smtputf8);
    arg_bool(args, q->eight_bit);
    arg_i64(args, (int64_t)q->bytes);
    arg_i64(args, (int64_t)q->stored->head.n);
    arg_text(args, q->message_id);
    arg_text(args, q->session);
    arg_id(args, q->person_id);
    arg_id(args, q->structure_id);
    arg_i64(args, q->expires);
    arg_bool(args, q->not_before > 0 || q->held);
    arg_id(args, q->binding_id);
    arg_bool(args, q->overrules_register);
}

enum store_status queue_add(struct db *db, struct queue_new *q)
{
    must(db_in_transaction(db) && q->stored);
    struct str sealed;
    str_init(&sealed, QUEUE_KEY_MAX);
    enum store_status status =
        queue_key_wrap(db, q->stored->bal->id, q->stored->blob_id, &q->stored->blob_key, &sealed);
    if (status == STORE_OK) {
        struct sql_args args = {.count = 0};
        struct rows rows;
        q->id = store_new_id();
        message_args(&args, q, str_span(&sealed));
        recipient_args(&args, &rows, q);
        arg_text(&args, q->held ? "held" : "waiting");
        arg_i64(&args, q->not_before);
        (void)sql_queue(db, SQL_queue_add, &args);
        rows_free(&rows);
    }
    str_free(&sealed);
    return status;
}
