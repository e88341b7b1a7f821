#include "lib/store/trace.h"

#include "lib/store/sql.h"

#include "lib/proto/address.h"

#include <string.h>

static struct key hash_key;
static bool hash_key_set;

void trace_set_hash_key(const struct key *key)
{
    hash_key = *key;
    hash_key_set = true;
}

/* Which retention an action falls under, by its first word; the rest are functional traces. */
static const struct {
    const char *prefix;
    int64_t retention;
} classes[] = {{"session.", 2}, {"auth.", 2}, {"queue.", 3}, {"relay.", 3}};

int64_t trace_retention(const char *action)
{
    for (size_t i = 0; i < COUNT(classes); i++)
        if (span_starts_nocase(span_of(action), classes[i].prefix))
            return classes[i].retention;
    return 1;
}

static const char *actor_name(enum trace_actor actor)
{
    static const char *const names[] = {[TRACE_OPERATOR] = "operator",
                                        [TRACE_PERSON] = "person",
                                        [TRACE_CERTIFICATE] = "certificate",
                                        [TRACE_ADMIN] = "admin",
                                        [TRACE_SYSTEM] = "system"};
    return names[actor];
}

bool trace_patient_hash(uint8_t out[16], struct span address)
{
    uint8_t sum[SHA256_BYTES];
    struct str key;
    if (!hash_key_set || address.n == 0)
        return false;
    str_init(&key, ADDRESS_MAX);
    bool one = address_key_of(&key, address); /* else PATIENT.mssante.fr would be another patient */
    hmac_sha256(sum, &hash_key, one ? str_span(&key) : address);
    memcpy(out, sum, 16);
    str_wipe(&key);
    return true;
}

void trace_args(struct sql_args *args, const struct trace *t, uint8_t patient[16])
{
    arg_i64(args, trace_retention(t->action));
    arg_i64(args, store_new_id());
    arg_text(args, t->action);
    arg_text(args, t->answer ? t->answer : "");
    arg_text(args, t->rule);
    arg_text(args, t->session);
    arg_text(args, t->peer);
    arg_text(args, actor_name(t->actor_kind));
    arg_text(args, t->actor);
    arg_id(args, t->person_id);
    arg_id(args, t->structure_id);
    arg_text(args, t->counterpart);
    bool hashed = trace_patient_hash(patient, t->patient);
    arg_span(args, hashed ? (struct span){(const char *)patient, 16} : SPAN_NONE);
    arg_text(args, t->direction);
    arg_bool(args, t->has_cda);
    arg_bool(args, t->ins_qualified);
    arg_text(args, t->product);
    arg_text(args, t->messages);
    arg_text(args, t->detail);
}

int trace_queue(struct db *db, const struct trace *t)
{
    struct sql_args args = {.count = 0};
    uint8_t patient[16];
    trace_args(&args, t, patient);
    arg_id(&args, t->bal_id);
    arg_i64(&args, (int64_t)t->bytes);
    return sql_queue(db, SQL_trace_add, &args);
}

static enum store_status write_one(struct db *db, void *arg)
{
    (void)trace_queue(db, arg);
    return db_in_transaction(db) ? STORE_OK : sql_wait(db);
}

enum store_status trace_write(struct db *db, const struct trace *t)
{
    struct trace copy = *t;
    return db_in_transaction(db) ? write_one(db, &copy) : db_transaction(db, DB_WRITE, 0, write_one, &copy);
}
