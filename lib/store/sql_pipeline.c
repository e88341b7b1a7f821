/* Statements queued, and their answers, in libpq's pipeline mode: what needs no answer in between costs one round trip. */
#include "lib/store/db_private.h"

#include "lib/base/log.h"

#include <string.h>

static const struct {
    const char *name, *text;
} statements[SQL_COUNT] = {
#define SQL(name, text) {#name, text},
#include "lib/store/sql.def"
#undef SQL
};

void db_forget_answers(struct db *db)
{
    for (int i = 0; i < db->queued; i++)
        PQclear(db->queue[i].answer);
    db->queued = 0;
    db->failed = -1;
    db->answered = false;
}

static int push(struct db *db, enum sql sql, bool prepare)
{
    must(db->queued < SQL_QUEUED_MAX);
    db->queue[db->queued] = (struct queued){.sql = sql, .prepare = prepare};
    return db->queued++;
}

static bool prepare_once(struct db *db, enum sql sql)
{
    if (db->prepared[sql] != PREPARED_NO)
        return true;
    if (PQsendPrepare(db->conn, statements[sql].name, statements[sql].text, 0, NULL) != 1)
        return false;
    db->prepared[sql] = PREPARED_QUEUED;
    push(db, sql, true);
    return true;
}

int sql_queue(struct db *db, enum sql sql, const struct sql_args *args)
{
    static const int binary[SQL_ARGS_MAX] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                             1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    static const struct sql_args none;
    const struct sql_args *a = args ? args : &none;
    if (db->answered)
        db_forget_answers(db);
    if (db->lost || !db->conn || !prepare_once(db, sql) ||
        PQsendQueryPrepared(db->conn, statements[sql].name, a->count, a->values, a->lengths, binary, 1) != 1) {
        db->lost = true;
        return -1;
    }
    return push(db, sql, false);
}

void sql_nudge(struct db *db)
{
    if (!db->lost && db->conn && (PQsendFlushRequest(db->conn) != 1 || PQflush(db->conn) < 0))
        db->lost = true;
}

void sql_breathe(struct db *db)
{
    if (!db->lost && db->conn)
        (void)!PQconsumeInput(db->conn); /* what went wrong is told by sql_wait() */
}

static enum store_status lose(struct db *db, enum sql sql)
{
    log_event(LOG_WARN, NULL, "store.lost", LS("statement", statements[sql].name), LS("role", db->role),
              LP("why", span_trim(span_of(db->conn ? PQerrorMessage(db->conn) : "no connection"))));
    db->lost = true;
    db->answered = true;
    if (db->conn) /* the next call dials again */
        PQfinish(db->conn);
    db->conn = NULL;
    memset(db->prepared, PREPARED_NO, sizeof(db->prepared));
    db->undrained = false;
    return STORE_UNAVAILABLE;
}

/* Reads one statement's answer and the NULL that ends it; false when the connection has gone. */
static bool read_answer(struct db *db, struct queued *q)
{
    q->answer = PQgetResult(db->conn);
    if (!q->answer || PQstatus(db->conn) != CONNECTION_OK)
        return false;
    PGresult *end = PQgetResult(db->conn);
    bool clean = end == NULL;
    PQclear(end);
    return clean;
}

static bool settle(struct db *db, const struct queued *q)
{
    ExecStatusType status = PQresultStatus(q->answer);
    bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (q->prepare)
        db->prepared[q->sql] = good ? PREPARED_YES : PREPARED_NO;
    if ((q->sql == SQL_xid || q->sql == SQL_act_on_xid) && good && !q->prepare) {
        sql_copy(db->xid, sizeof(db->xid), q->answer, 0, 0);
        sql_copy(db->server_start, sizeof(db->server_start), q->answer, 0, 1);
    }
    return good;
}

