/* What a relay takes: recipients of one domain, with a lease. A claimed row is due again when its lease ends; so no clock
 * but PostgreSQL's counts, and a relay that died gives back by itself.
 */
#include "lib/store/queue.h"

#include "lib/store/sql.h"

#include <string.h>

struct claiming {
    const char *relay;
    unsigned lease_seconds, max_messages;
    const char *const *busy;
    size_t busy_count;
    struct queue_claim *out;
    struct queue_cursor *cursor;
};

/* Nothing due, or everything held: seen without looking at any domain. */
static enum store_status anything_due(struct db *db, const struct claiming *c)
{
    const PGresult *r;
    enum store_status status = sql_run(db, SQL_queue_next_due, NULL, &r);
    c->cursor->next_due = 0;
    if (status != STORE_OK || sql_bool(r, 0, 0))
        return status == STORE_OK ? STORE_NOT_FOUND : status;
    c->cursor->next_due = sql_i64(r, 0, 1);
    return sql_null(r, 0, 1) || sql_i64(r, 0, 1) > sql_i64(r, 0, 2) ? STORE_NOT_FOUND : STORE_OK;
}

/* Of what has been due for longest; *all when nothing else is due. */
static enum store_status first_due(struct db *db, const struct claiming *c, const struct sql_args *args, bool *all)
{
    enum { LOOKED_AT = 200 };
    const PGresult *r;
    enum store_status status = sql_run(db, SQL_queue_first_due, args, &r);
    if (status != STORE_OK)
        return status;
    *all = sql_i64(r, 0, 0) < LOOKED_AT;
    sql_copy(c->out->domain, sizeof(c->out->domain), r, 0, 1);
    return c->out->domain[0] ? STORE_OK : STORE_NOT_FOUND;
}

static enum store_status next_domains(struct db *db, const struct claiming *c, const struct sql_args *args)
{
    const PGresult *r;
    enum store_status status = sql_run(db, SQL_queue_due_domain, args, &r);
    if (status != STORE_OK)
        return status;
    if (sql_rows(r) == 0) { /* the end of the alphabet: from its beginning, when the relay asks again by its clock */
        c->cursor->after[0] = '\0';
        return STORE_NOT_FOUND;
    }
    sql_copy(c->out->domain, sizeof(c->out->domain), r, 0, 0);
    if (sql_bool(r, 0, 1))
        return STORE_OK;
    memcpy(c->cursor->after, c->out->domain, sizeof(c->cursor->after));
    c->cursor->more = true;
    return STORE_NOT_FOUND;
}

static enum store_status find_domain(struct db *db, const struct claiming *c)
{
    struct sql_args args = {.count = 0};
    struct str array;
    bool all = false;
    enum store_status status = anything_due(db, c);
    if (status != STORE_OK)
        return status;
    arg_text(&args, c->cursor->after);
    arg_texts(&args, &array, c->busy, c->busy_count);
    status = first_due(db, c, &args, &all);
    if (status == STORE_NOT_FOUND && !all)
        status = next_domains(db, c, &args);
    str_free(&array);
    return status;
}

static struct queue_message *message_of(struct queue_claim *out, const PGresult *r, int row)
{
    int64_t id = sql_i64(r, row, 0);
    if (out->messages.len && out->messages.items[out->messages.len - 1].id == id)
        return &out->messages.items[out->messages.len - 1];
    struct queue_message m = {.id = id,
                              .bal_id = sql_i64(r, row, 1),
                              .person_id = sql_i64(r, row, 2),
                              .ret = (unsigned)sql_i64(r, row, 6),
                              .smtputf8 = sql_bool(r, row, 7),
                              .eight_bit = sql_bool(r, row, 8),
                              .bytes = (uint64_t)sql_i64(r, row, 9),
                              .arrived = sql_i64(r, row, 10),
                              .expires = sql_i64(r, row, 11)};
    sql_copy(m.sender, sizeof(m.sender), r, row, 3);
    sql_copy(m.envid, sizeof(m.envid), r, row, 4);
    sql_copy(m.message_id, sizeof(m.message_id), r, row, 5);
    sql_copy(m.own_domain, sizeof(m.own_domain), r, row, 18);
    m.waits = sql_bool(r, row, 19);
    vec_push(&out->messages, m);
    return &out->messages.items[out->messages.len - 1];
}

