/* `caducee trace verify`: every chain walked, every row digested again. */
#include "lib/store/seal.h"

#include "lib/base/num.h"
#include "lib/store/sql.h"

#include <stdlib.h>
#include <string.h>

const char *seal_fault_name(enum seal_fault fault)
{
    static const char *const names[] = {
        [SEAL_ALTERED] = "altered",   [SEAL_MISSING] = "missing",    [SEAL_SLIPPED] = "slipped-in",
        [SEAL_UNSEALED] = "unsealed", [SEAL_BROKEN] = "broken-seal", [SEAL_CUT] = "cut-chain"};
    return names[fault];
}

struct verifying {
    const struct key *mac;
    const struct seal_checkpoint *checkpoints;
    size_t count;
    void (*each)(const struct seal_finding *, void *);
    void *arg;
    struct seal_tally *tally;
    /* of the chain in hand */
    char part[64];
    bool there; /* its partition still exists */
    int64_t seq, covered;
    uint8_t previous[32];
};

static void find(struct verifying *v, enum seal_fault fault, int64_t trace_id)
{
    struct seal_finding f = {fault, v->part, v->seq, trace_id};
    v->tally->findings++;
    v->each(&f, v->arg);
}

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, 8); /* ids are positive and big-endian */
}

/* Both lists in order of id: what stands in one only, and what differs. */
static void compare(struct verifying *v, uint8_t *sealed, size_t sealed_count, uint8_t *found, size_t found_count)
{
    size_t s = 0, f = 0;
    qsort(sealed, sealed_count, SEAL_ROW, by_id);
    qsort(found, found_count, SEAL_ROW, by_id);
    while (s < sealed_count || f < found_count) {
        const uint8_t *one = sealed + s * SEAL_ROW, *other = found + f * SEAL_ROW;
        int order = s == sealed_count ? 1 : f == found_count ? -1 : by_id(one, other);
        if (order < 0)
            find(v, SEAL_MISSING, (int64_t)get_u64(one));
        else if (order > 0)
            find(v, SEAL_SLIPPED, (int64_t)get_u64(other));
        else if (memcmp(one + 8, other + 8, SEAL_DIGEST) != 0)
            find(v, SEAL_ALTERED, (int64_t)get_u64(one));
        s += order <= 0;
        f += order >= 0;
    }
}

/* Rows from the end of the seal before, so that nothing hides between two. */
static enum store_status verify_rows(struct db *db, struct verifying *v, const struct seal *s)
{
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_text(&args, v->part);
    arg_i64(&args, v->covered);
    arg_i64(&args, s->to_xid);
    enum store_status status = sql_run(db, SQL_seal_verify_rows, &args, &r);
    if (status != STORE_OK)
        return status;
    struct str sealed, found;
    str_init(&sealed, s->digests.n + 1);
    str_init(&found, (size_t)sql_rows(r) * SEAL_ROW + 1);
    str_add_span(&sealed, s->digests);
    for (int row = 0; row < sql_rows(r); row++) {
        uint8_t one[SEAL_ROW];
        if (sql_i64(r, row, 1) < s->from_xid) {
            find(v, SEAL_SLIPPED, sql_i64(r, row, 0));
            continue;
        }
        seal_row(one, v->mac, sql_i64(r, row, 0), sql_span(r, row, 2));
        str_add(&found, one, sizeof(one));
    }
    compare(v, (uint8_t *)sealed.data, sealed.len / SEAL_ROW, (uint8_t *)found.data, found.len / SEAL_ROW);
    v->tally->rows += (uint64_t)sql_rows(r);
    str_free(&sealed);
    str_free(&found);
    return STORE_OK;
}

static void check_checkpoints(struct verifying *v, int64_t seq, const uint8_t mac[32])
{
    for (size_t i = 0; i < v->count; i++)
        if (span_is(span_of(v->checkpoints[i].part), v->part) && v->checkpoints[i].seq == seq &&
            memcmp(v->checkpoints[i].mac, mac, 32) != 0)
            find(v, SEAL_BROKEN, 0);
}

