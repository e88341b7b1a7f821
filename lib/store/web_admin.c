#include "lib/store/web_admin.h"

#include "lib/store/publications.h"
#include "lib/store/web_run.h"

#include <string.h>

/* Whoever may change; auditors read. Who opens a mailbox is the structure's affair (admin_share(), admin_holder() of the
 * schema): an exploitant gives nobody a right on what it holds, least of all themselves. */
#define MAY_CHANGE "exploitant administrateur"

static struct span session_span(const uint8_t session[32])
{
    return (struct span){(const char *)session, 32};
}

static void read_bal(const PGresult *r, int row, void *out)
{
    struct admin_bal *b = out;
    *b = (struct admin_bal){.id = sql_i64(r, row, 0),
                            .structure_id = sql_i64(r, row, 1),
                            .red_listed = sql_bool(r, row, 7),
                            .bytes = (uint64_t)sql_i64(r, row, 8),
                            .messages = (uint64_t)sql_i64(r, row, 9)};
    sql_copy(b->address, sizeof(b->address), r, row, 2);
    sql_copy(b->kind, sizeof(b->kind), r, row, 3);
    sql_copy(b->state, sizeof(b->state), r, row, 4);
    sql_copy(b->structure, sizeof(b->structure), r, row, 5);
    sql_copy(b->name, sizeof(b->name), r, row, 6);
}

static void add_bal(const PGresult *r, int row, void *out)
{
    admin_bal_list *list = out;
    struct admin_bal bal;
    read_bal(r, row, &bal);
    vec_push(list, bal);
}

enum store_status admin_bals(struct db *db, const uint8_t session[32], const char *words, admin_bal_list *out)
{
    struct sql_args a = {0};
    arg_span(&a, session_span(session));
    arg_text(&a, words && words[0] ? words : NULL);
    arg_null(&a);
    return web_rows(db, SQL_admin_bals, &a, &out->len, add_bal, out);
}

enum store_status admin_bal(struct db *db, const uint8_t session[32], int64_t bal_id, struct admin_bal *out)
{
    struct sql_args a = {0};
    arg_span(&a, session_span(session));
    arg_null(&a);
    arg_i64(&a, bal_id);
    return web_row(db, SQL_admin_bals, &a, read_bal, out);
}

/* One act: may this session do it, the statement, what the Annuaire is told, the trace. */
struct acting {
    const uint8_t *session;
    const char *roles; /* NULL: the statement is a function of the database's that asks by itself */
    int64_t bal_id;
    enum sql sql;
    const struct sql_args *args;
    const char *publish; /* NULL: nothing */
    const struct trace *trace;
};

static enum store_status may(struct db *db, const uint8_t session[32], const char *roles, int64_t bal_id)
{
    struct sql_args a = {0};
    const PGresult *r;
    arg_span(&a, session_span(session));
    arg_text(&a, roles);
    arg_i64(&a, bal_id);
    return sql_run(db, SQL_admin_require_bal, &a, &r);
}

static enum store_status act(struct db *db, void *arg)
{
    const struct acting *acting = arg;
    enum store_status status = acting->roles ? may(db, acting->session, acting->roles, acting->bal_id) : STORE_OK;
    if (status == STORE_OK)
        status = sql_change(db, acting->sql, acting->args);
    if (status == STORE_OK && acting->publish)
        status = publication_add(db, acting->bal_id, acting->publish);
    return status == STORE_OK ? trace_write(db, acting->trace) : status;
}

enum store_status admin_bal_act(struct db *db, const uint8_t session[32], int64_t bal_id, enum admin_act what,
                                const struct trace *trace)
{
    static const struct {
        enum sql sql;
        const char *state, *publish;
    } acts[] = {[ADMIN_SUSPEND] = {SQL_admin_bal_state, "suspended", NULL},
                [ADMIN_RESUME] = {SQL_admin_bal_state, "open", NULL},
                [ADMIN_CLOSE] = {SQL_admin_bal_state, "closed", "delete"},
                [ADMIN_RED] = {SQL_bal_red_list, "on", "delete"},
                [ADMIN_WHITE] = {SQL_bal_red_list, "off", "insert"}};
    struct sql_args a = {0};
    arg_i64(&a, bal_id);
    if (acts[what].sql == SQL_bal_red_list)
        arg_bool(&a, what == ADMIN_RED);
    else
        arg_text(&a, acts[what].state);
    struct acting acting = {session, MAY_CHANGE, bal_id, acts[what].sql, &a, acts[what].publish, trace};
    return db_transaction(db, DB_WRITE, bal_id, act, &acting);
}