/* Answers of all that is queued and the sync behind it. */
static enum store_status read_round(struct db *db)
{
    enum store_status status = STORE_OK;
    for (int i = 0; i < db->queued; i++) {
        struct queued *q = &db->queue[i];
        if (!read_answer(db, q)) {
            if (q->answer && status == STORE_OK)
                (void)db_fail(db, q->answer, q->sql);
            return lose(db, q->sql);
        }
        if (!settle(db, q) && status == STORE_OK) {
            status = db_fail(db, q->answer, q->sql);
            db->failed = i;
        }
    }
    PGresult *sync = PQgetResult(db->conn);
    bool in_step = sync && PQresultStatus(sync) == PGRES_PIPELINE_SYNC;
    PQclear(sync);
    return in_step ? status : lose(db, SQL_commit);
}

enum store_status sql_wait(struct db *db)
{
    if (db->answered)
        return db->lost ? STORE_UNAVAILABLE : STORE_OK;
    if (db->lost || !db->conn || PQpipelineSync(db->conn) != 1)
        return lose(db, db->queued ? db->queue[0].sql : SQL_commit);
    enum store_status status = read_round(db);
    db->answered = true;
    return status;
}

enum store_status db_drain(struct db *db)
{
    if (!db->undrained)
        return STORE_OK;
    db->undrained = false;
    enum store_status status = read_round(db);
    db_forget_answers(db);
    return status;
}

const PGresult *sql_answer(struct db *db, int number)
{
    return number >= 0 && number < db->queued ? db->queue[number].answer : NULL;
}

int sql_failed(const struct db *db)
{
    return db->failed;
}

PGresult *sql_take(struct db *db, int number)
{
    if (number < 0 || number >= db->queued)
        return NULL;
    PGresult *answer = db->queue[number].answer;
    db->queue[number].answer = NULL;
    return answer;
}

enum store_status sql_run(struct db *db, enum sql sql, const struct sql_args *args, const PGresult **answer)
{
    int number = sql_queue(db, sql, args);
    enum store_status status = sql_wait(db);
    if (answer)
        *answer = sql_answer(db, number);
    return status;
}

enum store_status sql_change(struct db *db, enum sql sql, const struct sql_args *args)
{
    const PGresult *answer;
    enum store_status status = sql_run(db, sql, args, &answer);
    return status == STORE_OK && sql_touched(answer) == 0 ? STORE_NOT_FOUND : status;
}

/* One table from SQLSTATE to what callers can do about it; the rest is a mistake of ours, and said in the log. */
static const struct {
    const char *state;
    enum store_status status;
    bool retry;
} meanings[] = {
    {"40001", STORE_UNAVAILABLE, true},  {"40P01", STORE_UNAVAILABLE, true},  {"23505", STORE_EXISTS, false},
    {"23502", STORE_NOT_FOUND, false},   {"22023", STORE_NOT_FOUND, false},   {"23503", STORE_INVALID, false},
    {"23514", STORE_INVALID, false},     {"42501", STORE_REFUSED, false},     {"CD001", STORE_OVER_QUOTA, false},
    {"CD002", STORE_REFUSED, false},     {"55P03", STORE_UNAVAILABLE, false}, {"57014", STORE_UNAVAILABLE, false},
    {"25006", STORE_UNAVAILABLE, false},
};

enum store_status db_fail(struct db *db, const PGresult *answer, enum sql sql)
{
    const char *state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    if (!state)
        return STORE_UNAVAILABLE;
    for (size_t i = 0; i < COUNT(meanings); i++) {
        if (!span_is(span_of(state), meanings[i].state))
            continue;
        db->retry = meanings[i].retry;
        if (span_is(span_of(state), "42501"))
            log_event(LOG_ERROR, NULL, "store.forbidden", LS("statement", statements[sql].name), LS("role", db->role));
        return meanings[i].status;
    }
    /* Classes: 08 connection, 53 resources, 57 operator's intervention, 58 system. */
    static const char *const passing[] = {"08", "53", "57", "58"};
    for (size_t i = 0; i < COUNT(passing); i++)
        if (span_starts_nocase(span_of(state), passing[i]))
            return STORE_UNAVAILABLE;
    log_event(LOG_ERROR, NULL, "store.statement", LS("statement", statements[sql].name), LS("role", db->role),
              LS("sqlstate", state), LS("why", PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY)));
    return STORE_INVALID;
}
