#include "lib/store/people.h"

#include "lib/store/sql.h"

#include <string.h>

struct finding {
    const char *which;
    struct structure *structure;
    struct person *person;
    int64_t id;
};

static enum store_status find_row(struct db *db, enum sql sql, const char *which, const PGresult **r)
{
    struct sql_args args = {.count = 0};
    arg_text(&args, which);
    enum store_status status = sql_run(db, sql, &args, r);
    return status == STORE_OK && sql_rows(*r) == 0 ? STORE_NOT_FOUND : status;
}

static enum store_status find_structure(struct db *db, void *arg)
{
    struct finding *f = arg;
    const PGresult *r;
    enum store_status status = find_row(db, SQL_structure_find, f->which, &r);
    if (status != STORE_OK)
        return status;
    f->structure->id = sql_i64(r, 0, 0);
    sql_copy(f->structure->name, sizeof(f->structure->name), r, 0, 1);
    struct sql_args args = {.count = 0};
    arg_i64(&args, f->structure->id);
    status = sql_run(db, SQL_structure_siret, &args, &r);
    if (status == STORE_OK && sql_rows(r) == 1) {
        sql_copy(f->structure->siret, sizeof(f->structure->siret), r, 0, 0);
        sql_copy(f->structure->finess_ej, sizeof(f->structure->finess_ej), r, 0, 1);
        sql_copy(f->structure->finess_et, sizeof(f->structure->finess_et), r, 0, 2);
    }
    return status;
}

enum store_status structure_find(struct db *db, const char *which, struct structure *out)
{
    struct finding f = {.which = which, .structure = out};
    *out = (struct structure){.id = 0};
    return db_transaction(db, DB_READ, 0, find_structure, &f);
}

bool structure_is_named(const struct structure *s, const struct dn *subject)
{
    const char *ou = dn_first(subject, "2.5.4.11");
    if (!ou)
        return false;
    return (ou[0] == '3' && *s->siret && strcmp(ou + 1, s->siret) == 0) ||
           (ou[0] == '1' && ((*s->finess_et && strcmp(ou + 1, s->finess_et) == 0) ||
                             (*s->finess_ej && strcmp(ou + 1, s->finess_ej) == 0)));
}

struct adding {
    const void *what;
    const struct trace *trace;
    int64_t id, structure_id;
    const char *domain;
};

/* The trace stands in the transaction of what it tells of. */
static enum store_status traced(struct db *db, enum store_status status, const struct trace *trace)
{
    return status == STORE_OK && trace ? trace_write(db, trace) : status;
}

static enum store_status add_structure(struct db *db, void *arg)
{
    struct adding *a = arg;
    const struct structure_new *s = a->what;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_id(&args, s->parent_id);
    arg_text(&args, s->name);
    arg_text(&args, s->finess_ej);
    arg_text(&args, s->finess_et);
    arg_text(&args, s->siret);
    arg_text(&args, s->contact);
    enum store_status status = sql_run(db, SQL_structure_add, &args, &r);
    if (status == STORE_OK)
        a->id = sql_i64(r, 0, 0);
    return traced(db, status, a->trace);
}

static bool same(const char *wanted, const char *held)
{
    return !wanted || strcmp(wanted, held) == 0;
}

enum store_status structure_add(struct db *db, const struct structure_new *s, const struct trace *trace, int64_t *id)
{
    struct structure held;
    enum store_status status = structure_find(db, s->name, &held);
    if (status == STORE_OK) {
        *id = held.id;
        bool equal =
            same(s->siret, held.siret) && same(s->finess_ej, held.finess_ej) && same(s->finess_et, held.finess_et);
        return equal ? STORE_OK : STORE_CONFLICT;
    }
    struct adding a = {.what = s, .trace = trace};
    if (status == STORE_NOT_FOUND)
        status = db_transaction(db, DB_WRITE, 0, add_structure, &a);
    *id = a.id;
    return status;
}

static enum store_status find_domain(struct db *db, void *arg)
{
    struct finding *f = arg;
    const PGresult *r;
    enum store_status status = find_row(db, SQL_domain_find, f->which, &r);
    if (status == STORE_OK)
        f->id = sql_i64(r, 0, 0);
    return status;
}

enum store_status own_domain_find(struct db *db, const char *domain, int64_t *structure_id)
{
    struct finding f = {.which = domain};
    enum store_status status = db_transaction(db, DB_READ, 0, find_domain, &f);
    *structure_id = f.id;
    return status;
}

