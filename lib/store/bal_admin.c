#include "lib/store/bal_admin.h"

#include "lib/store/publications.h"
#include "lib/store/sql.h"

#include <string.h>

struct creating {
    const struct bal_new *bal;
    const struct trace *trace;
    struct key_pair pair;
    int64_t id;
};

static enum store_status add_row(struct db *db, struct creating *c)
{
    const struct bal_new *b = c->bal;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, b->structure_id);
    arg_text(&args, b->domain);
    arg_text(&args, b->address);
    arg_text(&args, bal_kind_name(b->kind));
    arg_text(&args, bal_state_name(b->state));
    arg_text(&args, b->display_name ? b->display_name : "");
    arg_text(&args, b->description);
    arg_text(&args, b->service);
    arg_id(&args, b->responsible_id);
    arg_span(&args, (struct span){(const char *)c->pair.public_half.b, KEY_BYTES});
    arg_bool(&args, b->red_listed);
    arg_bool(&args, b->published);
    arg_text(&args, b->origin ? b->origin : "admin");
    enum store_status status = sql_run(db, SQL_bal_add, &args, &r);
    if (status == STORE_OK)
        c->id = sql_i64(r, 0, 0);
    return status;
}

/* The private half, sealed to the epoch's public half: whoever runs this cannot open it again. */
static enum store_status add_key(struct db *db, struct creating *c)
{
    const PGresult *r;
    enum store_status status = sql_run(db, SQL_epoch_current, NULL, &r);
    if (status != STORE_OK)
        return status;
    if (sql_rows(r) == 0)
        return STORE_CONFLICT;
    struct key epoch;
    int64_t epoch_id = sql_i64(r, 0, 0);
    struct span half = sql_span(r, 0, 1);
    if (half.n != KEY_BYTES)
        return STORE_DAMAGED;
    memcpy(epoch.b, half.p, KEY_BYTES);
    struct str wrapped;
    struct sql_args args = {.count = 0};
    str_init(&wrapped, 256);
    must(seal_to(&wrapped, &epoch, (struct span){(const char *)c->pair.private_half.b, KEY_BYTES}));
    arg_i64(&args, c->id);
    arg_i64(&args, epoch_id);
    arg_span(&args, str_span(&wrapped));
    status = sql_change(db, SQL_bal_key_add, &args);
    str_free(&wrapped);
    return status;
}

static enum store_status add_quota(struct db *db, int64_t bal_id, uint64_t bytes)
{
    struct sql_args args = {.count = 0};
    arg_i64(&args, bal_id);
    arg_i64(&args, (int64_t)bytes);
    return sql_change(db, SQL_bal_quota_put, &args);
}

static enum store_status add_holder(struct db *db, const struct creating *c)
{
    if (!c->bal->holder_id)
        return STORE_OK;
    struct sql_args args = {.count = 0};
    arg_i64(&args, c->id);
    arg_i64(&args, c->bal->holder_id);
    arg_text(&args, "titulaire");
    arg_bool(&args, true);
    arg_null(&args);
    return sql_change(db, SQL_membership_put, &args);
}

static enum store_status create(struct db *db, void *arg)
{
    struct creating *c = arg;
    key_pair_new(&c->pair);
    enum store_status status = add_row(db, c);
    if (status == STORE_OK)
        status = add_key(db, c);
    crypto_wipe(&c->pair, sizeof(c->pair));
    if (status == STORE_OK)
        status = add_quota(db, c->id, c->bal->quota_bytes);
    if (status == STORE_OK)
        status = add_holder(db, c);
    if (status == STORE_OK) {
        db_act_on(db, c->id);
        status = bal_make_folders(db, c->id);
    }
    bool tell = c->bal->published && !(c->bal->origin && strcmp(c->bal->origin, "annuaire") == 0);
    if (status == STORE_OK && tell)
        status = publication_add(db, c->id, "insert");
    if (status == STORE_OK && c->trace) {
        struct trace trace = *c->trace;
        trace.bal_id = c->id;
        trace.structure_id = c->bal->structure_id;
        status = trace_write(db, &trace);
    }
    return status;
}

enum store_status bal_create(struct db *db, const struct bal_new *bal, const struct trace *trace, int64_t *bal_id)
{
    struct creating c = {.bal = bal, .trace = trace};
    enum store_status status = db_transaction(db, DB_WRITE, 0, create, &c);
    *bal_id = c.id;
    return status;
}

struct changing {
    int64_t id;
    enum sql sql;
    const char *text;
    uint64_t number;
    bool flag;
    const struct trace *trace;
    const char *publish; /* what the Annuaire is to be told; NULL */
};

static enum store_status change(struct db *db, void *arg)
{
    const struct changing *c = arg;
    struct sql_args args = {.count = 0};
    arg_i64(&args, c->id);
    if (c->sql == SQL_bal_red_list)
        arg_bool(&args, c->flag);
    else if (c->sql == SQL_bal_quota_put || c->sql == SQL_bal_quota_messages_put)
        arg_i64(&args, (int64_t)c->number);
    else
        arg_text(&args, c->text);
    enum store_status status = sql_change(db, c->sql, &args);
    if (status == STORE_OK && c->publish)
        status = publication_add(db, c->id, c->publish);
    return status == STORE_OK && c->trace ? trace_write(db, c->trace) : status;
}

enum store_status bal_set_state(struct db *db, int64_t bal_id, enum bal_state state, const struct trace *trace)
{
    struct changing c = {.id = bal_id,
                         .sql = SQL_bal_state_put,
                         .text = bal_state_name(state),
                         .trace = trace,
                         .publish = state == BAL_CLOSED ? "delete" : NULL};
    return db_transaction(db, DB_WRITE, 0, change, &c);
}

enum store_status bal_set_quota(struct db *db, int64_t bal_id, uint64_t bytes, const struct trace *trace)
{
    struct changing c = {.id = bal_id, .sql = SQL_bal_quota_put, .number = bytes, .trace = trace};
    return db_transaction(db, DB_WRITE, 0, change, &c);
}

enum store_status bal_set_quota_messages(struct db *db, int64_t bal_id, uint64_t count, const struct trace *trace)
{
    struct changing c = {.id = bal_id, .sql = SQL_bal_quota_messages_put, .number = count, .trace = trace};
    return db_transaction(db, DB_WRITE, 0, change, &c);
}

enum store_status bal_set_red_listed(struct db *db, int64_t bal_id, bool listed, const struct trace *trace)
{
    struct changing c = {
        .id = bal_id, .sql = SQL_bal_red_list, .flag = listed, .trace = trace, .publish = listed ? "delete" : "insert"};
    return db_transaction(db, DB_WRITE, 0, change, &c);
}

enum store_status bal_set_legal_hold(struct db *db, int64_t bal_id, const char *reason, const struct trace *trace)
{
    struct changing c = {.id = bal_id, .sql = SQL_bal_hold, .text = reason, .trace = trace};
    return db_transaction(db, DB_WRITE, 0, change, &c);
}
