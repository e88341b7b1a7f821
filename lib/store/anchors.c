#include "lib/store/anchors.h"

#include "lib/base/crypto.h"
#include "lib/store/sql.h"

#include <string.h>

struct adding {
    const struct anchor *anchor;
    const struct certificate *certificate;
};

struct environment {
    const char *name;
    bool foreign;
};

static enum store_status look_foreign(struct db *db, void *arg)
{
    struct environment *e = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_text(&args, e->name);
    enum store_status status = sql_run(db, SQL_ca_other_environment, &args, &r);
    e->foreign = status == STORE_OK && sql_rows(r) > 0;
    return status;
}

enum store_status anchors_foreign(struct db *db, const char *environment, bool *foreign)
{
    struct environment e = {.name = environment};
    enum store_status status = db_transaction(db, DB_READ, 0, look_foreign, &e);
    *foreign = e.foreign;
    return status;
}

static enum store_status add(struct db *db, void *arg)
{
    const struct adding *a = arg;
    struct sql_args args = {.count = 0};
    struct str subject;
    uint8_t digest[SHA256_BYTES];
    struct environment environment = {.name = a->anchor->environment};
    enum store_status looked = look_foreign(db, &environment);
    if (looked != STORE_OK || environment.foreign)
        return looked == STORE_OK ? STORE_CONFLICT : looked;
    sha256(digest, a->anchor->der);
    str_init(&subject, 64 * 1024);
    dn_print(&subject, &a->certificate->subject);
    arg_span(&args, (struct span){(const char *)digest, sizeof(digest)});
    arg_span(&args, a->anchor->der);
    arg_span(&args, str_span(&subject));
    arg_bool(&args, a->anchor->issues_servers);
    arg_bool(&args, a->anchor->issues_applications);
    arg_text(&args, a->anchor->environment);
    arg_text(&args, a->anchor->crl_url);
    arg_i64(&args, a->certificate->not_after);
    arg_text(&args, a->anchor->installed_by);
    arg_text(&args, a->anchor->ocsp_url);
    arg_bool(&args, a->anchor->issues_persons);
    enum store_status status = sql_change(db, SQL_ca_add, &args);
    str_free(&subject);
    return status == STORE_OK ? sql_change(db, SQL_trust_touch, NULL) : status;
}

enum store_status anchor_add(struct db *db, const struct anchor *anchor, struct str *error)
{
    struct certificate c;
    struct x509_store *probe = x509_store_new();
    bool ok = x509_store_add_ca(probe, anchor->der, error) >= 0 && certificate_decode(&c, anchor->der, error);
    x509_store_destroy(&probe);
    if (!ok)
        return STORE_INVALID;
    struct adding a = {anchor, &c};
    enum store_status status = db_transaction(db, DB_WRITE, 0, add, &a);
    certificate_free(&c);
    return status;
}

static enum store_status learn(struct db *db, void *arg)
{
    const struct certificate *issued = arg;
    struct sql_args args = {.count = 0};
    struct str subject;
    str_init(&subject, 64 * 1024);
    dn_print(&subject, &issued->issuer);
    arg_span(&args, str_span(&subject));
    arg_text(&args, issued->crl_url);
    enum store_status status = sql_change(db, SQL_ca_learn_url, &args);
    str_free(&subject);
    return status == STORE_NOT_FOUND ? STORE_OK : status;
}

enum store_status anchor_learn_url(struct db *db, const struct certificate *issued)
{
    struct certificate copy = *issued; /* read only; nothing of it is freed */
    return issued->crl_url[0] ? db_transaction(db, DB_WRITE, 0, learn, &copy) : STORE_OK;
}

static enum store_status remove_ca(struct db *db, void *arg)
{
    struct sql_args args = {.count = 0};
    arg_text(&args, arg);
    enum store_status status = sql_change(db, SQL_ca_remove, &args);
    return status == STORE_OK ? sql_change(db, SQL_trust_touch, NULL) : status;
}

enum store_status anchor_remove(struct db *db, const char *sha256_hex)
{
    char *hex = xstrdup(sha256_hex);
    enum store_status status = db_transaction(db, DB_WRITE, 0, remove_ca, hex);
    xfree(&hex);
    return status;
}

struct importing {
    struct span der;
    const char *etag;
    struct crl_facts facts;
    struct crl_result *out;
    struct str *error;
};

/* Which installed CA signed it: each alone is asked. */
static int signer_row(const PGresult *cas, struct span crl, struct str *error)
{
    struct str why;
    str_init(&why, 256);
    int found = -1;
    for (int row = 0; found < 0 && row < sql_rows(cas); row++) {
        struct x509_store *one = x509_store_new();
        str_clear(&why);
        if (x509_store_add_ca(one, sql_span(cas, row, 0), NULL) >= 0 && x509_store_add_crl(one, crl, 0, &why))
            found = row;
        x509_store_destroy(&one);
    }
    if (found < 0)
        str_puts(error, why.len ? why.data : "no CA is installed");
    str_free(&why);
    return found;
}

