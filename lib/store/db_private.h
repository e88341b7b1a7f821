/* Private to db_*.c: what a connection remembers. */
#ifndef CADUCEE_STORE_DB_PRIVATE_H
#define CADUCEE_STORE_DB_PRIVATE_H

#include "lib/store/sql.h"

enum prepared { PREPARED_NO, PREPARED_QUEUED, PREPARED_YES };

struct queued {
    enum sql sql;
    bool prepare; /* the answer to a PREPARE, which nobody asks for */
    PGresult *answer;
};

struct db {
    char *host, *port, *name, *role, *application, *root_certificate, *options;
    bool plain;    /* simple protocol only: migrations */
    bool tolerant; /* of any version of the schema */
    PGconn *conn;
    uint64_t tried_ms; /* last failed attempt to connect */
    char why[512];     /* and what libpq said of it, on one line */
    uint64_t patience_ms;
    uint8_t prepared[SQL_COUNT];
    struct queued queue[SQL_QUEUED_MAX];
    int queued;
    int failed;     /* first statement that failed in this round, -1 */
    bool answered;  /* queue[] holds answers of a finished round */
    bool undrained; /* a sync whose answers nobody has read yet stands on the wire */
    bool in_transaction;
    bool over;  /* COMMIT has been answered */
    bool retry; /* serialisation failure, deadlock, or a collision of ids */
    bool lost;  /* the connection went while something was queued */
    bool commit_queued;
    char xid[24], server_start[48]; /* of the transaction in hand */
    int64_t acting_on;              /* the BAL of row-level security in the transaction in hand; 0: none yet */
    int64_t proof_bal, proof_blob;  /* a blob that is there exactly when it committed; 0: none */
};

enum store_status db_connect(struct db *); /* one try */
/* Tries again while an outage is younger than [database] patience — a restart is over by then —, and at least once: of
 * connections that died together each is made again by whoever needs it next, and nobody hears of it. */
enum store_status db_connect_patiently(struct db *);
void db_pause(uint64_t ms);
void db_disconnect(struct db *);
/* version 0: the database holds no schema of ours. False: `words` says what to do. */
bool schema_fits(int64_t version, int64_t serves_from, struct str *words);
enum store_status db_fail(struct db *, const PGresult *, enum sql);
void db_forget_answers(struct db *);
enum store_status db_drain(struct db *);

#endif
