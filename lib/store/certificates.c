#include "lib/store/certificates.h"

#include "lib/base/crypto.h"
#include "lib/base/text.h"
#include "lib/store/sql.h"

#include <pthread.h>
#include <string.h>

enum { REMEMBERED = 2048, WAITING_MAX = 64, LEAF_MAX = sizeof(((struct known_certificate *)0)->der) };

static struct {
    pthread_mutex_t lock;
    uint8_t told[REMEMBERED]
                [16]; /* by the digest's own bytes: one that is pushed out is told again, which changes nothing */
    VEC(struct str) waiting;
} notes = {.lock = PTHREAD_MUTEX_INITIALIZER};

void certificate_note(struct span leaf_der)
{
    uint8_t digest[SHA256_BYTES];
    uint16_t at;
    if (leaf_der.n == 0 || leaf_der.n > LEAF_MAX)
        return;
    sha256(digest, leaf_der);
    memcpy(&at, digest + 16, sizeof(at));
    pthread_mutex_lock(&notes.lock);
    uint8_t *told = notes.told[at % REMEMBERED];
    if (memcmp(told, digest, 16) != 0 && notes.waiting.len < WAITING_MAX) {
        struct str copy;
        str_init(&copy, LEAF_MAX);
        str_add_span(&copy, leaf_der);
        vec_push(&notes.waiting, copy);
        memcpy(told, digest, 16);
    }
    pthread_mutex_unlock(&notes.lock);
}

static enum store_status add(struct db *db, void *arg)
{
    const struct span *der = arg;
    struct certificate c;
    struct sql_args args = {.count = 0};
    struct str fingerprint;
    const PGresult *r;
    if (!certificate_decode(&c, *der, NULL))
        return STORE_INVALID;
    str_init(&fingerprint, SHA256_BYTES);
    must(hex_decode(&fingerprint, span_of(c.fingerprint)));
    arg_span(&args, str_span(&fingerprint));
    arg_span(&args, *der);
    arg_i64(&args, c.not_after);
    enum store_status status = sql_run(db, SQL_certificate_add, &args, &r);
    str_free(&fingerprint);
    certificate_free(&c);
    return status;
}

enum store_status certificate_add(struct db *db, struct span leaf_der)
{
    return db_transaction(db, DB_WRITE, 0, add, &leaf_der);
}

static bool take_note(struct str *out)
{
    pthread_mutex_lock(&notes.lock);
    bool any = notes.waiting.len > 0;
    if (any)
        *out = notes.waiting.items[--notes.waiting.len];
    pthread_mutex_unlock(&notes.lock);
    return any;
}

enum store_status certificates_tell(struct db *db)
{
    struct str der;
    enum store_status status = STORE_OK;
    while (status == STORE_OK && take_note(&der)) {
        status = certificate_add(db, str_span(&der));
        str_free(&der); /* lost with a database that is away: a later process's first session tells it again */
    }
    return status;
}

static enum store_status forget(struct db *db, void *arg)
{
    const PGresult *r;
    (void)arg;
    enum store_status status = sql_run(db, SQL_ocsp_forget, NULL, &r);
    return status == STORE_OK ? sql_run(db, SQL_certificates_forget, NULL, &r) : status;
}

enum store_status certificates_forget(struct db *db)
{
    return db_transaction(db, DB_WRITE, 0, forget, NULL);
}

struct due {
    uint64_t interval_s;
    size_t most;
    known_list *out;
};

static enum store_status read_due(struct db *db, void *arg)
{
    const struct due *d = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    vec_free(d->out);
    arg_i64(&args, (int64_t)d->interval_s);
    arg_i64(&args, (int64_t)d->most);
    enum store_status status = sql_run(db, SQL_ocsp_due, &args, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        struct known_certificate c = {.bytes = 0};
        struct span der = sql_span(r, row, 1);
        sql_copy(c.fingerprint, sizeof(c.fingerprint), r, row, 0);
        if (der.n > sizeof(c.der))
            continue;
        memcpy(c.der, der.p, der.n);
        c.bytes = der.n;
        vec_push(d->out, c);
    }
    return status;
}

enum store_status ocsp_due(struct db *db, uint64_t interval_s, size_t most, known_list *out)
{
    struct due d = {interval_s, most, out};
    *out = (known_list){.len = 0};
    return db_transaction(db, DB_READ, 0, read_due, &d);
}

void ocsp_issuers_free(ocsp_issuer_list *list)
{
    vec_each (list, issuer)
        str_free(&issuer->der);
    vec_free(list);
}

static enum store_status read_issuers(struct db *db, void *arg)
{
    ocsp_issuer_list *out = arg;
    const PGresult *r;
    ocsp_issuers_free(out);
    enum store_status status = sql_run(db, SQL_ocsp_issuers, NULL, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        struct ocsp_issuer issuer = {.url = ""};
        str_init(&issuer.der, X509_DER_MAX);
        str_add_span(&issuer.der, sql_span(r, row, 0));
        sql_copy(issuer.subject, sizeof(issuer.subject), r, row, 1);
        sql_copy(issuer.url, sizeof(issuer.url), r, row, 2);
        vec_push(out, issuer);
    }
    return status;
}

enum store_status ocsp_issuers(struct db *db, ocsp_issuer_list *out)
{
    *out = (ocsp_issuer_list){.len = 0};
    return db_transaction(db, DB_READ, 0, read_issuers, out);
}

struct answer {
    const char *fingerprint;
    const struct ocsp_facts *facts;
    bool *changed;
};

static enum store_status put(struct db *db, void *arg)
{
    static const char *const names[] = {"good", "revoked", "unknown"};
    const struct answer *a = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    *a->changed = false;
    arg_text(&args, a->fingerprint);
    if (!a->facts)
        return sql_run(db, SQL_ocsp_asked, &args, &r);
    arg_text(&args, names[a->facts->status]);
    arg_i64(&args, a->facts->this_update);
    arg_id(&args, a->facts->next_update); /* 0: absent */
    enum store_status status = sql_run(db, SQL_ocsp_put, &args, &r);
    if (status != STORE_OK)
        return status;
    *a->changed = sql_rows(r) == 1 && sql_bool(r, 0, 0);
    return *a->changed ? sql_change(db, SQL_trust_touch, NULL) : STORE_OK;
}

enum store_status ocsp_put(struct db *db, const char *fingerprint, const struct ocsp_facts *facts, bool *changed)
{
    struct answer a = {fingerprint, facts, changed};
    return db_transaction(db, DB_WRITE, 0, put, &a);
}
