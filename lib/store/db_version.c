/* Daemons refuse to start on a schema they were not written for, and say so. */
#include "lib/store/db_private.h"
#include "lib/store/schema.h"

struct version {
    int64_t version, serves_from;
};

static enum store_status read_version(struct db *db, void *arg)
{
    struct version *v = arg;
    const PGresult *answer;
    enum store_status status = sql_run(db, SQL_schema_version, NULL, &answer);
    if (status != STORE_OK)
        return status;
    if (sql_rows(answer) == 0)
        return STORE_NOT_FOUND;
    v->version = sql_i64(answer, 0, 0);
    v->serves_from = sql_i64(answer, 0, 1);
    return STORE_OK;
}

bool schema_fits(int64_t version, int64_t serves_from, struct str *words)
{
    if (version == 0)
        str_puts(words, "the database holds no schema of ours: run `caducee db migrate`");
    else if (version < SCHEMA_VERSION)
        str_addf(words, "the schema is at version %lld, this program needs %d: run `caducee db migrate`",
                 (long long)version, SCHEMA_VERSION);
    else if (serves_from > SCHEMA_VERSION)
        str_addf(words, "the schema serves programs from version %lld on, this one is of version %d: upgrade it",
                 (long long)serves_from, SCHEMA_VERSION);
    else
        return true;
    return false;
}

enum store_status db_check_version(struct db *db, struct str *error)
{
    struct version v = {0};
    enum store_status status = db_transaction(db, DB_READ, 0, read_version, &v);
    if (status == STORE_UNAVAILABLE) {
        str_puts(error, "the database does not answer");
        return status;
    }
    return schema_fits(v.version, v.serves_from, error) ? STORE_OK : STORE_INVALID;
}
