/* The one function that runs transactions: retries deadlocks, and asks after a COMMIT whose answer was lost. */
#include "lib/store/db_private.h"

#include "lib/base/clock.h"
#include "lib/base/crypto.h"
#include "lib/base/fault.h"
#include "lib/base/log.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

enum {
    GOODBYE_READINGS = 16,   /* of an idle connection, before it is used */
    ATTEMPTS = 10,           /* of a transaction that deadlocked */
    LOST_TRIES = 3,          /* of one whose connection went before COMMIT was sent */
    FATE_PATIENCE_MS = 10000 /* how long a job waits for a restarting database to say what became of a COMMIT */
};

const char *store_status_name(enum store_status status)
{
    static const char *const names[] = {[STORE_OK] = "ok",
                                        [STORE_NOT_FOUND] = "not-found",
                                        [STORE_EXISTS] = "exists",
                                        [STORE_CONFLICT] = "conflict",
                                        [STORE_OVER_QUOTA] = "over-quota",
                                        [STORE_REFUSED] = "refused",
                                        [STORE_INVALID] = "invalid",
                                        [STORE_DAMAGED] = "damaged",
                                        [STORE_UNAVAILABLE] = "unavailable"};
    return names[status];
}

bool db_in_transaction(const struct db *db)
{
    return db->in_transaction;
}

static void act_on(struct db *db, enum sql sql, int64_t bal)
{
    char text[24];
    snprintf(text, sizeof(text), "%lld", (long long)bal);
    struct sql_args args = {.count = 0};
    arg_text(&args, text);
    (void)sql_queue(db, sql, &args);
    db->acting_on = bal;
}

void db_act_on(struct db *db, int64_t bal)
{
    if (db->acting_on != bal)
        act_on(db, SQL_act_on, bal);
}

/* A server that ended meanwhile has said so on an idle connection: seen here, it costs nothing but a new connection. Its
 * last words come first and the end behind them, so that one reading may not see it. */
static void notice_goodbye(struct db *db)
{
    for (int i = 0; db->conn && i < GOODBYE_READINGS; i++) {
        struct pollfd p = {.fd = PQsocket(db->conn), .events = POLLIN};
        if (poll(&p, 1, 0) <= 0)
            return;
        if (PQconsumeInput(db->conn) != 1 || PQstatus(db->conn) != CONNECTION_OK)
            db_disconnect(db);
    }
}

/* Everything up to here goes out in one write; the number of the transaction comes back at once, before its end. */
static enum store_status begin(struct db *db, enum db_mode mode, int64_t bal)
{
    if (db->undrained)
        (void)db_drain(db);
    notice_goodbye(db);
    db->lost = db->commit_queued = false;
    enum store_status status = db_connect_patiently(db);
    if (status != STORE_OK)
        return status;
    db_forget_answers(db);
    db->lost = db->retry = db->over = false;
    db->xid[0] = db->server_start[0] = '\0';
    db->proof_bal = db->proof_blob = db->acting_on = 0;
    db->in_transaction = true;
    if (mode != DB_GLANCE)
        (void)sql_queue(db, mode == DB_READ ? SQL_begin_read : SQL_begin_write, NULL);
    db->over = mode == DB_GLANCE; /* what stands before one Sync is a transaction by itself, caducee.bal included */
    if (bal)
        act_on(db, mode == DB_WRITE ? SQL_act_on_xid : SQL_act_on, bal);
    else if (mode == DB_WRITE)
        (void)sql_queue(db, SQL_xid, NULL);
    return STORE_OK;
}

void db_proof(struct db *db, int64_t bal_id, int64_t blob_id)
{
    db->proof_bal = bal_id;
    db->proof_blob = blob_id;
}

enum store_status db_commit_now(struct db *db)
{
    sql_nudge(db);
    int number = sql_queue(db, SQL_commit, NULL);
    db->commit_queued = true;
    enum store_status status = sql_wait(db);
    if (status != STORE_OK)
        return status;
    FAULT("store.committed");
    db->over = true;
    /* COMMIT of a failed transaction answers ROLLBACK. */
    return span_is(span_of(PQcmdStatus((PGresult *)(uintptr_t)sql_answer(db, number))), "COMMIT") ? STORE_OK
                                                                                                  : STORE_UNAVAILABLE;
}

/* A reader's COMMIT is sent and not waited for: its answer is read before the next transaction. */
static enum store_status end_reading(struct db *db)
{
    if (db->lost)
        return STORE_UNAVAILABLE;
    if (db->queued && !db->answered) {
        enum store_status status = sql_wait(db);
        if (status != STORE_OK)
            return status;
    }
    if (sql_queue(db, SQL_commit, NULL) >= 0 && PQpipelineSync(db->conn) == 1 && PQflush(db->conn) >= 0)
        db->undrained = true;
    db->over = true;
    return STORE_OK;
}

static void roll_back(struct db *db)
{
    if (db->over || !db->conn || db->lost)
        return;
    if (db->queued && !db->answered)
        (void)sql_wait(db);
    db->lost = false;
    if (db->conn && sql_queue(db, SQL_rollback, NULL) >= 0)
        (void)sql_wait(db);
}

