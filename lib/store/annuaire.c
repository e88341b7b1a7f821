#include "lib/store/annuaire.h"

#include "lib/base/crypto.h"
#include "lib/base/json.h"
#include "lib/base/text.h"
#include "lib/proto/dn_fold.h"
#include "lib/proto/profession.h"
#include "lib/store/sql.h"
#include "lib/store/trace.h"

#include <stdio.h>
#include <string.h>

enum { BATCH_BYTES_MAX = 64 * 1024 * 1024 };

void annuaire_batch_init(struct annuaire_batch *batch)
{
    str_init(&batch->rows, BATCH_BYTES_MAX);
    batch->count = 0;
}

void annuaire_batch_free(struct annuaire_batch *batch)
{
    str_free(&batch->rows);
    batch->count = 0;
}

static void begin_row(struct annuaire_batch *batch, const char *op, const char *source_key)
{
    if (batch->count++ == 0)
        json_open(&batch->rows, '[');
    json_open(&batch->rows, '{');
    json_put(&batch->rows, "op", op);
    json_put(&batch->rows, "source_key", source_key);
    json_put_i64(&batch->rows, "n", (int64_t)batch->count); /* of two of one key the later counts */
}

void annuaire_batch_mark(struct annuaire_batch *batch, enum annuaire_op op, const char *source_key)
{
    begin_row(batch, op == ANNUAIRE_GONE ? "gone" : "present", source_key);
    json_close(&batch->rows, '}');
}

/* What search looks into: title, names, profession in words, role, structure, town, address. */
static void put_fold(struct str *rows, const struct annuaire_entry *e)
{
    const char *const parts[] = {e->title,  e->given,     e->family, profession_label(e->profession),
                                 e->role,   e->structure, e->town,   e->description,
                                 e->address};
    struct str fold;
    str_init(&fold, COUNT(parts) * (ANNUAIRE_FIELD_MAX * 4 + 1));
    for (size_t i = 0; i < COUNT(parts); i++) {
        size_t before = fold.len;
        if (!parts[i] || !*parts[i])
            continue;
        if (before)
            str_putc(&fold, ' ');
        if (!fold_for_search(&fold, span_of(parts[i])))
            str_truncate(&fold, before);
    }
    json_put_span(rows, "fold", str_span(&fold));
    str_free(&fold);
}

void annuaire_batch_add(struct annuaire_batch *batch, const struct annuaire_entry *e)
{
    struct str *rows = &batch->rows, hex;
    uint8_t digest[SHA256_BYTES];
    begin_row(batch, "entry", e->source_key);
    size_t start = rows->len;
    json_put(rows, "address", e->address);
    json_put(rows, "kind", e->kind);
    json_put(rows, "title", e->title);
    json_put(rows, "given_name", e->given);
    json_put(rows, "family_name", e->family);
    json_put(rows, "profession", e->profession);
    json_put(rows, "role", e->role);
    json_put(rows, "national_id", e->national_id);
    json_put(rows, "structure", e->structure);
    json_put(rows, "structure_id_type", e->structure_id_type);
    json_put(rows, "structure_national_id", e->structure_national_id);
    json_put(rows, "town", e->town);
    json_put(rows, "description", e->description);
    json_put_bool(rows, "red_listed", e->red_listed);
    if (e->red_listed)
        json_put(rows, "fold", "");
    else
        put_fold(rows, e);
    sha256(digest, (struct span){rows->data + start, rows->len - start});
    str_init(&hex, 64);
    hex_encode(&hex, (struct span){(const char *)digest, sizeof(digest)});
    json_put_span(rows, "digest", str_span(&hex));
    str_free(&hex);
    json_close(rows, '}');
}

static enum store_status read_cookie(struct db *db, void *arg)
{
    struct annuaire_cookie *c = arg;
    const PGresult *r;
    enum store_status status = sql_run(db, SQL_annuaire_cookie, NULL, &r);
    c->method[0] = 0;
    str_clear(&c->value);
    c->last_full = 0;
    if (status != STORE_OK || sql_rows(r) == 0)
        return status;
    sql_copy(c->method, sizeof(c->method), r, 0, 0);
    str_add_span(&c->value, sql_span(r, 0, 1));
    c->last_full = sql_i64(r, 0, 2);
    return STORE_OK;
}

