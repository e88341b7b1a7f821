#include "lib/store/operators.h"

#include "lib/store/sql.h"

#include <string.h>

struct asking {
    const char *login;
    unsigned roles;
    bool any, yes;
    enum sql question;
    int64_t id; /* of the structure or the person asked about */
};

static const struct {
    const char *name;
    unsigned bit;
} bits[] = {{"exploitant", ROLE_EXPLOITANT},
            {"administrateur", ROLE_ADMINISTRATEUR},
            {"auditeur", ROLE_AUDITEUR},
            {"officier", ROLE_OFFICIER}};

void operator_role_names(unsigned roles, struct str *out)
{
    for (size_t i = 0; i < COUNT(bits); i++)
        if (roles & bits[i].bit)
            str_addf(out, "%s%s", out->len ? " " : "", bits[i].name);
}

static unsigned bit_of(struct span role)
{
    for (size_t i = 0; i < COUNT(bits); i++)
        if (span_is(role, bits[i].name))
            return bits[i].bit;
    return 0;
}

static enum store_status read_roles(struct db *db, void *arg)
{
    struct asking *a = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    a->roles = 0;
    a->any = false;
    enum store_status status = sql_run(db, SQL_operator_known, NULL, &r);
    if (status != STORE_OK || !sql_bool(r, 0, 0))
        return status;
    arg_text(&args, a->login);
    status = sql_run(db, SQL_operator_roles, &args, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        a->any = true;
        if (sql_bool(r, row, 1))
            a->roles |= bit_of(sql_span(r, row, 0));
    }
    return status;
}

enum store_status operator_roles_of(struct db *db, const char *login, unsigned *roles, bool *any)
{
    struct asking a = {.login = login};
    enum store_status status = db_transaction(db, DB_READ, 0, read_roles, &a);
    *roles = a.roles;
    *any = a.any;
    return status;
}

static enum store_status read_governs(struct db *db, void *arg)
{
    struct asking *a = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_text(&args, a->login);
    arg_i64(&args, a->id);
    enum store_status status = sql_run(db, a->question, &args, &r);
    if (status == STORE_OK)
        a->yes = sql_bool(r, 0, 0);
    return status;
}

static enum store_status governs(struct db *db, enum sql question, const char *login, int64_t id, bool *yes)
{
    struct asking a = {.login = login, .question = question, .id = id};
    enum store_status status = db_transaction(db, DB_READ, 0, read_governs, &a);
    *yes = status == STORE_OK && a.yes;
    return status;
}

enum store_status operator_governs(struct db *db, const char *login, int64_t structure_id, bool *yes)
{
    return governs(db, SQL_operator_governs, login, structure_id, yes);
}

enum store_status operator_governs_person(struct db *db, const char *login, int64_t person_id, bool *yes)
{
    return governs(db, SQL_operator_governs_person, login, person_id, yes);
}

struct changing {
    const struct operator_new *operator_;
    const char *login, *role;
    const struct trace *trace;
};

static enum store_status add(struct db *db, void *arg)
{
    const struct changing *c = arg;
    const struct operator_new *o = c->operator_;
    struct sql_args args = {.count = 0};
    arg_text(&args, o->login);
    arg_text(&args, o->name);
    arg_text(&args, o->role);
    arg_id(&args, o->structure_id);
    arg_id(&args, o->until);
    arg_id(&args, o->person_id);
    enum store_status status = sql_change(db, SQL_operator_add, &args);
    return status == STORE_OK ? trace_write(db, c->trace) : status;
}

enum store_status operator_add(struct db *db, const struct operator_new *o, const struct trace *trace)
{
    struct changing c = {.operator_ = o, .trace = trace};
    return db_transaction(db, DB_WRITE, 0, add, &c);
}

static enum store_status end(struct db *db, void *arg)
{
    const struct changing *c = arg;
    struct sql_args args = {.count = 0};
    arg_text(&args, c->login);
    arg_text(&args, c->role);
    enum store_status status = sql_change(db, SQL_operator_end, &args);
    return status == STORE_OK ? trace_write(db, c->trace) : status;
}

enum store_status operator_end(struct db *db, const char *login, const char *role, const struct trace *trace)
{
    struct changing c = {.login = login, .role = role, .trace = trace};
    return db_transaction(db, DB_WRITE, 0, end, &c);
}

struct binding {
    const struct operator_certificate *certificate;
    const struct trace *trace;
};

static enum store_status put_certificate(struct db *db, void *arg)
{
    const struct binding *b = arg;
    const struct operator_certificate *c = b->certificate;
    struct sql_args args = {.count = 0};
    arg_text(&args, c->login);
    arg_text(&args, c->issuer);
    arg_text(&args, c->subject);
    arg_text(&args, c->subject_shown);
    arg_span(&args, c->key_sha256);
    arg_i64(&args, c->not_after);
    arg_text(&args, c->bound_by);
    enum store_status status = sql_change(db, SQL_operator_certificate_put, &args);
    return status == STORE_OK ? trace_write(db, b->trace) : status;
}

enum store_status operator_certificate_put(struct db *db, const struct operator_certificate *c,
                                           const struct trace *trace)
{
    struct binding b = {c, trace};
    return db_transaction(db, DB_WRITE, 0, put_certificate, &b);
}

static enum store_status end_certificate(struct db *db, void *arg)
{
    const struct changing *c = arg;
    struct sql_args args = {.count = 0};
    arg_text(&args, c->login);
    arg_text(&args, c->role);
    enum store_status status = sql_change(db, SQL_operator_certificate_end, &args);
    return status == STORE_OK ? trace_write(db, c->trace) : status;
}

enum store_status operator_certificate_end(struct db *db, const char *login, const char *subject,
                                           const struct trace *trace)
{
    struct changing c = {.login = login, .role = subject, .trace = trace};
    return db_transaction(db, DB_WRITE, 0, end_certificate, &c);
}
