/* A BAL's messages that wait for their time (send later, undo send), and what came back for those that left. Times are wall
 * seconds.
 */
#ifndef CADUCEE_STORE_WAITING_H
#define CADUCEE_STORE_WAITING_H

#include "lib/base/vec.h"
#include "lib/store/db.h"

struct waiting {
    int64_t id, due;
    uint32_t sent_uid;     /* of the copy in the folder asked with; 0: it is there no more */
    char recipients[2048]; /* one a line, the first ones */
};
typedef VEC(struct waiting) waiting_list;
/* Those that no relay has tried yet, soonest first, at most 200. */
enum store_status waiting_of(struct db *, int64_t bal_id, int64_t sent_folder, waiting_list *out);

/* Receipts of a sent message: DSN of other operators, MDN of readers, bounces of Mon espace santé. */
struct sent_receipt {
    int64_t at;
    char recipient[321], kind[8], outcome[32], detail[513];
};
typedef VEC(struct sent_receipt) sent_receipt_list;
enum store_status sent_receipts_of(struct db *, int64_t bal_id, int64_t blob_id, sent_receipt_list *out);

/* The state of several sent messages, for a list: the worst of its recipients first. */
enum sent_state { SENT_NOTHING, SENT_READ, SENT_DELIVERED, SENT_CANCELLED, SENT_WAITING, SENT_FAILED };
struct sent_summary {
    int64_t blob_id;
    enum sent_state state;
};
typedef VEC(struct sent_summary) sent_summary_list;
enum store_status sent_states_of(struct db *, int64_t bal_id, const int64_t *blob_ids, size_t count,
                                 sent_summary_list *out);

#endif