static enum store_status add_domain(struct db *db, void *arg)
{
    struct adding *a = arg;
    struct sql_args args = {.count = 0};
    arg_text(&args, a->domain);
    arg_i64(&args, a->structure_id);
    enum store_status status = sql_change(db, SQL_domain_add, &args);
    if (status == STORE_OK)
        status = sql_change(db, SQL_trust_touch, NULL);
    return traced(db, status, a->trace);
}

enum store_status own_domain_add(struct db *db, const char *domain, int64_t structure_id, const struct trace *trace)
{
    int64_t held;
    enum store_status status = own_domain_find(db, domain, &held);
    if (status == STORE_OK)
        return held == structure_id ? STORE_OK : STORE_CONFLICT;
    struct adding a = {.domain = domain, .structure_id = structure_id, .trace = trace};
    return status == STORE_NOT_FOUND ? db_transaction(db, DB_WRITE, 0, add_domain, &a) : status;
}

static enum store_status find_person(struct db *db, void *arg)
{
    struct finding *f = arg;
    const PGresult *r;
    enum store_status status = find_row(db, SQL_person_find, f->which, &r);
    if (status != STORE_OK)
        return status;
    f->person->id = sql_i64(r, 0, 0);
    sql_copy(f->person->title, sizeof(f->person->title), r, 0, 1);
    sql_copy(f->person->given, sizeof(f->person->given), r, 0, 2);
    sql_copy(f->person->family, sizeof(f->person->family), r, 0, 3);
    return STORE_OK;
}

enum store_status person_find(struct db *db, const char *national_id, struct person *out)
{
    struct finding f = {.which = national_id, .person = out};
    *out = (struct person){.id = 0};
    return db_transaction(db, DB_READ, 0, find_person, &f);
}

static enum store_status insert_person(struct db *db, const struct person_new *p, int64_t *id)
{
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_text(&args, p->title);
    arg_text(&args, p->given ? p->given : "");
    arg_text(&args, p->family ? p->family : "");
    arg_text(&args, p->profession);
    arg_text(&args, p->origin ? p->origin : "admin");
    enum store_status status = sql_run(db, SQL_person_add, &args, &r);
    if (status == STORE_OK)
        *id = sql_i64(r, 0, 0);
    return status;
}

/* The ids are one person's. One that is known names that person; two persons already known must be merged by hand. */
static enum store_status add_person(struct db *db, void *arg)
{
    struct adding *a = arg;
    const struct person_new *p = a->what;
    struct person known = {.id = 0};
    a->id = 0;
    for (size_t i = 0; i < p->id_count; i++) {
        struct finding f = {.which = p->national_ids[i], .person = &known};
        known.id = 0;
        enum store_status status = find_person(db, &f);
        if (status != STORE_OK && status != STORE_NOT_FOUND)
            return status;
        if (status == STORE_OK && a->id && a->id != known.id)
            return STORE_CONFLICT;
        if (status == STORE_OK)
            a->id = known.id;
    }
    enum store_status status = a->id ? STORE_OK : insert_person(db, p, &a->id);
    for (size_t i = 0; status == STORE_OK && i < p->id_count; i++) {
        struct sql_args args = {.count = 0};
        arg_text(&args, p->national_ids[i]);
        arg_i64(&args, a->id);
        status = sql_change(db, SQL_person_identify, &args);
    }
    struct trace trace = a->trace ? *a->trace : (struct trace){.action = NULL};
    trace.person_id = a->id;
    return traced(db, status, a->trace ? &trace : NULL);
}

enum store_status person_add(struct db *db, const struct person_new *p, const struct trace *trace, int64_t *id)
{
    if (p->id_count == 0)
        return STORE_INVALID;
    struct adding a = {.what = p, .trace = trace};
    enum store_status status = db_transaction(db, DB_WRITE, 0, add_person, &a);
    *id = a.id;
    return status;
}

static enum store_status add_from_mirror(struct db *db, void *arg)
{
    struct finding *f = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_text(&args, f->which);
    enum store_status status = sql_run(db, SQL_person_of_mirror, &args, &r);
    if (status == STORE_OK)
        f->person->id = sql_i64(r, 0, 0);
    arg_i64(&args, f->person->id);
    return status == STORE_OK ? sql_change(db, SQL_person_identify, &args) : status;
}

