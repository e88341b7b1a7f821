/* Connections: made when first needed, made again after they were lost. */
#include "lib/store/db_private.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/num.h"

#include <string.h>

enum { RECONNECT_PAUSE_MS = 200 }; /* a database that is away is not hammered */

/* Nothing a job asks takes longer; a folder's lock is held for milliseconds. */
#define SESSION_OPTIONS "-c statement_timeout=60s -c lock_timeout=20s -c TimeZone=UTC -c DateStyle=ISO"

static struct db *new_connection(const struct conf *conf, const char *role, const char *application)
{
    struct db *db = xcalloc(1, sizeof(*db));
    db->host = xstrdup(conf->database_host);
    db->port = xasprintf("%llu", (unsigned long long)conf->database_port);
    db->name = xstrdup(conf->database_name);
    db->role = xstrdup(role);
    db->application = xstrdup(application);
    db->root_certificate = xstrdup(conf->database_root_certificate ? conf->database_root_certificate : "");
    return db;
}

struct db *db_new(const struct conf *conf, const char *role, const char *application)
{
    return new_connection(conf, role, application);
}

struct db *db_new_plain(const struct conf *conf, const char *role, const char *application)
{
    struct db *db = new_connection(conf, role, application);
    db->plain = true;
    return db;
}

void db_destroy(struct db **at)
{
    struct db *db = *at;
    if (!db)
        return;
    db_disconnect(db);
    xfree(&db->host);
    xfree(&db->port);
    xfree(&db->name);
    xfree(&db->role);
    xfree(&db->application);
    xfree(&db->root_certificate);
    xfree(at);
}

void db_disconnect(struct db *db)
{
    db_forget_answers(db);
    if (db->conn)
        PQfinish(db->conn);
    db->conn = NULL;
    memset(db->prepared, PREPARED_NO, sizeof(db->prepared));
    db->undrained = false;
}

static void quiet(void *arg UNUSED, const PGresult *result UNUSED)
{
}

/* design: "Remote PostgreSQL: sslmode=verify-full only"; libpq's own default would fall back to clear text. */
static PGconn *dial(const struct db *db)
{
    bool local = db->host[0] == '/';
    const char *keys[] = {"host",
                          "port",
                          "dbname",
                          "user",
                          "application_name",
                          "sslmode",
                          "sslrootcert",
                          "connect_timeout",
                          "client_encoding",
                          "options",
                          "gssencmode",
                          "tcp_user_timeout",
                          NULL};
    const char *values[] = {db->host,
                            db->port,
                            db->name,
                            db->role,
                            db->application,
                            local ? "disable" : "verify-full",
                            db->root_certificate,
                            "5",
                            "UTF8",
                            db->plain ? "-c TimeZone=UTC -c DateStyle=ISO" : SESSION_OPTIONS,
                            "disable",
                            "15000",
                            NULL};
    return PQconnectdbParams(keys, values, 0);
}

void db_tolerate_schema(struct db *db)
{
    db->tolerant = true;
}

/* A program on a schema it was not written for ends, and says what to do: its supervisor starts it again, later and later,
 * until somebody has migrated. */
static void check_schema(struct db *db)
{
    int64_t version = 0, serves_from = 0;
    PGresult *r = PQexec(db->conn, "SELECT version, serves_from FROM schema_version ORDER BY version DESC LIMIT 1");
    bool none = PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) == 0;
    bool undefined = span_is(span_of(PQresultErrorField(r, PG_DIAG_SQLSTATE)), "42P01");
    if (!none &&
        (!num_i64(span_of(PQgetvalue(r, 0, 0)), &version) || !num_i64(span_of(PQgetvalue(r, 0, 1)), &serves_from)))
        none = true;
    PQclear(r);
    if (PQstatus(db->conn) != CONNECTION_OK || (none && !undefined)) /* the server went away meanwhile */
        return;
    struct str words;
    str_init(&words, 512);
    if (!schema_fits(version, serves_from, &words))
        fatal("%s", words.data);
    str_free(&words);
}

enum store_status db_connect(struct db *db)
{
    if (db->conn && PQstatus(db->conn) == CONNECTION_OK)
        return STORE_OK;
    db_disconnect(db);
    if (db->tried_ms && clock_ms() - db->tried_ms < RECONNECT_PAUSE_MS)
        return STORE_UNAVAILABLE;
    db->conn = dial(db);
    if (PQstatus(db->conn) == CONNECTION_OK && !db->plain && !db->tolerant)
        check_schema(db);
    if (PQstatus(db->conn) == CONNECTION_OK && (db->plain || PQenterPipelineMode(db->conn) == 1)) {
        PQsetNoticeReceiver(db->conn, quiet, NULL);
        db->tried_ms = 0;
        return STORE_OK;
    }
    log_event(LOG_WARN, NULL, "store.connect", LS("role", db->role),
              LP("why", span_trim(span_of(PQerrorMessage(db->conn)))));
    db_disconnect(db);
    db->tried_ms = clock_ms();
    return STORE_UNAVAILABLE;
}

const char *db_application(const struct db *db)
{
    return db->application;
}
