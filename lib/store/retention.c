#include "lib/store/retention.h"

#include "lib/store/expunge.h"

/* mssante.md, "Legal frame": functional traces 3 years, connections 1 year, queue envelopes 90 days, Trash 30 days, closed
 * PER BAL 6 months; backups 35 days (design: epochs). */
const struct retention retention_defaults = {.trace_functional = 3 * 365,
                                             .trace_connection = 365,
                                             .trace_queue = 90,
                                             .queue_history = 90,
                                             .trash = 30,
                                             .closed_bal = 182,
                                             .expunged = 60,
                                             .backup = 35};

enum { NEVER_DAYS = 365000 };

static int64_t days(unsigned n)
{
    return n ? n : NEVER_DAYS;
}

static enum store_status tables(struct db *db, void *arg)
{
    const struct retention *k = arg;
    struct sql_args traces = {.count = 0}, history = {.count = 0};
    arg_i64(&traces, days(k->trace_functional));
    arg_i64(&traces, days(k->trace_connection));
    arg_i64(&traces, days(k->trace_queue));
    arg_i64(&history, days(k->queue_history));
    (void)sql_queue(db, SQL_keep_partitions, NULL);
    (void)sql_queue(db, SQL_keep_traces, &traces);
    (void)sql_queue(db, SQL_keep_history, &history);
    (void)sql_queue(db, SQL_keep_sessions, NULL);
    (void)sql_queue(db, SQL_keep_logins, NULL);
    (void)sql_queue(db, SQL_keep_rates, NULL);
    (void)sql_queue(db, SQL_keep_mismatches, NULL);
    (void)sql_queue(db, SQL_keep_alarms, NULL);
    (void)sql_queue(db, SQL_keep_indicators, NULL);
    (void)sql_queue(db, SQL_keep_persons_ids, NULL);
    (void)sql_queue(db, SQL_keep_persons, NULL);
    return STORE_OK;
}

enum store_status retention_tables_beat(struct db *db, const struct retention *k)
{
    struct retention copy = *k;
    return db_transaction(db, DB_WRITE, 0, tables, &copy);
}

struct one_bal {
    const struct retention *keep;
    int64_t id;
    int64_t folder_id;
    uid_list uids;
};

static enum store_status small_things(struct db *db, void *arg)
{
    struct one_bal *b = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    b->uids.len = 0;
    arg_i64(&args, b->id);
    (void)sql_queue(db, SQL_keep_answers, &args);
    arg_i64(&args, days(b->keep->expunged));
    (void)sql_queue(db, SQL_keep_expunged_lock, &args); /* folders before what is under them (design, "Locks") */
    (void)sql_queue(db, SQL_keep_expunged, &args);
    args.count = 1;
    arg_i64(&args, days(b->keep->trash));
    enum store_status status = sql_run(db, SQL_keep_trash, &args, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        b->folder_id = sql_i64(r, row, 0);
        vec_push(&b->uids, (uint32_t)sql_i64(r, row, 1));
    }
    return status;
}

static enum store_status mean(struct db *db, void *arg)
{
    const struct one_bal *b = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, b->id);
    arg_i64(&args, days(b->keep->backup));
    return sql_run(db, SQL_erase_mean, &args, &r);
}

static enum store_status erase(struct db *db, void *arg)
{
    const struct one_bal *b = arg;
    struct sql_args args = {.count = 0};
    arg_i64(&args, b->id);
    (void)sql_queue(db, SQL_erase_receipts, &args);
    (void)sql_queue(db, SQL_erase_drafts, &args);
    (void)sql_queue(db, SQL_erase_messages, &args);
    (void)sql_queue(db, SQL_erase_chunks, &args);
    (void)sql_queue(db, SQL_erase_blobs, &args);
    enum store_status status = sql_change(db, SQL_erase_bal, &args);
    if (status != STORE_OK) /* opened again, or held, since the list was read: all stays */
        return status;
    arg_i64(&args, days(b->keep->backup));
    (void)sql_queue(db, SQL_erase_note, &args);
    struct trace t = {
        .action = "bal.erase", .answer = "OK", .actor_kind = TRACE_SYSTEM, .actor = "retention", .bal_id = b->id};
    (void)trace_queue(db, &t);
    return STORE_OK;
}

/* Trash: what has lain there long enough, whatever its flags. */
static enum store_status empty_trash(struct db *db, struct one_bal *b, struct retention_tally *tally)
{
    uint64_t modseq;
    uid_list gone = {0};
    struct bal bal = {.id = b->id};
    struct key_pair none = {0};
    struct mailbox *m = mailbox_open(&bal, &none, 0, true); /* every viewer's \Seen is counted, where there is any */
    enum store_status status = messages_remove(db, m, b->folder_id, b->uids.items, b->uids.len, &gone, &modseq);
    if (status == STORE_OK)
        tally->messages += gone.len;
    vec_free(&gone);
    mailbox_close(&m);
    return status;
}

struct page_of_bals {
    const struct retention *keep;
    int64_t after;
    struct {
        int64_t id;
        bool erase, hold, journaled;
    } rows[50];
    size_t count;
};

static enum store_status list(struct db *db, void *arg)
{
    struct page_of_bals *p = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, p->after);
    arg_i64(&args, p->keep->closed_bal);
    enum store_status status = sql_run(db, SQL_keep_bals, &args, &r);
    p->count = 0;
    for (int row = 0; status == STORE_OK && row < sql_rows(r) && p->count < COUNT(p->rows); row++, p->count++) {
        p->rows[p->count].id = sql_i64(r, row, 0);
        p->rows[p->count].erase = sql_bool(r, row, 2);
        p->rows[p->count].hold = sql_bool(r, row, 3);
        p->rows[p->count].journaled = sql_bool(r, row, 4);
    }
    return status;
}

enum store_status retention_bals_beat(struct db *db, const struct retention *k, int64_t *after, bool *more,
                                      struct retention_tally *tally)
{
    struct page_of_bals page = {.keep = k, .after = *after};
    struct one_bal b = {.keep = k};
    enum store_status status = db_transaction(db, DB_READ, 0, list, &page);
    for (size_t i = 0; i < page.count && status == STORE_OK; i++) {
        b.id = page.rows[i].id;
        if (page.rows[i].erase && !page.rows[i].journaled) {
            status = db_transaction(db, DB_WRITE, b.id, mean, &b);
            tally->meant += status == STORE_OK;
        } else if (page.rows[i].erase) {
            status = db_transaction(db, DB_WRITE, b.id, erase, &b);
            tally->erased += status == STORE_OK;
        } else if (!page.rows[i].hold) {
            status = db_transaction(db, DB_WRITE, b.id, small_things, &b);
            if (status == STORE_OK && b.uids.len)
                status = empty_trash(db, &b, tally);
        }
        /* Something still refers to it (its queue), or it was opened again meanwhile: at another round. */
        if (status == STORE_INVALID || (status == STORE_NOT_FOUND && page.rows[i].erase))
            status = STORE_OK;
        tally->bals++;
        *after = b.id;
    }
    *more = page.count == COUNT(page.rows);
    vec_free(&b.uids);
    return status;
}