static void take_rows(struct queue_claim *out, const PGresult *r)
{
    for (int row = 0; row < sql_rows(r); row++) {
        struct queue_message *m = message_of(out, r, row);
        struct queue_recipient to = {.id = sql_i64(r, row, 12),
                                     .notify = (unsigned)sql_i64(r, row, 14),
                                     .tries = (uint32_t)sql_i64(r, row, 16),
                                     .warned_at = sql_i64(r, row, 17)};
        sql_copy(to.address, sizeof(to.address), r, row, 13);
        sql_copy(to.orcpt, sizeof(to.orcpt), r, row, 15);
        vec_push(&m->recipients, to);
    }
}

static void forget_messages(struct queue_claim *c)
{
    vec_each (&c->messages, m)
        vec_free(&m->recipients);
    vec_free(&c->messages);
}

static enum store_status claim(struct db *db, void *arg)
{
    struct claiming *c = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    forget_messages(c->out);
    c->cursor->more = false;
    (void)sql_queue(db, SQL_plan_by_index, NULL); /* else all that is due is sorted, for fifty of them */
    enum store_status status = find_domain(db, c);
    if (status != STORE_OK)
        return status;
    arg_text(&args, c->out->domain);
    arg_i64(&args, c->max_messages);
    arg_i64(&args, c->lease_seconds);
    arg_text(&args, c->relay);
    status = sql_run(db, SQL_queue_claim, &args, &r);
    if (status != STORE_OK)
        return status;
    take_rows(c->out, r);
    memcpy(c->cursor->after, c->out->domain, sizeof(c->cursor->after));
    return c->out->messages.len ? STORE_OK : STORE_NOT_FOUND; /* another relay was quicker */
}

enum store_status queue_claim_domain(struct db *db, const char *relay, unsigned lease_seconds, unsigned max_messages,
                                     const char *const *busy, size_t busy_count, struct queue_claim *out,
                                     struct queue_cursor *cursor)
{
    struct claiming c = {relay, lease_seconds, max_messages, busy, busy_count, out, cursor};
    *out = (struct queue_claim){.domain = ""};
    return db_transaction(db, DB_WRITE, 0, claim, &c);
}

void queue_claim_free(struct queue_claim *c)
{
    forget_messages(c);
}

struct placing {
    bool also_timeline, held;
};

static enum store_status check_place(struct db *db, void *arg)
{
    struct placing *p = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_bool(&args, p->also_timeline);
    enum store_status status = sql_run(db, SQL_queue_check_place, &args, &r);
    if (status == STORE_OK)
        p->held = sql_bool(r, 0, 0);
    return status;
}

enum store_status queue_check_place(struct db *db, bool also_timeline, bool *held)
{
    struct placing p = {.also_timeline = also_timeline};
    enum store_status status = db_transaction(db, DB_WRITE, 0, check_place, &p);
    *held = p.held;
    return status;
}

struct renewing {
    const char *relay;
    const struct queue_claim *claim;
    unsigned lease_seconds;
};

static enum store_status renew(struct db *db, void *arg)
{
    const struct renewing *q = arg;
    struct sql_args args = {.count = 0};
    struct str array;
    VEC(int64_t) ids = {0};
    vec_each (&q->claim->messages, m)
        vec_each (&m->recipients, r)
            vec_push(&ids, r->id);
    arg_array(&args, &array, ids.items, ids.len);
    arg_text(&args, q->relay);
    arg_i64(&args, q->lease_seconds);
    enum store_status status = sql_run(db, SQL_queue_renew, &args, NULL);
    str_free(&array);
    vec_free(&ids);
    return status;
}

enum store_status queue_renew(struct db *db, const char *relay, const struct queue_claim *claim, unsigned lease_seconds)
{
    struct renewing q = {relay, claim, lease_seconds};
    return db_transaction(db, DB_WRITE, 0, renew, &q);
}
