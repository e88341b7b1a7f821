#include "lib/store/snapshot.h"

#include "lib/base/log.h"
#include "lib/store/certificates.h"
#include "lib/store/sql.h"

#include <string.h>

struct loading {
    uint64_t known, generation;
    int64_t whitelist;
    struct trust_builder *builder;
};

static enum store_status load_entries(struct db *db, struct loading *l)
{
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, l->whitelist);
    enum store_status status = sql_run(db, SQL_trust_entries, &args, &r);
    if (status != STORE_OK)
        return status;
    struct dn dn = {.count = 0};
    struct span last = SPAN_NONE;
    bool usable = false;
    for (int row = 0; row < sql_rows(r); row++) {
        struct span text = sql_span(r, row, 1);
        if (!last.p || !span_eq(last, text)) { /* sorted: one operator's hundreds of domains share one reading */
            dn_free(&dn);
            usable = dn_from_string(&dn, text, NULL);
            last = text;
        }
        if (usable)
            trust_builder_add_entry(l->builder, sql_span(r, row, 0), &dn, sql_span(r, row, 2));
    }
    dn_free(&dn);
    return STORE_OK;
}

static enum store_status load_cas(struct db *db, struct loading *l)
{
    const PGresult *r;
    enum store_status status = sql_run(db, SQL_trust_cas, NULL, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        if (!trust_builder_add_ca(l->builder, sql_span(r, row, 0), sql_bool(r, row, 1), sql_bool(r, row, 2), NULL))
            log_event(LOG_ERROR, NULL, "trust.ca-unusable", LI("row", row));
        else if (sql_bool(r, row, 4))
            trust_builder_ca_issues_persons(l->builder);
    }
    return status;
}

static enum store_status load_crls(struct db *db, struct loading *l)
{
    const PGresult *r;
    enum store_status status = sql_run(db, SQL_trust_crls, NULL, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++)
        if (!trust_builder_add_crl(l->builder, sql_span(r, row, 0), sql_i64(r, row, 1), NULL))
            log_event(LOG_ERROR, NULL, "trust.crl-unusable", LI("row", row));
    return status;
}

static enum store_status load_own(struct db *db, struct loading *l)
{
    const PGresult *r;
    enum store_status status = sql_run(db, SQL_trust_own_domains, NULL, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++)
        trust_builder_add_own_domain(l->builder, sql_span(r, row, 0));
    if (status == STORE_OK)
        status = sql_run(db, SQL_trust_settings, NULL, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        struct dn dn;
        if (span_is(sql_span(r, row, 0), "trust.client_eku")) {
            trust_builder_require_client_eku(l->builder, span_is(sql_span(r, row, 1), "required"));
        } else if (dn_from_string(&dn, sql_span(r, row, 1), NULL)) {
            trust_builder_set_own_dn(l->builder, &dn);
            dn_free(&dn);
        }
    }
    return status;
}

static enum store_status load_revoked(struct db *db, struct loading *l)
{
    const PGresult *r;
    enum store_status status = sql_run(db, SQL_trust_revoked, NULL, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++)
        trust_builder_add_revoked(l->builder, sql_span(r, row, 0), sql_i64(r, row, 1));
    return status;
}

static void drop(struct trust_builder **builder)
{
    if (!*builder)
        return;
    struct trust_snapshot *unfinished = trust_builder_finish(builder);
    trust_release(&unfinished);
}

static enum store_status load(struct db *db, void *arg)
{
    struct loading *l = arg;
    const PGresult *r;
    drop(&l->builder);
    enum store_status status = sql_run(db, SQL_trust_generation, NULL, &r);
    if (status != STORE_OK)
        return status;
    if (sql_rows(r) != 1)
        return STORE_DAMAGED;
    l->generation = (uint64_t)sql_i64(r, 0, 0) + 1; /* never 0: 0 is "none yet" */
    l->whitelist = sql_i64(r, 0, 1);
    if (l->generation == l->known)
        return STORE_NOT_FOUND;
    l->builder = trust_builder_new(l->generation);
    status = load_cas(db, l);
    if (status == STORE_OK)
        status = load_crls(db, l);
    if (status == STORE_OK)
        status = load_own(db, l);
    if (status == STORE_OK)
        status = load_revoked(db, l);
    return status == STORE_OK ? load_entries(db, l) : status;
}

enum store_status snapshot_load(struct db *db, uint64_t known_generation, struct trust_snapshot **out)
{
    struct loading l = {.known = known_generation};
    *out = NULL;
    (void)certificates_tell(db);
    enum store_status status = db_transaction(db, DB_READ, 0, load, &l);
    if (status == STORE_OK)
        *out = trust_builder_finish(&l.builder);
    else
        drop(&l.builder);
    return status;
}

struct value {
    const char *name, *text;
    struct str *out;
    bool touch;
};

static enum store_status read_value(struct db *db, void *arg)
{
    struct value *v = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_text(&args, v->name);
    enum store_status status = sql_run(db, SQL_setting_get, &args, &r);
    if (status != STORE_OK || sql_rows(r) == 0)
        return status == STORE_OK ? STORE_NOT_FOUND : status;
    str_clear(v->out);
    str_add_span(v->out, sql_span(r, 0, 0));
    return STORE_OK;
}

static enum store_status write_value(struct db *db, void *arg)
{
    struct value *v = arg;
    struct sql_args args = {.count = 0};
    arg_text(&args, v->name);
    arg_text(&args, v->text);
    enum store_status status = sql_change(db, SQL_setting_put, &args);
    if (status == STORE_NOT_FOUND)
        return STORE_OK; /* it had that value */
    return status == STORE_OK && v->touch ? sql_change(db, SQL_trust_touch, NULL) : status;
}

enum store_status setting_read(struct db *db, const char *name, struct str *value)
{
    struct value v = {.name = name, .out = value};
    return db_transaction(db, DB_READ, 0, read_value, &v);
}

enum store_status setting_write(struct db *db, const char *name, const char *value)
{
    struct value v = {.name = name, .text = value, .touch = span_starts_nocase(span_of(name), "trust.")};
    return db_transaction(db, DB_WRITE, 0, write_value, &v);
}

enum store_status snapshot_own_dn(struct db *db, const char *hostname, const struct dn *dn)
{
    struct str text;
    str_init(&text, 64 * 1024);
    dn_print(&text, dn);
    char *name = xasprintf("operator.dn.%s", hostname);
    struct value v = {.name = name, .text = text.data, .touch = true};
    enum store_status status = db_transaction(db, DB_WRITE, 0, write_value, &v);
    xfree(&name);
    str_free(&text);
    return status;
}
