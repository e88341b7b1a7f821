#include "lib/store/send_rate.h"

#include "lib/base/log.h"
#include "lib/store/alarms.h"
#include "lib/store/sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HASH_BYTES = 16 };

struct standing {
    int64_t bal_id, person_id, binding_id;
    bool may_send;
    struct send_counts counts;
};

/* One round trip for all that is asked, without BEGIN or COMMIT. */
static enum store_status read_standing(struct db *db, void *arg)
{
    struct standing *x = arg;
    struct sql_args args = {.count = 0};
    int of_certificate = -1;
    arg_i64(&args, x->bal_id);
    arg_i64(&args, x->person_id);
    arg_i64(&args, x->binding_id);
    int of_bal = sql_queue(db, SQL_send_standing, &args);
    if (x->binding_id) {
        args.count = 0;
        arg_i64(&args, x->binding_id);
        of_certificate = sql_queue(db, SQL_send_rate_certificate, &args);
    }
    enum store_status status = sql_wait(db);
    if (status != STORE_OK)
        return status;
    const PGresult *r = sql_answer(db, of_bal);
    x->may_send = sql_bool(r, 0, 0);
    x->counts = (struct send_counts){.messages = (uint64_t)sql_i64(r, 0, 1),
                                     .recipients = (uint64_t)sql_i64(r, 0, 2),
                                     .fresh = (uint64_t)sql_i64(r, 0, 3)};
    if (of_certificate >= 0) {
        r = sql_answer(db, of_certificate);
        x->counts.of_certificate = (uint64_t)sql_i64(r, 0, 0);
        x->counts.to_by_certificate = (uint64_t)sql_i64(r, 0, 1);
    }
    return STORE_OK;
}

enum store_status send_standing(struct db *db, int64_t bal_id, int64_t person_id, int64_t binding_id, bool *may_send,
                                struct send_counts *counts)
{
    struct standing x = {.bal_id = bal_id, .person_id = person_id, .binding_id = binding_id};
    enum store_status status = db_transaction(db, DB_GLANCE, 0, read_standing, &x);
    *may_send = x.may_send;
    *counts = x.counts;
    return status;
}

bool send_rate_exceeded(struct db *db, const struct send_request *r)
{
    const struct conf *conf = r->conf;
    struct send_counts c = {.messages = 0};
    bool may_send;
    if (r->counts)
        c = *r->counts;
    else if (send_standing(db, r->from->id, r->person_id, r->certificate_id, &may_send, &c) != STORE_OK)
        return false;
    bool exceeded = c.messages + 1 > conf->submission_messages_per_hour ||
                    c.recipients + r->to_count > conf->submission_recipients_per_hour ||
                    c.fresh > conf->submission_new_recipients_per_day ||
                    c.of_certificate + 1 > conf->submission_certificate_messages_per_hour ||
                    c.to_by_certificate + r->to_count > conf->submission_certificate_recipients_per_hour;
    if (!exceeded)
        return false;
    char what[400];
    snprintf(what, sizeof(what),
             "envoie trop : %llu messages et %llu destinataires dans l'heure, %llu nouveaux destinataires dans la "
             "journée ; son "
             "certificat, toutes BAL : %llu messages, %llu destinataires",
             (unsigned long long)c.messages, (unsigned long long)c.recipients, (unsigned long long)c.fresh,
             (unsigned long long)c.of_certificate, (unsigned long long)c.to_by_certificate);
    log_event(LOG_WARN, NULL, "submission.rate", LI("bal", r->from->id), LU("messages", c.messages),
              LU("recipients", c.recipients), LU("fresh", c.fresh));
    (void)alarm_raise(db, "submission.rate", r->from->address, what,
                      "vérifier avec le titulaire, puis : caducee queue release MESSAGE, ou caducee bal suspend");
    return true;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, HASH_BYTES);
}

/* In their order: two messages of a BAL to the same people would wait for each other. */
void send_rate_count(struct db *db, const struct send_request *r)
{
    struct sql_args args = {.count = 0};
    struct str array;
    uint8_t(*hashes)[HASH_BYTES] = xcalloc(r->to_count, sizeof(*hashes));
    struct span *spans = xcalloc(r->to_count, sizeof(*spans));
    size_t count = 0;
    for (size_t i = 0; i < r->to_count; i++)
        count += trace_patient_hash(hashes[count], span_of(r->to[i].address));
    qsort(hashes, count, sizeof(*hashes), by_bytes);
    for (size_t i = 0; i < count; i++)
        spans[i] = (struct span){(const char *)hashes[i], HASH_BYTES};
    arg_i64(&args, r->from->id);
    arg_blobs(&args, &array, spans, count);
    arg_i64(&args, (int64_t)r->to_count);
    (void)sql_queue(db, SQL_send_rate_add, &args);
    str_free(&array);
    xfree(&spans);
    xfree(&hashes);
}

struct opposition {
    int64_t structure_id;
    uint8_t hash[HASH_BYTES];
    bool opposed;
};

static enum store_status ask_register(struct db *db, void *arg)
{
    struct opposition *o = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, o->structure_id);
    arg_span(&args, (struct span){(const char *)o->hash, sizeof(o->hash)});
    enum store_status status = sql_run(db, SQL_patient_opposed, &args, &r);
    if (status == STORE_OK)
        o->opposed = sql_rows(r) > 0 && sql_bool(r, 0, 0);
    return status;
}

enum store_status patient_opposed(struct db *db, int64_t structure_id, struct span address, bool *opposed)
{
    struct opposition o = {.structure_id = structure_id};
    *opposed = false;
    if (!trace_patient_hash(o.hash, address))
        return STORE_OK; /* no key: no register either */
    enum store_status status = db_transaction(db, DB_READ, 0, ask_register, &o);
    *opposed = o.opposed;
    return status;
}