enum store_status annuaire_cookie_read(struct db *db, struct annuaire_cookie *out)
{
    *out = (struct annuaire_cookie){.last_full = 0};
    str_init(&out->value, 64 * 1024);
    return db_transaction(db, DB_READ, 0, read_cookie, out);
}

struct pass {
    int64_t id;
    const char *method, *why;
    bool complete;
    struct annuaire_batch *batch;
    const struct annuaire_limits *limits;
    struct annuaire_result *result;
    size_t skipped;
    struct span cookie;
};

static enum store_status begin(struct db *db, void *arg)
{
    struct pass *p = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_text(&args, p->method);
    arg_bool(&args, p->complete);
    enum store_status status = sql_run(db, SQL_annuaire_pass_add, &args, &r);
    if (status != STORE_OK)
        return status;
    p->id = sql_i64(r, 0, 0);
    args = (struct sql_args){.count = 0};
    arg_i64(&args, p->id); /* what earlier passes left: refused ones, dry runs */
    return sql_run(db, SQL_annuaire_stage_sweep, &args, &r);
}

enum store_status annuaire_pass_begin(struct db *db, const char *method, bool complete, int64_t *pass)
{
    struct pass p = {.method = method, .complete = complete};
    enum store_status status = db_transaction(db, DB_WRITE, 0, begin, &p);
    *pass = p.id;
    return status;
}

static enum store_status stage(struct db *db, void *arg)
{
    const struct pass *p = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, p->id);
    arg_span(&args, str_span(&p->batch->rows));
    return sql_run(db, SQL_annuaire_stage_add, &args, &r);
}

enum store_status annuaire_stage(struct db *db, int64_t pass, struct annuaire_batch *batch)
{
    struct pass p = {.id = pass, .batch = batch};
    if (batch->count == 0)
        return STORE_OK;
    json_close(&batch->rows, ']');
    enum store_status status = batch->rows.overflow ? STORE_INVALID : db_transaction(db, DB_WRITE, 0, stage, &p);
    str_clear(&batch->rows);
    batch->count = 0;
    return status;
}

static enum store_status end_pass(struct db *db, const struct pass *p)
{
    static const struct annuaire_limits none = {.dry_run = false};
    static const struct annuaire_result nothing = {.seen = 0};
    const struct annuaire_limits *limits = p->limits ? p->limits : &none;
    const struct annuaire_result *result = p->result ? p->result : &nothing;
    struct sql_args args = {.count = 0};
    arg_i64(&args, p->id);
    arg_text(&args, p->why);
    arg_bool(&args, limits->dry_run);
    arg_i64(&args, (int64_t)p->skipped);
    arg_span(&args, p->cookie);
    arg_text(&args, limits->forced_by);
    arg_text(&args, limits->forced_why);
    arg_i64(&args, result->seen);
    arg_i64(&args, result->added);
    arg_i64(&args, result->changed);
    arg_i64(&args, result->vanished);
    arg_i64(&args, result->ours_vanished);
    arg_bool(&args, limits->complete);
    return sql_change(db, SQL_annuaire_pass_end, &args);
}

static enum store_status fail_pass(struct db *db, void *arg)
{
    const struct pass *p = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, p->id);
    enum store_status status = sql_run(db, SQL_annuaire_stage_forget, &args, &r);
    return status == STORE_OK ? end_pass(db, p) : status;
}

enum store_status annuaire_pass_fail(struct db *db, int64_t pass, const char *why)
{
    struct pass p = {.id = pass, .why = why};
    return db_transaction(db, DB_WRITE, 0, fail_pass, &p);
}

static enum store_status gone_query(struct db *db, enum sql sql, const struct pass *p, const PGresult **r)
{
    struct sql_args args = {.count = 0};
    arg_i64(&args, p->id);
    arg_bool(&args, p->limits->complete);
    return sql_run(db, sql, &args, r);
}

static void refuse(struct pass *p, int64_t lost, int64_t had, const char *of)
{
    p->result->refused = true;
    snprintf(p->result->why, sizeof(p->result->why), "%lld of the %lld entries of %s would vanish", (long long)lost,
             (long long)had, of);
}

