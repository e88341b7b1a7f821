/* Connections: made when first needed, made again after they were lost. */
#include "lib/store/db_private.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/num.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    RECONNECT_PAUSE_MS = 50, /* between two tries of one connection: a database that is away is not hammered */
    SLOW_DIAL_MS = 500,      /* a host that swallows packets: one thread's answer is then every thread's… */
    SLOW_SHARED_MS = 1000    /* …for that long */
};

/* What all threads of a process know about the database, so that the second to find it gone does not wait as long again. */
static struct {
    atomic_uint_fast64_t away_since_ms; /* 0: the last try to connect succeeded */
    atomic_uint_fast64_t slow_ms;       /* when a slow try last failed */
} outage;

/* Nothing a job asks takes longer; a folder's lock is held for milliseconds. What a host held that lost its power or its
 * network (a folder, the lead of a duty) is free after 3 + 2 × 2 s, not after PostgreSQL's two hours. */
#define SESSION_OPTIONS                                                                                                \
    "-c statement_timeout=60s -c lock_timeout=20s -c TimeZone=UTC -c DateStyle=ISO "                                   \
    "-c tcp_keepalives_idle=3 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=2"

static struct db *new_connection(const struct conf *conf, const char *role, const char *application)
{
    struct db *db = xcalloc(1, sizeof(*db));
    db->host = xstrdup(conf->database_host);
    db->port = xasprintf("%llu", (unsigned long long)conf->database_port);
    db->name = xstrdup(conf->database_name);
    db->role = xstrdup(role);
    db->application = xstrdup(application);
    db->options = xstrdup(SESSION_OPTIONS);
    db->root_certificate = xstrdup(conf->database_root_certificate ? conf->database_root_certificate : "");
    db->patience_ms = conf->database_patience * 1000;
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
    xfree(&db->options);
    db->options = xstrdup("-c TimeZone=UTC -c DateStyle=ISO");
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
    xfree(&db->options);
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

/* Several hosts (Patroni): every one of them a socket's folder, or TLS for all. */
static bool all_local(const char *hosts)
{
    struct span rest = span_of(hosts), one;
    bool local = rest.n > 0;
    while (span_cut(&rest, ',', &one))
        local = local && one.n && *span_trim(one).p == '/';
    return local;
}

/* design: "Remote PostgreSQL: sslmode=verify-full only"; libpq's own default would fall back to clear text. */
static PGconn *dial(const struct db *db)
{
    bool local = all_local(db->host), several = span_find(span_of(db->host), SPAN_LIT(",")) >= 0;
    const char *keys[] = {"host",
                          "port",
                          "dbname",
                          "user",
                          "application_name",
                          "sslmode",
                          "sslrootcert",
                          "sslcert",
                          "connect_timeout",
                          "client_encoding",
                          "options",
                          "gssencmode",
                          "tcp_user_timeout",
                          "target_session_attrs",
                          NULL};
    const char *values[] = {db->host,
                            db->port,
                            db->name,
                            db->role,
                            db->application,
                            local ? "disable" : "verify-full",
                            db->root_certificate,
                            "/nonexistent/none", /* else libpq looks below $HOME, and gives up where it may not enter */
                            "5",
                            "UTF8",
                            db->options,
                            "disable",
                            "15000",
                            several ? "read-write" : "any", /* a standby answers too: only the primary is ours */
                            NULL};
    return PQconnectdbParams(keys, values, 0);
}

void db_tolerate_schema(struct db *db)
{
    db->tolerant = true;
}

/* In libpq's options a space ends a word, and a backslash takes the next byte as it is. */
void db_name_operator(struct db *db, const char *login)
{
    struct str options;
    str_init(&options, 4096);
    str_addf(&options, "%s -c caducee.operator=", db->options);
    for (; *login; login++) {
        if (*login == ' ' || *login == '\\')
            str_putc(&options, '\\');
        str_putc(&options, *login);
    }
    xfree(&db->options);
    db->options = xstrdup(options.data);
    str_free(&options);
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

void db_pause(uint64_t ms)
{
    struct timespec t = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

static void note_away(struct db *db, uint64_t began_ms)
{
    uint_fast64_t none = 0;
    db->tried_ms = clock_ms();
    atomic_compare_exchange_strong(&outage.away_since_ms, &none, began_ms);
    if (db->tried_ms - began_ms >= SLOW_DIAL_MS)
        atomic_store(&outage.slow_ms, db->tried_ms);
}

enum store_status db_connect(struct db *db)
{
    if (db->conn && PQstatus(db->conn) == CONNECTION_OK)
        return STORE_OK;
    db_disconnect(db);
    uint64_t began = clock_ms();
    db->conn = dial(db);
    if (PQstatus(db->conn) == CONNECTION_OK && !db->plain && !db->tolerant)
        check_schema(db);
    if (PQstatus(db->conn) == CONNECTION_OK && (db->plain || PQenterPipelineMode(db->conn) == 1)) {
        PQsetNoticeReceiver(db->conn, quiet, NULL);
        db->tried_ms = 0;
        atomic_store(&outage.away_since_ms, 0);
        return STORE_OK;
    }
    struct span why = span_trim(span_of(PQerrorMessage(db->conn)));
    log_event(LOG_WARN, NULL, "store.connect", LS("role", db->role), LP("why", why));
    (void)snprintf(db->why, sizeof(db->why), "%.*s", (int)why.n, why.p);
    for (char *end = db->why; (end = strpbrk(end, "\r\n\t"));)
        *end = ' ';
    db_disconnect(db);
    note_away(db, began);
    return STORE_UNAVAILABLE;
}

static bool just_slow(void)
{
    uint64_t slow = atomic_load(&outage.slow_ms);
    return atomic_load(&outage.away_since_ms) && slow && clock_ms() - slow < SLOW_SHARED_MS;
}

enum store_status db_connect_patiently(struct db *db)
{
    while (!db->conn || PQstatus(db->conn) != CONNECTION_OK) {
        uint64_t since_try = clock_ms() - db->tried_ms;
        if (just_slow())
            return STORE_UNAVAILABLE;
        if (db->tried_ms && since_try < RECONNECT_PAUSE_MS)
            db_pause(RECONNECT_PAUSE_MS - since_try);
        if (db_connect(db) == STORE_OK)
            break;
        uint64_t away_since = atomic_load(&outage.away_since_ms);
        if (away_since && clock_ms() - away_since >= db->patience_ms)
            return STORE_UNAVAILABLE;
    }
    return STORE_OK;
}

const char *db_why(const struct db *db)
{
    return db->why;
}

const char *db_application(const struct db *db)
{
    return db->application;
}