static enum store_status put_crl(struct db *db, struct importing *m, struct span ca)
{
    struct sql_args args = {.count = 0};
    arg_span(&args, ca);
    arg_span(&args, m->der);
    arg_text(&args, m->facts.number[0] ? m->facts.number : NULL);
    arg_i64(&args, m->facts.this_update);
    arg_i64(&args, m->facts.next_update);
    arg_text(&args, m->etag && *m->etag ? m->etag : NULL);
    enum store_status status = sql_change(db, SQL_crl_put, &args);
    m->out->newer = status == STORE_OK;
    if (status == STORE_OK)
        return sql_change(db, SQL_trust_touch, NULL);
    if (status != STORE_NOT_FOUND)
        return status;
    args = (struct sql_args){.count = 0};
    arg_span(&args, ca);
    return sql_change(db, SQL_crl_seen, &args);
}

static enum store_status import(struct db *db, void *arg)
{
    struct importing *m = arg;
    const PGresult *r;
    str_clear(m->error);
    enum store_status status = sql_run(db, SQL_trust_cas, NULL, &r);
    if (status != STORE_OK)
        return status;
    int row = signer_row(r, m->der, m->error);
    if (row < 0)
        return STORE_INVALID;
    uint8_t ca[SHA256_BYTES];
    struct span key = sql_span(r, row, 3);
    must(key.n == sizeof(ca));
    memcpy(ca, key.p, sizeof(ca));
    return put_crl(db, m, (struct span){(const char *)ca, sizeof(ca)});
}

static void describe(struct crl_result *out, const struct crl_facts *facts)
{
    struct str name;
    str_init(&name, sizeof(out->ca) - 1);
    dn_print(&name, &facts->issuer);
    *out = (struct crl_result){.next_update = facts->next_update, .entries = facts->entries};
    if (name.len)
        memcpy(out->ca, name.data, name.len + 1);
    str_free(&name);
}

enum store_status crl_import(struct db *db, struct span file, const char *etag, int64_t now, struct crl_result *out,
                             struct str *error)
{
    struct str der;
    struct importing m = {.etag = etag, .out = out, .error = error};
    str_init(&der, X509_CRL_MAX);
    bool ok = crl_to_der(&der, file, error) && crl_decode(&m.facts, str_span(&der), error);
    enum store_status status = STORE_INVALID;
    if (ok) {
        m.der = str_span(&der);
        describe(out, &m.facts);
        if (m.facts.next_update < now) {
            str_puts(error, "it is past its nextUpdate");
            status = STORE_CONFLICT;
        } else {
            status = db_transaction(db, DB_WRITE, 0, import, &m);
        }
        crl_facts_free(&m.facts);
    }
    str_free(&der);
    return status;
}

struct extending {
    const char *ca, *why;
    unsigned hours;
};

static enum store_status extend(struct db *db, void *arg)
{
    const struct extending *e = arg;
    struct sql_args args = {.count = 0};
    arg_text(&args, e->ca);
    arg_i64(&args, e->hours);
    arg_text(&args, e->why);
    enum store_status status = sql_change(db, SQL_crl_extend, &args);
    return status == STORE_OK ? sql_change(db, SQL_trust_touch, NULL) : status;
}

enum store_status crl_extend(struct db *db, const char *ca, unsigned hours, const char *why)
{
    if (hours == 0 || hours > 72)
        return STORE_INVALID;
    struct extending e = {ca, why, hours};
    return db_transaction(db, DB_WRITE, 0, extend, &e);
}

static enum store_status read_sources(struct db *db, void *arg)
{
    crl_source_list *out = arg;
    const PGresult *r;
    vec_free(out);
    enum store_status status = sql_run(db, SQL_crl_due, NULL, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        struct crl_source s = {.held = sql_bool(r, row, 7)};
        struct span key = sql_span(r, row, 0);
        if (key.n == sizeof(s.sha256))
            memcpy(s.sha256, key.p, key.n);
        sql_copy(s.subject, sizeof(s.subject), r, row, 1);
        sql_copy(s.url, sizeof(s.url), r, row, 2);
        s.next_update = sql_i64(r, row, 3);
        sql_copy(s.etag, sizeof(s.etag), r, row, 4);
        s.fetched = sql_i64(r, row, 5);
        s.extended_until = sql_i64(r, row, 6);
        vec_push(out, s);
    }
    return status;
}

enum store_status crl_sources(struct db *db, crl_source_list *out)
{
    *out = (crl_source_list){.len = 0};
    return db_transaction(db, DB_READ, 0, read_sources, out);
}
