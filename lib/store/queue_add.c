/* A message into the queue, in the transaction that accepts it. */
#include "lib/store/queue.h"

#include "lib/store/sql.h"

#include <string.h>

static const char *const states[] = {
    [QUEUE_WAITING] = "waiting", [QUEUE_CLAIMED] = "claimed", [QUEUE_DELIVERED] = "delivered",
    [QUEUE_FAILED] = "failed",   [QUEUE_HELD] = "held",       [QUEUE_DROPPED] = "dropped"};

const char *queue_state_name(enum queue_state state)
{
    return states[state];
}

/* The blob's key, once more: sealed to the queue. */
static enum store_status seal_for_queue(struct db *db, const struct key *blob_key, struct str *sealed)
{
    const PGresult *r;
    struct key public_half;
    enum store_status status = sql_run(db, SQL_queue_public_half, NULL, &r);
    if (status != STORE_OK)
        return status;
    struct span half = sql_rows(r) ? sql_span(r, 0, 0) : SPAN_NONE;
    if (half.n != KEY_BYTES)
        return STORE_INVALID; /* keyd has not made the queue's key pair yet */
    memcpy(public_half.b, half.p, KEY_BYTES);
    return seal_to(sealed, &public_half, (struct span){(const char *)blob_key->b, KEY_BYTES}) ? STORE_OK
                                                                                              : STORE_INVALID;
}

static void queue_message(struct db *db, const struct queue_new *q, struct span sealed)
{
    struct sql_args args = {.count = 0};
    arg_i64(&args, q->id);
    arg_i64(&args, q->stored->bal->id);
    arg_i64(&args, q->stored->blob_id);
    arg_span(&args, sealed);
    arg_text(&args, q->sender);
    arg_text(&args, q->envid);
    arg_i64(&args, q->ret);
    arg_bool(&args, q->smtputf8);
    arg_bool(&args, q->eight_bit);
    arg_i64(&args, (int64_t)q->bytes);
    arg_i64(&args, (int64_t)q->stored->head.n);
    arg_text(&args, q->message_id);
    arg_text(&args, q->session);
    arg_id(&args, q->person_id);
    arg_id(&args, q->structure_id);
    arg_i64(&args, q->expires);
    arg_bool(&args, q->not_before > 0 || q->held);
    arg_id(&args, q->binding_id);
    arg_bool(&args, q->overrules_register);
    (void)sql_queue(db, SQL_queue_message_add, &args);
}

static void queue_recipient(struct db *db, const struct queue_new *q, const struct queue_new_recipient *r)
{
    struct sql_args args = {.count = 0};
    arg_i64(&args, store_new_id());
    arg_i64(&args, q->id);
    arg_text(&args, r->domain);
    arg_text(&args, r->address);
    arg_text(&args, r->orcpt);
    arg_i64(&args, r->notify);
    arg_text(&args, q->held ? "held" : "waiting");
    arg_i64(&args, q->not_before);
    (void)sql_queue(db, SQL_queue_recipient_add, &args);
}

enum store_status queue_add(struct db *db, struct queue_new *q)
{
    must(db_in_transaction(db) && q->stored);
    struct str sealed;
    str_init(&sealed, KEY_BYTES + SEAL_OVERHEAD);
    enum store_status status = seal_for_queue(db, &q->stored->blob_key, &sealed);
    if (status == STORE_OK) {
        q->id = store_new_id();
        queue_message(db, q, str_span(&sealed));
        for (size_t i = 0; i < q->recipient_count; i++)
            queue_recipient(db, q, &q->recipients[i]);
    }
    str_free(&sealed);
    return status;
}
