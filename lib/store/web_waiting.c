/* What waits to leave, and what became of what left. */
#include "lib/store/waiting.h"

#include "lib/store/web_run.h"

static void add_waiting(const PGresult *r, int row, void *out)
{
    waiting_list *list = out;
    struct waiting w = {.id = sql_i64(r, row, 0), .due = sql_i64(r, row, 1), .sent_uid = (uint32_t)sql_i64(r, row, 2)};
    sql_copy(w.recipients, sizeof(w.recipients), r, row, 3);
    vec_push(list, w);
}

enum store_status waiting_of(struct db *db, int64_t bal_id, int64_t sent_folder, waiting_list *out)
{
    struct sql_args a = {0};
    arg_i64(&a, bal_id);
    arg_i64(&a, sent_folder);
    return web_rows_in(db, bal_id, SQL_waiting_of, &a, &out->len, add_waiting, out);
}

static void add_receipt(const PGresult *r, int row, void *out)
{
    sent_receipt_list *list = out;
    struct sent_receipt receipt = {.at = sql_i64(r, row, 0)};
    sql_copy(receipt.recipient, sizeof(receipt.recipient), r, row, 1);
    sql_copy(receipt.kind, sizeof(receipt.kind), r, row, 2);
    sql_copy(receipt.outcome, sizeof(receipt.outcome), r, row, 3);
    sql_copy(receipt.detail, sizeof(receipt.detail), r, row, 4);
    vec_push(list, receipt);
}

enum store_status sent_receipts_of(struct db *db, int64_t bal_id, int64_t blob_id, sent_receipt_list *out)
{
    struct sql_args a = {0};
    arg_i64(&a, bal_id);
    arg_i64(&a, blob_id);
    return web_rows_in(db, bal_id, SQL_sent_receipts, &a, &out->len, add_receipt, out);
}

static void add_state(const PGresult *r, int row, void *out)
{
    sent_summary_list *list = out;
    vec_push(list, (struct sent_summary){sql_i64(r, row, 0), (enum sent_state)sql_i64(r, row, 1)});
}

enum store_status sent_states_of(struct db *db, int64_t bal_id, const int64_t *blob_ids, size_t count,
                                 sent_summary_list *out)
{
    struct sql_args a = {0};
    struct str array;
    arg_i64(&a, bal_id);
    arg_array(&a, &array, blob_ids, count);
    enum store_status status = web_rows_in(db, bal_id, SQL_sent_states, &a, &out->len, add_state, out);
    str_free(&array);
    return status;
}
