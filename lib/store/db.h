/* PostgreSQL: the only place of libpq. A connection belongs to one thread. Statements are named, prepared once, and all
 * stand in sql.def — the whole SQL of the project is read there.
 *
 * A failure to talk to the database is never a loss: STORE_UNAVAILABLE means "temporary" to whoever asked (451, NO
 * [UNAVAILABLE]); the connection is made again at the next call. Serialisation failures and deadlocks are retried here,
 * and a COMMIT whose answer was lost is asked after with pg_xact_status().
 */
#ifndef CADUCEE_STORE_DB_H
#define CADUCEE_STORE_DB_H

#include "lib/base/arena.h"
#include "lib/base/conf.h"

struct db;

enum store_status {
    STORE_OK,
    STORE_NOT_FOUND,
    STORE_EXISTS,   /* a name that is taken */
    STORE_CONFLICT, /* UNCHANGEDSINCE, a state that forbids it */
    STORE_OVER_QUOTA,
    STORE_REFUSED,    /* rights */
    STORE_INVALID,    /* what was given breaks a rule of the schema */
    STORE_DAMAGED,    /* something stored does not authenticate: an alarm is raised */
    STORE_UNAVAILABLE /* the database is away or was restarted */
};
const char *store_status_name(enum store_status);

/* `role` is the PostgreSQL role ("caducee_mx"). The first connection is lazy. A schema of another version is
 * fatal() at that moment, in words. */
struct db *db_new(const struct conf *, const char *role, const char *application);
void db_destroy(struct db **);
/* For `caducee` alone: a connection to a schema of another version does not end the program, as it does a daemon. */
void db_tolerate_schema(struct db *);
/* Who acts, told to PostgreSQL with the connection (caducee.operator): its triggers look at that operator's roles
 * (schema/0025_operators.sql). */
void db_name_operator(struct db *, const char *login);
/* Why the last attempt to connect failed, for people; empty: none has. */
const char *db_why(const struct db *);
enum store_status db_check_version(struct db *, struct str *error);

enum db_mode {
    DB_READ,  /* REPEATABLE READ READ ONLY */
    DB_WRITE, /* READ COMMITTED */
    DB_GLANCE /* one reading statement: no BEGIN, no COMMIT, which cost as much as it does */
};
/* Runs `body` in a transaction with caducee.bal set to `bal` (0: unset). `body` may run more than once: it must start
 * from its argument each time. COMMIT has returned when STORE_OK is returned. */
enum store_status db_transaction(struct db *, enum db_mode, int64_t bal, enum store_status (*body)(struct db *, void *),
                                 void *arg);

#endif