static enum store_status verify_seal(struct db *db, struct verifying *v, const PGresult *r, int row)
{
    uint8_t sum[32];
    struct seal s = {.part = v->part,
                     .seq = sql_i64(r, row, 0),
                     .from_xid = sql_i64(r, row, 1),
                     .to_xid = sql_i64(r, row, 2),
                     .row_count = sql_i64(r, row, 3),
                     .digests = sql_span(r, row, 4)};
    struct span mac = sql_span(r, row, 5);
    seal_mac(sum, v->mac, v->previous, &s);
    bool next = s.seq == v->seq + 1;
    v->seq = s.seq;
    v->tally->seals++;
    if (!next || mac.n != 32 || !crypto_equal(sum, mac.p, 32) || s.digests.n != (size_t)s.row_count * SEAL_ROW)
        find(v, SEAL_BROKEN, 0);
    if (mac.n == 32) {
        memcpy(v->previous, mac.p, 32);
        check_checkpoints(v, s.seq, v->previous);
    }
    enum store_status status = v->there ? verify_rows(db, v, &s) : STORE_OK;
    v->covered = s.to_xid;
    return status;
}

static enum store_status verify_tail(struct db *db, struct verifying *v, int64_t horizon)
{
    for (size_t i = 0; i < v->count; i++)
        if (span_is(span_of(v->checkpoints[i].part), v->part) && v->checkpoints[i].seq > v->seq)
            find(v, SEAL_CUT, 0);
    if (!v->there || v->covered >= horizon)
        return STORE_OK;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_text(&args, v->part);
    arg_i64(&args, v->covered);
    arg_i64(&args, horizon);
    enum store_status status = sql_run(db, SQL_seal_verify_rows, &args, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++)
        find(v, SEAL_UNSEALED, sql_i64(r, row, 0));
    return status;
}

static enum store_status verify_part(struct db *db, struct verifying *v, int64_t horizon)
{
    enum store_status status = STORE_OK;
    v->seq = v->covered = 0;
    memset(v->previous, 0, sizeof(v->previous));
    for (int rows = 1; rows && status == STORE_OK;) {
        struct sql_args args = {.count = 0};
        arg_text(&args, v->part);
        arg_i64(&args, v->seq);
        int number = sql_queue(db, SQL_seals_after, &args);
        status = sql_wait(db);
        PGresult *r = sql_take(db, number);
        rows = status == STORE_OK ? sql_rows(r) : 0;
        for (int row = 0; row < rows && status == STORE_OK; row++)
            status = verify_seal(db, v, r, row);
        PQclear(r);
    }
    return status == STORE_OK ? verify_tail(db, v, horizon) : status;
}

static enum store_status verify(struct db *db, void *arg)
{
    struct verifying *v = arg;
    struct sql_args args = {.count = 0};
    *v->tally = (struct seal_tally){0};
    int at = sql_queue(db, SQL_seal_horizon, NULL), list = sql_queue(db, SQL_seal_parts, NULL);
    enum store_status status = sql_wait(db);
    if (status != STORE_OK)
        return status;
    int64_t horizon = sql_i64(sql_answer(db, at), 0, 0);
    PGresult *parts = sql_take(db, list);
    for (int row = 0; row < sql_rows(parts) && status == STORE_OK; row++) {
        sql_copy(v->part, sizeof(v->part), parts, row, 0);
        v->there = sql_bool(parts, row, 1);
        status = verify_part(db, v, horizon);
    }
    PQclear(parts);
    if (status != STORE_OK)
        return status;
    const PGresult *r;
    arg_i64(&args, horizon);
    status = sql_run(db, SQL_seal_pending, &args, &r);
    if (status == STORE_OK)
        v->tally->pending = (uint64_t)sql_i64(r, 0, 0);
    return status;
}

enum store_status trace_verify(struct db *db, const struct key *mac, const struct seal_checkpoint *checkpoints,
                               size_t count, void (*each)(const struct seal_finding *, void *), void *arg,
                               struct seal_tally *tally)
{
    struct verifying v = {
        .mac = mac, .checkpoints = checkpoints, .count = count, .each = each, .arg = arg, .tally = tally};
    return db_transaction(db, DB_READ, 0, verify, &v);
}