static enum store_status ours_query(struct db *db, const struct pass *p, const PGresult **r)
{
    struct sql_args args = {.count = 0};
    arg_i64(&args, p->id);
    arg_bool(&args, p->limits->complete);
    arg_i64(&args, (int64_t)p->limits->vanish_window_s);
    return sql_run(db, SQL_annuaire_vanishing_ours, &args, r);
}

/* Of ours, counted per structure and over the window: more than 2 % or five entries, whichever is larger, one by one or at
 * once. Of all: a listing cut short. */
static enum store_status check_vanishing(struct db *db, struct pass *p, int64_t held)
{
    const PGresult *r;
    struct annuaire_result *out = p->result;
    enum store_status status = gone_query(db, SQL_annuaire_vanishing, p, &r);
    if (status != STORE_OK)
        return status;
    out->vanished = sql_i64(r, 0, 0);
    if (out->vanished * 100 > held * (int64_t)p->limits->vanish_total_percent &&
        out->vanished > p->limits->vanish_least)
        refuse(p, out->vanished, held, "the mirror");
    status = ours_query(db, p, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        int64_t recently = sql_i64(r, row, 3);
        int64_t lost = sql_i64(r, row, 1) + recently, had = sql_i64(r, row, 2) + recently;
        int64_t most = had * (int64_t)p->limits->vanish_percent / 100;
        if (most < (int64_t)p->limits->vanish_least)
            most = p->limits->vanish_least;
        out->ours_vanished += sql_i64(r, row, 1);
        if (lost > most)
            refuse(p, lost, had, "a structure of ours");
    }
    if (p->limits->forced_by)
        out->refused = false;
    return status;
}

static enum store_status trace_change(struct db *db, const char *action, int64_t bal_id, int64_t person_id)
{
    struct trace trace = {.action = action,
                          .answer = "OK",
                          .actor_kind = TRACE_SYSTEM,
                          .actor = "annuaire",
                          .bal_id = bal_id,
                          .person_id = person_id};
    return trace_write(db, &trace);
}

/* Runs a statement that returns what it changed (id first), and traces each row with its source. */
static enum store_status traced(struct db *db, enum sql sql, const struct sql_args *args, const char *action,
                                int column, bool person, int64_t *count)
{
    const PGresult *r;
    enum store_status status = sql_run(db, sql, args, &r);
    VEC(int64_t) ids = {.len = 0};
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++)
        vec_push(&ids, sql_i64(r, row, column));
    *count = (int64_t)ids.len;
    for (size_t i = 0; status == STORE_OK && i < ids.len; i++)
        status = trace_change(db, action, person ? 0 : ids.items[i], person ? ids.items[i] : 0);
    vec_free(&ids);
    return status;
}

static enum store_status follow_up(struct db *db, struct pass *p)
{
    struct sql_args args = {.count = 0};
    const PGresult *r;
    int64_t count;
    enum store_status status = sql_run(db, SQL_annuaire_withdraw, NULL, &r);
    if (status == STORE_OK)
        status = sql_run(db, SQL_annuaire_propose, NULL, &r);
    if (status == STORE_OK)
        p->result->proposed = sql_touched(r);
    arg_bool(&args, p->limits->orphan_suspends);
    if (status == STORE_OK)
        status = traced(db, SQL_annuaire_orphans, &args, "annuaire.orphan", 0, false, &p->result->orphans);
    if (status == STORE_OK)
        status = traced(db, SQL_annuaire_found_again, NULL, "annuaire.found-again", 0, false, &count);
    if (status == STORE_OK)
        status = traced(db, SQL_annuaire_identify, NULL, "annuaire.identify", 1, true, &count);
    args = (struct sql_args){.count = 0};
    arg_i64(&args, p->id);
    if (status == STORE_OK)
        status = traced(db, SQL_annuaire_rename, &args, "annuaire.rename", 0, true, &p->result->renamed);
    return status;
}

static enum store_status forget_vanished(struct db *db, const struct pass *p)
{
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, (int64_t)p->limits->vanish_window_s);
    arg_bool(&args, p->limits->forced_by != NULL);
    return sql_run(db, SQL_annuaire_forget_vanished, &args, &r);
}

