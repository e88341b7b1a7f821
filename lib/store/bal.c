#include "lib/store/bal.h"

#include "lib/proto/address.h"
#include "lib/store/bal_row.h"

#include <string.h>

static const char *const kinds[] = {[BAL_PER] = "PER", [BAL_ORG] = "ORG", [BAL_APP] = "APP", [BAL_CAB] = "CAB"};
static const char *const states[] = {
    [BAL_WAITING] = "waiting", [BAL_OPEN] = "open", [BAL_SUSPENDED] = "suspended", [BAL_CLOSED] = "closed"};

const char *bal_kind_name(enum bal_kind kind)
{
    return kinds[kind];
}

const char *bal_state_name(enum bal_state state)
{
    return states[state];
}

static unsigned index_of(const char *const *names, unsigned count, struct span name)
{
    for (unsigned i = 0; i < count; i++)
        if (span_is(name, names[i]))
            return i;
    panic("the schema allows a word that the program does not know");
}

void bal_from_row(struct bal *out, const PGresult *r, int row)
{
    *out = (struct bal){.id = sql_i64(r, row, 0), .structure_id = sql_i64(r, row, 1)};
    sql_copy(out->address, sizeof(out->address), r, row, 2);
    sql_copy(out->display_name, sizeof(out->display_name), r, row, 3);
    out->kind = (enum bal_kind)index_of(kinds, COUNT(kinds), sql_span(r, row, 4));
    out->state = (enum bal_state)index_of(states, COUNT(states), sql_span(r, row, 5));
    struct span key = sql_span(r, row, 6);
    must(key.n == KEY_BYTES);
    memcpy(out->public_half.b, key.p, KEY_BYTES);
    out->red_listed = sql_bool(r, row, 7);
    out->quota_bytes = (uint64_t)sql_i64(r, row, 8);
    int64_t used = sql_i64(r, row, 9);
    out->used_bytes = used > 0 ? (uint64_t)used : 0;
    out->watched = sql_bool(r, row, 10);
}

struct asked {
    enum sql sql;
    struct sql_args args;
    struct bal *out;
};

static enum store_status ask(struct db *db, void *arg)
{
    struct asked *a = arg;
    const PGresult *r;
    enum store_status status = sql_run(db, a->sql, &a->args, &r);
    if (status != STORE_OK)
        return status;
    if (sql_rows(r) == 0)
        return STORE_NOT_FOUND;
    bal_from_row(a->out, r, 0);
    return STORE_OK;
}

enum store_status bal_by_address(struct db *db, struct span address, struct bal *out)
{
    struct asked a = {.sql = SQL_bal_by_address, .out = out};
    arg_span(&a.args, address);
    return db_in_transaction(db) ? ask(db, &a) : db_transaction(db, DB_READ, 0, ask, &a);
}

enum store_status bal_of_recipient(struct db *db, struct span key, const char *postmaster, struct bal *out)
{
    bool role = span_starts_nocase(key, "postmaster@") || span_starts_nocase(key, "abuse@");
    enum store_status status = bal_by_address(db, key, out);
    struct str theirs;
    if (status != STORE_NOT_FOUND || !role || !postmaster[0])
        return status;
    str_init(&theirs, ADDRESS_MAX);
    if (address_key_of(&theirs, span_of(postmaster)))
        status = bal_by_address(db, str_span(&theirs), out);
    str_free(&theirs);
    return status;
}

enum store_status bal_by_id(struct db *db, int64_t id, struct bal *out)
{
    struct asked a = {.sql = SQL_bal_by_id, .out = out};
    arg_i64(&a.args, id);
    return db_in_transaction(db) ? ask(db, &a) : db_transaction(db, DB_READ, 0, ask, &a);
}
