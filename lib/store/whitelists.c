#include "lib/store/whitelists.h"

#include "lib/base/clock.h"
#include "lib/base/crypto.h"
#include "lib/base/json.h"
#include "lib/proto/whitelist.h"
#include "lib/store/sql.h"

#include <string.h>

const char *whitelist_outcome_name(enum whitelist_outcome outcome)
{
    static const char *const names[] = {
        [WHITELIST_TAKEN] = "taken", [WHITELIST_SAME] = "same",       [WHITELIST_MALFORMED] = "malformed",
        [WHITELIST_OLDER] = "older", [WHITELIST_SMALLER] = "smaller", [WHITELIST_FAILED] = "failed"};
    return names[outcome];
}

static enum store_status read_state(struct db *db, void *arg)
{
    struct whitelist_state *s = arg;
    const PGresult *r;
    enum store_status status = sql_run(db, SQL_whitelist_state, NULL, &r);
    if (status != STORE_OK || sql_rows(r) == 0)
        return status == STORE_OK ? STORE_NOT_FOUND : status;
    s->generation = sql_i64(r, 0, 0);
    s->generated = sql_i64(r, 0, 1);
    s->imported = sql_i64(r, 0, 2);
    sql_copy(s->source, sizeof(s->source), r, 0, 3);
    struct span digest = sql_span(r, 0, 4);
    if (digest.n == sizeof(s->digest))
        memcpy(s->digest, digest.p, digest.n);
    sql_copy(s->etag, sizeof(s->etag), r, 0, 5);
    sql_copy(s->signed_by, sizeof(s->signed_by), r, 0, 6);
    s->entries = sql_i64(r, 0, 7);
    s->skipped = sql_i64(r, 0, 8);
    sql_copy(s->forced_by, sizeof(s->forced_by), r, 0, 9);
    sql_copy(s->forced_why, sizeof(s->forced_why), r, 0, 10);
    s->trust_generation = sql_i64(r, 0, 11);
    s->ever_signed = sql_bool(r, 0, 12);
    return STORE_OK;
}

enum store_status whitelist_state_read(struct db *db, struct whitelist_state *out)
{
    *out = (struct whitelist_state){.generation = 0};
    return db_transaction(db, DB_READ, 0, read_state, out);
}

struct taking {
    struct whitelist_offer *offer;
    const struct whitelist *list;
    struct str rows; /* the entries as JSON */
    enum whitelist_outcome outcome;
};