static enum store_status change(struct db *db, struct pass *p)
{
    const PGresult *r;
    struct sql_args args = {.count = 0};
    arg_i64(&args, p->id);
    enum store_status status = gone_query(db, SQL_annuaire_note_vanished, p, &r);
    if (status == STORE_OK)
        status = gone_query(db, SQL_annuaire_delete, p, &r);
    if (status == STORE_OK)
        status = sql_run(db, SQL_annuaire_upsert, &args, &r);
    if (status == STORE_OK)
        status = forget_vanished(db, p);
    if (status == STORE_OK)
        status = follow_up(db, p);
    return status == STORE_OK ? sql_run(db, SQL_annuaire_stage_forget, &args, &r) : status;
}

static enum store_status apply(struct db *db, void *arg)
{
    struct pass *p = arg;
    const PGresult *r;
    struct sql_args args = {.count = 0};
    *p->result = (struct annuaire_result){.seen = 0};
    arg_i64(&args, p->id);
    enum store_status status = sql_run(db, SQL_plan_anew, NULL, &r);
    if (status == STORE_OK)
        status = sql_run(db, SQL_annuaire_count, &args, &r);
    if (status != STORE_OK)
        return status;
    p->result->seen = sql_i64(r, 0, 0);
    p->result->added = sql_i64(r, 0, 1);
    p->result->changed = sql_i64(r, 0, 2);
    status = check_vanishing(db, p, sql_i64(r, 0, 3));
    if (status == STORE_OK && !p->result->refused && !p->limits->dry_run)
        status = change(db, p);
    p->why = p->result->refused ? p->result->why : NULL;
    return status == STORE_OK ? end_pass(db, p) : status;
}

enum store_status annuaire_apply(struct db *db, int64_t pass, const struct annuaire_limits *limits, size_t skipped,
                                 struct span cookie, struct annuaire_result *result)
{
    struct pass p = {.id = pass, .limits = limits, .result = result, .skipped = skipped, .cookie = cookie};
    return db_transaction(db, DB_WRITE, 0, apply, &p);
}

struct asking {
    const char *address;
    annuaire_proposal_list *out;
};

static enum store_status read_proposals(struct db *db, void *arg)
{
    struct asking *a = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    vec_free(a->out);
    arg_text(&args, a->address);
    enum store_status status = sql_run(db, SQL_annuaire_proposals, &args, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        struct annuaire_proposal p = {.id = sql_i64(r, row, 0)};
        p.structure_id = sql_i64(r, row, 1);
        p.entry_id = sql_i64(r, row, 2);
        sql_copy(p.address, sizeof(p.address), r, row, 3);
        sql_copy(p.domain, sizeof(p.domain), r, row, 4);
        sql_copy(p.kind, sizeof(p.kind), r, row, 5);
        sql_copy(p.title, sizeof(p.title), r, row, 6);
        sql_copy(p.given, sizeof(p.given), r, row, 7);
        sql_copy(p.family, sizeof(p.family), r, row, 8);
        sql_copy(p.profession, sizeof(p.profession), r, row, 9);
        sql_copy(p.national_id, sizeof(p.national_id), r, row, 10);
        sql_copy(p.structure, sizeof(p.structure), r, row, 11);
        sql_copy(p.description, sizeof(p.description), r, row, 12);
        p.red_listed = sql_bool(r, row, 13);
        vec_push(a->out, p);
    }
    return status;
}

enum store_status annuaire_proposals(struct db *db, const char *address, annuaire_proposal_list *out)
{
    struct asking a = {address, out};
    *out = (annuaire_proposal_list){.len = 0};
    return db_transaction(db, DB_READ, 0, read_proposals, &a);
}

struct deciding {
    int64_t id;
    bool accepted;
    const char *who;
};

static enum store_status decide(struct db *db, void *arg)
{
    const struct deciding *d = arg;
    struct sql_args args = {.count = 0};
    arg_i64(&args, d->id);
    arg_bool(&args, d->accepted);
    arg_text(&args, d->who);
    return sql_change(db, SQL_annuaire_decide, &args);
}

enum store_status annuaire_decide(struct db *db, int64_t proposal_id, bool accepted, const char *who)
{
    struct deciding d = {proposal_id, accepted, who};
    return db_transaction(db, DB_WRITE, 0, decide, &d);
}
