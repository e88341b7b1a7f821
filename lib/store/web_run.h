/* Private to lib/store/web_*.c: one statement in a transaction of its own. */
#ifndef CADUCEE_STORE_WEB_RUN_H
#define CADUCEE_STORE_WEB_RUN_H

#include "lib/store/sql.h"

/* Reads rows; `len` (NULL: none) is set back to where it was when the transaction is tried again. */
enum store_status web_rows(struct db *, enum sql, const struct sql_args *, size_t *len,
                           void (*row)(const PGresult *, int, void *), void *out);
/* The same in a transaction that acts on a BAL (row-level security). */
enum store_status web_rows_in(struct db *, int64_t bal, enum sql, const struct sql_args *, size_t *len,
                              void (*row)(const PGresult *, int, void *), void *out);
/* The first row; STORE_NOT_FOUND without one. */
enum store_status web_row(struct db *, enum sql, const struct sql_args *, void (*row)(const PGresult *, int, void *),
                          void *out);
enum store_status web_change(struct db *, int64_t bal, enum sql, const struct sql_args *);

#endif
