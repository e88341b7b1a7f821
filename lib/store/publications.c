#include "lib/store/publications.h"

#include "lib/base/file.h"
#include "lib/store/sql.h"

struct reading {
    unsigned most;
    publication_list *out;
};

static enum store_status read_due(struct db *db, void *arg)
{
    struct reading *reading = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    vec_free(reading->out);
    arg_i64(&args, reading->most);
    enum store_status status = sql_run(db, SQL_publications_due, &args, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        struct publication p = {.id = sql_i64(r, row, 0), .bal_id = sql_i64(r, row, 1)};
        sql_copy(p.operation, sizeof(p.operation), r, row, 2);
        p.attempts = (unsigned)sql_i64(r, row, 3);
        sql_copy(p.address, sizeof(p.address), r, row, 4);
        sql_copy(p.kind, sizeof(p.kind), r, row, 5);
        p.red_listed = sql_bool(r, row, 6);
        sql_copy(p.description, sizeof(p.description), r, row, 7);
        sql_copy(p.service, sizeof(p.service), r, row, 8);
        sql_copy(p.responsible, sizeof(p.responsible), r, row, 9);
        sql_copy(p.national_id, sizeof(p.national_id), r, row, 10);
        sql_copy(p.finess, sizeof(p.finess), r, row, 11);
        sql_copy(p.siret, sizeof(p.siret), r, row, 12);
        vec_push(reading->out, p);
    }
    return status;
}

enum store_status publications_due(struct db *db, unsigned most, publication_list *out)
{
    struct reading reading = {most, out};
    *out = (publication_list){.len = 0};
    return db_transaction(db, DB_READ, 0, read_due, &reading);
}

struct settling {
    enum sql sql;
    int64_t id, count, failed;
    const char *text;
    uint64_t seconds;
};

static enum store_status settle(struct db *db, void *arg)
{
    const struct settling *s = arg;
    struct sql_args args = {.count = 0};
    arg_i64(&args, s->id);
    arg_text(&args, s->text);
    if (s->sql == SQL_publication_failed)
        arg_i64(&args, (int64_t)s->seconds);
    enum store_status status = sql_change(db, s->sql, &args);
    return status == STORE_NOT_FOUND ? STORE_OK : status;
}

enum store_status publication_done(struct db *db, int64_t id, const char *answer)
{
    struct settling s = {.sql = SQL_publication_done, .id = id, .text = answer};
    return db_transaction(db, DB_WRITE, 0, settle, &s);
}

enum store_status publication_failed(struct db *db, int64_t id, const char *answer, uint64_t again_seconds)
{
    struct settling s = {.sql = SQL_publication_failed, .id = id, .text = answer, .seconds = again_seconds};
    return db_transaction(db, DB_WRITE, 0, settle, &s);
}

enum store_status publication_add(struct db *db, int64_t bal_id, const char *operation)
{
    struct settling s = {.sql = SQL_publication_add, .id = bal_id, .text = operation};
    return db_in_transaction(db) ? settle(db, &s) : db_transaction(db, DB_WRITE, 0, settle, &s);
}

static enum store_status retry(struct db *db, void *arg)
{
    struct settling *s = arg;
    const PGresult *r;
    enum store_status status = sql_run(db, SQL_publications_retry, NULL, &r);
    if (status == STORE_OK)
        s->count = sql_touched(r);
    return status;
}

enum store_status publications_retry(struct db *db, int64_t *count)
{
    struct settling s = {.count = 0};
    enum store_status status = db_transaction(db, DB_WRITE, 0, retry, &s);
    *count = s.count;
    return status;
}

static enum store_status count(struct db *db, void *arg)
{
    struct settling *s = arg;
    const PGresult *r;
    enum store_status status = sql_run(db, SQL_publications_count, NULL, &r);
    if (status == STORE_OK) {
        s->count = sql_i64(r, 0, 0);
        s->failed = sql_i64(r, 0, 1);
    }
    return status;
}

enum store_status publications_waiting(struct db *db, int64_t *waiting, int64_t *failed)
{
    struct settling s = {.count = 0};
    enum store_status status = db_transaction(db, DB_READ, 0, count, &s);
    *waiting = s.count;
    *failed = s.failed;
    return status;
}

bool publication_header(struct str *out, const struct conf *conf, struct str *error)
{
    str_puts(out, "ESANTE-API-KEY: ");
    return *conf->publication_api_key_file ? secret_read(out, conf->publication_api_key_file, error)
                                           : str_puts(out, conf->publication_api_key);
}
