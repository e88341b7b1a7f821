/* Persons by their national ids, sessions of the webmail, Pro Santé Connect's documents, public halves. */
#include "lib/store/keyd.h"
#include "lib/store/sql.h"

#include <string.h>

struct person_query {
    const struct span *ids;
    size_t count;
    struct person_names *out;
};

static enum store_status person_body(struct db *db, void *arg)
{
    struct person_query *q = arg;
    bool found = false;
    for (size_t i = 0; i < q->count; i++) {
        struct sql_args a = {0};
        const PGresult *r;
        arg_span(&a, q->ids[i]);
        enum store_status status = sql_run(db, SQL_keyd_person, &a, &r);
        if (status != STORE_OK)
            return status;
        if (sql_rows(r) == 0)
            continue;
        int64_t id = sql_i64(r, 0, 0);
        if (found && id != q->out->person_id)
            return STORE_CONFLICT;
        found = true;
        q->out->person_id = id;
        sql_copy(q->out->name, sizeof(q->out->name), r, 0, 1);
    }
    return found ? STORE_OK : STORE_NOT_FOUND;
}

enum store_status person_by_ids(struct db *db, const struct span *national_ids, size_t count, struct person_names *out)
{
    struct person_query q = {.ids = national_ids, .count = count, .out = out};
    *out = (struct person_names){.person_id = 0};
    return db_transaction(db, DB_READ, 0, person_body, &q);
}

struct half {
    int64_t id;
    const struct key *key;
    bool retire;
};

static void arg_key(struct sql_args *a, const struct key *key)
{
    arg_span(a, (struct span){(const char *)key->b, KEY_BYTES});
}

/* Touches no row when another public half stands under that id: then the key folder is not this database's. */
static enum store_status epoch_body(struct db *db, void *arg)
{
    const struct half *half = arg;
    struct sql_args add = {0}, retire = {0};
    const PGresult *r;
    arg_i64(&add, half->id);
    arg_key(&add, half->key);
    enum store_status status = sql_change(db, SQL_keyd_epoch_add, &add);
    if (status != STORE_OK || !half->retire)
        return status == STORE_NOT_FOUND ? STORE_CONFLICT : status;
    arg_i64(&retire, half->id);
    return sql_run(db, SQL_keyd_epoch_retire, &retire, &r);
}

enum store_status epoch_publish(struct db *db, int64_t epoch_id, const struct key *public_half, bool retire_others)
{
    struct half half = {.id = epoch_id, .key = public_half, .retire = retire_others};
    return db_transaction(db, DB_WRITE, 0, epoch_body, &half);
}

static enum store_status queue_body(struct db *db, void *arg)
{
    struct sql_args a = {0};
    const PGresult *r;
    arg_key(&a, arg);
    return sql_run(db, SQL_keyd_queue_key, &a, &r);
}

enum store_status queue_key_publish(struct db *db, const struct key *public_half)
{
    struct key key = *public_half;
    return db_transaction(db, DB_WRITE, 0, queue_body, &key);
}

struct document {
    const char *name;
    struct str *out;
    int64_t fetched;
};

static enum store_status document_body(struct db *db, void *arg)
{
    struct document *document = arg;
    struct sql_args a = {0};
    const PGresult *r;
    arg_text(&a, document->name);
    str_clear(document->out);
    enum store_status status = sql_run(db, SQL_keyd_oidc_document, &a, &r);
    if (status != STORE_OK || sql_rows(r) == 0)
        return status == STORE_OK ? STORE_NOT_FOUND : status;
    document->fetched = sql_i64(r, 0, 1);
    return str_add_span(document->out, sql_span(r, 0, 0)) ? STORE_OK : STORE_INVALID;
}

enum store_status oidc_document(struct db *db, const char *name, struct str *out, int64_t *fetched)
{
    struct document document = {.name = name, .out = out};
    enum store_status status = db_transaction(db, DB_READ, 0, document_body, &document);
    *fetched = document.fetched;
    return status;
}

