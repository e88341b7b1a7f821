/* Private to lib/store: statements of sql.def, their arguments and results. Always binary, always prepared once a
 * connection, always in libpq's pipeline mode: statements are queued, and one wait reads all their answers.
 *
 * Arguments are `bigint`, `text`, `bytea`, `boolean`, or arrays of the first three; a statement casts where a column is something else.
 */
#ifndef CADUCEE_STORE_SQL_H
#define CADUCEE_STORE_SQL_H

#include "lib/store/db.h"

#include <libpq-fe.h>

enum sql {
#define SQL(name, text) SQL_##name,
#include "lib/store/sql.def"
#undef SQL
    SQL_COUNT
};

enum { SQL_ARGS_MAX = 32, SQL_QUEUED_MAX = 512 };

struct sql_args {
    int count;
    const char *values[SQL_ARGS_MAX]; /* what they point to lives until sql_queue() has returned */
    int lengths[SQL_ARGS_MAX];
    uint8_t numbers[SQL_ARGS_MAX][8];
};
void arg_i64(struct sql_args *, int64_t);
void arg_id(struct sql_args *, int64_t); /* 0 is NULL */
void arg_bool(struct sql_args *, bool);
void arg_span(struct sql_args *, struct span);  /* text or bytea; p NULL is NULL */
void arg_text(struct sql_args *, const char *); /* NULL is NULL */
void arg_null(struct sql_args *);
/* bigint[] in binary; `out` holds it until the statement is queued. */
void arg_array(struct sql_args *, struct str *out, const int64_t *, size_t count);
void arg_uids(struct sql_args *, struct str *out, const uint32_t *, size_t count);

/* text[] and bytea[]; NULL (a span's p) is NULL */
void arg_texts(struct sql_args *, struct str *out, const char *const *, size_t count);
void arg_blobs(struct sql_args *, struct str *out, const struct span *, size_t count);

/* Queues a statement; the answer is fetched by number after sql_wait(). -1: no connection. */
int sql_queue(struct db *, enum sql, const struct sql_args *);
/* Lets the server work on what is queued, and sends its answers early, without waiting. */
void sql_nudge(struct db *);
/* Reads the answers of all that is queued; the first error ends it. SQLSTATE becomes a status. */
enum store_status sql_wait(struct db *);
/* The answer of statement `number` (as sql_queue gave it), valid until the next sql_wait() or the transaction's end. */
const PGresult *sql_answer(struct db *, int number);
/* The number of the first statement that failed in the round just waited for; -1: none did. */
int sql_failed(const struct db *);
/* queue + wait: one statement, one answer. */
enum store_status sql_run(struct db *, enum sql, const struct sql_args *, const PGresult **answer);
/* As sql_run, for statements that touch rows: STORE_NOT_FOUND when it touched none. */
enum store_status sql_change(struct db *, enum sql, const struct sql_args *);

int sql_rows(const PGresult *);
int64_t sql_touched(const PGresult *);
bool sql_null(const PGresult *, int row, int column);
int64_t sql_i64(const PGresult *, int row, int column); /* int2, int4, int8, by its width; NULL is 0 */
bool sql_bool(const PGresult *, int row, int column);
struct span sql_span(const PGresult *, int row, int column); /* text and bytea; NULL is the empty span */
void sql_copy(char *out, size_t size, const PGresult *, int row, int column); /* cut at the last whole character */

/* More of db.c for its neighbours. */
bool db_in_transaction(const struct db *);
/* From now on this transaction acts on that BAL (row-level security); queued, not waited for. */
void db_act_on(struct db *, int64_t bal);
/* This transaction writes that blob: how a COMMIT whose answer was lost is recognised after the server has crashed. */
void db_proof(struct db *, int64_t bal_id, int64_t blob_id);
/* Queues COMMIT with what stands before it in one round trip; called by a body as its last act. db_transaction then
 * only looks at the outcome. */
enum store_status db_commit_now(struct db *);
/* Plain SQL without parameters (migrations): many statements, as libpq's simple protocol runs them. */
enum store_status db_script(struct db *, const char *text, struct str *error);
struct db *db_new_plain(const struct conf *, const char *role, const char *application);

/* Takes in what the server has sent meanwhile: a socket's buffer is smaller than a batch, and it would wait for us. */
void sql_breathe(struct db *);
/* Takes an answer out: the caller clears it with PQclear(). */
PGresult *sql_take(struct db *, int number);

const char *db_application(const struct db *);

struct trace;
int trace_queue(struct db *, const struct trace *); /* queued, for a transaction that has more to do */
/* Which partition an action's traces belong to. */
int64_t trace_retention(const char *action);
/* All of a trace's columns but bal_id and bytes; `patient` lives until the statement is queued. */
void trace_args(struct sql_args *, const struct trace *, uint8_t patient[16]);

/* Ids made by a writer: 41 bits of milliseconds since 2020, 22 that start at random. A collision breaks a primary key, and
 * is tried again with another. */
#define STORE_ID_EPOCH_MS 1577836800000ULL
int64_t store_new_id(void);
int64_t store_id_time(int64_t id); /* wall seconds */

#endif