enum store_status admin_share(struct db *db, const uint8_t session[32], const struct admin_share *share,
                              const struct trace *trace)
{
    struct sql_args a = {0};
    arg_span(&a, session_span(session));
    arg_i64(&a, share->bal_id);
    arg_text(&a, share->national_id);
    arg_text(&a, share->role);
    arg_bool(&a, share->may_send);
    arg_i64(&a, share->until);
    struct acting acting = {session, NULL, share->bal_id, SQL_admin_share, &a, NULL, trace};
    return db_transaction(db, DB_WRITE, share->bal_id, act, &acting);
}

enum store_status admin_unshare(struct db *db, const uint8_t session[32], int64_t bal_id, int64_t person_id,
                                const struct trace *trace)
{
    struct sql_args a = {0};
    arg_span(&a, session_span(session));
    arg_i64(&a, bal_id);
    arg_i64(&a, person_id);
    struct acting acting = {session, NULL, bal_id, SQL_admin_unshare, &a, NULL, trace};
    return db_transaction(db, DB_WRITE, bal_id, act, &acting);
}

struct creating {
    const uint8_t *session;
    const struct bal_new *bal;
    const struct trace *trace;
    int64_t id;
};

/* The private half is sealed to the epoch's public half and forgotten: from here on keyd alone opens it. */
static enum store_status create_row(struct db *db, struct creating *c)
{
    struct sql_args a = {0};
    struct key epoch;
    struct key_pair pair;
    struct str wrapped;
    const PGresult *r;
    enum store_status status = sql_run(db, SQL_epoch_current, NULL, &r);
    if (status != STORE_OK || sql_rows(r) == 0 || sql_span(r, 0, 1).n != KEY_BYTES)
        return status == STORE_OK ? STORE_CONFLICT : status;
    int64_t epoch_id = sql_i64(r, 0, 0);
    memcpy(epoch.b, sql_span(r, 0, 1).p, KEY_BYTES);
    key_pair_new(&pair);
    str_init(&wrapped, 256);
    must(seal_to(&wrapped, &epoch, (struct span){(const char *)pair.private_half.b, KEY_BYTES}));
    crypto_wipe(&pair.private_half, sizeof(pair.private_half));
    arg_span(&a, session_span(c->session));
    arg_i64(&a, c->bal->structure_id);
    arg_text(&a, c->bal->domain);
    arg_text(&a, c->bal->address);
    arg_text(&a, bal_kind_name(c->bal->kind));
    arg_text(&a, c->bal->display_name);
    arg_id(&a, c->bal->responsible_id);
    arg_span(&a, (struct span){(const char *)pair.public_half.b, KEY_BYTES});
    arg_i64(&a, epoch_id);
    arg_span(&a, str_span(&wrapped));
    status = sql_run(db, SQL_admin_bal_create, &a, &r);
    if (status == STORE_OK)
        c->id = sql_i64(r, 0, 0);
    str_free(&wrapped);
    return status;
}

static enum store_status create(struct db *db, void *arg)
{
    struct creating *c = arg;
    struct sql_args a = {0};
    enum store_status status = create_row(db, c);
    if (status != STORE_OK)
        return status;
    db_act_on(db, c->id);
    status = bal_make_folders(db, c->id);
    arg_span(&a, session_span(c->session));
    arg_i64(&a, c->id);
    arg_i64(&a, c->bal->holder_id);
    if (status == STORE_OK && c->bal->holder_id)
        status = sql_change(db, SQL_admin_holder, &a);
    if (status == STORE_OK && c->bal->kind != BAL_APP)
        status = publication_add(db, c->id, "insert");
    struct trace trace = *c->trace;
    trace.bal_id = c->id;
    trace.structure_id = c->bal->structure_id;
    return status == STORE_OK ? trace_write(db, &trace) : status;
}