enum fate { FATE_COMMITTED, FATE_ABORTED, FATE_OPEN, FATE_UNKNOWN };

/* A number that never reached the WAL before a crash is given out again by the server that comes after: "committed" may
 * then be another's. What only this transaction can have written is the proof. */
static enum fate prove(struct db *db)
{
    struct sql_args args = {.count = 0};
    if (!db->proof_blob)
        return FATE_ABORTED; /* nobody can say: "temporary", and whoever asked asks again */
    (void)sql_queue(db, SQL_begin_read, NULL);
    act_on(db, SQL_act_on, db->proof_bal); /* on a connection that knows nothing of it */
    arg_i64(&args, db->proof_bal);
    arg_i64(&args, db->proof_blob);
    int number = sql_queue(db, SQL_blob_is_there, &args);
    (void)sql_queue(db, SQL_commit, NULL);
    if (sql_wait(db) != STORE_OK)
        return FATE_UNKNOWN;
    return sql_rows(sql_answer(db, number)) ? FATE_COMMITTED : FATE_ABORTED;
}

static enum fate ask_fate(struct db *db)
{
    struct sql_args args = {.count = 0};
    const PGresult *answer;
    arg_text(&args, db->xid);
    if (db_connect(db) != STORE_OK)
        return FATE_UNKNOWN;
    db_forget_answers(db);
    db->lost = false;
    enum store_status status = sql_run(db, SQL_xid_fate, &args, &answer);
    if (status == STORE_NOT_FOUND) /* a number of the future: it died with the server */
        return FATE_ABORTED;
    if (status != STORE_OK)
        return FATE_UNKNOWN;
    struct span fate = sql_span(answer, 0, 0);
    if (span_is(fate, "in progress"))
        return FATE_OPEN;
    if (!span_is(fate, "committed"))
        return FATE_ABORTED;
    return span_is(sql_span(answer, 0, 1), db->server_start) ? FATE_COMMITTED : prove(db);
}

/* STORE_OK: it had committed. STORE_UNAVAILABLE: it had not, or nobody can say. */
static enum store_status fate_of_commit(struct db *db)
{
    if (!db->xid[0])
        return STORE_UNAVAILABLE;
    uint64_t until = clock_ms() + FATE_PATIENCE_MS;
    do {
        enum fate fate = ask_fate(db);
        if (fate == FATE_COMMITTED || fate == FATE_ABORTED) {
            log_event(LOG_WARN, NULL, "store.commit_asked_after", LS("xid", db->xid),
                      LS("fate", fate == FATE_COMMITTED ? "committed" : "aborted"));
            return fate == FATE_COMMITTED ? STORE_OK : STORE_UNAVAILABLE;
        }
        db_pause(100);
    } while (clock_ms() < until);
    return STORE_UNAVAILABLE;
}

static enum store_status attempt(struct db *db, enum db_mode mode, int64_t bal,
                                 enum store_status (*body)(struct db *, void *), void *arg)
{
    enum store_status status = begin(db, mode, bal);
    if (status != STORE_OK)
        return status;
    status = body(db, arg);
    if (status == STORE_OK && !db->over)
        status = mode == DB_READ ? end_reading(db) : db_commit_now(db);
    if (status != STORE_OK && db->lost && db->commit_queued)
        status = fate_of_commit(db);
    else if (status != STORE_OK)
        roll_back(db);
    db->in_transaction = false;
    return status;
}

enum store_status db_transaction(struct db *db, enum db_mode mode, int64_t bal,
                                 enum store_status (*body)(struct db *, void *), void *arg)
{
    must(!db->in_transaction);
    for (unsigned i = 1;; i++) {
        enum store_status status = attempt(db, mode, bal, body, arg);
        db->in_transaction = false;
        if (status == STORE_OK || i >= ATTEMPTS)
            return status;
        /* A connection that went before COMMIT was sent is no failure: nothing of ours can have committed. A server that
         * goes down may also take one more connection, and end it. */
        bool stale = i <= LOST_TRIES && db->lost && !db->commit_queued;
        if (!db->retry && !stale)
            return status;
        uint8_t spread;
        crypto_random(&spread, 1);
        if (!stale)
            db_pause(1 + spread % (4 * i));
    }
}

/* Strictly rising in a process; a random start each millisecond keeps processes and hosts apart. */
int64_t store_new_id(void)
{
    static atomic_uint_fast64_t last;
    uint32_t chance;
    struct timespec now;
    crypto_random(&chance, sizeof(chance));
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 - STORE_ID_EPOCH_MS;
    uint64_t fresh = ms << 22 | (chance & ((1U << 22) - 1)), before = atomic_load(&last), id;
    do
        id = before >> 22 >= ms ? before + 1 + (chance & 15) : fresh;
    while (!atomic_compare_exchange_weak(&last, &before, id));
    return (int64_t)(id & INT64_MAX);
}

int64_t store_id_time(int64_t id)
{
    return (int64_t)(((uint64_t)id >> 22) + STORE_ID_EPOCH_MS) / 1000;
}