static void rows_of(struct str *out, const struct whitelist *list)
{
    json_open(out, '[');
    vec_each (&list->entries, e) {
        json_open(out, '{');
        json_put(out, "domain", e->domain);
        json_put(out, "dn", e->dn);
        json_put(out, "dn_shown", e->dn_text);
        json_put(out, "description", e->description);
        json_put(out, "responsible", e->responsible);
        json_put(out, "support", e->support);
        json_put(out, "changed", e->changed);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static enum store_status refuse(struct taking *t, enum whitelist_outcome outcome)
{
    t->outcome = outcome;
    return STORE_CONFLICT; /* rolls back what this transaction has written */
}

static enum store_status insert_generation(struct db *db, struct taking *t)
{
    struct whitelist_offer *o = t->offer;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    uint8_t digest[SHA256_BYTES];
    sha256(digest, o->document);
    arg_i64(&args, t->list->generated);
    arg_text(&args, o->source);
    arg_span(&args, (struct span){(const char *)digest, sizeof(digest)});
    arg_text(&args, o->etag && *o->etag ? o->etag : NULL);
    arg_text(&args, t->list->is_signed ? "signataire épinglé" : NULL);
    arg_i64(&args, (int64_t)t->list->entries.len);
    arg_i64(&args, (int64_t)t->list->skipped);
    arg_text(&args, o->skipped_why.len ? o->skipped_why.data : NULL);
    arg_text(&args, o->forced_by);
    arg_text(&args, o->forced_why);
    arg_span(&args, o->document);
    enum store_status status = sql_run(db, SQL_whitelist_add, &args, &r);
    if (status != STORE_OK)
        return status;
    o->generation = sql_i64(r, 0, 0);
    args = (struct sql_args){.count = 0};
    arg_i64(&args, o->generation);
    arg_span(&args, str_span(&t->rows));
    return sql_run(db, SQL_whitelist_fill, &args, &r);
}

static enum store_status two(struct db *db, enum sql sql, int64_t a, int64_t b, const PGresult **r)
{
    struct sql_args args = {.count = 0};
    arg_i64(&args, a);
    arg_i64(&args, b);
    return sql_run(db, sql, &args, r);
}

static enum store_status one(struct db *db, enum sql sql, int64_t a)
{
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, a);
    return sql_run(db, sql, &args, &r);
}

/* What is in force is compared entry by entry (domain and DN): an operator that is renamed counts as lost too. */
static enum store_status compare(struct db *db, struct taking *t, int64_t current)
{
    struct whitelist_offer *o = t->offer;
    const PGresult *r;
    enum store_status status = two(db, SQL_whitelist_lost, current, o->generation, &r);
    if (status != STORE_OK)
        return status;
    o->lost = sql_i64(r, 0, 0);
    o->before = sql_i64(r, 0, 1);
    if (!o->forced_by && o->lost * 100 > o->before * (int64_t)o->loss_max)
        return refuse(t, WHITELIST_SMALLER);
    return two(db, SQL_whitelist_departed, current, o->generation, &r);
}

static enum store_status check_age(struct db *db, struct taking *t)
{
    struct whitelist_state now;
    uint8_t digest[SHA256_BYTES];
    enum store_status status = read_state(db, &now);
    if (status != STORE_OK)
        return status;
    sha256(digest, t->offer->document);
    if (memcmp(digest, now.digest, sizeof(digest)) == 0) {
        t->offer->generation = now.generation;
        return refuse(t, WHITELIST_SAME);
    }
    return t->list->generated <= now.generated && !t->offer->forced_by ? refuse(t, WHITELIST_OLDER) : STORE_OK;
}

static enum store_status take(struct db *db, void *arg)
{
    struct taking *t = arg;
    const PGresult *r;
    t->outcome = WHITELIST_FAILED;
    enum store_status status = sql_run(db, SQL_trust_lock, NULL, &r); /* one list at a time */
    if (status != STORE_OK)
        return status;
    int64_t current = sql_i64(r, 0, 0);
    if (current)
        status = check_age(db, t);
    if (status == STORE_OK)
        status = insert_generation(db, t);
    if (status == STORE_OK && current)
        status = compare(db, t, current);
    if (status == STORE_OK)
        status = one(db, SQL_whitelist_returned, t->offer->generation);
    if (status == STORE_OK)
        status = one(db, SQL_whitelist_enforce, t->offer->generation);
    if (status == STORE_OK && t->offer->dry_run)
        return refuse(t, WHITELIST_TAKEN);
    t->outcome = status == STORE_OK ? WHITELIST_TAKEN : t->outcome;
    return status;
}

static void explain(struct whitelist_offer *o, const struct whitelist *list, enum whitelist_outcome outcome)
{
    struct str date;
    str_init(&date, 64);
    clock_iso8601(&date, list->generated);
    if (outcome == WHITELIST_OLDER)
        str_addf(&o->words, "its date %s is not after that of the list in force", date.data);
    else if (outcome == WHITELIST_SMALLER)
        str_addf(&o->words, "it loses %lld of the %lld entries in force, more than %u %%", (long long)o->lost,
                 (long long)o->before, o->loss_max);
    else if (outcome == WHITELIST_FAILED)
        str_addf(&o->words, "database: %s", store_status_name(o->status));
    str_free(&date);
}

static enum whitelist_outcome offer_parsed(struct db *db, struct whitelist_offer *o, const struct whitelist *list)
{
    struct taking t = {.offer = o, .list = list, .outcome = WHITELIST_FAILED};
    o->entries = list->entries.len;
    o->skipped = list->skipped;
    o->is_signed = list->is_signed;
    vec_each (&list->skipped_why, why)
        str_addf(&o->skipped_why, "%s%s", o->skipped_why.len ? "; " : "", *why);
    str_init(&t.rows, (size_t)1 << 28);
    rows_of(&t.rows, list);
    o->status = db_transaction(db, DB_WRITE, 0, take, &t);
    str_free(&t.rows);
    if (o->status != STORE_OK && o->status != STORE_CONFLICT)
        t.outcome = WHITELIST_FAILED;
    explain(o, list, t.outcome);
    return t.outcome;
}

enum whitelist_outcome whitelist_offer(struct db *db, struct whitelist_offer *o)
{
    struct whitelist_state now;
    struct whitelist list;
    str_init(&o->words, 4096);
    str_init(&o->skipped_why, 64 * 1024);
    o->generation = o->lost = o->before = 0;
    o->status = whitelist_state_read(db, &now);
    if (o->status != STORE_OK && o->status != STORE_NOT_FOUND) {
        str_puts(&o->words, "database: unavailable");
        return WHITELIST_FAILED;
    }
    const struct whitelist_reading how = {o->signer_pem, o->signature_required || now.ever_signed};
    enum whitelist_outcome outcome = WHITELIST_MALFORMED;
    if (whitelist_parse(&list, o->document, &how, &o->words))
        outcome = offer_parsed(db, o, &list);
    whitelist_free(&list);
    return outcome;
}

static enum store_status roll_back(struct db *db, void *arg)
{
    int64_t generation = *(int64_t *)arg;
    const PGresult *r;
    struct sql_args args = {.count = 0};
    enum store_status status = sql_run(db, SQL_trust_lock, NULL, &r);
    int64_t current = status == STORE_OK ? sql_i64(r, 0, 0) : 0;
    arg_i64(&args, generation);
    if (status == STORE_OK)
        status = sql_run(db, SQL_whitelist_exists, &args, &r);
    if (status == STORE_OK && sql_rows(r) == 0)
        return STORE_NOT_FOUND;
    if (status == STORE_OK)
        status = two(db, SQL_whitelist_departed, current, generation, &r);
    if (status == STORE_OK)
        status = one(db, SQL_whitelist_returned, generation);
    return status == STORE_OK ? one(db, SQL_whitelist_enforce, generation) : status;
}

enum store_status whitelist_rollback(struct db *db, int64_t generation)
{
    return db_transaction(db, DB_WRITE, 0, roll_back, &generation);
}

static enum store_status read_missing(struct db *db, void *arg)
{
    struct str *out = arg;
    const PGresult *r;
    str_clear(out);
    enum store_status status = sql_run(db, SQL_whitelist_missing_own, NULL, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        str_add_span(out, sql_span(r, row, 0));
        str_putc(out, '\n');
    }
    return status;
}

enum store_status whitelist_own_missing(struct db *db, struct str *domains)
{
    return db_transaction(db, DB_READ, 0, read_missing, domains);
}

struct counting {
    const char *dn;
    int64_t times;
};

static enum store_status count_dn(struct db *db, void *arg)
{
    struct counting *c = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_text(&args, c->dn);
    enum store_status status = sql_run(db, SQL_whitelist_lists_dn, &args, &r);
    if (status == STORE_OK)
        c->times = sql_i64(r, 0, 0);
    return status;
}

enum store_status whitelist_names_dn(struct db *db, const char *canonical_dn, int64_t *times)
{
    struct counting c = {.dn = canonical_dn};
    enum store_status status = db_transaction(db, DB_READ, 0, count_dn, &c);
    *times = c.times;
    return status;
}

static enum store_status forget(struct db *db, void *arg)
{
    return one(db, SQL_whitelist_forget, *(unsigned *)arg);
}

enum store_status whitelist_forget(struct db *db, unsigned days)
{
    return db_transaction(db, DB_WRITE, 0, forget, &days);
}

static enum store_status note_fetch(struct db *db, void *arg)
{
    struct sql_args a = {0};
    arg_text(&a, arg);
    return sql_change(db, SQL_whitelist_fetch_note, &a);
}

enum store_status whitelist_fetch_note(struct db *db, const char *outcome)
{
    return db_transaction(db, DB_WRITE, 0, note_fetch, (void *)(uintptr_t)outcome);
}