enum store_status admin_bal_create(struct db *db, const uint8_t session[32], const struct bal_new *bal,
                                   const struct trace *trace, int64_t *bal_id)
{
    struct creating c = {.session = session, .bal = bal, .trace = trace};
    enum store_status status = db_transaction(db, DB_WRITE, 0, create, &c);
    *bal_id = c.id;
    return status;
}

static void add_structure(const PGresult *r, int row, void *out)
{
    admin_structure_list *list = out;
    struct admin_structure s = {.id = sql_i64(r, row, 0), .typing = sql_bool(r, row, 2)};
    sql_copy(s.name, sizeof(s.name), r, row, 1);
    sql_copy(s.notice, sizeof(s.notice), r, row, 3);
    sql_copy(s.emergency, sizeof(s.emergency), r, row, 4);
    sql_copy(s.domains, sizeof(s.domains), r, row, 5);
    vec_push(list, s);
}

enum store_status admin_structures(struct db *db, const uint8_t session[32], admin_structure_list *out)
{
    struct sql_args a = {0};
    arg_span(&a, session_span(session));
    return web_rows(db, SQL_admin_structures, &a, &out->len, add_structure, out);
}

struct statement {
    enum sql sql;
    const struct sql_args *args;
    const struct trace *trace;
};

static enum store_status run_and_trace(struct db *db, void *arg)
{
    const struct statement *s = arg;
    const PGresult *r;
    enum store_status status = sql_run(db, s->sql, s->args, &r);
    return status == STORE_OK ? trace_write(db, s->trace) : status;
}

enum store_status admin_structure_set(struct db *db, const uint8_t session[32], const struct admin_structure *structure,
                                      const struct trace *trace)
{
    struct sql_args a = {0};
    arg_span(&a, session_span(session));
    arg_i64(&a, structure->id);
    arg_bool(&a, structure->typing);
    arg_text(&a, structure->notice);
    arg_text(&a, structure->emergency);
    struct statement s = {SQL_admin_structure_set, &a, trace};
    return db_transaction(db, DB_WRITE, 0, run_and_trace, &s);
}

struct queueing {
    const uint8_t *session;
    enum queue_order order;
    int64_t message_id;
    const char *domain;
    uint64_t *changed;
    const struct trace *trace;
};

static enum store_status order(struct db *db, void *arg)
{
    static const enum sql orders[] = {[QUEUE_RETRY] = SQL_queue_retry,
                                      [QUEUE_HOLD] = SQL_queue_hold,
                                      [QUEUE_RELEASE] = SQL_queue_release,
                                      [QUEUE_DROP] = SQL_queue_drop};
    const struct queueing *q = arg;
    struct sql_args who = {0}, which = {0}, message = {0};
    const PGresult *r;
    arg_span(&who, session_span(q->session));
    arg_text(&who, "exploitant");
    arg_null(&who);
    enum store_status status = sql_run(db, SQL_admin_require, &who, &r);
    if (status != STORE_OK)
        return status;
    arg_id(&which, q->message_id);
    arg_text(&which, q->domain);
    if (q->order == QUEUE_DROP)
        arg_text(&which, "dropped");
    status = sql_run(db, orders[q->order], &which, &r);
    if (status != STORE_OK)
        return status;
    *q->changed = (uint64_t)sql_touched(r);
    arg_id(&message, q->message_id);
    if (q->order == QUEUE_DROP)
        (void)sql_queue(db, SQL_queue_clean_all, &message);
    return trace_write(db, q->trace);
}

enum store_status admin_queue(struct db *db, const uint8_t session[32], enum queue_order what, int64_t message_id,
                              const char *domain, uint64_t *changed, const struct trace *trace)
{
    struct queueing q = {session, what, message_id, domain, changed, trace};
    must(message_id || domain); /* the whole queue is the command's alone */
    return db_transaction(db, DB_WRITE, 0, order, &q);
}