enum store_status person_of_mirror(struct db *db, const char *national_id, struct person *out)
{
    struct finding f = {.which = national_id, .person = out};
    *out = (struct person){.id = 0};
    enum store_status status = db_transaction(db, DB_WRITE, 0, add_from_mirror, &f);
    return status == STORE_OK ? person_find(db, national_id, out) : status;
}

static enum store_status put_share(struct db *db, void *arg)
{
    struct adding *a = arg;
    const struct share *s = a->what;
    struct sql_args args = {.count = 0};
    arg_i64(&args, s->bal_id);
    arg_i64(&args, s->person_id);
    arg_text(&args, s->role);
    arg_bool(&args, s->may_send);
    if (s->until)
        arg_i64(&args, s->until);
    else
        arg_null(&args);
    enum store_status status = sql_change(db, SQL_membership_put, &args);
    return status == STORE_NOT_FOUND ? STORE_CONFLICT : traced(db, status, a->trace);
}

enum store_status share_put(struct db *db, const struct share *s, const struct trace *trace)
{
    struct adding a = {.what = s, .trace = trace};
    return db_transaction(db, DB_WRITE, 0, put_share, &a);
}

static enum store_status end_share(struct db *db, void *arg)
{
    struct adding *a = arg;
    const struct share *s = a->what;
    struct sql_args args = {.count = 0};
    arg_i64(&args, s->bal_id);
    arg_i64(&args, s->person_id);
    return traced(db, sql_change(db, SQL_membership_end, &args), a->trace);
}

enum store_status share_end(struct db *db, int64_t bal_id, int64_t person_id, const struct trace *trace)
{
    struct share s = {.bal_id = bal_id, .person_id = person_id};
    struct adding a = {.what = &s, .trace = trace};
    return db_transaction(db, DB_WRITE, 0, end_share, &a);
}

static enum store_status put_binding(struct db *db, void *arg)
{
    struct adding *a = arg;
    const struct binding *b = a->what;
    struct sql_args args = {.count = 0};
    arg_i64(&args, b->bal_id);
    arg_text(&args, b->issuer);
    arg_text(&args, b->subject);
    arg_text(&args, b->subject_shown);
    arg_span(&args, (struct span){(const char *)b->key_sha256, sizeof(b->key_sha256)});
    arg_i64(&args, b->not_after);
    arg_bool(&args, b->may_send);
    arg_text(&args, b->mandate);
    if (b->until)
        arg_i64(&args, b->until);
    else
        arg_null(&args);
    return traced(db, sql_change(db, SQL_binding_put, &args), a->trace);
}

enum store_status binding_put(struct db *db, const struct binding *b, const struct trace *trace)
{
    struct adding a = {.what = b, .trace = trace};
    return db_transaction(db, DB_WRITE, 0, put_binding, &a);
}

static enum store_status end_binding(struct db *db, void *arg)
{
    struct adding *a = arg;
    struct sql_args args = {.count = 0};
    arg_i64(&args, a->id);
    arg_text(&args, a->what);
    arg_text(&args, a->what);
    return traced(db, sql_change(db, SQL_binding_end, &args), a->trace);
}

enum store_status binding_end(struct db *db, int64_t bal_id, const char *which, const struct trace *trace)
{
    struct adding a = {.what = which, .id = bal_id, .trace = trace};
    return db_transaction(db, DB_WRITE, 0, end_binding, &a);
}

struct merging {
    int64_t from, into;
    const struct trace *trace;
};

static enum store_status merge(struct db *db, void *arg)
{
    const struct merging *m = arg;
    static const enum sql steps[] = {SQL_person_merge_ids, SQL_person_merge_shares, SQL_person_merge_rest,
                                     SQL_person_merge_end};
    enum store_status status = STORE_OK;
    for (size_t i = 0; status == STORE_OK && i < COUNT(steps); i++) {
        struct sql_args args = {.count = 0};
        const PGresult *r;
        arg_i64(&args, m->from);
        if (steps[i] != SQL_person_merge_rest)
            arg_i64(&args, m->into);
        status = sql_run(db, steps[i], &args, &r);
    }
    return traced(db, status, m->trace);
}

enum store_status person_merge(struct db *db, int64_t from, int64_t into, const struct trace *trace)
{
    struct merging m = {from, into, trace};
    return from == into ? STORE_INVALID : db_transaction(db, DB_WRITE, 0, merge, &m);
}