static enum store_status ask_body(struct db *db, void *arg)
{
    struct sql_args a = {0};
    const PGresult *r;
    (void)arg;
    arg_text(&a, "jwks");
    arg_text(&a, "keyd");
    return sql_run(db, SQL_keyd_fetch_ask, &a, &r);
}

enum store_status jwks_ask(struct db *db)
{
    return db_transaction(db, DB_WRITE, 0, ask_body, NULL);
}

struct session_row {
    struct span hash, subject;
    int64_t person_id, expires;
    const char *peer;
    bool by_certificate;
    struct keyd_session *out;
};

static enum store_status add_body(struct db *db, void *arg)
{
    const struct session_row *row = arg;
    struct sql_args a = {0};
    const PGresult *r;
    arg_span(&a, row->hash);
    arg_i64(&a, row->person_id);
    arg_span(&a, row->subject);
    arg_i64(&a, row->expires);
    arg_text(&a, row->peer);
    arg_bool(&a, row->by_certificate);
    return sql_run(db, SQL_keyd_web_session_add, &a, &r);
}

enum store_status keyd_session_add(struct db *db, struct span session_hash, int64_t person_id, struct span subject,
                                   int64_t expires, const char *peer, bool by_certificate)
{
    struct session_row row = {.hash = session_hash,
                              .subject = subject,
                              .person_id = person_id,
                              .expires = expires,
                              .peer = peer,
                              .by_certificate = by_certificate};
    return db_transaction(db, DB_WRITE, 0, add_body, &row);
}

static enum store_status session_body(struct db *db, void *arg)
{
    const struct session_row *row = arg;
    struct sql_args a = {0};
    const PGresult *r;
    arg_span(&a, row->hash);
    enum store_status status = sql_run(db, SQL_keyd_web_session, &a, &r);
    if (status != STORE_OK || sql_rows(r) == 0)
        return status == STORE_OK ? STORE_NOT_FOUND : status;
    row->out->person_id = row->out->person.person_id = sql_i64(r, 0, 0);
    row->out->locked = sql_bool(r, 0, 1);
    row->out->over = sql_bool(r, 0, 2);
    sql_copy(row->out->person.name, sizeof(row->out->person.name), r, 0, 3);
    row->out->by_certificate = sql_bool(r, 0, 4);
    return STORE_OK;
}

enum store_status keyd_session_by_hash(struct db *db, struct span session_hash, struct keyd_session *out)
{
    struct session_row row = {.hash = session_hash, .out = out};
    *out = (struct keyd_session){.person_id = 0};
    return db_transaction(db, DB_READ, 0, session_body, &row);
}

struct certificate_of {
    struct span issuer, subject, key;
    int64_t lock_after_s;
    struct person_names *out;
};

static enum store_status certificate_body(struct db *db, void *arg)
{
    const struct certificate_of *c = arg;
    struct sql_args a = {0};
    const PGresult *r;
    arg_span(&a, c->issuer);
    arg_span(&a, c->subject);
    arg_span(&a, c->key);
    arg_i64(&a, c->lock_after_s);
    enum store_status status = sql_run(db, SQL_operator_by_certificate, &a, &r);
    if (status != STORE_OK || sql_rows(r) == 0)
        return status == STORE_OK ? STORE_NOT_FOUND : status;
    c->out->person_id = sql_i64(r, 0, 0);
    sql_copy(c->out->name, sizeof(c->out->name), r, 0, 1);
    return sql_bool(r, 0, 2) ? STORE_REFUSED : STORE_OK;
}

enum store_status operator_by_certificate(struct db *db, struct span issuer, struct span subject,
                                          struct span key_sha256, int64_t lock_after_s, struct person_names *out)
{
    struct certificate_of c = {issuer, subject, key_sha256, lock_after_s, out};
    return db_transaction(db, DB_READ, 0, certificate_body, &c);
}
