/* Exceptional access to a BAL (departure, death, judicial request): read only, two persons, a reason, an end; whoever holds or
 * manages the BAL is told at the next log-in. */
#ifndef CADUCEE_STORE_EXCEPTIONAL_H
#define CADUCEE_STORE_EXCEPTIONAL_H

#include "lib/base/vec.h"
#include "lib/store/db.h"
#include "lib/store/trace.h"

struct exceptional {
    int64_t bal_id, person_id, second_id, until;
    const char *reason;
};
struct exceptional_approved {
    int64_t until;
    char reason[512], asked_by[128];
};
/* STORE_REFUSED: the second person is no other administrateur. *open: it is already (nobody has an operator's role yet); else the
 * second person must approve. */
enum store_status exceptional_ask(struct db *, const struct exceptional *, const struct trace *, bool *open);
/* The second person, under their own operator's name (db_name_operator). STORE_NOT_FOUND: nothing waits for them. What was asked
 * for fills *out. */
enum store_status exceptional_approve(struct db *, int64_t bal_id, int64_t person_id, const struct trace *,
                                      struct exceptional_approved *out);
/* Has this person an exceptional access to that BAL now? */
enum store_status exceptional_holds(struct db *, int64_t bal_id, int64_t person_id, bool *holds);

/* What this person has not been told yet of the BALs that are theirs; also accesses that have ended since. */
struct exceptional_note {
    int64_t bal_id, since, until; /* wall seconds */
    char address[321], reader[256], reason[512];
};
typedef VEC(struct exceptional_note) exceptional_notes;
enum store_status exceptional_untold(struct db *, int64_t person_id, exceptional_notes *out);
/* The person has seen them: dated, with a trace for each (`trace`'s bal_id is filled here). */
enum store_status exceptional_tell(struct db *, int64_t person_id, const struct trace *);

#endif
